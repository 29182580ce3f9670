// What every test of a whole package asks for: the word and the codes, each once, in the order of the table.
import fs from 'node:fs';
import verifier from '../verify.js';
import { blobs } from './build.mjs';

const near = new URL('../../words.json', import.meta.url);
const wordsFile = process.env.SEALDOCK_VERIFY_WORDS || near;
/** The sentences that both verifiers share; null where the file cannot be reached. */
export const words = fs.existsSync(wordsFile) ? JSON.parse(fs.readFileSync(wordsFile, 'utf8')) : null;

export const judge = (held, { keys = [], pins = [], ...witnesses } = {}, options = {}) =>
  verifier.verifyFolder(
    blobs(held.files),
    { keys, pins: pins.map((text) => ({ about: 'receipt', text })), ...witnesses },
    { called: held.called, words: words || {}, ...options },
  );

const ORDER = Object.keys(verifier.CODES);
export const told = (report) => {
  if (report.word === null) return `refused ${report.refused.code}`;
  const codes = [...new Set(report.findings.map(({ code }) => code))];
  codes.sort((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other));
  return [report.word, ...codes].join(' ');
};

export const pinned = (held, size, key = held.key) => ({ keys: [key], pins: [held.station.head(size)] });
export const isGood = ({ word }) => ['UNTRUSTED', 'UNANCHORED', 'ANCHORED'].includes(word);
