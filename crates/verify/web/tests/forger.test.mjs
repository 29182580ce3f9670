// What somebody without the station's keys can do (forger.rs), one bit in the bytes of every file (sweep.rs), and
// deeds at random (random.rs): nothing throws, and nothing makes a package good. SEALDOCK_SWEEP=1 turns a bit in every
// byte; without it in a sample, which is another one each time and says its seed.
import test from 'node:test';
import assert from 'node:assert/strict';
import { makePackage, usual, small, sha, leafOf, dataName, manifestOf } from './build.mjs';
import { judge, told, pinned, isGood } from './judge.mjs';

const missed = ({ word }) => word === 'TAMPERED' || word === 'DAMAGED' || word === 'INCOMPLETE';
const copied = (held) => ({ called: held.called, files: new Map(held.files) });
const threeClips = usual({ clips: ['first clip', 'second', 'third'].map((t) => Buffer.from(t)) });

test('a history under other keys is tampered for whoever has the key', async () => {
  const [real, forged] = [makePackage(small()), makePackage(small({ seed: 2 }))];
  assert.equal(told(await judge(forged, { keys: [real.key] })), 'TAMPERED key-other');
  assert.equal(told(await judge(forged)), 'UNTRUSTED');
  // The forger puts the real key into the folder: then it signed nothing.
  const lying = copied(forged);
  lying.files.set('keys/log.vkey', Buffer.from(`${real.key}\n`));
  assert.equal((await judge(lying, { keys: [real.key] })).word, 'TAMPERED');
  assert.equal((await judge(lying)).word, 'TAMPERED');
  assert.match(told(await judge(forged, pinned(real, real.sizes[0]))), /^TAMPERED .*pin-parts/);
});

test('a second history under the right key is seen only against a pin', async () => {
  const first = makePackage(threeClips);
  const second = makePackage({ ...threeClips, clips: [Buffer.from('another clip')] });
  assert.equal((await judge(second, { keys: [first.key] })).word, 'UNANCHORED');
  assert.equal((await judge(second, pinned(first, second.sizes[0]))).word, 'TAMPERED');
  const early = makePackage({ ...threeClips, anchors: [5], clips: [Buffer.from('another')] });
  assert.equal(told(await judge(early, pinned(first, 5))), 'TAMPERED pin-parts');
});

/** Replaces a clip and every digest that needs no signature. */
const swap = (held, depth) => {
  const { files } = held;
  const [old, now] = [sha(files.get(dataName(4))), Buffer.from('another clip')];
  const replace = (name) => files.set(name, Buffer.from(files.get(name).toString().replaceAll(old, sha(now))));
  files.set(dataName(4), now);
  const steps = [
    () => replace('manifest-sha256.txt'),
    () => files.set('clips/C4/chunks', Buffer.from(leafOf(now), 'hex')),
    () => {
      const tag = ([name]) => !/^(data|handover)\//.test(name) && !name.startsWith('tagm');
      files.set('tagmanifest-sha256.txt', Buffer.from(manifestOf([...files].filter(tag))));
    },
    () => replace('handover/completed.json'),
  ];
  steps.slice(0, depth).forEach((step) => step());
  return held;
};

test('a clip swapped with its digests is never good', async () => {
  const held = makePackage(threeClips);
  for (const trust of [{}, { keys: [held.key] }, pinned(held, held.sizes[0])]) {
    for (let depth = 0; depth <= 4; depth += 1) {
      const { word } = await judge(swap(copied(held), depth), trust);
      assert.equal(word, depth === 0 ? 'DAMAGED' : 'TAMPERED', String(depth));
    }
  }
});

test('what is taken out is missed: every file, every entry with its proof, every folder', async () => {
  const held = makePackage(small());
  for (const trust of [{}, pinned(held, held.sizes[0])]) {
    for (const name of held.files.keys()) {
      const less = copied(held);
      less.files.delete(name);
      assert.ok(missed(await judge(less, trust)), name);
      if (!name.endsWith('.json')) continue;
      less.files.delete(name.replace(/json$/, 'tlog-proof'));
      assert.ok(missed(await judge(less, trust)), `${name} and its proof`);
    }
    for (const prefix of ['clips/', 'record/', 'record/listings/', 'keys/', 'paper/', 'handover/', 'data/', '']) {
      const less = copied(held);
      [...less.files.keys()].filter((name) => name.startsWith(prefix)).forEach((name) => less.files.delete(name));
      assert.ok(missed(await judge(less, trust)), prefix);
    }
  }
});

test('files of another package do not fit', async () => {
  const held = makePackage(small());
  const other = makePackage(small({ clips: [Buffer.from('A clip of a few bytes')] }));
  for (const [name, bytes] of other.files) {
    if (held.files.get(name)?.equals(bytes)) continue;
    const mixed = copied(held);
    mixed.files.set(name, bytes);
    assert.ok(!isGood(await judge(mixed, pinned(held, held.sizes[0]))), name);
  }
});

// ---- at random

const seed = Number(process.env.SEALDOCK_SEED || Date.now() % 1000000);
let state = seed;
const random = (below) => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor((state / 2147483648) * below);
};

test('no byte is nobody\'s', async () => {
  const held = makePackage(small());
  const trust = pinned(held, held.sizes[0]);
  const places = [...held.files].flatMap(([name, bytes]) => {
    const sample = [0, bytes.length - 1, random(bytes.length), random(bytes.length)];
    const ats = process.env.SEALDOCK_SWEEP ? Array.from(bytes.keys()) : [...new Set(sample)];
    return ats.map((at) => [name, at]);
  });
  const survived = [];
  for (const [name, at] of places) {
    const turned = copied(held);
    const bytes = Buffer.from(held.files.get(name));
    bytes[at] ^= 1 << (at % 8);
    turned.files.set(name, bytes);
    if (isGood(await judge(turned, trust))) survived.push(`${name}:${at}`);
  }
  assert.deepEqual(survived, [], `seed ${seed}`);
});

const DEEDS = [
  (files, name, bytes) => files.set(name, bytes.subarray(0, random(bytes.length))),
  (files, name, bytes) => files.set(name, Buffer.concat([bytes.subarray(0, 5), Buffer.from([random(256)]), bytes.subarray(5)])),
  (files, name) => files.set(name, Buffer.from(Array.from({ length: 1 + random(40) }, () => random(256)))),
  (files, name, bytes) => files.set([...files.keys()][random(files.size)], bytes),
  (files, name, bytes) => files.delete(name) && files.set(`C${random(9)}/é\u202e${random(99)}`, bytes),
  (files, name) => files.delete(name),
  (files) => files.set(`paper/${random(99)}`, { kind: random(2) ? 'link' : 'other' }),
];

test('nothing done at random throws or is good', async () => {
  const held = makePackage(small());
  for (let round = 0; round < 60; round += 1) {
    const done = copied(held);
    for (let deeds = 1 + random(3); deeds > 0; deeds -= 1) {
      const plain = [...done.files].filter(([, bytes]) => Buffer.isBuffer(bytes) && bytes.length > 0);
      const [name, bytes] = plain[random(plain.length)];
      DEEDS[random(DEEDS.length)](done.files, name, bytes);
    }
    const same = done.files.size === held.files.size &&
      [...done.files].every(([name, bytes]) => !bytes.kind && held.files.get(name)?.equals(bytes));
    const report = await judge(done, round % 2 ? pinned(held, held.sizes[0]) : {});
    assert.equal(isGood(report), same, `seed ${seed} round ${round}: ${told(report)}`);
  }
});
