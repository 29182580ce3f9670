// The rule of excerpts, as the page's scripts have it, for films that come one a line:
// `{ film: base64, from_ms, to_ms }` → `{ refused }`, or `{ head: digest, runs, size, picture, sound, shown, pieces }`.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import readline from 'node:readline';

const require = createRequire(import.meta.url);
const { cutOf } = require('../cut.js');

const answer = async ({ film, from_ms: from, to_ms: to }) => {
  const bytes = new Uint8Array(Buffer.from(film, 'base64'));
  const master = { size: bytes.length, read: async (at, len) => bytes.slice(at, at + len) };
  try {
    const { head, order, at, len, size, picture, sound, shown, pieces } = await cutOf(master, [from, to]);
    return {
      head: createHash('sha256').update(head).digest('hex'), size, shown, pieces,
      runs: Array.from(order, (run) => [at[run], len[run]]), picture: picture.samples, sound: sound && sound.samples,
    };
  } catch (error) {
    if (error.constructor.name !== 'Refusal') throw error;
    return { refused: error.message };
  }
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
