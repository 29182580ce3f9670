'use strict';
// An excerpt (docs/design/excerpts.md): a derived thing, held against the pieces of its master under the root in the master's
// entry. What the map says of seconds and tools is a claim.
const SealdockExcerpt = ((chain, folders, record) => {
  const { refuse, tried, CHUNK_BYTES } = chain;
  const { fact, place } = folders;
  const { asText, asWhole, asDigest, asList, asNumbered, asRecord } = record;

  // ---- container.rs

  const SHORT = 'a track has more or fewer samples than lengths';
  const TABLE = 'a table has another length than it says';
  const FILLED = 'its samples do not fill mdat from end to end';

  const number = (bytes, at) => [0, 1, 2, 3].reduce((sum, next) => sum * 256 + (bytes[at + next] || 0), 0);
  const wideNumber = (bytes, at) => number(bytes, at) * 2 ** 32 + number(bytes, at + 4);

  const boxes = (bytes) => {
    const all = [];
    for (let at = 0; at < bytes.length; ) {
      const short = number(bytes, at);
      const [head, size] = short === 1 ? [16, wideNumber(bytes, at + 8)] : [8, short];
      if (size < head || at + size > bytes.length) refuse('a box is cut off');
      const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      all.push({ kind, at: at + head, body: bytes.subarray(at + head, at + size) });
      at += size;
    }
    return all;
  };

  /** The box of these kinds that there must be once. */
  const one = (bytes, ...kinds) => {
    const found = boxes(bytes).filter(({ kind }) => kinds.includes(kind));
    return found.length === 1 ? found[0] : refuse('a box is not there once');
  };
  const inside = (bytes, ...kinds) => kinds.reduce((body, kind) => one(body, kind).body, bytes);

  /** Rows of equal width that fill a body behind version, flags and their count. */
  const rowsOf = (body, width) => {
    if (body.length < 8 || body.length - 8 !== number(body, 4) * width) refuse(TABLE);
    return Array.from({ length: number(body, 4) }, (_, row) => body.subarray(8 + row * width, 8 + (row + 1) * width));
  };

  /** Bytes of `many` samples from `first` on. */
  const sumOf = (stsz, first, many) => {
    const [each, count] = [number(stsz, 4), number(stsz, 8)];
    if (first + many > count) refuse(SHORT);
    if (each > 0) return each * many;
    let sum = 0;
    for (let at = first; at < first + many; at += 1) sum += number(stsz, 12 + at * 4);
    return sum;
  };

  /** The chunks of a track as `[at, length]`, `most` bytes together at most. */
  const trackOf = (body, most) => {
    const minf = inside(body, 'mdia', 'minf');
    const dref = inside(minf, 'dinf', 'dref');
    // The one source: the file itself.
    if (dref.length !== 20 || number(dref, 4) !== 1 || number(dref, 16) !== 1) refuse('a track takes its data from elsewhere');
    const stbl = inside(minf, 'stbl');
    const stsz = inside(stbl, 'stsz');
    if (stsz.length - 12 !== (number(stsz, 4) === 0 ? number(stsz, 8) * 4 : 0)) refuse(TABLE);
    const steps = rowsOf(inside(stbl, 'stsc'), 12).map((row) => [number(row, 0), number(row, 4)]);
    if (steps.some(([first], at) => (at === 0 ? first !== 1 : first <= steps[at - 1][0]))) refuse('a table is not in order');
    const table = one(stbl, 'stco', 'co64');
    const wide = table.kind === 'co64';
    let [step, sample] = [0, 0];
    const extents = rowsOf(table.body, wide ? 8 : 4).map((row, chunk) => {
      while (step + 1 < steps.length && steps[step + 1][0] <= chunk + 1) step += 1;
      const many = steps.length > 0 ? steps[step][1] : 0;
      const length = sumOf(stsz, sample, many);
      if (length > most) refuse(FILLED);
      sample += many;
      return [wide ? wideNumber(row, 0) : number(row, 0), length];
    });
    if (sample !== number(stsz, 8)) refuse(SHORT);
    return extents.filter(([, length]) => length > 0);
  };

  /** The body of `mdat` as `[at, length]`, and the chunks of each track. */
  const containerOf = (file) => {
    // Both pads are empty, and stand where a longer size would.
    const filled = boxes(file).filter(({ kind, body }) => body.length > 0 || !['free', 'wide'].includes(kind));
    if (filled.map(({ kind }) => kind).join() !== 'ftyp,mdat,moov') refuse('it has other boxes than ftyp, mdat and moov');
    const [, { at, body }, moov] = filled;
    const tracks = [];
    for (const box of boxes(moov.body)) {
      if (box.kind === 'trak') tracks.push(trackOf(box.body, body.length));
      else if (box.kind !== 'mvhd' && (box.kind !== 'udta' || box.body.length > 100)) refuse('moov has other boxes than mvhd, trak and a short udta');
    }
    const end = tracks.flat().sort(([a], [b]) => a - b).reduce((next, [from, length]) => (from === next ? next + length : NaN), at);
    if (end !== at + body.length) refuse(FILLED);
    return { data: [at, body.length], tracks };
  };

  // ---- excerpt.rs

  const EXCERPT_BYTES_MAX = 256 * 1024 * 1024;
  const VERSION = 1;
  const asRange = asRecord({ from_ms: asWhole, to_ms: asWhole });
  const asRun = (value) => (Array.isArray(value) && value.length === 2 ? asList(asWhole)(value) : refuse('not a run'));
  const asMap = asRecord({
    v: asWhole, clip: asNumbered('C'), master: asRecord({ size: asWhole, sha256: asDigest, chunk_root: asDigest }),
    asked: asRange, cut: asRange, tool: asRecord({ name: asText, version: asText }), size: asWhole, sha256: asDigest,
    at: asWhole, runs: asList(asRun),
  });

  const mapOf = (bytes) => {
    const map = asMap(chain.parseCanonical(bytes));
    if (map.v !== VERSION) refuse(`it has version ${map.v}, this release reads ${VERSION}`);
    let [next, sum] = [0, 0];
    for (const [from, length] of map.runs.slice().sort(([a, b], [c, d]) => a - c || b - d)) {
      sum += length;
      if (length === 0 || from < next || from + length > map.master.size || sum > EXCERPT_BYTES_MAX) {
        refuse(`the run at ${from} is none, overlaps another, or is too long`);
      }
      next = from + length;
    }
    if (next === 0) refuse('it has no run');
    return { ...map, sum, parts: partsOf(map) };
  };

  /** What is to be compared with each piece of the master: where in the excerpt, where in the piece, how long. */
  const partsOf = ({ at: start, runs }) => {
    const parts = new Map();
    let at = start;
    for (const [begin, length] of runs) {
      for (let from = begin; from < begin + length; ) {
        const [piece, inside] = [Math.floor(from / CHUNK_BYTES), from % CHUNK_BYTES];
        const here = Math.min(begin + length - from, CHUNK_BYTES - inside);
        if (!parts.has(piece)) parts.set(piece, []);
        parts.get(piece).push([at, inside, here]);
        [at, from] = [at + here, from + here];
      }
    }
    return Array.from(parts).sort(([a], [b]) => a - b);
  };

  /** The runs cover the coded samples, all of them and nothing else, and keep the order of each track. */
  const shownOf = (map, file) => {
    const { data, tracks } = containerOf(file);
    if (map.at !== data[0] || map.sum !== data[1]) refuse('its map does not cover mdat from end to end');
    let at = map.at;
    const placed = map.runs.map(([from, length]) => {
      at += length;
      return { here: at - length, from, end: at };
    });
    if (!tracks.every((track) => inOrder(track, placed))) refuse('a track has its samples in another order than the clip');
    const first = map.runs.reduce((least, [from]) => Math.min(least, from), Infinity);
    const end = map.runs.reduce((most, [from, length]) => Math.max(most, from + length), 0);
    return { bytes: map.sum, first, last: end - 1, left: end - first - map.sum, pieces: map.parts.length };
  };

  /** Later samples of a track come from later bytes of the master. */
  const inOrder = (track, placed) => {
    let next = 0;
    return track.every(([at, length]) => {
      let [low, high] = [0, placed.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (placed[middle].end <= at) low = middle + 1;
        else high = middle;
      }
      for (; low < placed.length && placed[low].here < at + length; low += 1) {
        const { here, from, end } = placed[low];
        if (from + Math.max(0, at - here) < next) return false;
        next = from + Math.min(end, at + length) - here;
      }
      return true;
    });
  };

  /** Every excerpt that the copy names or that lies in the folder, with what is said of it. */
  const readExcerpts = async (around, clips, found) => {
    const { tags, handover } = around;
    const copy = record.copyOf(handover);
    const named = new Map(((copy && copy.excerpts) || []).map((part) => [`excerpts/${part.name}`, part]));
    const lying = tags.places('excerpt').map(([name]) => name);
    const [excerpts, used] = [[], new Set()];
    for (const name of Array.from(new Set([...named.keys(), ...lying])).sort(folders.byBytes)) {
      const [where, copied] = [place(name), named.get(name)];
      const fits = where && where.is === 'excerpt' && (!copied || copied.clip === where.of);
      if (!fits) found.add('excerpt-refused', name, 'its name is not that of its clip');
      else if (copy && !copied) found.add('excerpt-refused', name, 'the copy does not name it');
      const excerpt = { name, clip: fits ? where.of : copied.clip, map: null, shown: null };
      excerpts.push(excerpt);
      if (fits) await judge(excerpt, { clips, copied, around, used }, found);
    }
    // Where a map was not read, nobody can say that of a piece.
    const unread = (of) => excerpts.some(({ clip, map }) => clip === of && !map);
    const pieces = tags.places('piece').filter(([, of]) => !unread(of));
    for (const [name] of [...pieces, ...tags.places('excerpt-map')]) {
      if (!used.has(name)) found.add('excerpt-refused', name, 'no excerpt here rests on it');
    }
    return excerpts;
  };

  const judge = async (excerpt, { clips, copied, around, used }, found) => {
    const { tags, bag, folder } = around;
    const { name } = excerpt;
    const [refused, damaged] = ['excerpt-refused', 'excerpt-damaged'].map((code) => (about, why) => found.add(code, about, why));
    const mapName = name.replace(/\.[^.]*$/, '.json');
    used.add(mapName);
    if (!tags.has(name)) return found.add('file-missing', name, 'the copy names it');
    if (!tags.has(mapName)) return found.add('file-missing', mapName, 'every excerpt has it');
    const bytes = tags.bytes(mapName);
    if (!bytes) return undefined;
    const [map, whyMap] = await tried(() => mapOf(bytes));
    if (!map) return refused(mapName, whyMap);
    excerpt.map = map;
    const pieceName = (piece) => `data/C${map.clip}.pieces/${piece}`;
    for (const [piece] of map.parts) used.add(pieceName(piece));
    const clip = clips.find((one) => one.number === excerpt.clip);
    if (!clip || !clip.stored) return undefined;
    const { size, sha256, chunk } = clip.stored;
    const { master } = map;
    if (map.clip !== clip.number || master.size !== size || master.sha256 !== sha256 || master.chunk_root !== chunk.root) {
      return refused(mapName, 'its master is not the clip of its name');
    }
    const same = ({ asked }) => copied.size === map.size && copied.sha256 === map.sha256 &&
      copied.from_ms === asked.from_ms && copied.to_ms === asked.to_ms;
    if (copied && !same(map)) return refused(mapName, 'the copy has another digest, size or range');
    if (bag.tags && bag.tags.has(name) && bag.tags.get(name) !== map.sha256) {
      return refused(name, 'the tag manifest has another digest than its map');
    }
    const read = (of, most) =>
      folders.bytesOf(folder.files.get(of), 0, most + 1).then((all) => [all, null], (error) => [null, error.message]);
    const [file, whyFile] = await read(name, EXCERPT_BYTES_MAX);
    if (!file) return damaged(name, whyFile);
    if (file.length !== map.size || (await chain.digestOf(file)) !== map.sha256) {
      return damaged(name, 'its bytes are not those that its map names');
    }
    const [shown, whyShown] = await tried(() => shownOf(map, file));
    if (!shown) return refused(name, whyShown);
    if (!clip.leaves) return undefined;
    for (const [piece, parts] of map.parts) {
      const about = pieceName(piece);
      if (!tags.has(about)) return found.add('file-missing', about, 'an excerpt rests on it');
      const [held, whyHeld] = await read(about, CHUNK_BYTES);
      if (!held) return damaged(about, whyHeld);
      if ((await chain.leafOf(held)) !== clip.leaves[piece]) {
        return damaged(about, 'it does not lead to the root in the entry');
      }
      const said = bag.clips && bag.clips.get(about);
      if (said && said !== (await chain.digestOf(held))) {
        return found.add('clip-misnamed', about, 'the manifest has another digest than it');
      }
      const other = parts.find(([at, from, length]) => !equal(file.subarray(at, at + length), held.subarray(from, from + length)));
      if (other) return found.add('excerpt-parts', name, `its byte ${other[0]} is not that of the clip`);
    }
    if (clip.proven) excerpt.shown = shown;
    return undefined;
  };

  const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

  /** What an excerpt is seen to be, and what the station says of it. */
  const derived = ({ name, clip, map, shown }) => {
    const named = { name, clip: `C${clip}` };
    const seconds = ({ from_ms: from, to_ms: to }) => [from, to].map((ms) => `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`).join('–');
    const facts = [shown ? fact('excerpt', { ...named, ...shown, entry: clip }) : fact('excerpt-unproven', named)];
    if (!map) return facts;
    const tool = `${map.tool.name} ${map.tool.version}`;
    return facts.concat(fact('excerpt-said', { ...named, asked: seconds(map.asked), cut: seconds(map.cut), tool }));
  };

  return Object.freeze({ readExcerpts, derived });
})(
  typeof require === 'function' ? require('./chain.js') : SealdockChain,
  typeof require === 'function' ? require('./folder.js') : SealdockFolder,
  typeof require === 'function' ? require('./record.js') : SealdockRecord,
);
if (typeof module === 'object') module.exports = SealdockExcerpt;
