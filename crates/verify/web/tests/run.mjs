// The page's verifier on a directory: `node run.mjs DIR [--key K]… [--pin F]… [--witness K]… [--witness-policy F] [--whole]
// [--words words.json]`. Prints the JSON report of `sealdock-verify --json` and ends with its exit code, so that the
// two can be held against each other.
import fs from 'node:fs';
import path from 'node:path';
import chain from '../chain.js';
import verifier from '../verify.js';
import folders from '../folder.js';

const DEPTH_MAX = 8;
const PIN_BYTES_MAX = 1024 * 1024;
const given = { keys: [], pins: [], witnesses: [], policy: null, whole: false, words: new URL('../../words.json', import.meta.url), folder: null };

/** Nothing was judged. */
const refuse = (detail, code = null) => {
  const report = { format: 'sealdock-verify/1', word: null, exit: 1, refused: { code, detail } };
  process.stdout.write(`${verifier.jsonText(report)}\n`);
  process.exit(1);
};

const textOf = (file) => {
  const bytes = fs.readFileSync(file);
  if (bytes.length > PIN_BYTES_MAX) throw new Error('it is larger than any key or receipt');
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
};

/** A file on disc as the page sees one: pieces are read when they are asked for. */
const diskBlob = (file, size) => ({
  size,
  slice: (from, to) => ({
    arrayBuffer: async () => {
      const held = await fs.promises.open(file, 'r');
      try {
        const wanted = Math.max(0, Math.min(to, size) - from);
        const { bytesRead, buffer } = await held.read(Buffer.alloc(wanted), 0, wanted, from);
        return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead);
      } finally {
        await held.close();
      }
    },
  }),
});

/** A name whose bytes are no UTF-8, with those that are none shown as `\\x..`. */
const strangeName = (raw) => {
  let out = '';
  for (let at = 0; at < raw.length; ) {
    const length = [1, 2, 3, 4].find((bytes) => chain.textOf(raw.subarray(at, at + bytes)) !== null && at + bytes <= raw.length);
    out += length ? folders.inert(chain.textOf(raw.subarray(at, at + length))) : `\\x${raw.toString('hex', at, at + 1)}`;
    at += length || 1;
  }
  return out;
};

const walk = (directory, prefix, depth, files) => {
  for (const raw of fs.readdirSync(directory, { encoding: 'buffer' })) {
    const name = raw.toString();
    const full = Buffer.concat([Buffer.from(`${directory}/`), raw]);
    const found = fs.lstatSync(full);
    const strange = !Buffer.from(name).equals(raw);
    if (found.isDirectory() && !strange && depth < DEPTH_MAX) walk(`${directory}/${name}`, `${prefix}${name}/`, depth + 1, files);
    else if (found.isFile() && !strange) files.set(prefix + name, diskBlob(full, found.size));
    else {
      files.set(prefix + (strange ? strangeName(raw) : name), { kind: found.isSymbolicLink() && !strange ? 'link' : 'other' });
    }
  }
  return files;
};

const args = process.argv.slice(2);
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--key') given.keys.push(args.shift());
  else if (arg === '--pin') given.pins.push(args.shift());
  else if (arg === '--witness') given.witnesses.push(args.shift());
  else if (arg === '--witness-policy') given.policy = args.shift();
  else if (arg === '--words') given.words = args.shift();
  else if (arg === '--whole') given.whole = true;
  else if (arg !== '--json') given.folder = arg;
}

const key = (text) => {
  if (text.includes('+') || !fs.existsSync(text)) return text;
  return textOf(text);
};

let root;
let files;
const keys = given.keys.map(key);
const witnesses = given.witnesses.map(key);
let policy = null;
const pins = [];
try {
  for (const text of keys) await folders.findKey(text);
  for (const file of given.pins) {
    pins.push({ about: file, text: textOf(file) });
    folders.findPin(file, pins.at(-1).text);
  }
  if (given.policy) policy = { about: given.policy, text: textOf(given.policy) };
  root = fs.realpathSync(given.folder);
  files = walk(root, '', 1, new Map());
} catch (error) {
  refuse(error.message, error.code === 'pin-refused' ? error.code : null);
}
const words = JSON.parse(fs.readFileSync(given.words, 'utf8'));
const options = { called: path.basename(root), words, whole: given.whole };
const report = await verifier.verifyFolder(files, { keys, pins, witnesses, policy }, options);
process.stdout.write(`${verifier.jsonText(report)}\n`);
process.exitCode = report.exit;
