// How fast the page reads a clip: bytes of a large one by the time between pressing the button and the verdict, in both
// browsers, beside `sealdock-verify` on the same package. `cargo xtask bench page`.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { BROWSERS, giveFolder, open, visit } from './driver.mjs';
import { makePackage, program, told } from './packages.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
const MIB = 1024 * 1024;
const CLIP_BYTES = 2048 * MIB;
const RUNS = 3;
const TIMEOUT_MS = 600000;
process.env.HOME = path.join(SCRATCH, 'home');
fs.mkdirSync(process.env.HOME);

const NOTHING = { keys: [], pins: [] };
const disc = path.join(SCRATCH, 'disc');

const say = (who, seconds) => {
  const rates = seconds.map((taken) => CLIP_BYTES / MIB / taken).sort((one, other) => one - other);
  console.log(`${who}: ${rates.map((rate) => rate.toFixed(0)).join(', ')} MiB/s, median ${rates[Math.floor(rates.length / 2)].toFixed(0)}`);
};

const times = async (work) => {
  const seconds = [];
  for (let run = 0; run < RUNS; run += 1) {
    const begun = performance.now();
    const idle = await work() || 0;
    seconds.push((performance.now() - begun - idle) / 1000);
  }
  return seconds;
};

const inBrowser = async (held) => {
  const begun = performance.now();
  const seen = await visit(held, pathToFileURL(path.join(disc, 'verify.html')).href);
  seen.page.setDefaultTimeout(TIMEOUT_MS);
  await giveFolder(seen, disc);
  // What came before the button is not the page's reading.
  const idle = performance.now() - begun;
  await seen.page.click('#start');
  await seen.page.waitForSelector('.verdict');
  if (!await seen.page.$('.verdict.UNTRUSTED')) throw new Error(`${held.name} came to another word`);
  await seen.page.close();
  return idle;
};

makePackage(PROGRAMS, SCRATCH, CLIP_BYTES);
if (told(program(PROGRAMS, SCRATCH, disc, NOTHING)) !== 'UNTRUSTED') throw new Error('the package is not sound');
say('sealdock-verify', await times(() => void program(PROGRAMS, SCRATCH, disc, NOTHING)));
for (const name of BROWSERS) {
  const held = await open(name, TOOLS);
  say(held.version, await times(() => inBrowser(held)));
  await held.browser.close();
}
