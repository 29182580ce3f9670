// The page as one file: small, closed to the network, and its scripts run without a page of a browser around them.
import test from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import vm from 'node:vm';
import { assemble, source, SCRIPTS } from './assemble.mjs';
import { words } from './judge.mjs';
import { makePackage, small, blobs } from './build.mjs';

const page = assemble(words || {});
const inner = (tag) => page.match(new RegExp(`<${tag}>([^]*?)</${tag}>`))[1];

test('it is at most 150 kB', { skip: words ? false : 'needs words.json' }, () => {
  assert.ok(Buffer.byteLength(page) <= 150000, String(Buffer.byteLength(page)));
});

test('its policy lets nothing in and names the hashes of what stands in it', () => {
  const policy = page.match(/Content-Security-Policy" content="([^"]*)"/)[1];
  assert.ok(policy.startsWith("default-src 'none'; "));
  for (const tag of ['style', 'script']) {
    const hash = crypto.createHash('sha256').update(inner(tag)).digest('base64');
    assert.ok(policy.includes(`${tag}-src 'sha256-${hash}'`), tag);
  }
  assert.ok(!/unsafe|https?:|\*/.test(policy));
  assert.ok(!page.includes('\r') && !/\{\{/.test(page));
});

test('nothing in it reaches out, keeps, evaluates, or reads text as HTML', () => {
  const scripts = SCRIPTS.map(source).join('') + source('short.js');
  const forbidden = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'eval(', 'new Function', 'fetch(',
    'XMLHttpRequest', 'WebSocket', 'sendBeacon', 'localStorage', 'sessionStorage', 'indexedDB', 'cookie', 'import(',
    'http:', 'https:', '</script', '<!--', 'style='];
  for (const word of forbidden) assert.ok(!scripts.includes(word), word);
  const html = source('page.html');
  assert.ok(!/\son[a-z]+=|\ssrc=|\shref=|\sstyle=|url\(|@import/i.test(html + source('style.css')));
});

test('what it carries was made of the scripts of the repository', () => {
  const digest = crypto.createHash('sha256').update(SCRIPTS.map(source).join('')).digest('hex');
  const [first] = source('short.js').split('\n');
  assert.match(first, new RegExp(`^// scripts of SHA-256 ${digest}, shortened by esbuild [0-9.]+$`), 'type: cargo xtask generate');
});

test('no file is longer than the house has them', () => {
  for (const name of [...SCRIPTS, 'style.css']) {
    const lines = source(name).split('\n');
    assert.ok(lines.length <= 700, name);
  }
});

test('every element that the script asks for is there, with both languages', () => {
  const html = source('page.html');
  const asked = [...source('page.js').matchAll(/\bat\('([a-z-]+)'\)/g)].map(([, id]) => id);
  assert.ok(asked.length > 10);
  for (const id of asked) assert.ok(html.includes(`id="${id}"`), id);
  for (const [, id] of html.matchAll(/(?:for|aria-describedby|aria-labelledby)="([a-z-]+)"/g)) {
    assert.ok(html.includes(`id="${id}"`), id);
  }
});

test('the one script judges a package without WebCrypto as well', async () => {
  const held = makePackage(small());
  const bare = { TextEncoder, TextDecoder, held: blobs(held.files), key: held.key, note: held.station.head(held.sizes[0]) };
  const context = vm.createContext(bare);
  vm.runInContext(inner('script'), context);
  const judged = `SealdockVerify.verifyFolder(held, { keys: [key], pins: [{ about: 'r', text: note }] }, { called: 'V9' })`;
  const report = await vm.runInContext(`${judged}.then((report) => SealdockVerify.jsonText(report))`, context);
  assert.equal(JSON.parse(report).word, 'ANCHORED');
});
