'use strict';
// An excerpt (docs/design/excerpts.md): computed a second time by the rule `cut-1`, from pieces of its master that lead to
// the root in the master's entry, and compared byte for byte.
const SealdockExcerpt = ((chain, folders, record, { RULE, cutOf }) => {
  const { tried, CHUNK_BYTES } = chain;
  const { fact } = folders;

  /** Something is wrong with the folder, not with the clip. */
  class Wrong extends Error {
    constructor(...said) {
      super(said[2]);
      this.said = said;
    }
  }

  /** The master as far as it is here; what is read of it has its leaf under the root in its entry. */
  class Pieces {
    constructor({ tags, bag, folder }, clip) {
      Object.assign(this, { tags, bag, folder, clip, size: clip.stored.size, held: null, number: -1 });
    }

    /** Bytes from `at` on, to the end of their piece and `most` at most. */
    async part(at, most) {
      const piece = Math.floor(at / CHUNK_BYTES);
      const name = `data/C${this.clip.number}.pieces/${piece}`;
      if (this.number !== piece) [this.held, this.number] = [await this.piece(piece, name), piece];
      const bytes = this.held.subarray(at % CHUNK_BYTES, (at % CHUNK_BYTES) + most);
      if (bytes.length === 0) throw new Wrong('excerpt-damaged', name, 'it is shorter than a piece of its clip');
      return bytes;
    }

    async piece(piece, name) {
      if (!this.tags.has(name)) throw new Wrong('file-missing', name, 'an excerpt rests on it');
      const bytes = await contentOf(this.folder, name, CHUNK_BYTES + 1);
      if ((await chain.leafOf(bytes)) !== this.clip.leaves[piece]) {
        throw new Wrong('excerpt-damaged', name, 'it does not lead to the root in the entry');
      }
      const said = this.bag.clips && this.bag.clips.get(name);
      if (said && said !== (await chain.digestOf(bytes))) {
        throw new Wrong('clip-misnamed', name, 'the manifest has another digest than it');
      }
      return bytes;
    }

    async read(at, len) {
      const bytes = new Uint8Array(len);
      for (let done = 0; done < len; ) {
        const part = await this.part(at + done, len - done);
        bytes.set(part, done);
        done += part.length;
      }
      return bytes;
    }
  }

  const contentOf = (folder, name, most) => folders.bytesOf(folder.files.get(name), 0, most).catch((error) => {
    throw new Wrong('excerpt-damaged', name, error.message);
  });

  /** Every excerpt that the copy names, and whatever else lies there as if it belonged to one. */
  const readExcerpts = async (around, clips, found) => {
    const { tags, handover } = around;
    const copy = record.copyOf(handover);
    if (!copy) return [];
    const parts = (copy.excerpts || []).slice().sort((one, other) => folders.byBytes(one.name, other.name));
    if (parts.length > 20) {
      found.add('excerpt-refused', 'handover/completed.json', 'the copy names more excerpts than a copy may hold');
      return [];
    }
    const [excerpts, used, unread] = [[], new Set(), new Set()];
    for (const part of parts) {
      const excerpt = { name: `excerpts/${part.name}`, clip: part.clip, asked: [part.from_ms, part.to_ms], shown: null };
      try {
        if (excerpts.some(({ name }) => name === excerpt.name)) refused(excerpt.name, 'the copy names it twice');
        excerpt.shown = await judge(part, excerpt.asked, clips, around, used);
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        found.add(...error.said);
      }
      if (!excerpt.shown) unread.add(part.clip);
      excerpts.push(excerpt);
    }
    // Which pieces one rests on is not known where it could not be computed.
    const pieces = tags.places('piece').filter(([, of]) => !unread.has(of));
    const lying = [...tags.places('excerpt'), ...tags.places('excerpt-map'), ...pieces].map(([name]) => name);
    for (const name of lying.sort(folders.byBytes)) {
      if (!used.has(name)) found.add('excerpt-refused', name, 'no excerpt that the copy names rests on it');
    }
    return excerpts;
  };

  const refused = (about, why) => {
    throw new Wrong('excerpt-refused', about, why);
  };

  const judge = async (part, range, clips, around, used) => {
    const { tags, bag, folder } = around;
    const name = `excerpts/${part.name}`;
    const mapName = `${name.replace(/\.[^.]*$/, '')}.json`;
    used.add(name).add(mapName);
    for (const [of, why] of [[name, 'the copy names it'], [mapName, 'every excerpt has it']]) {
      if (!tags.has(of)) throw new Wrong('file-missing', of, why);
    }
    const clip = clips.find(({ number }) => number === part.clip);
    if (!clip || !clip.stored || !clip.leaves) return null;
    const master = new Pieces(around, clip);
    const [cut, whyNot] = await tried(() => cutOf(master, range));
    if (!cut) refused(name, `${RULE} makes none of its clip: ${whyNot}`);
    for (const piece of cut.pieces) used.add(`data/C${clip.number}.pieces/${piece}`);
    if (part.name !== `C${clip.number}_${range[0]}-${range[1]}.${cut.ending}` || part.size !== cut.size) {
      refused(name, 'the copy gives it another name or size than its range has');
    }
    if (tags.text(mapName) !== mapOf(part, clip, cut)) refused(mapName, 'it says something else than the excerpt and its clip');
    if (bag.tags && bag.tags.has(name) && bag.tags.get(name) !== part.sha256) {
      refused(name, 'the tag manifest has another digest than the copy');
    }
    const file = await contentOf(folder, name, cut.size + 1);
    const other = await differing(name, file, cut, master);
    if (file.length !== cut.size || (await chain.digestOf(file)) !== part.sha256) {
      throw new Wrong('excerpt-damaged', name, 'its bytes are not those that the copy names');
    }
    if (other !== null) throw new Wrong('excerpt-parts', name, `its byte ${other} is not the one that ${RULE} gives`);
    return clip.proven ? { range: cut.shown, pieces: cut.pieces, all: Math.ceil(clip.stored.size / CHUNK_BYTES) } : null;
  };

  /** The first byte that is not the one that the rule gives. */
  const differing = async (name, file, { head, order, at, len }, master) => {
    let [here, other] = [0, null];
    const expect = (bytes) => {
      if (here + bytes.length > file.length) throw new Wrong('excerpt-damaged', name, 'it ends early');
      const differs = other === null ? bytes.findIndex((byte, next) => byte !== file[here + next]) : -1;
      if (differs >= 0) other = here + differs;
      here += bytes.length;
    };
    expect(head);
    for (const run of order) {
      for (let done = 0; done < len[run]; ) {
        const bytes = await master.part(at[run] + done, len[run] - done);
        expect(bytes);
        done += bytes.length;
      }
    }
    return other;
  };

  /** The map that belongs to an excerpt. */
  const mapOf = ({ clip, sha256, from_ms: from, to_ms: to }, { stored }, cut) => {
    const members = (object) => new Map(Object.entries(object));
    const range = ([first, last]) => members({ from_ms: first, to_ms: last });
    const master = members({ size: stored.size, sha256: stored.sha256, chunk_root: stored.chunk.root });
    return chain.canonicalOf(members({
      v: 1, rule: RULE, clip: `C${clip}`, master, asked: range([from, to]), shown: range(cut.shown), picture: cut.picture.samples,
      pieces: cut.pieces, size: cut.size, sha256, ...(cut.sound ? { sound: cut.sound.samples } : {}),
    }));
  };

  /** What an excerpt is seen to be. */
  const derived = ({ name, clip, asked, shown }) => {
    const seconds = (range) => range.map((ms) => `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`).join('–');
    const said = { name, clip: `C${clip}`, asked: seconds(asked) };
    if (!shown) return fact('excerpt-unproven', said);
    return fact('excerpt', { ...said, shown: seconds(shown.range), rule: RULE, pieces: shown.pieces.length, all: shown.all, first: shown.pieces[0],
      last: shown.pieces[shown.pieces.length - 1], entry: clip });
  };

  return Object.freeze({ readExcerpts, derived });
})(
  typeof require === 'function' ? require('./chain.js') : SealdockChain,
  typeof require === 'function' ? require('./folder.js') : SealdockFolder,
  typeof require === 'function' ? require('./record.js') : SealdockRecord,
  typeof require === 'function' ? require('./cut.js') : SealdockCut,
);
if (typeof module === 'object') module.exports = SealdockExcerpt;
