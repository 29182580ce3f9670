// Many folders in one run, so that the program's tests can hold the page's verifier against it: reads a list of
// `{ called, files: { name: base64 }, trust }` from standard input, writes the list of reports.
import fs from 'node:fs';
import verifier from '../verify.js';
import { blobs } from './build.mjs';
import { words } from './judge.mjs';

const reports = [];
for (const { called, files, trust } of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  const held = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'base64')]));
  const report = await verifier.verifyFolder(blobs(held), trust, { called, words });
  reports.push(verifier.jsonText(report));
}
process.stdout.write(`[${reports.join(',')}]\n`);
