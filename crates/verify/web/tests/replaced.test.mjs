// Keys that were lost or stolen, and records that were put back: the same cases as
// `crates/verify/tests/packages/replaced.rs`.
import test from 'node:test';
import assert from 'node:assert/strict';
import { makePackage, usual, small, sha, publicLine, strangerKey } from './build.mjs';
import { judge, told } from './judge.mjs';

const LOST = { key: 'log', cause: 'lost' };
const STOLEN = { key: 'log', cause: 'stolen' };
const RESTORED = { key: 'log', cause: 'restored' };
const EVIDENCE = { key: 'evidence', cause: 'stolen' };
const newest = (held) => held.station.vkey(held.station.log.length - 1);
const said = (report, name) =>
  Object.values(report.answers).flat().filter(({ fact }) => fact === name).map((line) => line.with);
const withKey = (held, key) => judge(held, { keys: [key] });
const spoiled = (kind, change) => (stage, entry) =>
  void (stage === 'entry' && entry.event.type === kind && change(entry.event));

test('after loss and theft the old key leads nowhere and the new one is judged', async () => {
  for (const [how, name] of [[LOST, 'key-lost'], [STOLEN, 'key-stolen'], [RESTORED, 'key-restored']]) {
    const held = makePackage(small({ replace: [how] }));
    const old = await withKey(held, held.key);
    assert.equal(told(old), 'UNTRUSTED', name);
    const new_ = await withKey(held, newest(held));
    assert.equal(told(new_), 'UNANCHORED', name);
    for (const report of [old, new_]) {
      const facts = said(report, name);
      assert.equal(facts.length, 1, name);
      assert.deepEqual([facts[0].key, facts[0].entry], ['log', held.station.seqOf('key.replaced')]);
    }
    assert.match(told(await withKey(held, strangerKey())), /^TAMPERED/, name);
  }
});

test('the head that covers a replacement is already the new key\'s', async () => {
  const held = makePackage(small({ late: [LOST] }));
  assert.equal(held.sizes[0], held.station.seqOf('key.replaced') + 1);
  assert.equal(told(await withKey(held, newest(held))), 'UNANCHORED');
  const late = (stage, files, station) =>
    void (stage === 'tags' && files.set('record/checkpoint', Buffer.from(station.signBy(0, held.sizes[0], sha('x')))));
  const old = makePackage(small({ late: [LOST] }), late);
  assert.match(told(await withKey(old, old.key)), /^TAMPERED .*key-other/);
});

test('after a restore the old key leads on where it signed', async () => {
  const held = makePackage(small({ replace: [{ ...RESTORED, old: true }] }));
  for (const key of [held.key, newest(held)]) {
    const report = await withKey(held, key);
    assert.equal(told(report), 'UNANCHORED');
    assert.equal(said(report, 'key-restored-signed').length, 1);
  }
});

test('a stolen key that vouches for the next is refused', async () => {
  for (const how of [STOLEN, LOST]) {
    const held = makePackage(small({ replace: [{ ...how, old: true }] }));
    for (const key of [held.key, newest(held)]) {
      assert.match(told(await withKey(held, key)), /^TAMPERED .*key-unproven/);
    }
  }
});

test('a replacement counts only signed by the new key and in order', async () => {
  const spoil = {
    'new signature': (e) => { e.new_signature = '0'.repeat(128); },
    cause: (e) => { e.cause = 'stolen'; },
    since: (e) => { e.since = '2026-11-21T08:15:02.000Z'; },
    epoch: (e) => { e.epoch = 3; },
    'old public': (e) => { e.old_public = e.new_public; },
    'an old signature': (e) => { Object.assign(e, { cause: 'restored', old_signature: e.new_signature }); },
  };
  for (const [what, change] of Object.entries(spoil)) {
    const held = makePackage(small({ replace: [LOST] }), spoiled('key.replaced', change));
    assert.match(told(await withKey(held, newest(held))), /^TAMPERED .*key-unproven/, what);
  }
});

test('what only a replacement may lack is asked of a rotation', async () => {
  const held = makePackage(small({ rotateLog: true }), spoiled('key.rotated', (e) => { delete e.old_signature; }));
  assert.match(told(await withKey(held, newest(held))), /^TAMPERED .*entry-refused/);
});

test('clips after a theft are named and those before are not', async () => {
  const clips = async (since) => {
    const held = makePackage(usual({ replace: [{ ...EVIDENCE, since }] }));
    const report = await withKey(held, held.key);
    assert.equal(told(report), 'UNANCHORED', since);
    const [stolen, unproven] = ['stolen-clips', 'stolen-signatures'].map((name) => said(report, name));
    assert.deepEqual(stolen.map((facts) => facts.clips), unproven.map((facts) => facts.clips));
    return stolen.length > 0 ? stolen[0].clips : null;
  };
  const all = await clips(undefined);
  assert.equal(all.length, 3);
  assert.deepEqual(await clips('2026-11-21T08:15:05.000Z'), all.slice(1));
  assert.equal(await clips('2026-11-21T08:15:59.000Z'), null);
});

test('keys/revoked names stolen keys and no other', async () => {
  const revoked = async (replace, line) => {
    const put = (stage, files, station) =>
      void (stage === 'tags' && files.set('keys/revoked', Buffer.from(line(station))));
    const held = makePackage(small({ replace }), put);
    return told(await withKey(held, held.key));
  };
  const first = (station) => `${publicLine(station.evidence[0].public, 'epoch 1')}\n`;
  assert.equal(await revoked([EVIDENCE], first), 'UNANCHORED');
  assert.equal(await revoked([], first), 'TAMPERED key-other', 'it was not stolen');
  assert.equal(await revoked([EVIDENCE], () => ''), 'TAMPERED key-other');
  assert.equal(await revoked([EVIDENCE], () => 'ssh-ed25519 AAAA x\n'), 'TAMPERED key-other');
});

test('what a restore lost is said and a head of the lost tail anchors nothing', async () => {
  const restored = (lost) => {
    const event = { type: 'station.restored', size: 2, root: '', from: '/x', heads: [], reason: 'r', ...lost };
    return makePackage(small({ between: [event], replace: [{ ...RESTORED, old: true }] }));
  };
  const held = restored({ lost: { first: 2, last: 9 } });
  const facts = said(await withKey(held, held.key), 'restored-lost');
  assert.deepEqual([facts[0].first, facts[0].last], [2, 9]);
  const pinned = (note) => judge(held, { keys: [held.key], pins: [note] });
  const size = held.sizes[0];
  assert.equal(told(await pinned(held.station.signBy(0, size, sha('lost')))), 'UNANCHORED pin-unlinked');
  assert.match(told(await pinned(held.station.sign(size, sha('other')))), /^TAMPERED/);
  assert.equal(said(await judge(restored({})), 'restored').length, 1);
});
