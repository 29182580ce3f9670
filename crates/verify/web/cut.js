'use strict';
// The rule `cut-1` of excerpts (docs/design/excerpts.md): a time range of a clip as a function of the clip's bytes. It stands
// in `crates/excerpt/src` under the same names, and there is nothing here that is not there.
const SealdockCut = ((chain, boxes) => {
  const { refuse, tried, joined, CHUNK_BYTES } = chain;

  const { LETTERS, word, half, wideWord, kindAt, named, partsOf, atMostOne, one, headIn, BEHIND, texts, quiet, silent, MISPLACED, isStructure, rowsOf } = boxes;

  const RULE = 'cut-1';
  const [MIB, LISTED_MAX, BESIDE_MAX, INTEGER_MAX] = [1024 * 1024, 1000000, 1000, Number.MAX_SAFE_INTEGER];
  const TIME_MAX = Math.floor(INTEGER_MAX / 2);

  // ---- walk.rs

  const FRAGMENTED = 'it is in fragments, or has tables beside its moov';

  const fileOf = async (master) => {
    const file = { ftyp: null, moov: null, data: [], read: [] };
    let [at, count] = [0, 0];
    while (at < master.size) {
      const { kind, body, head } = await headOf(master, at);
      file.read.push([at, head]);
      at = body[0] + body[1];
      count += 1;
      if (kind === 'ftyp' || kind === 'moov') {
        const fits = kind === 'ftyp' ? body[1] < 256 && body[1] % 4 === 0 : body[1] <= 16 * MIB;
        if (!fits || body[1] < 8 || file[kind]) refuse('its ftyp or moov is too large, empty or there twice');
        file[kind] = await master.read(...body);
        file.read.push(body);
      } else if (kind === 'mdat') {
        file.data.push(body);
      } else if (isStructure(kind) || named('styp sidx ssix mfra emsg').includes(kind)) {
        refuse(FRAGMENTED);
      } else if (named('free skip wide uuid').includes(kind) && body[1] <= 65536) {
        silent(await master.read(...body));
        file.read.push(body);
      } else {
        refuse('beside its moov is a box that the rule does not know, or a large one');
      }
      if (count > BESIDE_MAX) refuse('it has too many boxes');
    }
    return file.moov ? file : refuse('it has no moov');
  };

  const headOf = async (master, at) => {
    const left = master.size - at;
    if (left < 8) refuse('its boxes do not fill it from end to end');
    let bytes = await master.read(at, 8);
    const kind = kindAt(bytes, 4);
    if ((at === 0) !== (kind === 'ftyp')) refuse('it does not begin with the one box ftyp of an MP4 or QuickTime file');
    const head = word(bytes, 0) === 1 && left >= 16 ? 16 : 8;
    if (head === 16) bytes = joined([bytes, await master.read(at + 8, 8)]);
    const narrow = word(bytes, 0);
    const size = narrow === 0 ? left : narrow === 1 ? wideWord(bytes, 8) : narrow;
    if (size < head || size > left) refuse('its boxes do not fill it from end to end');
    return { kind, body: [at + head, size - head], head };
  };

  // ---- entry.rs

  /** The decoder's own box, where in it the length of lengths stands, its least length. */
  const PICTURES = { avc1: ['avcC', 4, 7], avc3: ['avcC', 4, 7], hvc1: ['hvcC', 21, 23], hev1: ['hvcC', 21, 23], jpeg: [] };
  const PICTURE_BOXES = named('pasp colr btrt fiel gama clap chrm mdcv clli');
  const NEITHER = [...named('tx3g text tmcd mett metx urim camm gpmd rtmd wvtt stpp'), 'rtp '];
  const SOUNDS = named('mp4a .mp3 samr sawb ac-3 Opus');
  const PLAIN = named('alaw ulaw sowt twos');
  const SOUND_BOXES = named('esds wave chan btrt damr dac3 dOps');
  const SKIPPED_MAX = 3840;
  const WAVE_BOXES = [...named('frma mp4a esds enda'), '\0\0\0\0'];

  /** The one description, of samples that lie in this file. */
  const onlyOf = (stsd) => {
    const described = partsOf(stsd.subarray(8));
    const only = described.length === 1 && word(stsd, 0) === 0 && word(stsd, 4) === 1 && half(described[0].body, 6) === 1;
    return only ? described[0] : refuse('its samples are described in more than one way');
  };

  /** Boxes of the list, none twice; QuickTime may end them with four bytes of zero. */
  const listed = async (bytes, list) => {
    const [whole, why] = await tried(() => partsOf(bytes));
    const ended = bytes.length >= 4 && word(bytes, bytes.length - 4) === 0;
    const boxes = whole || (ended ? partsOf(bytes.subarray(0, -4)) : refuse(why));
    const kinds = new Set(boxes.map(({ kind }) => kind));
    if (kinds.size < boxes.length || boxes.some(({ kind }) => !list.includes(kind))) {
      refuse('its samples are described with boxes that the rule does not know');
    }
    return boxes;
  };

  /** How pictures are coded, as far as a whole one is told by it; null of JPEG. */
  const pictureEntry = async (stsd) => {
    const unknown = () => refuse('its picture is of a kind that the rule does not know');
    const { kind, body } = onlyOf(stsd);
    const palette = half(body, 74) !== 24 && half(body, 76) !== 0xffff;
    if (!Object.keys(PICTURES).includes(kind) || body.length < 78 || palette) unknown();
    const [name, at, least] = PICTURES[kind];
    const own = (await listed(body.subarray(78), [...PICTURE_BOXES, name])).find((part) => part.kind === name);
    if (!name) return null;
    if (!own || own.body.length < least || own.body[0] !== 1 || own.body[at] % 4 === 2) unknown();
    return { isHevc: name === 'hvcC', width: (own.body[at] % 4) + 1 };
  };

  const OTHER_TRACK = 'a track that would be left out is of a kind that the rule does not know';
  /** Nothing in a track that is left out is a picture or sound. */
  const neither = (stsd) => {
    if (stsd.length < 8) refuse(OTHER_TRACK);
    for (const { kind, body } of partsOf(stsd.subarray(8))) {
      if (!NEITHER.includes(kind)) refuse(OTHER_TRACK);
      silent(body);
    }
  };

  /** The bytes of a sample where each is one moment of all channels; 0 of packets. */
  const soundEntry = async (stsd, isQuicktime) => {
    const { kind, body } = onlyOf(stsd);
    const [version, channels, bits] = [half(body, 8), half(body, 16), half(body, 18)];
    const packets = SOUNDS.includes(kind);
    const known = version === 0 ? packets || PLAIN.includes(kind) : version === 1 && kind === 'mp4a' && isQuicktime;
    const head = version === 0 ? 28 : 44;
    if (!known || body.length < head) refuse('its sound is of a kind that the rule does not know');
    const described = await listed(body.subarray(head), SOUND_BOXES);
    for (const part of described) if (part.kind === 'wave') await listed(part.body, WAVE_BOXES);
    if (described.some((part) => part.kind === 'dOps' && half(part.body, 2) > SKIPPED_MAX)) refuse('its sound is of a kind that the rule does not know');
    if (packets) return 0;
    const lawful = kind === 'alaw' || kind === 'ulaw';
    if (channels === 0 || (!lawful && bits !== 8 && bits !== 16)) refuse('its sound is of a kind that the rule does not know');
    return lawful ? channels : (channels * bits) / 8;
  };

  // ---- tables.rs

  const BAD_ROW = 'a table has a row that the rule does not take';
  const DISAGREE = 'its tables disagree about the number of samples';

  /** Calls `see` with each row of two words. */
  const eachPair = (rows, see) => {
    for (let at = 0; at < rows.length; at += 8) see(word(rows, at), word(rows, at + 4));
  };

  const TABLES = named('stsd stts ctts stss stsc stsz stco co64');
  const BESIDE_TABLES = named('sdtp sgpd sbgp cslg subs free');

  const tablesOf = (stbl) => {
    quiet(stbl, TABLES, BESIDE_TABLES);
    const sizes = one(stbl, 'stsz');
    const [narrow, wide] = [atMostOne(stbl, 'stco'), atMostOne(stbl, 'co64')];
    if (!narrow === !wide) refuse('it has no table of chunks, or two');
    const width = wide ? 8 : 4;
    const places = rowsOf(wide || narrow, 0, width);
    const [ctts, stss] = [atMostOne(stbl, 'ctts'), atMostOne(stbl, 'stss')];
    const version = ctts ? ctts[0] : 0;
    const tables = {
      shifts: ctts && rowsOf(ctts, version, 8), version, places, width, chunks: places.length / width,
      described: one(stbl, 'stsd'), lengths: rowsOf(one(stbl, 'stts'), 0, 8), whole: stss && rowsOf(stss, 0, 4),
      steps: rowsOf(one(stbl, 'stsc'), 0, 12), each: word(sizes, 4), sizes: sizes.subarray(12), count: word(sizes, 8),
    };
    if (sizes.length < 12) refuse(BAD_ROW);
    checkSizes(tables, word(sizes, 0));
    tables.time = checkTimes(tables);
    checkRows(tables);
    return tables;
  };

  const checkSizes = ({ each, sizes, count, chunks }, version) => {
    if (version !== 0 || sizes.length !== (each === 0 ? count * 4 : 0)) refuse('a table has another length or version than it should');
    if (count === 0 || count > (each === 0 ? LISTED_MAX : 2 ** 31) || chunks > LISTED_MAX) refuse('a track has no sample, or more than a million');
    for (let at = 0; at < sizes.length; at += 4) if (word(sizes, at) === 0) refuse(BAD_ROW);
  };

  const checkTimes = ({ lengths, shifts, version, count }) => {
    let [samples, time, shifted, bad] = [0, 0, 0, version > 1];
    eachPair(lengths, (many, length) => {
      if (many === 0 || length === 0 || length >= 2 ** 31) refuse(BAD_ROW);
      samples += many;
      time += many * length;
    });
    if (time > TIME_MAX) refuse('its times are too large');
    if (shifts) {
      eachPair(shifts, (many, shift) => {
        shifted += many;
        if (many === 0 || (version === 0 ? shift : Math.abs(shift | 0)) >= 2 ** 28) bad = true;
      });
    }
    if (bad) refuse(BAD_ROW);
    if (samples !== count || (shifts && shifted !== count)) refuse(DISAGREE);
    return time;
  };

  const checkRows = ({ whole, steps, count, chunks }) => {
    let earlier = 0;
    for (let at = 0; whole && at < whole.length; at += 4) {
      if (word(whole, at) <= earlier || word(whole, at) > count) refuse(BAD_ROW);
      earlier = word(whole, at);
    }
    if (whole && earlier === 0) refuse('it has no whole picture');
    earlier = 0;
    for (let at = 0; at < steps.length; at += 12) {
      const first = word(steps, at);
      const begins = earlier > 0 || first === 1;
      if (!begins || first <= earlier || first > chunks || word(steps, at + 4) === 0 || word(steps, at + 8) !== 1) refuse(BAD_ROW);
      earlier = first;
    }
    if (earlier === 0) refuse(DISAGREE);
  };

  /** Calls `see` with each sample in the order of decoding: number, decoded, length, shown, whether it is whole. */
  const eachMoment = ({ lengths, shifts, whole, count }, see) => {
    let [decoded, row, used, shiftRow, shiftUsed, next] = [0, 0, 0, 0, 0, 0];
    for (let number = 0; number < count; number += 1) {
      const length = word(lengths, row + 4);
      const shift = shifts ? word(shifts, shiftRow + 4) | 0 : 0;
      const isWhole = !whole || (next < whole.length && word(whole, next) === number + 1);
      if (whole && isWhole) next += 4;
      see(number, decoded, length, decoded + shift, isWhole);
      decoded += length;
      used += 1;
      shiftUsed += 1;
      if (used === word(lengths, row)) [row, used] = [row + 8, 0];
      if (shifts && shiftUsed === word(shifts, shiftRow)) [shiftRow, shiftUsed] = [shiftRow + 8, 0];
    }
  };

  /** One film, however it is read: see tables.rs. */
  const checkOrder = (tables) => {
    if (!tables.shifts) return;
    const shown = new Float64Array(tables.count);
    let [own, earlier, bad] = [-Infinity, -Infinity, false];
    eachMoment(tables, (number, _, __, at, isWhole) => {
      shown[number] = at;
      if (isWhole) [earlier, own] = [own, at];
      if (at < earlier || (isWhole && own <= earlier)) bad = true;
    });
    const sorted = shown.slice().sort();
    for (let at = 0; at < shown.length; at += 1) {
      const [least, most] = [sorted[Math.max(at - 32, 0)], sorted[Math.min(at + 32, shown.length - 1)]];
      if ((at > 0 && sorted[at] === sorted[at - 1]) || shown[at] < least || shown[at] > most) bad = true;
    }
    if (bad) refuse('its pictures are not shown in one order');
  };

  const bytesOf = ({ each, sizes }, from, to) => {
    if (each > 0) return each * (to - from);
    let sum = 0;
    for (let at = from * 4; at < to * 4; at += 4) sum += word(sizes, at);
    return sum;
  };

  const clamp = (value, from, to) => Math.min(Math.max(value, from), to);

  /** Where the samples lie, chunk by chunk: offsets, lengths, numbers of samples. All chunks are looked at, used or not. */
  const runsOf = (tables, [first, used], size) => {
    const { places, width, steps, chunks, count } = tables;
    const runs = { at: new Float64Array(chunks), len: new Float64Array(chunks), many: new Float64Array(chunks), chunks: 0 };
    let [many, step, sample] = [0, 0, 0];
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      if (word(steps, step) === chunk + 1) [many, step] = [word(steps, step + 4), step + 12];
      const [next, begin] = [sample + many, (width === 8 ? wideWord : word)(places, chunk * width)];
      if (next > count) refuse(DISAGREE);
      const [from, to] = [clamp(first, sample, next), clamp(first + used, sample, next)];
      const [lead, len] = [bytesOf(tables, sample, from), bytesOf(tables, from, to)];
      if (begin + lead + len + bytesOf(tables, to, next) > size) refuse('a sample lies outside of the file');
      if (from < to) {
        [runs.at[runs.chunks], runs.len[runs.chunks], runs.many[runs.chunks]] = [begin + lead, len, to - from];
        runs.chunks += 1;
      }
      sample = next;
    }
    return sample === count ? runs : refuse(DISAGREE);
  };

  // ---- movie.rs

  const wideHead = (body, narrow, wide) => {
    if (body.length === (body[0] === 0 ? narrow : wide) && body[0] < 2) return body[0] === 1;
    return refuse('a head has another length or version than it should');
  };

  const movieOf = async ({ ftyp, moov }) => {
    const isQuicktime = kindAt(ftyp, 0) === 'qt  ';
    const inside = partsOf(moov);
    quiet(inside, ['mvhd', 'trak'], named('udta meta iods free skip'));
    const mvhd = headIn(inside, 'mvhd');
    const [scale, matrix] = wideHead(mvhd, 100, 112) ? [20, 48] : [12, 36];
    const tracks = {};
    for (const { kind, body } of inside) {
      if (kind !== 'trak') continue;
      const trak = partsOf(body);
      const mdia = partsOf(one(trak, 'mdia'));
      const of = kindAt(one(mdia, 'hdlr'), 8);
      if (of !== 'vide' && of !== 'soun') {
        leftOut(trak, mdia);
        continue;
      }
      const track = await trackOf(trak, mdia, of, isQuicktime);
      if (tracks[of]) refuse('it has two tracks of one kind');
      tracks[of] = track;
    }
    const film = ticks(word(mvhd, scale));
    if (!tracks.vide) refuse('it has no picture');
    for (const track of [tracks.vide, tracks.soun]) if (track) checkFits(track, film);
    const coding = await pictureEntry(tracks.vide.tables.described);
    if (coding && !tracks.vide.tables.whole) refuse('it does not say which of its pictures are whole');
    checkOrder(tracks.vide.tables);
    return { scale: film, matrix: mvhd.subarray(matrix, matrix + 36), coding, picture: tracks.vide, sound: tracks.soun, isQuicktime };
  };

  const ticks = (scale) => (scale >= 1 && scale <= 100000000 ? scale : refuse('it has no measure of time, or too fine a one'));

  /** Nothing is played longer than it lasts, nor begins later than a day. */
  const checkFits = ({ edit, tables, scale }, film) => {
    const most = quotient(BigInt(tables.time) * BigInt(film), BigInt(scale), true) + 1n;
    if ((edit.length !== null && BigInt(edit.length) > most) || edit.delay > 86400 * film) refuse(EDITED);
  };

  /** A track of which nothing goes out must not be one that a player takes for the film. */
  const leftOut = (trak, mdia) => {
    beside(trak);
    quiet(mdia, ['mdhd', 'hdlr', 'minf'], []);
    headIn(mdia, 'mdhd');
    if (!named('text sbtl subt tmcd meta hint camm data').includes(kindAt(one(mdia, 'hdlr'), 8))) refuse(OTHER_TRACK);
    const minf = partsOf(one(mdia, 'minf'));
    headsOf(minf);
    const stbl = partsOf(one(minf, 'stbl'));
    quiet(stbl, TABLES, BESIDE_TABLES);
    ownData(one(minf, 'dinf'));
    const edts = atMostOne(trak, 'edts');
    if (edts) quiet(partsOf(edts), ['elst'], []);
    neither(one(stbl, 'stsd'));
  };

  /** What stands in a track beside what is read of it. */
  const beside = (trak) => {
    quiet(trak, ['tkhd', 'edts', 'mdia', 'tref'], named('udta free skip tapt'));
    for (const { kind, body } of trak) if (kind === 'tref') quiet(partsOf(body), [], named('cdsc tmcd hint'));
    for (const { kind, body } of trak) if (kind === 'udta') texts(body);
    headIn(trak, 'tkhd');
    const place = (kind) => trak.findIndex((part) => part.kind === kind);
    if (place('edts') > place('mdia')) refuse(BEHIND);
  };

  /** What stands in `minf` beside what is read of it. QuickTime has a handler of the data there. */
  const headsOf = (minf) => {
    quiet(minf, ['dinf', 'stbl', 'hdlr'], named('vmhd smhd gmhd nmhd sthd hmhd'));
    const handler = atMostOne(minf, 'hdlr');
    if (handler && !['dhlrurl ', 'dhlralis'].includes(kindAt(handler, 4) + kindAt(handler, 8))) refuse(MISPLACED);
  };

  const trackOf = async (trak, mdia, kind, isQuicktime) => {
    beside(trak);
    quiet(mdia, ['mdhd', 'hdlr', 'minf'], []);
    const tkhd = one(trak, 'tkhd');
    const look = wideHead(tkhd, 84, 96) ? 48 : 36;
    if (tkhd[3] % 2 === 0) refuse('a track is not enabled');
    const mdhd = headIn(mdia, 'mdhd');
    const [scale, language] = wideHead(mdhd, 24, 36) ? [20, 32] : [12, 20];
    const minf = partsOf(one(mdia, 'minf'));
    headsOf(minf);
    ownData(one(minf, 'dinf'));
    const tables = tablesOf(partsOf(one(minf, 'stbl')));
    await checkDescribed(tables, kind, isQuicktime);
    const edts = atMostOne(trak, 'edts');
    const edit = edts ? editOf(edts) : PLAYED;
    return {
      kind, tables, edit, scale: ticks(word(mdhd, scale)),
      look: tkhd.subarray(look, look + 48), language: mdhd.subarray(language, language + 2),
    };
  };

  /** The samples lie in the file itself. */
  const ownData = (dinf) => {
    const inside = partsOf(dinf);
    quiet(inside, ['dref'], []);
    const dref = one(inside, 'dref');
    const own = partsOf(dref.subarray(8));
    if (own.length !== 1 || word(dref, 4) !== 1 || word(own[0].body, 0) !== 1) refuse('its samples lie in another file');
  };

  const checkDescribed = async (tables, kind, isQuicktime) => {
    if (kind === 'vide') {
      if (tables.count > LISTED_MAX) refuse('a track has no sample, or more than a million');
      return pictureEntry(tables.described);
    }
    if (tables.shifts || tables.whole) refuse('its sound has a table that sound does not have');
    const single = tables.lengths.length === 8 && word(tables.lengths, 4) === 1;
    const width = await soundEntry(tables.described, isQuicktime);
    const fits = width > 0 ? single && tables.each === width : !single && tables.count <= LISTED_MAX;
    return fits || refuse('its sound is measured in two ways that disagree');
  };

  const PLAYED = { delay: 0, from: 0, length: null };

  const editOf = (edts) => {
    const inside = partsOf(edts);
    quiet(inside, ['elst'], []);
    const elst = atMostOne(inside, 'elst');
    if (!elst) return PLAYED;
    const wide = elst[0] === 1;
    const width = wide ? 8 : 4;
    const table = rowsOf(elst, Math.min(elst[0] || 0, 1), width * 2 + 4);
    const rows = [];
    for (let at = 0; at < table.length && rows.length < 3; at += width * 2 + 4) {
      const read = (from) => (wide ? wideWord : word)(table, from);
      const isEmpty = word(table, at + width) === 0xffffffff && (!wide || word(table, at + 12) === 0xffffffff);
      if (word(table, at + width * 2) !== 0x10000) refuse(EDITED);
      rows.push({ length: read(at), from: read(at + width), isEmpty });
    }
    if (rows.length === 0) return PLAYED;
    const delay = rows.length === 2 && rows[0].isEmpty ? rows.shift().length : 0;
    const [{ length, from, isEmpty }] = rows;
    const large = [delay, length, from].some((it) => it > TIME_MAX) || (!wide && from >= 2 ** 31);
    return rows.length !== 1 || length === 0 || isEmpty || large ? refuse(EDITED) : { delay, from, length };
  };
  const EDITED = 'it is edited: its tracks are not played from one place on';

  // ---- choose.rs

  const NOTHING = 'it has nothing in that range';

  /** Rounded down, or up; `below` is positive. */
  const quotient = (above, below, up) => {
    if (up) return -quotient(-above, below, false);
    const near = above / below;
    return near * below > above ? near - 1n : near;
  };
  const small = (number) => (number >= 0 && number <= INTEGER_MAX ? Number(number) : refuse('its times are too large'));

  const chosenOf = (movie, range) => {
    const { picture, sound } = movie;
    const finer = Math.ceil(10000 / picture.scale);
    const scale = picture.scale * finer;
    const { samples, decoded, begin, end } = picturesOf(movie, range);
    const part = { samples, delay: 0, from: small(begin - decoded), length: small(BigInt(end - begin) * BigInt(finer)) };
    const [own, film] = [BigInt(picture.scale), BigInt(movie.scale)];
    const ms = (at, up) => {
      const since = BigInt(picture.edit.delay) * own + BigInt(at - picture.edit.from) * film;
      return small(quotient(since * 1000n, own * film, up));
    };
    const heard = sound ? soundsOf(movie, [begin, end], scale) : null;
    return { picture: part, sound: heard, shown: [ms(begin, false), ms(end, true)], scale };
  };

  /** Where an edit ends, in the track's own time. */
  const editEnd = ({ edit, scale }, film) =>
    edit.length === null ? Infinity : Number(BigInt(edit.from) + quotient(BigInt(edit.length) * BigInt(scale), BigInt(film), true));

  /** From the last whole picture at or before the beginning up to the last picture before the end. */
  const picturesOf = ({ picture, scale }, [fromMs, toMs]) => {
    const { edit, tables } = picture;
    const [own, film] = [BigInt(picture.scale), BigInt(scale)];
    const moment = (ms, up) => {
      const since = BigInt(ms) * film - BigInt(edit.delay) * 1000n;
      return Number(BigInt(edit.from) + quotient(since * own, film * 1000n, up));
    };
    const [from, to] = [moment(fromMs, false), Math.min(moment(toMs, true), editEnd(picture, scale))];
    let [first, decoded, begin, last, end] = [-1, 0, 0, -1, 0];
    eachMoment(tables, (number, at, _, shown, isWhole) => {
      if (number === 0 && shown < edit.from) refuse('it is edited: its first picture is not shown');
      if (isWhole && (first < 0 || shown <= from)) [first, decoded, begin] = [number, at, shown];
      if (shown < to) last = number;
    });
    if (first < 0 || last < first) refuse(NOTHING);
    end = -Infinity;
    eachMoment(tables, (number, _, length, shown) => {
      if (number >= first && number <= last) end = Math.max(end, shown + length);
    });
    end = Math.min(end, to);
    if (begin >= end || from >= end) refuse(NOTHING);
    return { samples: [first, last + 1 - first], decoded, begin, end };
  };

  /** Every sample of sound that meets what is shown of the picture; nothing where there is none. */
  const soundsOf = ({ picture, sound, scale: film }, [begin, end], scale) => {
    const { edit, tables } = sound;
    const [own, rate] = [BigInt(picture.scale), BigInt(sound.scale)];
    const heard = (at, up) => {
      const since = BigInt(picture.edit.delay - edit.delay) * own + BigInt(at - picture.edit.from) * BigInt(film);
      return BigInt(edit.from) + quotient(since * rate, own * BigInt(film), up);
    };
    const from = heard(begin, false);
    const first = Math.max(Number(from), edit.from);
    const to = Math.min(Number(heard(end, true)), editEnd(sound, film));
    let [before, until, begins, decoded] = [0, 0, 0, 0];
    eachPair(tables.lengths, (count, length) => {
      const ended = clamp(Math.floor((first - decoded) / length), 0, count);
      before += ended;
      begins += ended * length;
      until += clamp(Math.ceil((to - decoded) / length), 0, count);
      decoded += count * length;
    });
    if (until <= before) return null;
    let [left, last] = [until, 0];
    eachPair(tables.lengths, (count, length) => {
      const here = Math.min(left, count);
      last += here * length;
      left -= here;
    });
    last = Math.min(last, to);
    const heardFrom = Math.max(first, begins);
    if (last <= heardFrom) return null;
    return {
      samples: [before, until - before],
      delay: small(quotient((BigInt(heardFrom) - from) * BigInt(scale), rate, false)),
      from: small(heardFrom - begins),
      length: small(quotient(BigInt(last - heardFrom) * BigInt(scale), rate, true)),
    };
  };

  // ---- write.rs

  const ZEROS = (count) => new Uint8Array(count);
  const words = (...numbers) => wordsOf(numbers);
  const wordsOf = (numbers) => {
    const view = new DataView(new ArrayBuffer(numbers.length * 4));
    for (let at = 0; at < numbers.length; at += 1) view.setUint32(at * 4, numbers[at]);
    return new Uint8Array(view.buffer);
  };
  const wide = (number) => words(Math.floor(number / 2 ** 32), number);
  const boxed = (kind, ...bodies) => {
    const body = joined(bodies);
    return joined([words(body.length + 8), LETTERS.encode(kind), body]);
  };

  /** `ftyp` of the clip, a `moov` of a fixed form, and the head of the one `mdat`; with the runs in the order of the clip. */
  const writtenOf = (file, movie, chosen, size) => {
    const taken = [];
    for (const name of ['picture', 'sound']) {
      const [track, part] = [movie[name], chosen[name]];
      const runs = track && runsOf(track.tables, part ? part.samples : [0, 0], size);
      if (part) taken.push({ track, part, runs });
    }
    const { order, at, len, sum } = orderedOf(taken, file.data);
    const ftyp = boxed('ftyp', file.ftyp);
    const places = new Float64Array(order.length);
    const moov = () => moovOf(movie, chosen, taken, places);
    let here = ftyp.length + moov().length + 8;
    for (const run of order) {
      places[run] = here;
      here += len[run];
    }
    const head = joined([ftyp, moov(), words(sum + 8), LETTERS.encode('mdat')]);
    return { head, order, at, len, size: head.length + sum };
  };

  /** Each run lies in one `mdat`, and no byte is in two. */
  const orderedOf = (taken, data) => {
    const of = (name) => Float64Array.from(taken.flatMap(({ runs }) => Array.from(runs[name].subarray(0, runs.chunks))));
    const [at, len] = [of('at'), of('len')];
    const order = Uint32Array.from(at.keys()).sort((one, other) => at[one] - at[other] || len[one] - len[other]);
    let [end, sum, body] = [0, 0, 0];
    for (const run of order) {
      if (at[run] < end) refuse('two of its samples are the same bytes');
      end = at[run] + len[run];
      sum += len[run];
      while (body < data.length && data[body][0] + data[body][1] < end) body += 1;
      if (body === data.length || at[run] < data[body][0]) refuse('a sample does not lie in mdat');
    }
    if (sum > 256 * MIB) refuse('an excerpt of that range would be larger than 256 MiB');
    return { order, at, len, sum };
  };

  const moovOf = (movie, chosen, taken, places) => {
    const length = Math.max(...taken.map(({ part }) => part.delay + part.length));
    const mvhd = boxed('mvhd', words(2 ** 24), ZEROS(16), words(chosen.scale), wide(length), Uint8Array.of(0, 1, 0, 0, 1, 0), ZEROS(10),
      movie.matrix, ZEROS(24), words(taken.length + 1));
    let from = 0;
    const traks = taken.map((one, at) => {
      from += one.runs.chunks;
      return trakOf(at + 1, one, places.subarray(from - one.runs.chunks, from));
    });
    return boxed('moov', mvhd, ...traks);
  };

  const trakOf = (number, taken, places) => {
    const { track: { look }, part } = taken;
    const tkhd = boxed('tkhd', words(2 ** 24 + 3), ZEROS(16), words(number, 0), wide(part.delay + part.length), ZEROS(12),
      look.subarray(0, 2), ZEROS(2), look.subarray(4));
    const edits = [wide(part.length), wide(part.from), words(0x10000)];
    if (part.delay > 0) edits.unshift(wide(part.delay), words(0xffffffff, 0xffffffff, 0x10000));
    const edts = boxed('edts', boxed('elst', words(2 ** 24, Math.ceil(edits.length / 3)), ...edits));
    return boxed('trak', tkhd, edts, mdiaOf(taken, places));
  };

  const mdiaOf = (taken, places) => {
    const { track, part } = taken;
    const lengths = takenRows(track.tables.lengths, part.samples);
    let length = 0;
    for (let at = 0; at < lengths.length; at += 2) length += lengths[at] * lengths[at + 1];
    const mdhd = boxed('mdhd', words(2 ** 24), ZEROS(16), words(track.scale), wide(length), track.language, ZEROS(2));
    const head = track.kind === 'vide' ? boxed('vmhd', words(1), ZEROS(8)) : boxed('smhd', ZEROS(8));
    const hdlr = boxed('hdlr', ZEROS(8), LETTERS.encode(track.kind), ZEROS(13));
    const dinf = boxed('dinf', boxed('dref', words(0, 1), boxed('url ', words(1))));
    return boxed('mdia', mdhd, hdlr, boxed('minf', head, dinf, stblOf(taken, lengths, places)));
  };

  const stblOf = ({ track: { tables }, part, runs }, lengths, places) => {
    const [first, count] = part.samples;
    const table = (kind, version, rows) => boxed(kind, words(version * 2 ** 24, rows.length / 2), wordsOf(rows));
    const all = [boxed('stsd', tables.described), table('stts', 0, lengths)];
    if (tables.shifts) all.push(table('ctts', tables.version, takenRows(tables.shifts, part.samples)));
    if (tables.whole) {
      const here = [];
      for (let at = 0; at < tables.whole.length; at += 4) {
        const number = word(tables.whole, at) - first;
        if (number >= 1 && number <= count) here.push(number);
      }
      all.push(boxed('stss', words(0, here.length), wordsOf(here)));
    }
    const steps = [];
    for (let at = 0; at < runs.chunks; at += 1) if (at === 0 || runs.many[at] !== runs.many[at - 1]) steps.push(at + 1, runs.many[at], 1);
    all.push(boxed('stsc', words(0, steps.length / 3), wordsOf(steps)));
    all.push(boxed('stsz', words(0, tables.each, count), tables.sizes.subarray(first * 4, (first + count) * 4)));
    const begins = new Float64Array(places.length * 2);
    places.forEach((place, at) => begins.set([Math.floor(place / 2 ** 32), place], at * 2));
    all.push(boxed('co64', words(0, places.length), wordsOf(begins)));
    return boxed('stbl', ...all);
  };

  /** Rows of `count, value` for some samples out of those for all. */
  const takenRows = (rows, [first, count]) => {
    const all = [];
    let at = 0;
    eachPair(rows, (many, value) => {
      const here = clamp(first + count, at, at + many) - clamp(first, at, at + many);
      at += many;
      if (here > 0) all.push(here, value);
    });
    return all;
  };

  // ---- whole.rs

  const LEANS = 'the picture that the excerpt would begin with is not a whole one';

  /** Every unit of the sample that is a part of a picture begins one that leans on none before it; JPEG has its own tables. */
  const checkWhole = async (master, coding, [begin, len]) => {
    if (!coding) return checkJpeg(master, begin, begin + len);
    const leans = () => refuse(LEANS);
    const { isHevc, width } = coding;
    let [at, count, wholes] = [begin, 0, 0];
    for (const end = begin + len; at < end; count += 1) {
      const behind = at + width;
      if (behind >= end || count === 1000) leans();
      const head = await master.read(at, width + 1);
      const size = head.subarray(0, width).reduce((sum, byte) => sum * 256 + byte, 0);
      const kind = isHevc ? (head[width] >> 1) & 63 : head[width] & 31;
      const isPicture = isHevc ? kind < 32 : kind >= 1 && kind <= 5;
      const isWhole = isHevc ? kind === 19 || kind === 20 : kind === 5;
      if (size === 0 || size > end - behind || (isPicture && !isWhole)) leans();
      if (isWhole) wholes += 1;
      at = behind + size;
    }
    if (wholes === 0) leans();
  };

  const checkJpeg = async (master, begin, end) => {
    let [at, quantities, codes] = [begin + 2, false, false];
    for (let count = 0; count < 1000; count += 1) {
      const from = count === 0 ? begin : at;
      if (from + 4 > end) break;
      const head = await master.read(from, 4);
      const kind = head[1];
      if (head[0] !== 0xff || (count === 0 && kind !== 0xd8)) break;
      if (count === 0) continue;
      if (kind === 0xda && quantities && codes) return;
      if (kind === 0xdb) quantities = true;
      else if (kind === 0xc4) codes = true;
      else if (!(kind >= 0xc0 && kind <= 0xcf) && !(kind >= 0xdd && kind <= 0xfe)) break;
      at += 2 + Math.max(half(head, 2), 2);
    }
    refuse(LEANS);
  };

  // ---- lib.rs

  /** The excerpt of a range, and the pieces of the clip that it rests on. */
  const cutOf = async (master, range) => {
    if (range[0] >= range[1] || range[1] > 86400000) refuse('the range is none');
    const file = await fileOf(master);
    const movie = await movieOf(file);
    const chosen = chosenOf(movie, range);
    const written = writtenOf(file, movie, chosen, master.size);
    const begins = runsOf(movie.picture.tables, [chosen.picture.samples[0], 1], master.size);
    await checkWhole(master, movie.coding, [begins.at[0], begins.len[0]]);
    const pieces = new Set();
    const rests = (at, len) => {
      for (let piece = Math.floor(at / CHUNK_BYTES); piece * CHUNK_BYTES < at + len; piece += 1) pieces.add(piece);
    };
    for (const [at, len] of file.read) rests(at, len);
    for (const run of written.order) rests(written.at[run], written.len[run]);
    return { ...written, ...chosen, ending: movie.isQuicktime ? 'mov' : 'mp4', pieces: Array.from(pieces).sort((one, other) => one - other) };
  };

  return Object.freeze({ RULE, cutOf });
})(
  typeof require === 'function' ? require('./chain.js') : SealdockChain,
  typeof require === 'function' ? require('./boxes.js') : SealdockBoxes,
);
if (typeof module === 'object') module.exports = SealdockCut;
