// The 914 edge cases of Ed25519, whose file is not in the repository, so that no run finds this by itself:
// SEALDOCK_ED25519_VECTORS=…/ed25519vectors.json node --test edge-cases.mjs
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import chain from '../chain.js';

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));

/**
 * The file is not in the repository: its path is given, and without it this fails. A strict verifier accepts exactly
 * what has no fault that verifiers disagree about: no small order, no other spelling, no rest of small order in
 * S·B − k·A − R. Components of small order that cancel out are no fault.
 */
test('Ed25519: the 914 edge cases are judged as `verify_strict` judges them', async () => {
  const file = process.env.SEALDOCK_ED25519_VECTORS;
  assert.ok(file, 'give the path of ed25519vectors.json in SEALDOCK_ED25519_VECTORS');
  const vectors = JSON.parse(fs.readFileSync(file, 'utf8'));
  assert.equal(vectors.length, 914);
  const faults = ['low_order_A', 'low_order_R', 'low_order_residue', 'non_canonical_A', 'non_canonical_R', 'reencoded_k'];
  let accepted = 0;
  for (const { number, key, sig, msg, flags } of vectors) {
    const [, why] = await chain.tried(() => chain.verifyEd25519(key, chain.utf8(msg), bytes(sig)));
    const sound = !(flags || []).some((flag) => faults.includes(flag));
    assert.equal(why === null, sound, `vector ${number}: ${flags} ${why}`);
    accepted += why === null ? 1 : 0;
  }
  assert.equal(accepted, 43);
});
