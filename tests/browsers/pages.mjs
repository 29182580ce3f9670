// What every test does with a page of the console: fields, buttons, pictures; no serious complaint of axe, and no word of the
// language that it is not shown in.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { wrote } from './station.mjs';

const [, TOOLS, SCRATCH] = process.argv.slice(2);
const AXE = fs.readFileSync(path.join(TOOLS, 'node_modules/axe-core/axe.min.js'), 'utf8');
export const SIZES = { wall: [1920, 1080], kiosk: [1024, 768], desk: [1366, 768], phone: [390, 844] };

/** Both browsers keep what they like in a home of their own. */
export const home = () => {
  process.env.HOME = path.join(SCRATCH, 'home');
  fs.mkdirSync(process.env.HOME, { recursive: true });
};

export const textOf = (page, selector) => page.$eval(selector, (node) => node.textContent.trim());

export const submit = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

/** Fields are set at once: typed letter by letter they would take longer than all the rest. */
export const fill = async (page, fields, scope = 'main') => {
  for (const [name, value] of Object.entries(fields)) {
    const isText = await page.$eval(`${scope} [name="${name}"]`, (field, text) => {
      field.value = text;
      return field.matches('textarea, input:not([type=password])');
    }, value);
    if (isText) wrote(value);
  }
};

/** A picture in SCRATCH; nothing stands beside the screen. */
export const picture = async (page, name, size, more = {}) => {
  const [width, height] = SIZES[size];
  await page.setViewport({ width, height });
  await page.screenshot({ path: path.join(SCRATCH, `${name}.png`), ...more });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wider <= 0, `${name} is ${wider} px wider than ${size}`);
};

const complaints = async (page) => {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run());
  const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return serious.map(({ id, nodes }) => `${id} ${nodes[0].html}`);
};

/** Words of the other language in what a page says, besides names, files, digests, commands, and what people wrote. */
const leftovers = (page, known) => page.evaluate((texts) => {
  const other = '.name, .written, .digest, .code, code, pre, input, textarea, .unit, .me, .utc, script, [lang]:not(html)';
  // `cli` is the bay of what was taken in on the command line.
  const allowed = new Set(['cli', 'localhost', 'sealdock', 'ffmpeg', 'http', 'https', 'html', 'json', 'mirror', 'vault']);
  const isEnglish = document.documentElement.lang === 'en';
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (node.parentElement.closest(other)) continue;
    const said = texts.reduce((rest, one) => rest.replaceAll(one, ' '), node.textContent);
    const plain = said.replace(/(sealdock|apt-get)( -{0,2}[a-z-]+)+/g, '').replace(/\S*[/._-]\S*/g, '');
    const words = isEnglish
      ? said.match(/[\u4e00-\u9fff]+/g) ?? []
      : (plain.match(/(?<![A-Za-z0-9])[a-z]{3,}(?![A-Za-z0-9])/g) ?? []).filter((word) => !allowed.has(word));
    if (words.length > 0) found.push(`${words.join(' ')}: ${node.textContent.trim().slice(0, 120)}`);
  }
  return found;
}, known);

/** No serious complaint of axe. For pages of papers, which are in the words of their forms. */
export const sound = async (page, what) => assert.deepEqual(await complaints(page), [], `${what}: axe`);

/** Whoever reads it finds nothing amiss: axe and the language. `station`: whose names and texts are people's own. */
export const checked = async (page, what, station) => {
  await sound(page, what);
  assert.deepEqual(await leftovers(page, station.texts()), [], `${what}: words of the other language`);
};
