// A package as a station hands it out, what a reader has from elsewhere, and copies of the package in which one thing
// is wrong. What each must come to is said here; `sealdock-verify` and the page are both held to it.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const PIECE = 4 * 1024 * 1024;

/** What a user types, up to the package in `disc`. */
const STORY = `
umask 077
echo 2580147 > o1.pin; echo 5820741 > c1.pin; echo 7148259 > u1.pin
sealdock init --origin test.example/s1 --unit 测试单位 --accept-single-copy --no-immutable-flag
sealdock person add o1 --name Li --role officer --pin-file o1.pin
sealdock person add c1 --name Wang --role clerk --pin-file c1.pin
sealdock recorder add R1
sealdock person add u1 --name Zheng --role unit-head --pin-file u1.pin
sealdock ingest card --recorder R1 --officer o1 --pin-file o1.pin
C=C$(sealdock clip list --json | jq -r '.clips[] | select(.name == "large.mp4") | .seq')
sealdock access request --who authority --for copy --clip $C --name Zhao --unit 法院 --phone 0734-119 \\
  --matter '(2026) 12' --reason hearing --as c1 --pin-file c1.pin
V=V$(sealdock access list --json | jq -r '.requests[0].seq')
sealdock access approve $V --times 2 --as u1 --pin-file u1.pin
sealdock log vkey > key
sealdock log receipt > receipt
sealdock export $V --to disc --receipt receipt --as c1 --pin-file c1.pin
SEALDOCK_STATION=$PWD/other sealdock init --origin test.example/s1 --unit other --accept-single-copy --no-immutable-flag
SEALDOCK_STATION=$PWD/other sealdock log vkey > other-key
`;

/** And a second copy of it in `cosigned/disc`, after a witness outside cosigned a head. */
const WITNESSED = `
umask 077
sealdock witness init w1 --name court.example/w1 > witness-key
sealdock witness add-log w1 "$(cat key)"
printf 'witness one %s\\nquorum one\\n' "$(cat witness-key)" > policy
sealdock anchor witnesses policy
sealdock anchor request --out stick
sealdock witness answer w1 stick
sealdock anchor take stick
mkdir cosigned
V=V$(sealdock access list --json | jq -r '.requests[0].seq')
sealdock export $V --to cosigned/disc --as c1 --pin-file c1.pin
`;

/** Three pieces, the last one short. */
const CLIP_BYTES = 2 * PIECE + 1000;

/** Bytes that differ from word to word, piece by piece, so that a clip may be larger than memory. */
const writeClip = (file, size) => {
  const held = fs.openSync(file, 'w');
  for (let from = 0; from < size; from += PIECE) {
    const words = new Uint32Array(PIECE / 4).map((_, at) => Math.imul(from / 4 + at, 2654435761));
    fs.writeSync(held, new Uint8Array(words.buffer, 0, Math.min(PIECE, size - from)));
  }
  fs.closeSync(held);
};

/** Puts package, key and receipt into `scratch`, by the programs in `programs`. */
export const makePackage = (programs, scratch, size = CLIP_BYTES) => {
  fs.mkdirSync(path.join(scratch, 'card'), { recursive: true });
  writeClip(path.join(scratch, 'card/large.mp4'), size);
  fs.writeFileSync(path.join(scratch, 'card/left.mp4'), 'stays with the station');
  const own = { PATH: `${programs}:${process.env.PATH}`, SEALDOCK_STATION: path.join(scratch, 'station'), SEALDOCK_LOG: 'error' };
  execFileSync('sh', ['-euc', STORY], { cwd: scratch, env: { ...process.env, ...own }, stdio: ['ignore', 'ignore', 'inherit'] });
};

/** The package with a cosigned head; who reads it brings key and witness. */
export const makeCosigned = (programs, scratch) => {
  const own = { PATH: `${programs}:${process.env.PATH}`, SEALDOCK_STATION: path.join(scratch, 'station'), SEALDOCK_LOG: 'error' };
  execFileSync('sh', ['-euc', WITNESSED], { cwd: scratch, env: { ...process.env, ...own }, stdio: ['ignore', 'ignore', 'inherit'] });
  const text = (name) => fs.readFileSync(path.join(scratch, name), 'utf8').trim();
  return { folder: path.join(scratch, 'cosigned/disc'), trust: { keys: [text('key')], pins: [], witnesses: [text('witness-key')] } };
};

/** What the demo leaves for its court: the package, the key on paper and the receipt in a drawer. */
export const makeDemo = (programs, scratch) => {
  const own = { PATH: `${programs}:${process.env.PATH}`, SEALDOCK_LOG: 'error' };
  execFileSync('sealdock', ['demo', '--once', '--dir', 'show'], { cwd: scratch, env: { ...process.env, ...own }, stdio: ['ignore', 'ignore', 'inherit'] });
  const key = fs.readFileSync(path.join(scratch, 'show/station.vkey'), 'utf8').trim();
  // A browser tells the page the name of a file and not where it lies.
  fs.copyFileSync(path.join(scratch, 'show/receipt'), path.join(scratch, 'demo-receipt'));
  const folder = only(path.join(scratch, 'show/court'));
  // Then one clip whole and another in part, under a head that is stamped and cosigned.
  const more = new URL('../interop/anchored.sh', import.meta.url).pathname;
  execFileSync('sh', [more, 'show'], { cwd: scratch, env: { ...process.env, ...own }, stdio: ['ignore', 'ignore', 'inherit'] });
  const witness = fs.readFileSync(path.join(scratch, 'show/witness.key'), 'utf8').trim();
  return {
    folder,
    trust: { keys: [key], pins: ['demo-receipt'] },
    second: { folder: path.join(scratch, 'show/court/second'), trust: { keys: [key], pins: [], witnesses: [witness] } },
  };
};

const only = (folder) => path.join(folder, fs.readdirSync(folder)[0]);
const flip = (at) => (file) => {
  fs.chmodSync(file, 0o600);
  const bytes = fs.readFileSync(file);
  bytes[at] ^= 1;
  fs.writeFileSync(file, bytes);
};
const replace = (before, after) => (file) => {
  fs.chmodSync(file, 0o600);
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(before, after));
};
const put = (name) => (folder) => fs.writeFileSync(path.join(folder, name), 'x');

/** Name, trust, what is done to a copy of the package, what it must come to, and whether a picture is kept of it. */
export const CASES = [
  { name: 'nothing but the folder', trust: '', told: 'UNTRUSTED' },
  { name: 'with the key', trust: 'key', told: 'UNANCHORED' },
  { name: 'with key and receipt', trust: 'key pin', told: 'ANCHORED', picture: true },
  { name: 'with all, hashed as a whole', trust: 'key pin whole', told: 'ANCHORED' },
  { name: 'a receipt that is none', trust: 'key bad-pin', told: 'refused pin-refused' },
  { name: 'a key that is none', trust: 'bad-key', told: 'refused null' },
  { name: 'another station\'s key', trust: 'other-key', told: 'TAMPERED key-other' },
  {
    name: 'a byte of the clip',
    trust: 'key pin',
    change: (folder) => flip(PIECE + 7)(only(path.join(folder, 'data'))),
    told: 'DAMAGED clip-damaged',
    picture: true,
  },
  {
    name: 'a letter of an entry',
    trust: 'key pin',
    change: (folder) => replace('测试单位', '测试单元')(path.join(folder, 'record/entries/0.json')),
    told: 'TAMPERED file-changed proof-refused',
    picture: true,
  },
  {
    name: 'no chunks',
    trust: 'key pin',
    change: (folder) => fs.rmSync(path.join(only(path.join(folder, 'clips')), 'chunks')),
    told: 'INCOMPLETE file-missing',
  },
  { name: 'another page', trust: 'key pin', change: (folder) => flip(9)(path.join(folder, 'verify.html')), told: 'TAMPERED file-changed' },
  { name: 'a file more', trust: 'key pin', change: put('paper/C1.html'), told: 'TAMPERED name-unknown' },
  { name: 'a file with a Chinese name', trust: 'key pin', change: put('说明.txt'), told: 'TAMPERED name-refused' },
  { name: 'never finished', trust: 'key pin', called: 'disc.void', told: 'INCOMPLETE bag-void' },
];

/** A copy of the package for one case; the package itself where nothing is done to it. */
export const folderOf = (scratch, { change, called = 'disc', name }) => {
  const sound = path.join(scratch, 'disc');
  if (!change && called === 'disc') return sound;
  const folder = path.join(scratch, 'cases', name.replaceAll(/[^a-z]/g, '-'), called);
  if (!fs.existsSync(folder)) {
    fs.cpSync(sound, folder, { recursive: true });
    if (change) change(folder);
  }
  return folder;
};

/** What the reader brings: keys as text, receipts as files, and whether the whole is hashed. */
export const trustOf = (scratch, { trust }) => {
  const has = (word) => trust.split(' ').includes(word);
  const keys = ['key', 'other-key'].filter(has).map((name) => fs.readFileSync(path.join(scratch, name), 'utf8').trim());
  if (has('bad-key')) keys.push('test.example/s1+00000000+AAAA');
  const pins = [has('pin') && 'receipt', has('bad-pin') && 'key'].filter(Boolean);
  return { keys, pins, whole: has('whole') };
};

/** What the program says of it, without the network too. */
export const program = (programs, scratch, folder, { keys, pins, whole, witnesses = [] }) => {
  const given = [...keys.flatMap((key) => ['--key', key]), ...witnesses.flatMap((key) => ['--witness', key]), ...pins.flatMap((pin) => ['--pin', pin]), ...(whole ? ['--whole'] : [])];
  const { stdout, error } = spawnSync(path.join(programs, 'sealdock-verify'), [folder, ...given, '--json'], { cwd: scratch, encoding: 'utf8' });
  if (error) throw error;
  return JSON.parse(stdout);
};

/** The word and the codes, each once, in the order in which they are reported. */
export const told = ({ word, refused, findings }) =>
  (word === null ? `refused ${refused.code}` : [word, ...new Set(findings.map(({ code }) => code))].join(' '));
