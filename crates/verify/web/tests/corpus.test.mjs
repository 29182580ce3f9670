// The table: for every code a package that is wrong in one thing, with the word and the codes it must give. The same
// cases as `crates/verify/tests/packages/corpus.rs`.
import test from 'node:test';
import assert from 'node:assert/strict';
import {
  ORIGIN, makePackage, usual, small, sha, base64, dataName, vkey, publicLine, signersLine, stranger, strangerKey,
  strangerPublic, signed, signing, witness,
} from './build.mjs';
import { judge, told, pinned, words } from './judge.mjs';
import verifier from '../verify.js';

const [SIG, GROWN, CHECKPOINT] =
  ['handover/tagmanifest-sha256.txt.sig', 'handover/grown.add-checkpoint', 'record/checkpoint'];
const PIECE = 4194304;

/** On the way, at one stage. */
const on = (stage, change) => ({ hook: (at, value, station) => void (at === stage && change(value, station)) });
const tags = (change) => on('tags', change);
const handover = (change) => on('handover', change);
const manifest = (change) => on('manifest', (held) => { held.text = change(held.text); });
const tagmanifest = (change) => on('tagmanifest', (held) => { held.text = change(held.text); });
const event = (kind, change) => on('entry', (entry, station) => void (entry.event.type === kind && change(entry.event, station)));
const bytesOf = (seq, change) => on('bytes', (held) => { if (held.seq === seq) held.bytes = change(held.bytes); });
const both = (...changes) => ({ hook: (...at) => changes.forEach(({ hook }) => hook(...at)) });
const after = (change) => ({ after: change });

const put = (name, content) => (files) => files.set(name, Buffer.from(content));
const remove = (name) => (files) => assert.ok(files.delete(name), name);
const text = (name, change) => (files) => {
  const before = files.get(name).toString();
  assert.notEqual(change(before), before, `the change of ${name} changes nothing`);
  files.set(name, Buffer.from(change(before)));
};
const flip = (name, at) => (files) => {
  const bytes = Buffer.from(files.get(name));
  bytes[at] ^= 1;
  files.set(name, bytes);
};
const hide = (seq) => (files) => ['json', 'tlog-proof'].forEach((end) => remove(`record/entries/${seq}.${end}`)(files));
const noListing = (files) => [...files.keys()].filter((n) => n.startsWith('record/listings/')).forEach((n) => files.delete(n));

/** A stamped head, an answer, and the growth to the package's head. */
const stamp = (size, change = (t) => t) => (files, station) => {
  const first = station.seqOf('copy.carried-out') + 1;
  const note = change(size <= first ? station.head(size) : '', station);
  files.set(`anchors/${size}/checkpoint.signed`, Buffer.from(note));
  files.set(`anchors/${size}/1.tsr`, Buffer.from('an answer'));
  if (size <= first) files.set(`anchors/${size}.add-checkpoint`, Buffer.from(station.growth(size, first)));
};

/** A head that a witness cosigned, and the growth to the package's head. */
const W = witness('w1.example', 101);
const TIME = 1796083200;
const cosigned = (size, change = (t) => t) => (files, station) => {
  const note = station.head(size);
  files.set(`anchors/${size}/checkpoint.cosigned`, Buffer.from(change(note + W.line(note, TIME), note)));
  files.set(`anchors/${size}.add-checkpoint`, Buffer.from(station.growth(size, station.seqOf('copy.carried-out') + 1)));
};

/** The last base64 with an unused bit set: the same bytes to a lax reader. */
const loosened = (t) => {
  const bytes = Buffer.from(t);
  bytes[bytes.lastIndexOf('=') - 1] += 1;
  return bytes.toString();
};
const crlf = (t) => t.replaceAll('\n', '\r\n');
const lines = (t) => t.split('\n').slice(0, -1);
const EMPTY = sha('');
const pop = event('copy.completed', (e) => e.files.pop());

const CASES = [
  ['a space in a name', after(put('data/C4 .mp4', '')), 'TAMPERED name-refused'],
  ['a Cyrillic letter', after(put('d\u0430ta/C4.mp4', '')), 'TAMPERED name-refused'],
  ['a combining accent', after(put('data/C4e\u0301.mp4', '')), 'TAMPERED name-refused'],
  ['a backslash', after(put('..\\x', '')), 'TAMPERED name-refused'],
  ['a name that leaves the folder', after(put('data/../../x', '')), 'TAMPERED name-refused'],
  ['a link', after((f) => f.set('data/C4_link.mp4', { kind: 'link' })), 'TAMPERED name-refused'],
  ['a device', after((f) => f.set('paper/tty', { kind: 'other' })), 'TAMPERED name-refused'],
  ['a folder too deep', after(put('a/b/c/d/e/f/g/h/i', '')), 'TAMPERED name-refused'],
  ['a twin but for case', after(put('Read-Me-First.txt', '')), 'TAMPERED name-refused name-unknown'],
  ['a manifest that leaves the folder', manifest((t) => `${EMPTY}  ../x\n${t}`), 'TAMPERED name-refused'],
  ['an absolute name in a manifest', tagmanifest((t) => `${EMPTY}  /etc/passwd\n${t}`), 'TAMPERED name-refused'],
  ['a signed file that no package has', tags(put('paper/extra.html', '')), 'TAMPERED name-refused'],
  ['a file that nobody names', after(put('notes.txt', '')), 'TAMPERED name-unknown'],
  ['a clip that nobody names', after(put('data/C99_x.mp4', '')), 'TAMPERED name-unknown clip-unknown'],
  ['a paper that nobody names', after(put('paper/C99.html', '')), 'TAMPERED name-unknown'],
  ['a page that nobody names', after(put('verify.html', '')), 'TAMPERED name-unknown'],
  ['more in the handover', after(put('handover/more', '')), 'TAMPERED name-unknown'],
  ['no bagit.txt', after(remove('bagit.txt')), 'INCOMPLETE bag-void file-missing'],
  ['still called void', { called: 'V9-1.void' }, 'INCOMPLETE bag-void'],
  ['another version of bag', tags(text('bagit.txt', (t) => t.replace('1.0', '0.97'))), 'TAMPERED bag-malformed'],
  ['a manifest with carriage returns', manifest(crlf), 'TAMPERED bag-malformed'],
  ['a tag manifest with carriage returns', tagmanifest(crlf), 'TAMPERED bag-malformed'],
  ['a line twice', tagmanifest((t) => `${lines(t)[0]}\n${t}`), 'TAMPERED bag-malformed'],
  ['a manifest not sorted', manifest((t) => `${lines(t).reverse().join('\n')}\n`), 'TAMPERED bag-malformed'],
  ['a digest in capitals', manifest((t) => t.replaceAll('a', 'A')), 'TAMPERED bag-malformed'],
  ['a line after the last', tagmanifest((t) => `${t}\n`), 'TAMPERED bag-malformed'],
  ['a manifest that is no text', tagmanifest((t) => `${t}\0`), 'TAMPERED bag-malformed'],
  ['a clip in the tag manifest', tagmanifest((t) => {
    const all = [...lines(t), `${sha('first clip')}  ${dataName(4)}`].map((line) => [line.slice(66), line]);
    return all.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => `${line}\n`).join('');
  }), 'TAMPERED bag-malformed'],
  ['no register', after(remove('paper/register.html')), 'INCOMPLETE file-missing'],
  ['no chunk list, and no line for it', tags(remove('clips/C4/chunks')), 'INCOMPLETE file-missing'],
  ['no signature of a clip, and no line for it', tags(remove('clips/C4/clip.sig')), 'INCOMPLETE file-missing'],
  ['no proof, and no line for it', tags(remove('record/entries/4.tlog-proof')), 'INCOMPLETE file-missing'],
  ['no listing, and no line for it', tags(noListing), 'INCOMPLETE file-missing'],
  ['no log key, and no line for it', tags(remove('keys/log.vkey')), 'INCOMPLETE file-missing'],
  ['a clip is gone', after(remove(dataName(4))), 'INCOMPLETE file-missing'],
  ['another paper', after(flip('paper/C4.html', 3)), 'TAMPERED file-changed'],
  ['a head by nobody', tags(text(CHECKPOINT, (t) => t.replaceAll('\n1', '\n2'))), 'TAMPERED head-refused pin-unlinked'],
  ['a head with loose base64', tags(text(CHECKPOINT, loosened)), 'TAMPERED head-refused pin-unlinked'],
  ['a head with carriage returns', tags(text(CHECKPOINT, crlf)), 'TAMPERED head-refused pin-unlinked'],
  ['a head with a forged blank line', tags(text(CHECKPOINT, (t) => t.replace('\n', '\n\n'))), 'TAMPERED head-refused pin-unlinked'],
  ['bytes after the head', tags(text(CHECKPOINT, (t) => `${t}\n`)), 'TAMPERED head-refused pin-unlinked'],
  ['another origin', tags(text(CHECKPOINT, (t) => t.replaceAll('test.example', 'tost.example'))), 'TAMPERED head-refused pin-unlinked'],
  ['a head that is too long', tags(put(CHECKPOINT, 'x'.repeat(70000))), 'TAMPERED head-refused pin-unlinked'],
  ['a later head by nobody', handover(text(GROWN, loosened)), 'TAMPERED head-refused'],
  ['a growth that does not hold', handover(text(GROWN, (t) => t.replaceAll(t.split('\n')[1], base64('07'.repeat(32))))), 'TAMPERED heads-part'],
  ['a growth from another size', handover(text(GROWN, (t) => t.replace('old 1', 'old 2'))), 'TAMPERED heads-part'],
  ['a growth with bytes in front', handover(text(GROWN, (t) => ` ${t}`)), 'TAMPERED heads-part'],
  ['a second head that is the first', handover((f, station) => {
    const size = station.seqOf('copy.carried-out') + 1;
    f.set(GROWN, Buffer.from(station.growth(size, size)));
  }), 'TAMPERED heads-part proof-refused'],
  ['proofs of two entries swapped', tags((f) => {
    const [a, b] = [4, 5].map((n) => f.get(`record/entries/${n}.tlog-proof`));
    f.set('record/entries/4.tlog-proof', b).set('record/entries/5.tlog-proof', a);
  }), 'TAMPERED proof-refused'],
  ['a proof under an older head', tags((f, station) => f.set('record/entries/4.tlog-proof', Buffer.from(station.proof(4, 8)))), 'TAMPERED proof-refused'],
  ['a proof with an extra line', tags(text('record/entries/4.tlog-proof', (t) => t.replace('index', 'extra AAAA\nindex'))), 'TAMPERED proof-refused'],
  ['a proof that is too long', tags(put('record/entries/4.tlog-proof', 'x'.repeat(70000))), 'TAMPERED proof-refused'],
  ['a growth in anchors that is none', tags(text('anchors/3.add-checkpoint', (t) => t.replace('old 3', 'old 2'))), 'TAMPERED proof-refused'],
  ['a stamp that nobody checked', tags(stamp(8)), 'ANCHORED stamp-unchecked'],
  ['a stamped head by nobody', tags(stamp(8, (t) => t.replace('\n8\n', '\n9\n'))), 'TAMPERED stamp-refused stamp-unchecked'],
  ['a stamped head of another size than its folder', tags(stamp(8, (_, station) => station.head(7))), 'TAMPERED stamp-refused stamp-unchecked'],
  ['a stamped head of another history', tags(stamp(8, (_, station) => station.sign(8, sha('x')))), 'TAMPERED stamp-refused stamp-unchecked'],
  ['a stamped head with a second signature', tags(stamp(8, (t) => `${t}\u2014 w.example ${base64('01'.repeat(72))}\n`)), 'TAMPERED stamp-refused stamp-unchecked'],
  ["a stamped head that is larger than the package's", tags(stamp(80, (_, station) => station.sign(80, sha('x')))), 'TAMPERED stamp-refused stamp-unchecked'],
  ['no growth from a stamped head', tags((f, station) => { stamp(8)(f, station); f.delete('anchors/8.add-checkpoint'); }), 'INCOMPLETE file-missing stamp-unchecked'],
  ['a stamp without its head', tags((f, station) => { stamp(8)(f, station); f.delete('anchors/8/checkpoint.signed'); }), 'INCOMPLETE file-missing stamp-unchecked'],
  ['a stamp that is too long', tags((f, station) => { stamp(8)(f, station); f.set('anchors/8/1.tsr', Buffer.alloc(70000)); }), 'TAMPERED stamp-refused stamp-unchecked'],
  ['a request among the stamps', tags(put('anchors/8/1.tsq', 'x')), 'TAMPERED name-refused'],
  ['a cosigned head, and nobody is believed', tags(cosigned(8)), 'ANCHORED witness-unchecked'],
  ['a cosigned head with an empty line', tags(cosigned(8, (t) => `${t}\n`)), 'TAMPERED witness-refused'],
  ['a cosigned head that nobody cosigned', tags(cosigned(8, (_, note) => note)), 'TAMPERED witness-refused'],
  ['no growth from a cosigned head', tags((f, station) => { cosigned(8)(f, station); f.delete('anchors/8.add-checkpoint'); }), 'INCOMPLETE file-missing witness-unchecked'],
  ['a policy among the anchors', tags(put('anchors/witness-policy', 'x')), 'ANCHORED'],
  ["the last proof is another's", handover(text('handover/completed.tlog-proof', (t) => t.replace('index 1', 'index 2'))), 'TAMPERED proof-refused'],
  ['an entry that is not canonical', bytesOf(8, (b) => Buffer.concat([b, Buffer.from('\n')])), 'TAMPERED entry-refused'],
  ['an entry that is too long', bytesOf(8, (b) => Buffer.concat([b, Buffer.alloc(70000, ' ')])), 'TAMPERED entry-refused'],
  ['an entry of endless depth', bytesOf(8, () => Buffer.alloc(60000, '[')), 'TAMPERED entry-refused'],
  ['an entry under another number', tags((f) => ['json', 'tlog-proof'].forEach((end) => {
    f.set(`record/entries/80.${end}`, f.get(`record/entries/8.${end}`));
    f.delete(`record/entries/8.${end}`);
  })), 'TAMPERED entry-refused'],
  ['an entry without what its kind must have', event('session.closed', (e) => delete e.session), 'TAMPERED entry-refused'],
  ['an entry that names another before it', on('entry', (e) => { if (e.seq === 9) e.prev = sha('x'); }), 'TAMPERED link-broken'],
  ['entry 0 is not shown', tags(hide(0)), 'INCOMPLETE entry-missing'],
  ['the entry of the session is not shown', tags(hide(2)), 'INCOMPLETE entry-missing'],
  ['the entry of a clip is not shown', tags(hide(4)), 'INCOMPLETE entry-missing'],
  ['the entry of the listing is not shown, nor the listing', tags((f) => { hide(3)(f); noListing(f); }), 'INCOMPLETE entry-missing'],
  ['the entry that began the copy is not shown', tags((f, station) => hide(station.seqOf('copy.carried-out'))(f)), 'INCOMPLETE entry-missing'],
  ["keys/log.vkey is another's", tags(put('keys/log.vkey', `${strangerKey()}\n`)), 'TAMPERED key-other'],
  ['keys/log.vkey is no key', tags(text('keys/log.vkey', (t) => `${t}\n`)), 'TAMPERED key-other'],
  ['allowed_signers allows another', tags(text('keys/allowed_signers', (t) => `${t}${signersLine('clip@sealdock', strangerPublic())}\n`)), 'TAMPERED key-other'],
  ['entry 0 spells another evidence key', event('station.founded', (e) => { e.evidence_key = publicLine(strangerPublic(), ORIGIN); }), 'TAMPERED key-other'],
  ['entry 0 names another log key', event('station.founded', (e) => Object.assign(e, { log_public: strangerPublic(), log_vkey: strangerKey() })), 'TAMPERED key-other'],
  ['entry 0 founds another record', event('station.founded', (e) => Object.assign(e, { origin: 'other.example/x', log_vkey: vkey('other.example/x', e.log_public) })), 'TAMPERED key-other'],
  ["clip.sig is another's", tags(put('clips/C4/clip.sig', stranger('clip@sealdock', sha('first clip')))), 'TAMPERED clip-signature'],
  ['clip.sig has carriage returns', tags(text('clips/C4/clip.sig', crlf)), 'TAMPERED clip-signature'],
  ['a signature in the entry by a stranger', event('clip.stored', (e) => { e.sshsig = stranger('clip@sealdock', e.sha256); }), 'TAMPERED clip-signature'],
  ['a clip of an epoch to come', event('clip.stored', (e) => { e.evidence_epoch = 2; }), 'TAMPERED clip-signature'],
  ['another chunk list', tags(flip('clips/C5/chunks', 40)), 'TAMPERED chunks-refused'],
  ['a chunk list with bytes after it', tags((f) => f.set('clips/C5/chunks', Buffer.concat([f.get('clips/C5/chunks'), Buffer.alloc(1)]))), 'TAMPERED chunks-refused'],
  ['a clip whose entry took custody of none', both(on('payload', put('data/C8_x.mp4', 'x')), pop), 'TAMPERED clip-unknown'],
  ['a second file for a clip', both(on('payload', put('data/C6_z.mp4', 'x')), pop), 'TAMPERED clip-unknown'],
  ['the manifest has another digest', manifest((t) => t.replace(sha('first clip'), EMPTY)), 'TAMPERED clip-misnamed'],
  ['the copy has another size', event('copy.completed', (e) => { e.files[0].size = 7; }), 'TAMPERED clip-misnamed'],
  ['the copy has another name', event('copy.completed', (e) => { e.files[0].name = 'C4_other.mp4'; }), 'TAMPERED clip-misnamed'],
  ['a bit of the second piece is turned', after(flip(dataName(5), PIECE)), 'DAMAGED clip-damaged'],
  ['a clip is cut off', after((f) => f.set(dataName(5), f.get(dataName(5)).subarray(0, PIECE))), 'DAMAGED clip-damaged'],
  ['a clip goes on', after((f) => f.set(dataName(4), Buffer.concat([f.get(dataName(4)), Buffer.alloc(1)]))), 'DAMAGED clip-damaged'],
  ['a listing of more lines', event('listing.signed', (e) => { e.lines = 6; }), 'TAMPERED listing-refused'],
  ["a listing under another's name", tags((f) => text([...f.keys()].find((n) => n.startsWith('record/listings/')), (t) => t.replaceAll('LEFT', 'RIGHT'))(f)), 'TAMPERED listing-refused'],
  ['a listing that no entry names', tags(put(`record/listings/${sha('[]')}.json`, '[]')), 'TAMPERED listing-refused'],
  ['a clip that is another line', event('clip.stored', (e) => { e.line = 3; }), 'TAMPERED listing-refused'],
  ['another package completed', event('copy.completed', (e) => { e.package = EMPTY; }), 'TAMPERED handover-refused'],
  ['no package completed', event('copy.completed', (e) => delete e.package), 'TAMPERED handover-refused'],
  ['another copy completed', event('copy.completed', (e) => { e.copy = 8; }), 'TAMPERED handover-refused'],
  ['a clip completed twice', event('copy.completed', (e) => e.files.push(e.files[0])), 'TAMPERED handover-refused'],
  ['a manifest signed by a stranger', handover(put(SIG, stranger('export@sealdock', EMPTY))), 'TAMPERED bag-signature'],
  ['a manifest signed for clips', handover((f, station) => f.set(SIG, Buffer.from(station.ssh('clip@sealdock', EMPTY)))), 'TAMPERED bag-signature'],
];

test('every change gives its word and its code', async (t) => {
  const { key } = makePackage(small());
  for (const [what, change, wanted] of CASES) {
    await t.test(what, async () => {
      const held = makePackage(usual(), change.hook);
      if (change.after) change.after(held.files);
      if (change.called) held.called = change.called;
      // The reader has the key and an anchor: nothing but the change keeps the word from being the best.
      const report = await judge(held, pinned(held, held.sizes[0], key));
      assert.equal(told(report), wanted, JSON.stringify(report.findings || report.refused));
    });
  }
});

test('every code is in the table; rotations and pins have tests of their own, excerpts in `tests/packages/excerpts.rs`', () => {
  const seen = new Set(CASES.flatMap(([, , wanted]) => wanted.split(' ').slice(1)));
  for (const code of ['key-unproven', 'pin-parts', 'pin-refused', 'pin-unlinked', 'witness-short']) seen.add(code);
  for (const code of ['excerpt-refused', 'excerpt-parts', 'excerpt-damaged']) seen.add(code);
  assert.deepEqual([...seen].sort(), Object.keys(verifier.CODES).sort());
});

test('damage is located by piece and by share of the length', async () => {
  const held = makePackage(usual());
  flip(dataName(5), PIECE)(held.files);
  const report = await judge(held, { keys: [held.key] });
  assert.equal(report.findings[0].detail, 'damaged: 2/2 (50–100 %)');
  const damaged = report.answers.integrity.find((one) => one.fact === 'clip-damaged-at');
  assert.deepEqual(damaged.with.damaged, ['2/2 (50–100 %)']);
});

test('a pin of another history is a contradiction', async () => {
  const held = makePackage(small());
  const [first, second] = held.sizes;
  for (const size of [3, first, second]) {
    const trust = { keys: [held.key], pins: [held.station.sign(size, sha('another history'))] };
    assert.equal(told(await judge(held, trust)), 'TAMPERED pin-parts', String(size));
  }
  // Two pins that contradict each other, though the package can be held against neither.
  const trust = pinned(held, second + 1);
  trust.pins.push(held.station.sign(second + 1, sha('x')));
  assert.equal(told(await judge(held, trust)), 'TAMPERED pin-parts pin-unlinked');
});

test('what is no head of the record judges nothing', async () => {
  const held = makePackage(small());
  const note = held.station.head(5);
  const others = [
    note.replaceAll('test.example', 'tost.example'), note.replace('\n5\n', '\n6\n'),
    makePackage(small({ seed: 2 })).station.head(5), held.station.head(0),
  ];
  for (const bad of others) {
    assert.equal(told(await judge(held, { keys: [held.key], pins: [bad] })), 'refused pin-refused', bad);
  }
});

test('enough believed witnesses make ANCHORED, and what they did not sign is refused', async () => {
  const held = makePackage(small(), tags(cosigned(8)).hook);
  const [keys, other] = [[held.key], witness('w2.example', 102)];
  const told_ = async (package_, trust) => told(await judge(package_, { keys, ...trust }));
  assert.equal(await told_(held, { witnesses: [W.text] }), 'ANCHORED');
  assert.equal(await told_(held, { witnesses: [W.text, other.text] }), 'UNANCHORED witness-short');
  const policy = (quorum) => ({ about: 'p', text: `witness A ${W.text}\nwitness B ${other.text}\n${quorum}\n` });
  assert.equal(await told_(held, { policy: policy('group G any A B\nquorum G') }), 'ANCHORED');
  assert.equal(await told_(held, { policy: policy('group G all A B\nquorum G') }), 'UNANCHORED witness-short');
  assert.equal(await told_(held, { policy: policy('quorum none') }), 'refused null');
  const moved = makePackage(small(), tags((f, station) => cosigned(8, (_, note) => note + W.line(station.head(7), TIME))(f, station)).hook);
  assert.equal(await told_(moved, { witnesses: [W.text] }), 'TAMPERED witness-refused');
  assert.equal(await told_(moved, { witnesses: [other.text] }), 'UNANCHORED witness-short');
});

test('an entry that contradicts itself is seen by hashing the whole', async () => {
  const other = sha('other');
  const held = makePackage(usual(), both(
    on('entry', (e, station) => {
      if (e.seq === 4) Object.assign(e.event, { sha256: other, sshsig: station.ssh('clip@sealdock', other) });
      if (e.event.type === 'copy.completed') e.event.files[0].sha256 = other;
    }),
    manifest((t) => t.replace(sha('first clip'), other)),
  ).hook);
  assert.equal(told(await judge(held, { keys: [held.key] }, { whole: true })), 'TAMPERED clip-misnamed');
  assert.equal(told(await judge(held, { keys: [held.key] })), 'UNANCHORED');
});

/** What a time-stamp says takes certificates, which the page does not read. */
const ONLY_PROGRAM = ['stamp', 'stamp-limits', 'clock-ahead'];

test('every word, code and fact that the page knows has a sentence in both languages', { skip: words ? false : 'needs words.json' }, async () => {
  const complete = (group, names) => names.forEach((name) => {
    assert.ok(words[group][name]?.zh && words[group][name]?.en, `${group} ${name}`);
  });
  complete('verdicts', Object.keys(verifier.WORDS));
  complete('codes', Object.keys(verifier.CODES));
  assert.deepEqual(Object.keys(words.codes).sort(), Object.keys(verifier.CODES).sort());
  const { readFileSync } = await import('node:fs');
  const source = ['verify', 'record', 'excerpt'].map((name) => readFileSync(new URL(`../${name}.js`, import.meta.url), 'utf8')).join('');
  const named = [...source.matchAll(/fact\('([a-z-]+)'/g)].map(([, name]) => name);
  assert.ok(named.length > 15);
  complete('facts', named);
  // Every fact of the table is one that the page can say, or is chosen by a variable there.
  for (const name of Object.keys(words.facts)) {
    assert.ok(ONLY_PROGRAM.includes(name) || source.includes(`'${name}'`), `${name} is never said`);
  }
});

// ---- keys that were rotated (keys.rs)

const rotated = (changes = {}) => small({ rotateLog: true, rotateEvidence: true, anchors: [2], ...changes });
const newest = (held) => held.station.vkey(held.station.log.length - 1);

test('a reader with the first key is led to the key of today', async () => {
  const held = makePackage(rotated());
  assert.notEqual(held.key, newest(held));
  for (const keys of [[held.key], [newest(held)], [strangerKey(), held.key]]) {
    assert.equal(told(await judge(held, { keys })), 'UNANCHORED');
  }
  assert.equal(told(await judge(held)), 'UNTRUSTED');
  assert.equal(told(await judge(held, pinned(held, held.sizes[0]))), 'ANCHORED');
  for (const key of [held.key, newest(held)]) {
    const trust = pinned(held, 2, key);
    assert.equal(told(await judge(held, trust)), 'UNANCHORED');
    trust.pins.push(held.station.sign(2, sha('x')));
    assert.equal(told(await judge(held, trust)), 'TAMPERED pin-parts');
  }
});

test('a rotation counts only signed by both and in order', async () => {
  const spoil = {
    'old signature': (e) => { e.old_signature = e.new_signature; },
    'new signature': (e) => { e.new_signature = e.old_signature; },
    'no signature': (e) => { e.old_signature = '00'; },
    epoch: (e) => { e.epoch = 3; },
    'old public': (e) => { e.old_public = e.new_public; },
    'another key': (e) => { e.new_public = strangerPublic(); },
  };
  for (const [what, change] of Object.entries(spoil)) {
    const held = makePackage(rotated({ rotateEvidence: false }), event('key.rotated', change).hook);
    for (const key of [held.key, newest(held)]) {
      const found = told(await judge(held, { keys: [key] }));
      assert.match(found, /^TAMPERED .*key-unproven/, what);
    }
  }
});

test('a clip is signed by the key that was in force, and a retired key signs no head', async () => {
  const early = makePackage(rotated(), event('clip.stored', (e) => { e.evidence_epoch = 1; }).hook);
  assert.equal(told(await judge(early, { keys: [early.key] })), 'TAMPERED clip-signature');
  // The station says that it rotated, and goes on with the old key.
  const said = makePackage(rotated()).station.entries[2].event;
  const held = makePackage(small({ between: [said] }));
  assert.match(told(await judge(held, { keys: [held.key] })), /^TAMPERED .*key-other/);
  const renamed = vkey('other.example/x', signing(1, 1, 1).public);
  const plain = makePackage(small());
  assert.equal(told(await judge(plain, { keys: [renamed] })), 'TAMPERED key-other');
  const hidden = makePackage(rotated(), tags(hide(2)).hook);
  assert.match(told(await judge(hidden, { keys: [hidden.key] })), /^TAMPERED .*key-other/);
});

test('a statement that only looks like a rotation is unproven', async () => {
  const { falseRotation } = await import('./build.mjs');
  for (const epoch of [1, 2, 3, Number.MAX_SAFE_INTEGER]) {
    const said = falseRotation(1, epoch);
    const held = makePackage(small({ between: [{ ...said, old_signature: said.new_signature }] }));
    assert.equal(told(await judge(held, { keys: [held.key] })), 'TAMPERED key-unproven', String(epoch));
  }
  assert.ok(signed(signing(1, 1, 1), 'x').length === 64);
});
