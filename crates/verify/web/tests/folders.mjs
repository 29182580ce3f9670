// The page's verdict on folders that another program makes: `node folders.mjs` reads a folder from each line of its
// input, as JSON, and answers each with a line. So that folders that differ in one byte cost little, contents are sent once
// and named by their digest from then on, keys and signatures that were checked once are not checked again, and digests
// are node's own, which the tests of the vectors hold the page's against.
import crypto from 'node:crypto';
import readline from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const curve = require('../curve.js');
const answers = new Map();
/** The answer of a step that depends on what is asked alone. */
const once = (asked, step) => {
  if (!answers.has(asked)) answers.set(asked, curve.tried(step));
  return answers.get(asked);
};
const sound = new Set();
const checkKey = (key) => {
  if (!sound.has(key)) curve.checkKey(key);
  sound.add(key);
};
const verifyEd25519 = async (key, message, signature) => {
  const asked = `${key} ${curve.hexOf(message)} ${curve.hexOf(signature)}`;
  const [, why] = await once(asked, () => curve.verifyEd25519(key, message, signature));
  if (why !== null) curve.refuse(why);
};
const sha256 = (...parts) => {
  const hash = crypto.createHash('sha256');
  parts.forEach((part) => hash.update(part));
  return hash.digest('hex');
};
const digestOf = async (bytes) => sha256(bytes);
const quicker = { checkKey, verifyEd25519, sha256, digestOf };
require.cache[require.resolve('../curve.js')].exports = Object.freeze({ ...curve, ...quicker });
const { judge } = await import('./judge.mjs');

const contents = new Map();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  for (const [digest, base64] of Object.entries(asked.contents)) contents.set(digest, Buffer.from(base64, 'base64'));
  const files = new Map(Object.entries(asked.files).map(([name, digest]) => [name, contents.get(digest)]));
  for (const [name, kind] of Object.entries(asked.others)) files.set(name, { kind });
  const report = await judge({ called: asked.called, files }, asked);
  const told = report.word === null
    ? { refused: report.refused.code }
    : { word: report.word, findings: report.findings.map(({ code, about }) => [code, about]) };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  asked.passing.forEach((digest) => contents.delete(digest));
}
