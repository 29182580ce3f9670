'use strict';
// The formats of the record, read as strictly as `crates/chain` reads them (docs/design/chain-format.md): canonical
// JSON, entries, the tree, notes, proof files, SSHSIG. Numbers that may exceed 2^53 (sizes of trees) are BigInts.
const SealdockChain = ((curve) => {
  const { refuse, tried, utf8, utf8Length, textOf, hexOf, unhex, isDigest, joined, base64Of, base64Bytes, quoted } = curve;
  const { sha256, checkKey, verifyEd25519 } = curve;

  // ---- canonical JSON

  const DEPTH_MAX = 32;
  const SHORT = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

  /** A JSON value; objects are maps, since a stranger chooses the keys. */
  class JsonReader {
    constructor(text) {
      this.text = text;
      this.at = 0;
    }

    wrong(what) {
      refuse(`the text is not JSON: ${what} at character ${this.at}; restore it from an intact copy`);
    }

    space() {
      while (this.at < this.text.length && ' \t\n\r'.includes(this.text[this.at])) this.at += 1;
    }

    take(mark) {
      this.space();
      if (!this.text.startsWith(mark, this.at)) return false;
      this.at += mark.length;
      return true;
    }

    whole() {
      const value = this.value(0);
      this.space();
      if (this.at < this.text.length) this.wrong('more than one value');
      return value;
    }

    value(depth) {
      if (this.take('{')) return this.object(this.deeper(depth));
      if (this.take('[')) return this.array(this.deeper(depth));
      if (this.take('"')) return this.string();
      for (const [word, value] of [['null', null], ['true', true], ['false', false]]) if (this.take(word)) return value;
      return this.number();
    }

    deeper(depth) {
      if (depth >= DEPTH_MAX) refuse(`the JSON nests deeper than ${DEPTH_MAX} levels; flatten it`);
      return depth + 1;
    }

    object(depth) {
      const members = new Map();
      if (this.take('}')) return members;
      do {
        if (!this.take('"')) this.wrong('no key');
        const key = this.string();
        if (members.has(key)) refuse(`the JSON object names the key ${quoted(key)} twice; keep one of them`);
        if (!this.take(':')) this.wrong('no colon');
        members.set(key, this.value(depth));
      } while (this.take(','));
      if (!this.take('}')) this.wrong('an open object');
      return members;
    }

    array(depth) {
      const items = [];
      if (this.take(']')) return items;
      do items.push(this.value(depth));
      while (this.take(','));
      if (!this.take(']')) this.wrong('an open array');
      return items;
    }

    number() {
      const found = /-?[0-9][0-9.eE+-]*/y;
      found.lastIndex = this.at;
      const match = found.exec(this.text);
      if (!match) this.wrong('no value');
      const [number] = match;
      this.at += number.length;
      const value = Number(number);
      if (!/^(0|-?[1-9][0-9]*)$/.test(number) || !Number.isSafeInteger(value)) {
        refuse(`the number ${number} is not an integer within ±(2^53-1); write it as a string`);
      }
      return value;
    }

    string() {
      let out = '';
      for (;;) {
        const letter = this.text[this.at];
        if (letter === undefined || letter < ' ') this.wrong('a string that is not closed');
        this.at += 1;
        if (letter === '"') return out;
        out += letter === '\\' ? this.escape() : letter;
      }
    }

    escape() {
      const letter = this.text[this.at];
      this.at += 1;
      if (letter !== 'u') return SHORT[letter] || this.wrong('an unknown escape');
      const first = this.unit();
      if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
      const paired = first < 0xdc00 && this.text.startsWith('\\u', this.at);
      this.at += 2;
      const second = paired ? this.unit() : 0;
      if (second < 0xdc00 || second > 0xdfff) this.wrong('half of a surrogate pair');
      return String.fromCharCode(first, second);
    }

    unit() {
      const digits = this.text.slice(this.at, this.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.wrong('an unknown escape');
      this.at += 4;
      return parseInt(digits, 16);
    }
  }

  const parseJson = (text) => new JsonReader(text).whole();

  const canonicalString = (text) => {
    const short = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '"': '\\"', '\\': '\\\\' };
    const escaped = (letter) => short[letter] || `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
    return `"${text.replace(/[\u0000-\u001f\u0022\\]/g, escaped)}"`;
  };

  /** The one spelling of a value (RFC 8785 without fractions): keys sorted by UTF-16 code units, as strings compare. */
  const canonicalOf = (value) => {
    if (typeof value === 'string') return canonicalString(value);
    if (Array.isArray(value)) return `[${value.map(canonicalOf).join(',')}]`;
    if (!(value instanceof Map)) return String(value);
    const member = (key) => `${canonicalString(key)}:${canonicalOf(value.get(key))}`;
    return `{${Array.from(value.keys()).sort().map(member).join(',')}}`;
  };

  /** Reads JSON that must already be in its one spelling: parse, write again, compare. */
  const parseCanonical = (bytes) => {
    const text = textOf(bytes);
    if (text === null) refuse('the text is not JSON: it is no UTF-8; restore it from an intact copy');
    const value = parseJson(text);
    const again = utf8(canonicalOf(value));
    const same = again.findIndex((byte, at) => byte !== bytes[at]);
    if (same >= 0 || again.length !== bytes.length) {
      const at = same >= 0 ? same : Math.min(again.length, bytes.length);
      refuse(`the JSON differs from its canonical form from byte ${at} on; restore it from an intact copy`);
    }
    return value;
  };

  // ---- entries

  const ENTRY_BYTES_MAX = 65535;
  const ZERO = '0'.repeat(64);

  /** One entry of the record, from its exact bytes. */
  const decodeEntry = (bytes) => {
    if (bytes.length > ENTRY_BYTES_MAX) {
      refuse(`the entry has ${bytes.length} bytes, at most ${ENTRY_BYTES_MAX} fit; split the event`);
    }
    const members = parseCanonical(bytes);
    if (!(members instanceof Map)) refuse('the entry is not a JSON object; restore it from an intact copy');
    const take = (key) => {
      if (!members.has(key)) refuse(`the entry has no ${quoted(key)}; restore it from an intact copy`);
      const value = members.get(key);
      members.delete(key);
      return value;
    };
    const version = take('v');
    if (version !== 1) {
      refuse(`the entry has version ${canonicalOf(version)}, this release reads 1; use a later release`);
    }
    const prev = take('prev');
    if (typeof prev !== 'string' || !isDigest(prev)) {
      refuse("the entry's prev is not 64 lowercase hex digits; restore it from an intact copy");
    }
    const seq = take('seq');
    if (typeof seq !== 'number' || seq < 0) {
      refuse("the entry's seq is not a whole number from 0 to 2^53-1; restore it from an intact copy");
    }
    const entry = { seq, prev, at: take('at'), actor: take('actor'), event: take('event') };
    for (const key of members.keys()) {
      refuse(`the entry has the unknown key ${quoted(key)}; read it with the release that wrote it`);
    }
    if ((seq === 0) !== (prev === ZERO)) {
      refuse(`the prev of entry ${seq} does not fit: zeros belong to entry 0 and to no other`);
    }
    return entry;
  };

  // ---- the tree (RFC 6962, RFC 9162)

  const CHUNK_BYTES = 4 * 1024 * 1024;
  const LEAF = Uint8Array.of(0);
  const NODE = Uint8Array.of(1);
  const leafHash = (bytes) => sha256(LEAF, bytes);
  /** The same of much, by the browser's own SHA-256. */
  const leafOf = (bytes) => curve.digestOf(joined([LEAF, bytes]));
  const nodeHash = (left, right) => sha256(NODE, unhex(left), unhex(right));
  const EMPTY_ROOT = sha256();

  /** Perfect subtrees from left to right, one for each 1 bit of the number of leaves. */
  const frontierOf = (leaves) => {
    const nodes = [];
    leaves.forEach((leaf, size) => {
      let node = leaf;
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(nodes.pop(), node);
      nodes.push(node);
    });
    return nodes;
  };
  const rootOf = (leaves) => {
    const nodes = frontierOf(leaves);
    return nodes.length === 0 ? EMPTY_ROOT : nodes.reduceRight((right, left) => nodeHash(left, right));
  };

  const wrongLength = (proof) => {
    refuse(`the proof has ${proof.length} hashes, which does not fit the tree; fetch the proof again`);
  };
  const expectRoot = (computed, expected) => {
    if (computed === expected) return;
    refuse(
      `the proof leads to the root ${computed}, the checkpoint says ${expected}: ` +
        'the entry or the record was altered',
    );
  };
  const expectOldRoot = (computed, expected) => {
    if (computed === expected) return;
    refuse(
      `the proof leads to the old root ${computed}, the old checkpoint says ${expected}: history was rewritten`,
    );
  };

  /** One level up; a right edge that stands alone moves up without a sibling. */
  const climb = (at, last, alone) => {
    let [here, end] = [at, last];
    if (alone) while (here % 2n === 0n && here > 0n) [here, end] = [here >> 1n, end >> 1n];
    return [here >> 1n, end >> 1n];
  };

  /** `index` and `size` are BigInts: a tree may have 2^63 − 1 entries. */
  const verifyInclusion = (leaf, index, size, proof, root) => {
    if (index >= size) refuse(`entry ${index} is not in a tree of ${size} entries; use a later checkpoint`);
    let [at, last, node] = [index, size - 1n, leaf];
    for (const sibling of proof) {
      if (last === 0n) wrongLength(proof);
      const edge = at % 2n === 1n || at === last;
      node = edge ? nodeHash(sibling, node) : nodeHash(node, sibling);
      [at, last] = climb(at, last, edge);
    }
    if (last !== 0n) wrongLength(proof);
    expectRoot(node, root);
  };

  const verifyConsistency = (old, oldRoot, size, root, proof) => {
    if (old > size) {
      refuse(`the newer tree has ${size} entries, the older one ${old}: entries are missing at the end`);
    }
    if (old === 0n || old === size) {
      if (proof.length > 0) wrongLength(proof);
      expectOldRoot(old === 0n ? EMPTY_ROOT : root, oldRoot);
      if (size === 0n) expectRoot(EMPTY_ROOT, root);
      return;
    }
    // Where the old tree is one perfect subtree, its head starts the proof.
    const whole = (old & (old - 1n)) === 0n;
    if (!whole && proof.length === 0) wrongLength(proof);
    let [at, last] = [old - 1n, size - 1n];
    while (at % 2n === 1n) [at, last] = [at >> 1n, last >> 1n];
    let before = whole ? oldRoot : proof[0];
    let after = before;
    for (const sibling of whole ? proof : proof.slice(1)) {
      if (last === 0n) wrongLength(proof);
      const edge = at % 2n === 1n || at === last;
      if (edge) before = nodeHash(sibling, before);
      after = edge ? nodeHash(sibling, after) : nodeHash(after, sibling);
      [at, last] = climb(at, last, edge);
    }
    if (last !== 0n) wrongLength(proof);
    expectOldRoot(before, oldRoot);
    expectRoot(after, root);
  };

  // ---- notes and verifier keys (C2SP)

  const NOTE_BYTES_MAX = 16 * 1024;
  const HASHES_MAX = 63;
  const SIGNATURES_MAX = 100;
  const MARK = '\u2014 ';
  // White space and control characters as Unicode has them, whatever a browser's `\s` means.
  const UNUSABLE = /[+\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

  const isOrigin = (text) => text !== '' && utf8Length(text) <= 255 && !UNUSABLE.test(text);
  const checkOrigin = (text) => {
    if (isOrigin(text)) return;
    refuse(
      `the origin ${quoted(text)} is not usable: 1 to 255 bytes without spaces, '+' and control characters`,
    );
  };

  /** A plain decimal number up to 2^64 − 1 as a BigInt; null for any other text. */
  const decimal = (text) => {
    if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) return null;
    const value = BigInt(text);
    return value < 1n << 64n ? value : null;
  };

  /** The lines of a text, where a line feed ends each. */
  const linesOf = (text) => {
    const lines = text.split('\n');
    if (lines[lines.length - 1] === '') lines.pop();
    return lines;
  };

  const hashLine = (line) => {
    const bytes = base64Bytes(line);
    return bytes && bytes.length === 32 ? hexOf(bytes) : null;
  };

  /** The key `publicHex` of the record `name`; with `type` 4 that of a witness. */
  const verifierKey = (name, publicHex, type = 1) => {
    checkOrigin(name);
    checkKey(publicHex);
    const typed = joined([Uint8Array.of(type), unhex(publicHex)]);
    const id = sha256(utf8(`${name}\n`), typed).slice(0, 8);
    return Object.freeze({ name, id, public: publicHex, text: `${name}+${id}+${base64Of(typed)}` });
  };

  const parseVerifierKey = (text, type = 1) => {
    const [called, kind] = type === 1 ? ['verifier', 'note type'] : ['witness', 'cosignature type (0x04)'];
    const malformed = (what) => refuse(`the ${called} key is malformed: ${what}; copy it again in full`);
    const [name, id, ...rest] = text.split('+');
    if (rest.length === 0) malformed("it has no three parts separated by '+'");
    // Base64 may contain '+': only the first two of them separate.
    const typed = base64Bytes(rest.join('+'));
    if (!typed) malformed('its key is not base64');
    if (typed[0] !== type) malformed(`it is not of the Ed25519 ${kind}`);
    if (typed.length !== 33) malformed('its key does not have 32 bytes');
    const key = verifierKey(name, hexOf(typed.subarray(1)), type);
    if (id !== key.id) malformed('its key id does not fit name and key');
    return key;
  };

  const sameKey = (one, other) => one.text === other.text;

  const checkpointOf = (body) => {
    const lines = linesOf(body);
    if (lines.length < 3) refuse('the note is not a checkpoint: it has fewer than three lines; fetch the checkpoint again');
    if (lines.length > 3) refuse('the checkpoint has extension lines, which readers disagree about; refuse it');
    const [origin, number, line] = lines;
    const size = decimal(number);
    if (size === null) refuseSize(number);
    const root = hashLine(line);
    if (root === null) refuseRoot(line);
    checkOrigin(origin);
    if (size >= 1n << 63n) refuseSize(number);
    if (size === 0n && root !== EMPTY_ROOT) refuseRoot(line);
    return { origin, size, root };
  };
  const refuseSize = (text) => {
    refuse(`the size ${quoted(text)} is not a decimal number without sign and leading zeros up to 2^63-1`);
  };
  const refuseRoot = (text) => {
    refuse(`the root ${quoted(text)} does not fit: 32 bytes of base64, SHA-256 of nothing at size 0`);
  };

  const splitNote = (text) => {
    const shape = (what) => refuse(`the note is not a checkpoint: ${what}; fetch the checkpoint again`);
    const bytes = utf8Length(text);
    if (bytes > NOTE_BYTES_MAX) {
      refuse(`the note has ${bytes} bytes, more than ${NOTE_BYTES_MAX}; it is no checkpoint`);
    }
    const control = /[\u0000-\u0009\u000b-\u001f]/.exec(text);
    if (control) {
      const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
      refuse(`the note has the control character 0x${code}; fetch it again without conversion`);
    }
    const blank = text.lastIndexOf('\n\n');
    if (blank < 0 || blank + 2 === text.length) shape('it has no signatures');
    if (!text.endsWith('\n')) shape('its last line is cut off');
    return [text.slice(0, blank + 1), linesOf(text.slice(blank + 2))];
  };

  const signatureLine = (line) => {
    if (!line.startsWith(MARK)) return null;
    const space = line.indexOf(' ', MARK.length);
    if (space < 0) return null;
    const name = line.slice(MARK.length, space);
    const bytes = base64Bytes(line.slice(space + 1));
    if (!isOrigin(name) || !bytes || bytes.length < 5) return null;
    return { name, id: hexOf(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
  };

  const malformedLine = (line) => {
    refuse(`the signature line ${quoted(line)} is malformed; fetch the checkpoint again`);
  };

  /** Every signature line as name, key id and signature; no two by the same key. */
  const signatureLines = (lines) => {
    const signers = new Set();
    return lines.map((line) => {
      const signed = signatureLine(line) || malformedLine(line);
      if (signers.size === SIGNATURES_MAX) {
        refuse(`the note has more than ${SIGNATURES_MAX} signature lines; take out those of others`);
      }
      const signer = `${signed.name} ${signed.id}`;
      if (signers.has(signer)) {
        refuse(`${signed.name} signed twice; refuse the checkpoint, one of the lines was added by hand`);
      }
      signers.add(signer);
      return signed;
    });
  };

  /** The one signature of `key`; every line is checked for its form. */
  const ownSignature = (lines, key) => {
    const own = signatureLines(lines).find(({ name, id }) => name === key.name && id === key.id);
    if (!own) refuse(`the note is not signed by ${key.text}; check that the key belongs to this record`);
    if (own.signature.length !== 64) malformedLine(own.name);
    return own.signature;
  };

  // Every proof repeats the head of its package: it is verified once.
  let opened = null;

  /** Reads a note and verifies the signature of `key` on it: `{ checkpoint, note }`. */
  const openNote = async (text, key) => {
    if (opened && opened.note === text && sameKey(opened.key, key)) return opened;
    const [body, lines] = splitNote(text);
    const checkpoint = checkpointOf(body);
    if (checkpoint.origin !== key.name) {
      refuse(
        `the checkpoint is of ${quoted(checkpoint.origin)}, the key is for ${quoted(key.name)}; ` +
          'use the key of that record',
      );
    }
    await verifyEd25519(key.public, utf8(body), ownSignature(lines, key));
    opened = Object.freeze({ checkpoint: Object.freeze(checkpoint), note: text, key });
    return opened;
  };

  // ---- proof files (c2sp.org/tlog-proof@v1)

  /** Reads a proof file and verifies its checkpoint: `{ index, hashes, signed }`. */
  const parseProof = async (text, key) => {
    const malformed = (what) => refuse(`the proof file is malformed: ${what}; fetch it again`);
    const HEADER = 'c2sp.org/tlog-proof@v1\n';
    if (utf8Length(text) > NOTE_BYTES_MAX + 4096) malformed('it is too long');
    if (!text.startsWith(HEADER)) malformed('its first line is wrong');
    const rest = text.slice(HEADER.length);
    const blank = rest.indexOf('\n\n');
    if (blank < 0) malformed('it has no checkpoint');
    const [first, ...lines] = rest.slice(0, blank).split('\n');
    if (first.startsWith('extra ')) {
      refuse('the proof file has an extra line, which nothing signs; take the line out');
    }
    const index = first.startsWith('index ') ? decimal(first.slice(6)) : null;
    if (index === null) malformed('its index line is wrong');
    const hashes = lines.map(hashLine);
    if (hashes.includes(null)) malformed('a hash line is not 32 bytes of base64');
    if (hashes.length > HASHES_MAX) malformed('it has more than 63 hashes');
    const [signed, why] = await tried(() => openNote(rest.slice(blank + 2), key));
    if (!signed) refuse(`the checkpoint in the proof file is refused: ${why}`);
    return { index, hashes, signed };
  };

  // ---- growth from one head to a later one (c2sp.org/tlog-witness)

  /** Reads `{ old, hashes, note }`; neither head is checked yet. */
  const parseGrowth = (text) => {
    const malformed = (what) => refuse(`the proof of growth is malformed: ${what}; fetch it again`);
    if (utf8Length(text) > NOTE_BYTES_MAX + 4096) malformed('it is too long');
    const blank = text.indexOf('\n\n');
    if (blank < 0) malformed('it holds no later head');
    const [first, ...lines] = text.slice(0, blank).split('\n');
    const old = first.startsWith('old ') ? decimal(first.slice(4)) : null;
    if (old === null) malformed('its first line is not `old` and a size');
    const hashes = lines.map(hashLine);
    if (hashes.includes(null)) malformed('a hash line is not 32 bytes of base64');
    if (hashes.length > HASHES_MAX) malformed('it has more than 63 hashes');
    return { old, hashes, note: text.slice(blank + 2) };
  };

  const checkGrowth = ({ hashes }, old, later) =>
    verifyConsistency(old.size, old.root, later.size, later.root, hashes);

  // ---- SSHSIG (OpenSSH PROTOCOL.sshsig)

  const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
  const END = '-----END SSH SIGNATURE-----\n';
  const MAGIC = joined([utf8('SSHSIG'), Uint8Array.of(0, 0, 0, 1)]);

  /** RFC 4251 §5 string. */
  const sshString = (content) => {
    const length = content.length;
    return joined([Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length), content]);
  };
  /** The form of keys and of signatures. */
  const typed = (content) => joined([sshString(utf8('ssh-ed25519')), sshString(content)]);

  /** `ssh-ed25519 AAAA…`, without comment. */
  const publicLine = (publicHex) => `ssh-ed25519 ${base64Of(typed(unhex(publicHex)))}`;

  const signedBytes = (namespace, digest) => {
    const fields = [utf8(namespace), new Uint8Array(0), utf8('sha256'), unhex(digest)];
    return joined([utf8('SSHSIG'), ...fields.map(sshString)]);
  };

  /** The `.sig` file: base64 in lines of 70 characters. */
  const armor = (publicHex, namespace, signature) => {
    const fields = [typed(unhex(publicHex)), utf8(namespace), new Uint8Array(0), utf8('sha256'), typed(signature)];
    const base64 = base64Of(joined([MAGIC, ...fields.map(sshString)]));
    return `${BEGIN}${base64.match(/.{1,70}/g).join('\n')}\n${END}`;
  };

  const sshMalformed = (what) => refuse(`the SSH signature is malformed: ${what}; fetch the .sig file again`);

  const sshFields = (blob) => {
    const fields = [];
    let at = MAGIC.length;
    while (fields.length < 5) {
      if (at + 4 > blob.length) sshMalformed('it is cut off');
      const end = at + 4 + new DataView(blob.buffer, blob.byteOffset + at, 4).getUint32(0);
      if (end > blob.length) sshMalformed('it is cut off');
      fields.push(blob.subarray(at + 4, end));
      at = end;
    }
    return [...fields, blob.subarray(at)];
  };

  const sshSignature = (armored, publicHex, namespace) => {
    const ends = armored.startsWith(BEGIN) && armored.endsWith(END) && armored.length >= BEGIN.length + END.length;
    if (!ends) sshMalformed('its first or last line is wrong');
    const inner = armored.slice(BEGIN.length, armored.length - END.length);
    const blob = base64Bytes(inner.split('\n').join(''));
    if (!blob) sshMalformed('its content is not base64');
    if (hexOf(blob.subarray(0, MAGIC.length)) !== hexOf(MAGIC)) sshMalformed('it does not begin with SSHSIG version 1');
    const [key, found, reserved, hash, signature, rest] = sshFields(blob);
    const [foundHex, hashHex] = [hexOf(found), hexOf(hash)];
    if (hexOf(key) !== hexOf(typed(unhex(publicHex)))) {
      refuse('the SSH signature is by another key; use the key the station had at that time');
    }
    if (foundHex !== hexOf(utf8(namespace))) {
      const name = quoted(textOf(found) || '');
      refuse(`the SSH signature is for the namespace ${name}, not ${quoted(namespace)}; it proves nothing here`);
    }
    if (hashHex !== hexOf(utf8('sha256'))) {
      refuse(`the SSH signature is over ${quoted(textOf(hash) || '')}, not sha256; sign with -O hashalg=sha256`);
    }
    if (reserved.length > 0 || rest.length > 0) sshMalformed('it has unknown content');
    const raw = signature.subarray(Math.max(0, signature.length - 64));
    if (raw.length !== 64 || hexOf(typed(raw)) !== hexOf(signature)) sshMalformed('its signature is not ssh-ed25519');
    return raw;
  };

  /** Verifies a `.sig` file over content with this SHA-256 digest; one spelling only. */
  const verifySshsig = async (armored, publicHex, namespace, digest) => {
    const signature = sshSignature(armored, publicHex, namespace);
    if (armored !== armor(publicHex, namespace, signature)) {
      sshMalformed('it is not written the way ssh-keygen writes it');
    }
    await verifyEd25519(publicHex, signedBytes(namespace, digest), signature);
  };

  return Object.freeze({
    ...curve,
    parseJson, canonicalOf, parseCanonical, ENTRY_BYTES_MAX, decodeEntry,
    CHUNK_BYTES, leafHash, leafOf, nodeHash, frontierOf, rootOf, EMPTY_ROOT, verifyInclusion, verifyConsistency,
    NOTE_BYTES_MAX, HASHES_MAX, isOrigin, linesOf, hashLine, verifierKey, parseVerifierKey, sameKey, splitNote,
    signatureLines, openNote, parseProof, parseGrowth, checkGrowth,
    publicLine, signedBytes, armor, verifySshsig,
  });
})(typeof require === 'function' ? require('./curve.js') : SealdockCurve);
if (typeof module === 'object') module.exports = SealdockChain;
