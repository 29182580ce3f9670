// A shift change in real browsers: eight recorders come back within a minute, their officers confirm one after the other at
// the kiosk, and the wall, open in a page of its own as it hangs there, tells the truth of each; one is taken out too early.
// `node shift.test.mjs PROGRAMS TOOLS SCRATCH [BROWSER]`, where there is no network. Pictures of the wall go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { BROWSERS, open, visit } from './driver.mjs';
import { checked, fill, submit, textOf } from './pages.mjs';
import { OFFICERS, PIN, Station } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH, ONLY] = process.argv.slice(2);
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

for (const name of BROWSERS.filter((one) => !ONLY || one === ONLY)) {
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

    /** Kiosk and desk are one browser here; the wall hangs in the other. */
    const desk = (address) => kiosk.page.goto(`${station.address}${address}`);
    const signIn = async (person) => {
      await desk('/sign-in');
      await fill(kiosk.page, { person, pin: PIN });
      await submit(kiosk.page, 'main .main');
    };
    const inLanguage = async (page, lang, back) => {
      await page.goto(`${station.address}/language?to=${lang}&back=${back}`);
    };
    const at = ({ bay, recorder }) => path.join(station.dir, 'bays', bay, recorder);
    const away = (one) => fs.renameSync(at(one), path.join(station.dir, `away-${one.recorder}-${Date.now()}`));
    const tile = async ({ bay }) => (await tiles()).find((one) => one.bay === bay);
    const alarms = async () => { await desk('/desk'); return kiosk.page.$eval('main', (node) => node.textContent); };

    test('a restart forgets nobody who went too early: wall, overview, register and recorder say so until it is back', async () => {
      for (const one of SHIFT) away(one);
      await stands(EARLY.bay, '空闲');
      station.plug(EARLY, [400 * MIB, 400 * MIB]);
      await stands(EARLY.bay, '请本人确认');
      await confirm(EARLY);
      await stands(EARLY.bay, '复制');
      const kept = path.join(station.dir, `kept-${EARLY.recorder}`);
      fs.renameSync(at(EARLY), kept);
      await stands(EARLY.bay, '拔出过早');
      await kiosk.page.waitForFunction(() => document.querySelector('[data-again]').textContent.includes('拔出过早'), { timeout: 20000 });
      const { port } = new URL(station.address);
      // What a browser says of a station that goes down is no complaint.
      for (const { page } of [wall, kiosk]) await page.goto('about:blank');
      await station.stop();
      await station.start(port);
      await wall.page.goto(`${station.address}/`);
      await stands(EARLY.bay, '拔出过早');
      assert.match((await tile(EARLY)).text, new RegExp(`${EARLY.recorder}[^]*${EARLY.name}`));
      await signIn('c1');
      const said = new RegExp(`${EARLY.recorder}（${EARLY.name}）拔出过早，没有取完，不在号位`);
      assert.match(await alarms(), said);
      for (const page of [`/recorders/${EARLY.recorder}`, '/uses']) {
        await desk(page);
        assert.match(await textOf(kiosk.page, 'main'), said, page);
      }
      fs.renameSync(kept, at(EARLY));
      await stands(EARLY.bay, '请本人确认');
      assert.doesNotMatch(await alarms(), /拔出过早/);
      // It was there, and nobody confirmed it: it is missed as before.
      fs.renameSync(at(EARLY), kept);
      await stands(EARLY.bay, '拔出过早');
      fs.renameSync(kept, at(EARLY));
      await stands(EARLY.bay, '请本人确认');
      await confirm(EARLY);
      await stands(EARLY.bay, '完成，可取走');
      assert.doesNotMatch(await alarms(), /拔出过早/);
      away(EARLY);
      await stands(EARLY.bay, '空闲');
    });

    test('who takes it away unconfirmed is told so, on the wall and at the kiosk', async () => {
      const one = SHIFT[3];
      station.plug(one, [MIB]);
      await stands(one.bay, '请本人确认');
      await kiosk.page.goto(`${station.address}/kiosk/confirm?bay=${one.bay}&recorder=${one.recorder}`);
      away(one);
      await stands(one.bay, '未确认就取走');
      assert.match((await tile(one)).text, new RegExp(`${one.recorder}[^]*什么都没有复制；插回并确认`));
      await kiosk.page.waitForFunction(() => document.querySelector('[data-again]').textContent.includes('已不在号位'), { timeout: 20000 });
      await fill(kiosk.page, { pin: PIN });
      await submit(kiosk.page, 'main .main');
      assert.match(await textOf(kiosk.page, '.said.bad'), new RegExp(`${one.recorder} 已不在号位，什么都没有复制`));
      const before = station.json('session', 'list').sessions.length;
      station.plug(one, [MIB]);
      await stands(one.bay, '请本人确认');
      assert.equal(station.json('session', 'list').sessions.length, before);
      away(one);
      await stands(one.bay, '未确认就取走');
    });

    test('files of somebody else: asked before it begins, told without commands, decided at the desk by a clerk', async () => {
      const [wrong, other] = [SHIFT[1], SHIFT[2]];
      station.plug({ ...wrong, id: other.id }, [MIB, MIB / 2]);
      await stands(wrong.bay, '请本人确认');
      await kiosk.page.goto(`${station.address}/kiosk/confirm?bay=${wrong.bay}&recorder=${wrong.recorder}`);
      assert.match(await textOf(kiosk.page, 'main'), new RegExp(`文件属于 ${other.name}[^]*领用登记在 没有领用登记`));
      await fill(kiosk.page, { person: wrong.id, pin: PIN });
      await submit(kiosk.page, 'main .main');
      assert.match(await textOf(kiosk.page, '.said.warn'), new RegExp(`文件属于 ${other.name} ${other.id}。仍由您确认？`));
      assert.equal(await kiosk.page.$eval('a[href="/kiosk/dock"].button:not(nav *)', (one) => one.textContent), '不是我的');
      await checked(kiosk.page, 'asked once more', station);
      await kiosk.page.screenshot({ path: path.join(SCRATCH, `shift-${name}-asked.png`) });
      await fill(kiosk.page, { pin: '000111' });
      await submit(kiosk.page, 'main .main');
      assert.match(await textOf(kiosk.page, '.said.bad'), /口令不对/);
      assert.match(await textOf(kiosk.page, '.said.warn'), /仍由您确认/, 'asked again, with the PIN');
      await fill(kiosk.page, { pin: PIN });
      await submit(kiosk.page, 'main .main');
      await kiosk.page.waitForFunction(() => /请管理员在工作台处理/.test(document.querySelector('[data-again]').textContent), { timeout: 20000 });
      await checked(kiosk.page, 'begun and held', station);
      await kiosk.page.screenshot({ path: path.join(SCRATCH, `shift-${name}-begun.png`) });
      await stands(wrong.bay, '需要处理');
      const told = `文件属于其他人员（${other.id} ${other.name}）；清单所列均已入库，未擦除；请管理员在工作台处理`;
      assert.ok((await tile(wrong)).text.includes(told), (await tile(wrong)).text);
      assert.ok((await tile(wrong)).text.includes(wrong.name), 'and who brought it');
      await checked(wall.page, 'the wall with a decision', station);
      await picture('held');
      await inLanguage(wall.page, 'en', '/');
      assert.match((await tile(wrong)).text, /number of somebody else[^]*nothing is wiped; a clerk decides at the desk/);
      assert.doesNotMatch((await tile(wrong)).text, /sealdock|`|\/bays/);
      await checked(wall.page, 'the English wall with a decision', station);
      await inLanguage(wall.page, 'zh', '/');

      const [{ seq }] = station.json('session', 'list').sessions;
      assert.match(await alarms(), new RegExp(`S${seq} 记录仪 ${wrong.recorder}：${told}`));
      await kiosk.page.click(`.alarms a[href="/sessions/S${seq}"]`);
      await kiosk.page.waitForSelector('#assign');
      for (const [lang, word] of [['en', 'its files carry the number of somebody else'], ['zh', '文件属于其他人员']]) {
        await inLanguage(kiosk.page, lang, `/sessions/S${seq}`);
        const text = await textOf(kiosk.page, 'main');
        assert.ok(text.includes(word) && !/sealdock (session|clip)|`/.test(text), text);
        await checked(kiosk.page, `the session in ${lang}`, station);
      }
      await kiosk.page.screenshot({ path: path.join(SCRATCH, `shift-${name}-session.png`), fullPage: true });
      assert.equal(await kiosk.page.$('#wipe'), null, 'first it is said whose the clips are');
      const [{ seq: clip }] = station.json('clip', 'list', '--unassigned').clips;
      await desk(`/clips/C${clip}`);
      assert.ok(await kiosk.page.$(`a[href="/sessions/S${seq}"]`), 'its page leads to the session');

      await desk(`/sessions/S${seq}`);
      assert.equal(await kiosk.page.$eval('#assign [name=officer]', (one) => one.value), other.id);
      await fill(kiosk.page, { reason: '文件带有其人员编号', pin: PIN }, '#assign');
      await submit(kiosk.page, '#assign .main');
      assert.match(await textOf(kiosk.page, '.said.good'), new RegExp(`归给 ${other.name}`));
      assert.equal(station.json('clip', 'list', '--unassigned').clips.length, 0);

      const order = async (count) => {
        await kiosk.page.$eval('#wipe', (form) => { form.closest('details').open = true; });
        await fill(kiosk.page, { count, reason: '已确认归属', pin: PIN }, '#wipe');
        await submit(kiosk.page, '#wipe .main');
      };
      const files = () => fs.readdirSync(at(wrong), { recursive: true }).filter((file) => file.endsWith('.MP4')).length;
      assert.match(await textOf(kiosk.page, '#wipe'), new RegExp(`擦除 ${wrong.recorder}：2 个文件[^]*都已入库`));
      await kiosk.page.screenshot({ path: path.join(SCRATCH, `shift-${name}-wipe.png`), fullPage: true });
      await order('3');
      assert.match(await textOf(kiosk.page, '.said.bad'), /个数不对，没有下令/);
      assert.equal(files(), 2);
      await order('2');
      await stands(wrong.bay, '完成，可取走');
      assert.equal(files(), 0);
      assert.doesNotMatch(await alarms(), new RegExp(`记录仪 ${wrong.recorder}`));
      station.run('check', '--deep');
    });

    test('the browser complained of nothing', async () => {
      for (const seen of [wall, kiosk]) assert.deepEqual(await seen.complaints(), []);
    });
  });
}
