'use strict';
// A folder that may be a package: which names it may hold, its small files, its bag; what the reader brings apart from
// it; and how findings and facts are kept and worded. The sections have the names of the files of `crates/verify/src`.
const SealdockFolder = ((chain) => {
  const { refuse, tried } = chain;
  const KIB = 1024;
  const MIB = 1024 * KIB;

  /** Nothing was judged: the fault lies with what was given, or the folder cannot be read. */
  class Refused extends Error {
    constructor(code, detail) {
      super(detail);
      this.code = code;
    }
  }
  /** The reader asked to stop. */
  class Stopped extends Error {}

  // ---- code.rs

  /** Words, worst first, with the exit code of the program. */
  const WORDS = { TAMPERED: 2, DAMAGED: 3, INCOMPLETE: 4, UNTRUSTED: 5, UNANCHORED: 6, ANCHORED: 0 };
  const RANK = Object.keys(WORDS);
  const rank = (word) => (word === null ? RANK.length - 1 : RANK.indexOf(word));

  /** The best word that a package with such a finding can have; null where it says nothing about the package. */
  const CODES = {
    'name-refused': 'TAMPERED',
    'name-unknown': 'TAMPERED',
    'bag-void': 'INCOMPLETE',
    'bag-malformed': 'TAMPERED',
    'file-missing': 'INCOMPLETE',
    'file-changed': 'TAMPERED',
    'head-refused': 'TAMPERED',
    'heads-part': 'TAMPERED',
    'proof-refused': 'TAMPERED',
    'entry-refused': 'TAMPERED',
    'link-broken': 'TAMPERED',
    'entry-missing': 'INCOMPLETE',
    'key-unproven': 'TAMPERED',
    'key-other': 'TAMPERED',
    'clip-signature': 'TAMPERED',
    'chunks-refused': 'TAMPERED',
    'clip-unknown': 'TAMPERED',
    'clip-misnamed': 'TAMPERED',
    'clip-damaged': 'DAMAGED',
    'excerpt-refused': 'TAMPERED',
    'excerpt-parts': 'TAMPERED',
    'excerpt-damaged': 'DAMAGED',
    'listing-refused': 'TAMPERED',
    'handover-refused': 'TAMPERED',
    'bag-signature': 'TAMPERED',
    'pin-parts': 'TAMPERED',
    'pin-refused': null,
    'pin-unlinked': null,
    'stamp-refused': 'TAMPERED',
    'stamp-unchecked': null,
    'witness-refused': 'TAMPERED',
    'witness-unchecked': null,
    'witness-short': null,
  };

  // ---- inert.rs

  const SHOWN_CHARS_MAX = 400;
  const STEERS = [
    [0x00, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x61c, 0x61c], [0x115f, 0x1160], [0x180e, 0x180e], [0x200b, 0x200f],
    [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164], [0xd800, 0xdfff], [0xfe00, 0xfe0f], [0xfeff, 0xfeff],
    [0xffa0, 0xffa0], [0xfff9, 0xfffb], [0xe0000, 0xe0fff],
  ];
  const steers = (code) => STEERS.some(([first, last]) => first <= code && code <= last);

  /** Text of strangers with everything that steers, hides or turns shown as `\u{…}`, cut after 400 characters. */
  const inert = (text) => {
    let [out, count] = ['', 0];
    for (const letter of text) {
      if (count === SHOWN_CHARS_MAX) return `${out}…`;
      const code = letter.codePointAt(0);
      out += steers(code) ? `\\u{${code.toString(16)}}` : letter;
      count += 1;
    }
    return out;
  };
  const inertValue = (value) => {
    if (typeof value === 'string') return inert(value);
    return Array.isArray(value) ? value.map(inertValue) : value;
  };

  // ---- report.rs

  const FINDINGS_MAX = 1000;

  /** A line of an answer: a sentence of words.json and what stands in its gaps. */
  const fact = (name, gaps = {}) => {
    const filled = Object.entries(gaps).map(([gap, value]) => [gap, inertValue(value)]);
    return { fact: name, with: Object.fromEntries(filled) };
  };

  /** Findings as they come; the same thing said twice about the same is said once. */
  class Findings {
    constructor() {
      this.list = [];
      this.abouts = new Map();
    }

    add(code, name, detail) {
      const about = inert(name);
      const abouts = this.abouts.get(code) || new Set();
      this.abouts.set(code, abouts);
      if (abouts.has(about) || abouts.size >= FINDINGS_MAX) return;
      abouts.add(about);
      this.list.push({ code, about, detail: inert(detail) });
    }

    worst() {
      return Math.min(RANK.length - 1, ...Array.from(this.abouts.keys(), (code) => rank(CODES[code])));
    }

    /** Worst word first, in the order they were found. */
    sorted() {
      const of = (word) => this.list.filter((finding) => rank(CODES[finding.code]) === word);
      return RANK.flatMap((_, word) => of(word));
    }
  }

  // ---- words.rs

  const LIST_MAX = 12;
  const sentence = (words, group, name, language) => {
    const pair = words[group] && Object.prototype.hasOwnProperty.call(words[group], name) ? words[group][name] : {};
    return pair[language] || '';
  };

  const listed = (language, values) => {
    const shown = values.slice(0, LIST_MAX).map(String);
    if (values.length > LIST_MAX) shown.push(`… (+${values.length - LIST_MAX})`);
    return shown.join(language === 'zh' ? '、' : ', ');
  };

  /** A line of an answer with its gaps filled. */
  const factText = (words, language, { fact: name, with: gaps }) => {
    const template = sentence(words, 'facts', name, language);
    const filling = (_, gap) => {
      if (gap === 'said') return sentence(words, 'events', gaps.type || '', language);
      const value = Object.prototype.hasOwnProperty.call(gaps, gap) ? gaps[gap] : null;
      if (value === null) return '–';
      return Array.isArray(value) ? listed(language, value) : String(value);
    };
    return template === '' ? name : template.replace(/\{([^{}]*)\}/g, filling);
  };

  // ---- names.rs

  const LABEL_BYTES_MAX = 100;
  const BAGIT = 'bagit.txt';
  const MANIFEST = 'manifest-sha256.txt';
  const TAGMANIFEST = 'tagmanifest-sha256.txt';
  const CHECKPOINT = 'record/checkpoint';
  const LOG_KEY = 'keys/log.vkey';
  const SIGNERS = 'keys/allowed_signers';
  const REVOKED = 'keys/revoked';
  const COMPLETED = 'handover/completed.json';
  const COMPLETED_PROOF = 'handover/completed.tlog-proof';
  const GROWN = 'handover/grown.add-checkpoint';
  const BAG_SIGNATURE = 'handover/tagmanifest-sha256.txt.sig';

  /** Files that every package has, whatever it is about. */
  const ALWAYS = [
    'READ-ME-FIRST.txt', 'bag-info.txt', MANIFEST, TAGMANIFEST, CHECKPOINT, LOG_KEY, SIGNERS, 'paper/register.html',
    COMPLETED, COMPLETED_PROOF, GROWN, BAG_SIGNATURE,
  ];

  const entryName = (seq) => `record/entries/${seq}.json`;
  const proofName = (seq) => `record/entries/${seq}.tlog-proof`;
  const stampedHeadName = (size) => `anchors/${size}/checkpoint.signed`;
  const listingName = (object) => `record/listings/${object}.json`;

  /** A plain decimal number within what JSON keeps exactly; null for any other text. */
  const decimal = (text) => {
    const number = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
    return Number.isSafeInteger(number) ? number : null;
  };
  const without = (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : null);
  const before = (text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : null);
  const lettered = (text, letter) => {
    const digits = without(text, letter);
    return digits === null ? null : decimal(digits);
  };

  /** `C7`, `C7.mp4`, `C7_20261121_081506_J800001.mp4` */
  const clipOf = (file) => {
    const end = file.search(/[_.]/);
    const [clip, label] = end < 0 ? [file, ''] : [file.slice(0, end), file.slice(end)];
    const plain = chain.utf8Length(label) <= LABEL_BYTES_MAX && !label.endsWith('.') && !label.includes('..');
    return plain ? lettered(clip, 'C') : null;
  };

  /** `anchors/5/checkpoint.signed`, `anchors/5/checkpoint.cosigned`, `anchors/5/1.tsr` */
  const anchoredOf = (folder, file) => {
    const size = decimal(folder);
    const number = before(file, '.tsr');
    const stamp = number !== null && decimal(number) !== null && 'stamp';
    const is = { 'checkpoint.signed': 'stamped-head', 'checkpoint.cosigned': 'cosigned-head' }[file] || stamp;
    return size === null || !is ? null : { is, of: size };
  };

  /** The place of a name, `{ is, of }`; null where a package has no such file. */
  const place = (name) => {
    const found = (is, of = true) => (of === null || of === false ? null : { is, of });
    const numbered = (is, text, suffix) => {
      const digits = before(text, suffix);
      return digits === null ? null : found(is, decimal(digits));
    };
    const parts = name.split('/');
    const [folder, file, third] = parts;
    if (parts.length === 1) {
      if ([BAGIT, MANIFEST, TAGMANIFEST].includes(name)) return found('bag');
      return ['READ-ME-FIRST.txt', 'bag-info.txt', 'verify.html'].includes(name) ? found('reading') : null;
    }
    if (parts.length === 3) {
      if (folder === 'data') return decimal(third) === null ? null : numbered('piece', without(file, 'C') ?? '', '.pieces');
      if (folder === 'clips' && third === 'clip.sig') return found('clip-signature', lettered(file, 'C'));
      if (folder === 'clips' && third === 'chunks') return found('chunks', lettered(file, 'C'));
      if (folder === 'anchors') return anchoredOf(file, third);
      if (folder !== 'record') return null;
      if (file === 'entries') return numbered('entry', third, '.json') || numbered('proof', third, '.tlog-proof');
      const object = file === 'listings' ? before(third, '.json') : null;
      return object !== null && chain.isDigest(object) ? found('listing', object) : null;
    }
    if (parts.length !== 2) return null;
    if (folder === 'data') return found('clip', clipOf(file));
    const derived = folder === 'excerpts' && /\.(mp4|mov|json)$/.exec(file);
    if (derived) return found(derived[1] === 'json' ? 'excerpt-map' : 'excerpt', clipOf(file));
    if (name === CHECKPOINT) return found('checkpoint');
    if ([LOG_KEY, SIGNERS, REVOKED].includes(name)) return found('keys');
    if (name === 'anchors/tsa-chain.pem') return found('stamp-chain');
    // Whom the station asked: believed for nothing.
    if (name === 'anchors/witness-policy') return found('reading');
    if (folder === 'anchors') return numbered('anchor', file, '.add-checkpoint');
    const paper = folder === 'paper' ? before(file, '.html') ?? before(file, '.pdf') : null;
    if (paper !== null) return paper === 'register' || lettered(paper, 'C') !== null ? found('reading') : null;
    return found('handover', [COMPLETED, COMPLETED_PROOF, GROWN, BAG_SIGNATURE].includes(name));
  };

  /** Letters, digits, `.`, `_`, `-`, in parts that lead downwards only. */
  const wellFormed = (name) => {
    const plain = (part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== '.' && part !== '..';
    return name.split('/').every(plain);
  };

  /** Names that a package may not have, each with the reason. */
  const refusedNames = (items) => {
    const refused = [];
    const seen = new Map();
    for (const { name, kind } of items) {
      if (kind === 'link') refused.push([name, 'it is a link, which could lead anywhere']);
      else if (kind !== 'file') refused.push([name, 'it is no file']);
      else if (!wellFormed(name)) {
        refused.push([name, 'it has characters that a package does not use, or leads out of the folder']);
      }
      // Directories may be twins as well: every beginning of the path is compared.
      const parts = name.split('/');
      for (let depth = 1; depth <= parts.length; depth += 1) {
        const path = parts.slice(0, depth).join('/');
        const key = path.toLowerCase();
        if (!seen.has(key)) seen.set(key, path);
        if (seen.get(key) === path) continue;
        refused.push([name, 'another name differs from it in case only']);
        break;
      }
    }
    return refused;
  };

  // ---- folder.rs, disk.rs

  const DEPTH_MAX = 8;

  /** By the bytes of UTF-8, as names are sorted everywhere; UTF-16 sorts some of them differently. */
  const byBytes = (one, other) => {
    const [a, b] = [Array.from(one), Array.from(other)];
    const at = a.findIndex((letter, i) => letter !== b[i]);
    if (at < 0) return a.length - b.length;
    return at < b.length ? a[at].codePointAt(0) - b[at].codePointAt(0) : 1;
  };

  /** Items of a folder, sorted. `files` maps a path to a Blob, or to `{ kind }` for a link or what is no file. */
  const itemsOf = (files) => {
    const items = new Map();
    for (const [path, blob] of files) {
      const parts = path.split('/');
      // What lies deeper is one thing that is no file, as a walk that ends there sees it.
      const deep = parts.length > DEPTH_MAX;
      const name = deep ? parts.slice(0, DEPTH_MAX).join('/') : path;
      items.set(name, { name, blob, kind: deep ? 'other' : blob.kind || 'file' });
    }
    return Array.from(items.values()).sort((one, other) => byBytes(one.name, other.name));
  };

  // ---- tags.rs

  const KEPT_BYTES_MAX = 1024 * MIB;

  /** How large a file that is read whole may be, and what it is where it is larger. */
  const SMALL = {
    entry: [chain.ENTRY_BYTES_MAX, 'entry-refused'],
    proof: [64 * KIB, 'proof-refused'],
    anchor: [64 * KIB, 'proof-refused'],
    checkpoint: [64 * KIB, 'head-refused'],
    'stamped-head': [64 * KIB, 'stamp-refused'],
    stamp: [64 * KIB, 'stamp-refused'],
    'stamp-chain': [MIB, 'stamp-refused'],
    'cosigned-head': [16 * KIB, 'witness-refused'],
    handover: [64 * KIB, 'handover-refused'],
    'clip-signature': [16 * KIB, 'clip-signature'],
    keys: [MIB, 'key-other'],
    chunks: [64 * MIB, 'chunks-refused'],
    listing: [64 * MIB, 'listing-refused'],
    'excerpt-map': [MIB, 'excerpt-refused'],
    bag: [64 * MIB, 'bag-malformed'],
    reading: [64 * MIB, 'file-changed'],
  };

  const unreadable = (about, cause) =>
    new Refused(null, `${about} cannot be read: ${cause}; copy the package again or try another drive`);

  const bytesOf = async (blob, from, to) => new Uint8Array(await blob.slice(from, to).arrayBuffer());

  /** The small files of a package, each read once and whole before anything is judged. */
  class Tags {
    static async load(folder, watch, found) {
      const items = itemsOf(folder.files);
      for (const [name, why] of refusedNames(items)) found.add('name-refused', name, why);
      const tags = new Tags();
      let kept = 0;
      for (const [at, item] of items.entries()) {
        await watch('small', at, items.length);
        if (item.kind !== 'file' || !wellFormed(item.name)) continue;
        const where = place(item.name);
        if (where && SMALL[where.is]) kept += await tags.read(item, where, found);
        if (kept > KEPT_BYTES_MAX) throw unreadable(folder.called, "its small files are larger than any package's");
        tags.items.set(item.name, item);
      }
      return tags;
    }

    constructor() {
      this.items = new Map();
      this.kept = new Map();
      this.digests = new Map();
    }

    async read({ name, blob }, where, found) {
      const [most, code] = SMALL[where.is];
      const bytesMax = name === COMPLETED ? chain.ENTRY_BYTES_MAX : most;
      let bytes;
      try {
        bytes = await bytesOf(blob, 0, bytesMax + 1);
      } catch (error) {
        throw unreadable(name, error.message);
      }
      if (bytes.length > bytesMax) {
        found.add(code, name, 'it is larger than any such file');
        return 0;
      }
      this.digests.set(name, await chain.digestOf(bytes));
      if (where.is === 'reading') return 0;
      this.kept.set(name, bytes);
      return bytes.length;
    }

    /** Every place of one kind with its name, sorted by name. */
    places(kind) {
      const found = [];
      for (const name of this.items.keys()) {
        const where = place(name);
        if (where && where.is === kind) found.push([name, where.of]);
      }
      return found;
    }

    /** Is there a file of that name, whatever is in it? */
    has(name) {
      return this.items.has(name);
    }

    bytes(name) {
      return this.kept.get(name) || null;
    }

    /** As text; what is no UTF-8 reads as nothing, which every reader of a text refuses with its own code. */
    text(name) {
      const bytes = this.bytes(name);
      return bytes && (chain.textOf(bytes) || '');
    }

    /** SHA-256 of a small file; null where it was not read. */
    digest(name) {
      return this.digests.get(name) || null;
    }
  }

  // ---- bag.rs

  const BAGIT_TEXT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

  /** `<hex>  <name>`, sorted by the bytes of the names, each name once. */
  const manifestLines = (text) => {
    if (!text.endsWith('\n') || text.includes('\r')) refuse('its lines do not end with a line feed alone');
    const lines = new Map();
    let earlier = null;
    chain.linesOf(text).forEach((line, at) => {
      const wrong = (what) => refuse(`line ${at + 1}: ${what}`);
      const gap = line.indexOf('  ');
      const [hex, name] = [line.slice(0, gap), line.slice(gap + 2)];
      if (gap < 0 || !chain.isDigest(hex)) wrong('not a digest, two spaces, a name');
      if (earlier === name) wrong('the name of the line before again');
      if (earlier !== null && byBytes(earlier, name) > 0) wrong('not sorted by name');
      earlier = name;
      lines.set(name, hex);
    });
    return lines;
  };

  const isPayload = ({ is }) => is === 'clip' || is === 'piece';
  /** Payload in one, everything else in the other; names that are none are refused as names. */
  const belongs = (manifest, name) => {
    const where = place(name);
    if (!where) return true;
    if (isPayload(where)) return manifest === MANIFEST;
    return where.is !== 'handover' && manifest === TAGMANIFEST && name !== TAGMANIFEST;
  };

  const manifestOf = async (tags, manifest, found) => {
    const text = tags.text(manifest);
    if (text === null) return null;
    const [lines, why] = await tried(() => manifestLines(text));
    if (!lines) {
      found.add('bag-malformed', manifest, why);
      return null;
    }
    for (const name of lines.keys()) {
      if (!belongs(manifest, name)) found.add('bag-malformed', manifest, `it may not name ${name}`);
    }
    return lines;
  };

  /** The bag itself: its fixed files, its two manifests, and that nothing lies beside them. */
  const readBag = async (tags, called, found) => {
    if (called.endsWith('.void')) {
      found.add('bag-void', called, 'the copy was not finished and is never gone on with');
    }
    const bagit = tags.text(BAGIT);
    if (bagit !== null && bagit !== BAGIT_TEXT) found.add('bag-malformed', BAGIT, 'it has not the two lines of a bag');
    if (!tags.has(BAGIT)) found.add('bag-void', BAGIT, 'it is written last, and is not there');
    const bag = { clips: await manifestOf(tags, MANIFEST, found), tags: await manifestOf(tags, TAGMANIFEST, found) };
    for (const name of ALWAYS) if (!tags.has(name)) found.add('file-missing', name, 'every package has it');
    bagNamed(bag, tags, found);
    bagUnnamed(bag, tags, found);
    return bag;
  };

  /** What the manifests name: is it there, and is it that? */
  const bagNamed = (bag, tags, found) => {
    const empty = new Map();
    for (const lines of [bag.clips || empty, bag.tags || empty]) {
      for (const name of lines.keys()) {
        if (!place(name)) found.add('name-refused', name, 'a package has no file of that name');
        else if (!tags.has(name)) found.add('file-missing', name, 'a manifest names it');
      }
    }
    for (const [name, digest] of bag.tags || empty) {
      const there = tags.digest(name);
      if (there !== null && there !== digest) found.add('file-changed', name, 'it is not what the tag manifest says');
    }
  };

  /** What lies there without being named by anybody. Without a manifest nothing could be named. */
  const bagUnnamed = (bag, tags, found) => {
    const names = (lines, name) => lines === null || lines.has(name);
    for (const name of tags.items.keys()) {
      const where = place(name);
      const vouched = () => {
        if (where && where.is === 'handover') return true;
        if (where && isPayload(where)) return names(bag.clips, name);
        return name === TAGMANIFEST || names(bag.tags, name);
      };
      if (!vouched()) found.add('name-unknown', name, 'neither manifest names it');
    }
  };

  /** What a package must have for each clip beside the clip. */
  const requireForClips = (tags, clips, found) => {
    for (const clip of clips) {
      for (const name of [`clips/C${clip}/clip.sig`, `clips/C${clip}/chunks`, `paper/C${clip}.html`]) {
        if (!tags.has(name)) found.add('file-missing', name, 'every clip has it');
      }
    }
  };

  // ---- trust.rs

  const noteAt = (lines, start) => {
    const [origin, size, root, blank] = lines.slice(start, start + 4);
    if (blank !== '' || !chain.isOrigin(origin) || !/^[0-9]+$/.test(size)) return null;
    if (chain.utf8Length(root) !== 44 || !root.endsWith('=')) return null;
    let note = `${origin}\n${size}\n${root}\n\n`;
    for (let at = start + 4; at < lines.length && lines[at].startsWith('\u2014 '); at += 1) {
      note += `${lines[at]}\n`;
      if (chain.utf8Length(note) > chain.NOTE_BYTES_MAX) break;
    }
    return note;
  };

  const pinRefused = (about, why) => new Refused('pin-refused', `the pin ${about} is refused: ${why}`);

  /** Finds the one checkpoint in a text. Its signature is checked later, under the keys of the record. */
  const findPin = (about, text) => {
    // Line ends of other systems are taken for line feeds, since receipts travel through mail.
    const lines = chain.linesOf(text.replace(/\r\n/g, '\n'));
    const notes = lines.map((_, start) => noteAt(lines, start)).filter((note) => note !== null);
    if (notes.length === 0) {
      throw pinRefused(about, 'it holds no checkpoint; give a receipt or a checkpoint file');
    }
    if (notes.length > 1) throw pinRefused(about, 'it holds more than one checkpoint; give one at a time');
    return { about, note: notes[0] };
  };

  /** A verifier key, or with `type` 4 that of a witness, as it is written on paper. */
  const findKey = async (text, type = 1) => {
    const [key] = await tried(() => chain.parseVerifierKey(text.trim(), type));
    if (key) return key;
    const called = type === 1 ? 'verifier' : 'witness';
    throw new Refused(null, `the key ${chain.quoted(text)} is refused: it is no ${called} key; copy it again in full`);
  };

  return Object.freeze({
    Refused, Stopped, unreadable, WORDS, RANK, rank, CODES, inert, fact, Findings, sentence, factText,
    CHECKPOINT, LOG_KEY, SIGNERS, REVOKED, COMPLETED, COMPLETED_PROOF, GROWN, BAG_SIGNATURE, TAGMANIFEST,
    entryName, proofName, listingName, stampedHeadName, decimal, without, before, lettered, place, wellFormed, refusedNames, byBytes,
    bytesOf, Tags, readBag, manifestLines, requireForClips, pinRefused, findPin, findKey,
  });
})(typeof require === 'function' ? require('./chain.js') : SealdockChain);
if (typeof module === 'object') module.exports = SealdockFolder;
