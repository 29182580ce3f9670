// A shift change in real browsers: eight recorders come back within a minute, their officers confirm one after the other at
// the kiosk, and the wall, open in a page of its own as it hangs there, tells the truth of each; one is taken out too early.
// `node shift.test.mjs PROGRAMS TOOLS SCRATCH`, where there is no network. Pictures of the wall go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { BROWSERS, open, visit } from './driver.mjs';
import { OFFICERS, PIN, Station } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
process.env.HOME = path.join(SCRATCH, 'home');
fs.mkdirSync(process.env.HOME, { recursive: true });
const AXE = fs.readFileSync(path.join(TOOLS, 'node_modules/axe-core/axe.min.js'), 'utf8');
const MIB = 1 << 20;

/** Those of every test, and five more of the shift. */
const SHIFT = [...OFFICERS, ...['赵军', '钱伟', '孙丽', '周强', '吴敏'].map((name, n) => (
  { id: `00010${n + 4}`, name, recorder: `J80000${n + 4}`, bay: `${n + 4}` }))];
/** The second clip of each is a marked one. Whoever leaves early has most. */
const CLIPS = SHIFT.map((_, n) => (n === 7 ? [300 * MIB, 300 * MIB] : [(8 + 4 * n) * MIB, MIB, MIB / 2].slice(0, 1 + (n % 3))));
const EARLY = SHIFT[7];

for (const name of BROWSERS) {
  describe(`a shift change in ${name}`, { concurrency: false }, () => {
    let station;
    /** Two screens: what is behind another window is not drawn. */
    let browsers;
    let wall;
    let kiosk;

    before(async () => {
      station = new Station(PROGRAMS, path.join(SCRATCH, `shift-${name}`));
      station.found([], SHIFT);
      await station.start();
      browsers = [await open(name, TOOLS), await open(name, TOOLS)];
      wall = await visit(browsers[0], `${station.address}/`);
      await wall.page.setViewport({ width: 1920, height: 1080 });
      kiosk = await visit(browsers[1], `${station.address}/kiosk`);
      await kiosk.page.setViewport({ width: 1024, height: 768 });
    });

    after(async () => {
      for (const { browser } of browsers ?? []) await browser.close();
      await station?.stop();
    });

    const tiles = () => wall.page.$$eval('.tile', (all) => all.map((tile) => ({
      bay: tile.dataset.bay,
      tone: [...tile.classList].find((one) => ['grey', 'blue', 'green', 'amber', 'red'].includes(one)),
      state: tile.querySelector('.state').textContent.trim(),
      text: tile.textContent,
    })));
    const stands = (bay, word) => wall.page.waitForFunction(
      (at, text) => document.querySelector(`.tile[data-bay="${at}"] .state`)?.textContent.includes(text), { timeout: 180000, polling: 100 }, bay, word,
    );
    const picture = async (what) => {
      await wall.page.screenshot({ path: path.join(SCRATCH, `shift-${name}-${what}.png`) });
      const over = await wall.page.evaluate(() => [document.documentElement.scrollWidth - window.innerWidth,
        document.documentElement.scrollHeight - window.innerHeight]);
      assert.ok(over[0] <= 0 && over[1] <= 0, `what hangs on a wall is not scrolled: ${what} is ${over} px too large`);
      const cut = await wall.page.$$eval('.tile', (all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => one.dataset.bay));
      assert.deepEqual(cut, [], `${what}: a tile does not show all that it says`);
    };
    const confirm = async ({ id, bay, recorder }) => {
      await kiosk.page.goto(`${station.address}/kiosk/confirm?bay=${bay}&recorder=${recorder}`);
      for (const [field, value] of Object.entries({ person: id, pin: PIN })) {
        await kiosk.page.$eval(`main [name=${field}]`, (node, text) => { node.value = text; }, value);
      }
      await Promise.all([kiosk.page.waitForNavigation(), kiosk.page.click('main .main')]);
      assert.equal(await kiosk.page.$eval('h1', (node) => node.textContent.trim()), '已开始采集', `${recorder}`);
    };

    test('eight come back, each at its own place, and wait for their people', async () => {
      assert.deepEqual((await tiles()).map(({ bay, tone }) => `${bay} ${tone}`), SHIFT.map(({ bay }) => `${bay} grey`));
      SHIFT.forEach((one, n) => station.plug(one, CLIPS[n]));
      for (const { bay } of SHIFT) await stands(bay, '请本人确认');
      for (const [n, tile] of (await tiles()).entries()) {
        assert.match(tile.text, new RegExp(`${SHIFT[n].recorder}[^]*${SHIFT[n].name}`));
        assert.notEqual(tile.tone, 'green', 'nothing may be taken yet');
      }
      await picture('waiting');
    });

    test('each is confirmed; one leaves too early, and its tile says so while the others go on to done', async () => {
      await confirm(EARLY);
      await stands(EARLY.bay, '复制');
      await picture('running');
      fs.renameSync(path.join(station.dir, 'bays', EARLY.bay, EARLY.recorder), path.join(station.dir, `gone-${EARLY.recorder}`));
      for (const one of SHIFT.slice(0, 7)) await confirm(one);
      for (const { bay } of SHIFT.slice(0, 7)) await stands(bay, '完成，可取走');
      const seen = await tiles();
      assert.match(seen[7].text, new RegExp(`${EARLY.recorder}[^]*${EARLY.name}[^]*拔出过早[^]*插回任一号位`));
      assert.equal(seen[7].tone, 'red');
      assert.deepEqual(seen.map(({ tone }) => tone === 'green'), SHIFT.map((one) => one !== EARLY));
      await picture('done');
      await wall.page.evaluate(AXE);
      const { violations } = await wall.page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id), []);
    });

    test('what was said to be done is stored, and gone from the recorder; the other lost nothing and goes on', async () => {
      const clips = () => station.json('clip', 'list').clips;
      const files = (of) => fs.readdirSync(of, { recursive: true }).filter((file) => file.endsWith('.MP4')).length;
      for (const [n, { recorder, bay }] of SHIFT.slice(0, 7).entries()) {
        assert.equal(clips().filter((clip) => clip.recorder === recorder).length, CLIPS[n].length, recorder);
        assert.equal(files(path.join(station.dir, 'bays', bay, recorder)), 0, recorder);
      }
      const gone = path.join(station.dir, `gone-${EARLY.recorder}`);
      assert.equal(files(gone), CLIPS[7].length, 'nothing was wiped of what was not stored whole');
      fs.renameSync(gone, path.join(station.dir, 'bays', EARLY.bay, EARLY.recorder));
      await stands(EARLY.bay, '请本人确认');
      await confirm(EARLY);
      await stands(EARLY.bay, '完成，可取走');
      const stored = clips().filter((clip) => clip.recorder === EARLY.recorder && clip.state !== 'damaged');
      assert.deepEqual(new Set(stored.map((clip) => clip.size)), new Set(CLIPS[7]));
      assert.ok((await tiles()).every(({ tone }) => tone === 'green'));
      await picture('all-done');
      station.run('check', '--deep');
    });

    test('the browser complained of nothing', async () => {
      for (const seen of [wall, kiosk]) assert.deepEqual(await seen.complaints(), []);
    });
  });
}
