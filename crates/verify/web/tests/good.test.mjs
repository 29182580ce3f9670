// Sound packages: the word follows what the reader brings, and the answers say what they rest on.
import test from 'node:test';
import assert from 'node:assert/strict';
import { makePackage, usual, small, blob } from './build.mjs';
import { judge, told, pinned, words } from './judge.mjs';
import verifier from '../verify.js';

test('the word follows what the reader brings', async () => {
  const held = makePackage(usual());
  const [first, second] = held.sizes;
  assert.equal(told(await judge(held)), 'UNTRUSTED');
  assert.equal(told(await judge(held, { keys: [held.key] })), 'UNANCHORED');
  assert.equal(told(await judge(held, pinned(held, first))), 'ANCHORED');
  assert.equal(told(await judge(held, pinned(held, second))), 'ANCHORED');
  // A head from before the clips came in says nothing about them.
  assert.equal(told(await judge(held, pinned(held, 3))), 'UNANCHORED');
  // Nothing leads to these: one in between, one later.
  for (const size of [second - 1, second + 1]) {
    assert.equal(told(await judge(held, pinned(held, size))), 'UNANCHORED pin-unlinked');
  }
  const alone = { pins: [held.station.head(first)] };
  assert.equal(told(await judge(held, alone)), 'UNTRUSTED');
});

test('a pin anchors only if every clip lies below it', async () => {
  const clips = makePackage(small({ clips: usual().clips.slice(0, 1) })).station.seqOf('clip.stored');
  const three = [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')];
  for (const [size, word] of [[clips, 'UNANCHORED'], [clips + 2, 'UNANCHORED'], [clips + 3, 'ANCHORED']]) {
    const held = makePackage(usual({ clips: three, anchors: [size] }));
    assert.equal(told(await judge(held, pinned(held, size))), word, String(size));
  }
});

test('a receipt is as good as a checkpoint', async () => {
  const held = makePackage(small());
  const note = held.station.head(held.sizes[0]).replaceAll('\n', '\r\n');
  const pins = [`回执\r\n\r\nKey x\r\n\r\n${note}\r\n█▀█\r\n`];
  assert.equal(told(await judge(held, { keys: [held.key], pins })), 'ANCHORED');
  for (const bad of ['', 'nothing', pins[0].repeat(2), pins[0].replace(/\n[0-9]+\r/, '\n-1\r')]) {
    assert.equal(told(await judge(held, { keys: [held.key], pins: [bad] })), 'refused pin-refused', bad);
  }
  assert.equal(told(await judge(held, { keys: ['no key'] })), 'refused null');
});

test('the answers say what was seen and what was not', { skip: words ? false : 'needs words.json' }, async () => {
  const held = makePackage(usual());
  const { answers } = await judge(held, pinned(held, held.sizes[0]));
  const said = (answer) => answers[answer].map(({ en }) => `${en}\n`).join('');
  assert.match(said('integrity'), /4195304 bytes, all 2 pieces of 4 MiB lead to the chunk root/);
  assert.match(said('integrity'), /not computed here[^]*use --whole/);
  assert.match(said('authenticity'), /that the reader brought: test\.example[^]*测试单位/);
  assert.match(said('completeness'), /listing of 5 lines, 4 files, 3 of them in this package/);
  assert.match(said('completeness'), /1 files not in this package: DCIM\/LEFT\.MP4/);
  assert.match(said('time'), /the station's clock claims 2026-11-21T08:15:[^]*covers C4, C5, C6/);
  assert.match(said('custody'), /copy\.completed copy completed/);
  assert.equal(answers.custody.length, held.sizes[0]);
  assert.equal(answers.not_proven.length, 6);
  assert.ok(!/[{}]/.test(JSON.stringify(Object.values(answers).flat().flatMap(({ zh, en }) => [zh, en]))));
});

test('what a browser cannot see is said', async () => {
  const report = await judge(makePackage(small()), {}, { blind: true });
  assert.equal(report.answers.not_proven.at(-1).fact, 'links-unseen');
});

test('the digest of the whole is computed only when asked for', async () => {
  const held = makePackage(usual());
  const report = await judge(held, { keys: [held.key] }, { whole: true, workers: 1 });
  assert.equal(told(report), 'UNANCHORED');
  const facts = report.answers.integrity.map((one) => one.fact);
  assert.deepEqual(facts, Array(3).fill(['clip-whole', 'clip-digest-computed']).flat());
});

test('progress ends at the size of all clips, and a reader may stop', async () => {
  const held = makePackage(small());
  let last = null;
  await judge(held, {}, { watch: (...step) => { last = step; } });
  assert.deepEqual(last, ['clips', 21, 21]);
  await assert.rejects(judge(held, {}, { stopped: () => true }), verifier.Stopped);
});

test('an empty clip is a clip', async () => {
  const held = makePackage(small({ clips: [Buffer.alloc(0), Buffer.from('x')] }));
  assert.equal(told(await judge(held, pinned(held, held.sizes[0]))), 'ANCHORED');
});

test('pieces: too short, too long and unreadable are told apart, and never more than a few are open', async () => {
  const clip = Buffer.alloc(3 * 4194304 + 7, 3);
  const way = { workers: 2, whole: true, tick: () => {} };
  const short = await verifier.readPieces(blob(clip), Number.MAX_SAFE_INTEGER, way);
  assert.deepEqual([short.bytes, short.leaves.length, short.longer], [clip.length, 4, false]);
  const long = await verifier.readPieces(blob(clip), 9, way);
  assert.deepEqual([long.bytes, long.leaves.length, long.longer], [9, 1, true]);
  const scratched = { size: clip.length, slice: (from, to) => ({
    arrayBuffer: () => (from > 4194304 ? Promise.reject(new Error('scratch')) : blob(clip).slice(from, to).arrayBuffer()),
  }) };
  const broken = await verifier.readPieces(scratched, clip.length, way);
  assert.deepEqual([broken.bytes, broken.leaves.length, broken.broke], [2 * 4194304, 2, 'scratch']);
  assert.deepEqual(broken.leaves, short.leaves.slice(0, 2));
});

/** Packages of earlier releases have no page, and the verdict rests on none. */
test('a page in the package is a paper like others', async () => {
  const held = makePackage(usual(), (at, files) => void (at === 'tags' && files.set('verify.html', Buffer.from('<p>'))));
  const trust = pinned(held, held.sizes[0]);
  assert.equal(told(await judge(held, trust)), 'ANCHORED');
  held.files.set('verify.html', Buffer.from('<b>'));
  assert.equal(told(await judge(held, trust)), 'TAMPERED file-changed');
  held.files.delete('verify.html');
  assert.equal(told(await judge(held, trust)), 'INCOMPLETE file-missing');
});
