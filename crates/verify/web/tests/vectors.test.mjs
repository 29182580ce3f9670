// The vectors of the repository, good and bad. A vector file that cannot be reached is a failure, never a silence.
import test from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import chain from '../chain.js';

const folder = process.env.SEALDOCK_VECTORS || new URL('../../../../fixtures/vectors/', import.meta.url);
const read = (name) => JSON.parse(fs.readFileSync(new URL(`${name}.json`, new URL(folder, 'file:')), 'utf8'));
const cases = (name) => {
  const found = read(name).cases;
  assert.ok(found.length > 0, name);
  return found;
};
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const refuses = async (step, what) => {
  const [, why] = await chain.tried(step);
  assert.ok(why !== null, `not refused: ${what}`);
};

test('digests are those of node, with and without WebCrypto, however the bytes are cut', async () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1000]) {
    const some = Uint8Array.from({ length }, (_, i) => i * 7);
    const of = (name) => crypto.createHash(name).update(some).digest('hex');
    assert.equal(chain.sha256(some), of('sha256'), String(length));
    assert.equal(chain.hexOf(chain.plainSha512(some)), of('sha512'), String(length));
    assert.equal(await chain.digestOf(some), of('sha256'));
    assert.equal(chain.hexOf(await chain.sha512(some)), of('sha512'));
    for (const cut of [1, 63, 64, 65, 200]) {
      const hash = new chain.Sha256().update(some.subarray(0, cut)).update(some.subarray(cut));
      assert.equal(hash.finish(), of('sha256'), `${length} ${cut}`);
    }
  }
});

test('base64 has one spelling', () => {
  for (let length = 0; length < 70; length += 1) {
    const some = crypto.randomBytes(length);
    assert.equal(chain.base64Of(some), some.toString('base64'));
    assert.deepEqual(Buffer.from(chain.base64Bytes(some.toString('base64'))), some);
  }
  for (const bad of ['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA==AA==', '====', 'AAAA\n', 'AA=A', '=AAA', 'AA-_', ' AAAA', 'A===']) {
    assert.equal(chain.base64Bytes(bad), null, bad);
  }
});

test('canonical JSON', async () => {
  for (const one of cases('canonical')) {
    assert.equal(chain.canonicalOf(chain.parseJson(one.json)), one.canonical);
    assert.equal(chain.canonicalOf(chain.parseCanonical(chain.utf8(one.canonical))), one.canonical);
  }
  for (const one of cases('bad-canonical')) await refuses(() => chain.parseCanonical(bytes(one.hex)), one.wrong);
  const deep = (levels) => chain.utf8('['.repeat(levels) + ']'.repeat(levels));
  assert.ok(Array.isArray(chain.parseCanonical(deep(32))));
  for (const bad of ['{"a":1,}', '[1,]', '[,]', '{"a"}', '"\\ud800\\u0041"', '"\\udc00"', '-', '+1', '.5', '1.', '0x1',
    '00', '-01', '{"__proto__":1,"__proto__":1}', 'nul', 'truefalse', '"\u007f', '\u00a0[]']) {
    await refuses(() => chain.parseCanonical(chain.utf8(bad)), bad);
  }
  const odd = '{"__proto__":1,"constructor":2}';
  assert.equal(chain.canonicalOf(chain.parseCanonical(chain.utf8(odd))), odd);
});

test('entries and their links', async () => {
  let prev = '0'.repeat(64);
  cases('entries').forEach((one, seq) => {
    const entry = chain.decodeEntry(chain.utf8(one.entry));
    assert.deepEqual([entry.seq, entry.prev], [seq, prev]);
    prev = chain.leafHash(chain.utf8(one.entry));
    assert.equal(prev, one.leaf);
  });
  for (const one of cases('bad-entries')) await refuses(() => chain.decodeEntry(bytes(one.hex)), one.wrong);
});

const inclusion = (one) =>
  chain.verifyInclusion(one.leaf, BigInt(one.index), BigInt(one.size), one.proof, one.root);
const consistency = (one) =>
  chain.verifyConsistency(BigInt(one.old), one.old_root, BigInt(one.new), one.new_root, one.proof);

test('trees and proofs', async () => {
  const leaves = cases('entries').map(({ leaf }) => leaf);
  for (const one of cases('tree')) {
    assert.deepEqual(chain.frontierOf(leaves.slice(0, one.size)), one.frontier);
    assert.equal(chain.rootOf(leaves.slice(0, one.size)), one.root);
  }
  cases('inclusion').forEach(inclusion);
  cases('consistency').forEach(consistency);
  for (const one of cases('bad-inclusion')) await refuses(() => inclusion(one), one.wrong);
  for (const one of cases('bad-consistency')) await refuses(() => consistency(one), one.wrong);
});

test('checkpoints, verifier keys and proof files', async () => {
  const good = read('checkpoint');
  const key = chain.parseVerifierKey(good.vkey);
  assert.deepEqual([key.name, key.id, key.public, key.text], [good.origin, good.key_id, good.public, good.vkey]);
  const { checkpoint } = await chain.openNote(good.note, key);
  assert.deepEqual(checkpoint, { origin: good.origin, size: BigInt(good.size), root: good.root });
  const proof = read('tlog-proof');
  const prove = async (text) => {
    const read_ = await chain.parseProof(text, key);
    const { size, root } = read_.signed.checkpoint;
    chain.verifyInclusion(chain.leafHash(chain.utf8(proof.entry)), read_.index, size, read_.hashes, root);
    return read_.index;
  };
  assert.equal(await prove(proof.text), BigInt(proof.index));
  for (const one of cases('bad-checkpoint')) await refuses(() => chain.openNote(one.note, key), one.wrong);
  for (const one of cases('bad-vkey')) await refuses(() => chain.parseVerifierKey(one.vkey), one.wrong);
  for (const one of cases('bad-tlog-proof')) await refuses(() => prove(one.text), one.wrong);
});

test('clip signatures', async () => {
  const good = read('sshsig');
  const digest = chain.sha256(chain.utf8(good.content));
  assert.equal(digest, good.sha256);
  assert.equal(chain.hexOf(chain.signedBytes(good.namespace, digest)), good.signed_bytes);
  assert.equal(`${chain.publicLine(good.public)} station7`, good.public_line);
  await chain.verifySshsig(good.sig, good.public, good.namespace, digest);
  for (const one of cases('bad-sshsig')) {
    await refuses(() => chain.verifySshsig(one.sig, good.public, good.namespace, digest), one.wrong);
  }
});

test('chunk trees', async () => {
  for (const one of cases('chunks')) {
    const clip = new Uint8Array(one.bytes);
    for (let byte = 0; byte < clip.length; byte += 1) clip[byte] = byte % 251;
    const leaves = [];
    for (let at = 0; at < clip.length; at += chain.CHUNK_BYTES) {
      leaves.push(await chain.digestOf(chain.joined([[0], clip.subarray(at, at + chain.CHUNK_BYTES)])));
    }
    assert.deepEqual([leaves, chain.rootOf(leaves)], [one.leaves, one.root]);
    assert.equal(await chain.digestOf(clip), one.sha256);
  }
});

test('Ed25519: any turned bit is refused', async () => {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
  const public_ = publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('hex');
  const message = chain.utf8('message');
  const signature = Uint8Array.from(crypto.sign(null, message, privateKey));
  await chain.verifyEd25519(public_, message, signature);
  for (let bit = 0; bit < 512; bit += 37) {
    const turned = signature.slice();
    turned[bit >> 3] ^= 1 << (bit & 7);
    await refuses(() => chain.verifyEd25519(public_, message, turned), `bit ${bit}`);
  }
  // The same S, spelled as S + L.
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.slice(32)).reverse().toString('hex')}`) + order;
  const long = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  const respelled = Uint8Array.from([...signature.slice(0, 32), ...long]);
  await refuses(() => chain.verifyEd25519(public_, message, respelled), 'S + L');
  for (const length of [0, 31, 63]) {
    await refuses(() => chain.verifyEd25519(public_, message, signature.slice(0, length)), `${length} bytes`);
  }
});
