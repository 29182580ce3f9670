// A station that is not there yet, by a browser alone: first run to first receipt, administration, a sheet with 10,000 rows; then
// the kiosk as an officer uses it, with the touches counted. No serious complaint of axe, both languages, nothing to scroll.
// `node kiosk.test.mjs PROGRAMS TOOLS SCRATCH [BROWSER]`, where there is no network. Pictures of every page go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { BROWSERS, open, visit } from './driver.mjs';
import { checked, fill as fillIn, home, picture as shot, submit as press, textOf } from './pages.mjs';
import { Station, wrote } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH, ONLY] = process.argv.slice(2);
home();
const MIB = 1 << 20;
/** Everybody chose another. */
const PINS = { u1: '318607', c1: '271828', h1: '161803', A1001: '141421', b2: '577215' };
const LENT = '866025';
const TOUCHES_MAX = 4;

const picture = (page, name, size) => shot(page, `kiosk-${name}-${size}`, size);

const ask = (station, { method = 'GET', to = '/', headers = {}, body = '' }) => new Promise((resolve, reject) => {
  const { port, host } = new URL(station.address);
  const request = http.request({ host: '127.0.0.1', port, method, path: to, headers: { Host: host, ...headers } }, (answer) => {
    let text = '';
    answer.on('data', (part) => { text += part; });
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
  });
  request.on('error', reject);
  request.end(body);
});

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

for (const name of BROWSERS.filter((one) => !ONLY || one === ONLY)) {
  describe(`first run, administration and kiosk in ${name}`, { concurrency: false }, () => {
    let station;
    let browser;
    let page;
    let complaints;
    /** Of the screen, without the keys of the keypad. */
    let touches;
    const began = Date.now();

    before(async () => {
      station = new Station(PROGRAMS, path.join(SCRATCH, `kiosk-${name}`));
      await station.firstRun();
      browser = await open(name, TOOLS);
      const seen = await visit(browser, `${station.address}/`);
      ({ page, complaints } = seen);
      await page.setViewport({ width: 1366, height: 768 });
    });

    after(async () => {
      await browser?.browser.close();
      await station?.stop();
    });

    const to = (address) => page.goto(`${station.address}${address}`);
    const here = () => { const { pathname, search } = new URL(page.url()); return pathname + search; };
    const submit = (selector) => press(page, selector);
    const axe = (_, what) => checked(page, what, station);
    const fill = (scope, fields) => fillIn(page, fields, scope);
    /** Everything on the screen, nothing below it, nothing too small for a glove. */
    const fits = async (what) => {
      await picture(page, what, 'kiosk');
      const below = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
      assert.ok(below <= 0, `${what} is ${below} px higher than the kiosk`);
      const small = await page.$$eval('button, a, summary, input:not([type=hidden])', (all) => all
        .filter((one) => one.getClientRects().length && !one.closest('label'))
        .map((one) => [one.textContent.trim() || one.name, Math.round(one.getBoundingClientRect().height)])
        .filter(([, height]) => height < 60));
      assert.deepEqual(small, [], `${what}: too small to touch`);
    };
    const touch = async (selector) => { touches += 1; await submit(selector); };
    const tap = async (selector) => { touches += 1; await page.click(selector); };
    const keys = async (text) => {
      for (const key of text) {
        const isLetter = /[A-Za-z]/.test(key);
        if (isLetter !== !(await page.$eval('.letters', (one) => one.hidden))) {
          await page.click('.keypad [data-key="letters"]:not([hidden] *)');
        }
        await page.click(`.keypad > :not([hidden]) [data-key="${key}"]`);
      }
    };
    const identify = async (errand, person) => {
      touches = 0;
      await to('/kiosk');
      await touch(`.errands a[href$="${errand}"]`);
      // A number is found in either case.
      await keys(person.toUpperCase());
      await page.click('.keypad [data-key="next"]');
      await keys(PINS[person]);
      await touch('main .main');
    };
    const signIn = async (person, pin = PINS[person]) => {
      await page.deleteCookie(...await page.cookies());
      await to('/sign-in');
      await fill('main', { person, pin });
      await submit('main .main');
    };
    /** One form of administration. */
    const act = async (address, form, fields, pin) => {
      await to(address);
      await page.$eval(`#${form}`, (one) => { one.open = true; });
      for (const [field, value] of Object.entries({ ...fields, pin })) {
        const selector = `#${form} [name=${field}]`;
        if (await page.$eval(selector, (one) => one.tagName === 'SELECT')) await page.select(selector, value);
        else await fill(`#${form}`, { [field]: value });
      }
      await submit(`#${form} button.main`);
    };
    const done = async (word) => assert.match(await textOf(page, '.said.good'), word);
    const session = async (state) => {
      for (let n = 0; n < 200; n += 1) {
        const [newest] = station.json('session', 'list').sessions;
        if (newest?.verdict === state) return newest;
        await new Promise((resolve) => { setTimeout(resolve, 100); });
      }
      return assert.fail(`no session ended ${state}`);
    };

    test('nobody without the code gets anything but the question for it', async () => {
      assert.match(await textOf(page, 'h1'), /一次性代码/);
      await axe(page, 'code');
      await picture(page, 'first-code', 'desk');
      for (const step of ['unit', 'people', 'policy', 'keys', 'copies', 'found', 'done']) {
        assert.equal((await ask(station, { to: `/first-run/${step}` })).status, 303, step);
      }
      const post = (headers) => ask(station, { method: 'POST', to: '/first-run/code', headers: { ...FORM, ...headers }, body: `code=${station.code}` });
      assert.equal((await post({ Origin: 'http://evil.example' })).status, 403);
      assert.equal((await post({})).status, 403);
      const bad = await ask(station, { method: 'POST', to: '/first-run/found', headers: { ...FORM, Origin: station.address }, body: 'token=' });
      assert.equal(bad.status, 303);
      await fill('main', { code: 'AAAA-AAAA' });
      await submit('main .main');
      assert.match(await textOf(page, '.said.bad'), /代码不对/);
      assert.ok(!fs.existsSync(path.join(station.dir, 'station')));
    });

    test('a few questions, and nothing is made before the last one', async () => {
      await fill('main', { code: station.code.toLowerCase() });
      await submit('main .main');
      assert.equal(here(), '/first-run/unit');
      const spent = await ask(station, { method: 'POST', to: '/first-run/code', headers: { ...FORM, Origin: station.address }, body: `code=${station.code}` });
      assert.equal(spent.headers['set-cookie'], undefined, 'it counts once');
      await fill('main', { unit: '<b>衡阳市</b>民政局', origin: 'no origin+' });
      await submit('main .main');
      assert.match(await textOf(page, '.said.bad'), /站点标识/);
      assert.equal(await page.$eval('[name=unit]', (one) => one.value), '<b>衡阳市</b>民政局');
      await fill('main', { unit: '衡阳市民政局', origin: 'test.example/first' });
      await picture(page, 'first-unit', 'desk');
      await axe(page, 'unit');
      await submit('main .main');
      const add = async (role, id, named, pin, again = pin) => {
        await page.select('#add [name=role]', role);
        await fill('#add', { id, name: named, pin, again });
        await submit('#add [value=add]');
      };
      await submit('[value=next]');
      assert.match(await textOf(page, '.said.bad'), /单位负责人/);
      await add('unit-head', 'u1', '孙负责', PINS.u1, '314158');
      assert.match(await textOf(page, '.said.bad'), /两次输入/);
      await add('unit-head', 'u1', '孙负责', '1234');
      assert.match(await textOf(page, '.said.bad'), /口令/);
      await add('unit-head', 'u1', '孙负责', PINS.u1);
      assert.equal(await page.$eval('#add [name=role]', (one) => one.value), 'clerk');
      await add('clerk', 'c1', '陈管理', PINS.c1);
      assert.equal((await page.$$('tbody tr')).length, 2);
      assert.ok(!(await page.content()).includes(PINS.u1));
      await picture(page, 'first-people', 'desk');
      await picture(page, 'first-people', 'phone');
      await axe(page, 'people');
      await submit('[value=next]');
      await page.click('summary');
      assert.ok((await page.$$('.rules tbody tr')).length > 35);
      await picture(page, 'first-policy', 'desk');
      await axe(page, 'policy');
      await submit('main .main');
      await axe(page, 'keys');
      await submit('main .main');
      assert.equal(here(), '/first-run/copies');
      await page.click('[value=path]');
      await fill('main', { path: station.dir });
      await submit('main .main');
      assert.match(await textOf(page, '.said.bad'), /第二副本须在另一块磁盘上|不能用/);
      await axe(page, 'copies-refused');
      await page.click('[value=single]');
      await picture(page, 'first-copies', 'desk');
      await axe(page, 'copies');
      await submit('main .main');
      assert.equal(here(), '/first-run/found');
      assert.match(await textOf(page, '.facts'), /孙负责[^]*陈管理|陈管理[^]*孙负责/);
      await to('/language?to=en&back=/first-run/found');
      await picture(page, 'first-found-en', 'desk');
      await axe(page, 'found');
      await to('/language?to=zh&back=/first-run/found');
      assert.ok(!fs.existsSync(path.join(station.dir, 'station')), 'nothing is founded yet');
    });

    test('it is founded once, with a receipt to print, and goes on as a station', async () => {
      await submit('main .main');
      assert.equal(here(), '/first-run/done');
      assert.match(await textOf(page, 'h1'), /采集站已建立/);
      assert.equal(await page.$('.said.bad'), null);
      assert.ok(await page.$('.receipt svg'));
      assert.match(await textOf(page, '.receipt pre'), /test\.example\/first/);
      await picture(page, 'first-done', 'desk');
      await axe(page, 'done');
      await to('/first-run/found');
      assert.equal(here(), '/first-run/done', 'a second time founds nothing');
      await submit('main .main');
      assert.equal(here(), '/');
      assert.match(await textOf(page, 'main'), /尚未设置号位/);
      await picture(page, 'first-wall', 'desk');
      const { head } = station.json('status');
      assert.equal(head.origin, 'test.example/first');
      const people = station.json('person', 'list').people.map(({ id, role }) => `${id} ${role}`);
      assert.deepEqual(people.sort(), ['c1 clerk', 'u1 unit-head']);
      assert.ok(Date.now() - began < 300e3, 'five minutes');
      assert.throws(() => station.run('first-run', '--console', '127.0.0.1:0'), /./, 'a station is never founded again');
    });

    test('departments, people, recorders and a bay are entered at the desk, by whoever may', async () => {
      await signIn('u1');
      await to('/admin');
      await picture(page, 'admin', 'desk');
      await axe(page, 'admin');
      await act('/departments', 'add-department', { id: 'd1', name: '执法一大队' }, PINS.u1);
      await done(/已.*记录第 \d+/);
      const enrol = (id, named, role) => act('/people', 'enrol-person', { id, name: named, role, department: 'd1', new_pin: LENT, again: LENT }, PINS.u1);
      await enrol('A1001', '=1+1<i>张三', 'officer');
      await done(/已.*记录第 \d+/);
      assert.match(await textOf(page, 'tbody'), /=1\+1<i>张三/, 'inert');
      await enrol('A1001', '李四', 'officer');
      assert.match(await textOf(page, '.said.bad'), /已登记；请换一个编号.*S\d+/s);
      await act('/people', 'enrol-person', { id: '', name: '无', role: 'officer', department: 'd1' }, PINS.u1).catch(() => {});
      await enrol('b2', '王芳', 'officer');
      await enrol('h1', '周队长', 'officer');
      await act('/people/h1', 'appoint', { role: 'department-head', department: 'd1', reason: '任命' }, PINS.u1);
      await done(/已.*记录第 \d+/);
      assert.match(await textOf(page, 'tbody'), /部门负责人/);
      await act('/people/c1', 'appoint', { role: 'auditor', department: '*', reason: '任命' }, '000111');
      assert.match(await textOf(page, '.said.bad'), /口令不对.*再错 4 次/);
      await to('/people');
      for (const size of ['desk', 'phone']) await picture(page, 'people', size);
      await axe(page, 'people');
      await to('/people/A1001');
      await picture(page, 'person', 'desk');
      await axe(page, 'person');
      fs.mkdirSync(path.join(station.dir, 'bays/1'), { recursive: true });
      await act('/places', 'add-bay', { id: '1', path: path.join(station.dir, 'bays/1') }, PINS.u1);
      await done(/已.*记录第 \d+/);
      await act('/places', 'add-bay', { id: '2', path: 'bays/2' }, PINS.u1);
      assert.match(await textOf(page, '.said.bad'), /完整路径/);
      await picture(page, 'places', 'desk');
      // What a model is called is its maker's word.
      const models = await page.$$eval('table', (all) => [...all.at(-1).querySelectorAll('td:nth-child(2)')].map((cell) => cell.textContent));
      models.forEach(wrote);
      await axe(page, 'places');
      await signIn('c1');
      await act('/recorders', 'enrol-recorder', { id: 'J800001', model: 'DSJ' }, PINS.c1);
      await done(/已.*记录第 \d+/);
      for (const officer of ['A1001', 'b2']) {
        await act('/recorders/J800001', 'designate', { officer, reason: '配发' }, PINS.c1);
        await done(/已.*记录第 \d+/);
      }
      await picture(page, 'recorder', 'desk');
      await axe(page, 'recorder');
      await act('/departments', 'add-department', { id: 'd2', name: '二大队' }, PINS.c1);
      assert.match(await textOf(page, '.said.bad'), /由单位负责人凭本人口令办理/, 'not for the clerk');
    });

    test('a PIN that another gave is changed by its owner first', async () => {
      for (const person of ['A1001', 'b2', 'h1']) {
        await signIn(person, LENT);
        assert.match(here(), /^\/pin/, 'told at once');
        assert.match(await textOf(page, '.said'), /口令由他人设定/);
        await act('/pin', 'own-pin', { new_pin: PINS[person], again: PINS[person] }, LENT);
        assert.match(here(), /^\/sign-in/);
        assert.match(await textOf(page, '.said'), /用新口令登录/);
      }
      const froms = station.json('person', 'list').people.map(({ id, pin_from: from }) => `${id} ${from}`);
      for (const person of ['A1001', 'b2', 'h1']) assert.ok(froms.includes(`${person} own`), froms.join());
      // An officer finds no administration.
      await signIn('A1001');
      for (const closed of ['/admin', '/people', '/people/u1', '/recorders', '/policy', '/import/people', '/places']) {
        assert.equal((await to(closed)).status(), 404, closed);
      }
    });

    test('an officer asks at the kiosk, the head approves, and it is taken out in four touches', async () => {
      await identify('take', 'A1001');
      assert.match(await textOf(page, 'main'), /没有已批准的领用/);
      await fits('take-none');
      await touch('a[href="/kiosk/ask"]');
      await fits('ask-which');
      await submit('.choices a');
      await keys(PINS.A1001);
      await fits('ask-why');
      await axe(page, 'ask');
      await submit('.reasons button');
      await done(/已提交/);
      await identify('take', 'A1001');
      assert.match(await textOf(page, 'main'), /待部门负责人批准：J800001 执法检查/);
      const use = `U${station.json('use', 'list').uses[0].seq}`;
      station.as('h1', PINS.h1, 'use', 'approve', use);
      await identify('take', 'A1001');
      assert.match(here(), /^\/kiosk\/take/);
      const ticked = () => page.$$eval('.ticks input', (all) => all.filter((one) => one.checked).map((one) => one.name));
      assert.deepEqual(await ticked(), [], 'nobody looked, and the station knows nothing of it');
      await fits('take');
      await axe(page, 'take');
      await picture(page, 'take', 'phone');
      await page.setViewport({ width: 1024, height: 768 });
      await page.click('.keypad [data-key="letters"]');
      await fits('take-letters');
      await page.click('.keypad .letters [data-key="letters"]');
      // A forgotten tick is asked about; nothing is written.
      const before = station.json('status').head.size;
      await keys(PINS.c1);
      await submit('main .main');
      assert.match(await textOf(page, 'h1'), /不正常/);
      await fits('not-in-order');
      await axe(page, 'not-in-order');
      assert.equal(station.json('status').head.size, before);
      await identify('take', 'A1001');
      await tap('[data-tick-all]');
      assert.equal((await ticked()).length, 4);
      await keys(PINS.c1);
      await touch('main .main');
      await done(/J800001 已交付/);
      assert.ok(touches <= TOUCHES_MAX, `${touches} touches`);
      await fits('taken');
      assert.equal(station.json('use', 'list').uses[0].state, 'issued');
    });

    test('it is docked in three touches; late clips are explained in four; receipts are one’s own', async () => {
      station.plug({ id: 'A1001', recorder: 'J800001', bay: '1' }, [MIB, 2 * MIB], 40);
      touches = 0;
      await to('/kiosk');
      await page.waitForFunction(() => document.querySelector('.errands em')?.textContent.includes('1'));
      await fits('start');
      await axe(page, 'start');
      await touch('.errands a[href="/kiosk/dock"]');
      await fits('dock');
      await touch('.choices a');
      assert.equal(await page.$eval('[name=person]', (one) => one.value), 'A1001');
      await keys(PINS.A1001);
      await page.click('.keypad [data-key="erase"]');
      await keys(PINS.A1001.at(-1));
      await fits('confirm');
      await axe(page, 'confirm');
      await touch('main .main');
      assert.equal(await textOf(page, 'h1'), '已开始采集');
      assert.ok(touches <= TOUCHES_MAX);
      // The screen follows, for as long as somebody stands there.
      await page.waitForFunction(() => /已完成，已登记交回/.test(document.querySelector('[data-again]').textContent), { timeout: 15000 });
      await fits('begun');
      await axe(page, 'begun');
      const { seq } = await session('done');
      await identify('explain', 'A1001');
      assert.match(await textOf(page, '.about'), /2 段视频入库逾期/);
      await fits('explain');
      await axe(page, 'explain');
      await keys(PINS.A1001);
      // Enter ends a PIN by habit; it chooses no reason for anybody.
      await page.focus('[name=pin]');
      await page.keyboard.press('Enter');
      await new Promise((resolve) => { setTimeout(resolve, 500); });
      assert.match(here(), /^\/kiosk\/explain/, 'no reason was chosen');
      await touch('.reasons button');
      await done(/已说明.*记录第 \d+/);
      assert.ok(touches <= TOUCHES_MAX, `${touches} touches`);
      assert.equal(station.json('status').missed_unexplained.length, 0);
      await identify('explain', 'A1001');
      assert.match(await textOf(page, 'main'), /没有需要您说明的/);
      await identify('mine', 'A1001');
      assert.equal((await page.$$('.lines li')).length, 2);
      await fits('clips');
      await axe(page, 'clips');
      await touch('a[href="/kiosk/mine?show=receipts"]');
      await fits('receipts');
      await touch('.lines a');
      assert.ok(await page.$('.receipt svg'));
      assert.match(await textOf(page, '.receipt'), /_0001\.MP4/);
      assert.ok(touches <= TOUCHES_MAX, `${touches} touches`);
      await fits('receipt');
      await axe(page, 'receipt');
      await identify('mine', 'b2');
      assert.equal((await page.$$('.lines li')).length, 0);
      assert.equal((await to(`/kiosk/receipt/S${seq}`)).status(), 404, 'another’s receipt');
      for (const odd of ['S0', 'x', '%2e%2e', 'S99999999999999999999']) assert.equal((await to(`/kiosk/receipt/${odd}`)).status(), 404);
    });

    test('what the station knows is ticked; a recorder that cannot be docked is handed in', async () => {
      station.as('b2', PINS.b2, 'use', 'request', 'J800001', '--purpose', '送达文书');
      const use = `U${station.json('use', 'list').uses[0].seq}`;
      station.as('h1', PINS.h1, 'use', 'approve', use);
      await identify('take', 'b2');
      assert.deepEqual(await page.$$eval('.ticks input', (all) => all.filter((one) => one.checked).map((one) => one.name)), ['free']);
      await tap('[data-tick-all]');
      await keys('000111');
      await touch('main .main');
      assert.match(await textOf(page, '.said.bad'), /口令不对/);
      await fits('take-wrong');
      // Whom two touch at once, one gets.
      const Cookie = (await page.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
      const token = await page.$eval('[name=token]', (one) => one.value);
      const id = await page.$eval('[name=id]', (one) => one.value);
      const both = `token=${token}&id=${id}&works=1&battery=1&free=1&clock=1&clerk=c1&pin=${PINS.c1}`;
      const headers = { ...FORM, Origin: station.address, Cookie };
      await Promise.all([1, 2].map(() => ask(station, { method: 'POST', to: '/kiosk/take', headers, body: both })));
      const issued = station.json('log', 'show').entries.filter(({ event }) => event.type === 'desk.issued' && event.use === use);
      assert.equal(issued.length, 1);
      touches = 0;
      await to('/kiosk');
      await touch('.errands a[href="/kiosk/dock"]');
      await touch('.foot a');
      await keys('B2');
      await page.click('.keypad [data-key="next"]');
      await keys(PINS.b2);
      await touch('main .main');
      await fits('return');
      await axe(page, 'return');
      await keys(PINS.c1);
      await touch('.reasons button');
      await done(/已交回/);
      assert.ok(touches <= TOUCHES_MAX, `${touches} touches`);
      assert.equal(station.json('recorder', 'show', 'J800001').stands, 'returned');
    });

    test('an interruption is explained by a touch, to the head of the department', async () => {
      const own = (...words) => station.as('A1001', PINS.A1001, ...words).match(/= ([ME]\d+)/)?.[1];
      const matter = own('matter', 'open', '--title', '检查', '--kind', 'inspection', '--officer', 'A1001', '--party', '某院');
      const step = own('step', 'declare', matter, '--item', 'inspection', '--place', '某路1号');
      own('step', 'close', step);
      await identify('explain', 'A1001');
      assert.match(await textOf(page, '.about'), /记录中断/);
      await keys(PINS.A1001);
      await fits('break');
      await touch('.reasons [value=battery]');
      await done(/已说明.*记录第 \d+/);
      assert.ok(touches <= TOUCHES_MAX, `${touches} touches`);
      const [{ state, told }] = station.json('interruption', 'list', '--all').interruptions;
      assert.deepEqual([state, told], ['explained', 'h1']);
    });

    test('a card is a name and never a proof, and markup, rare letters and old forms do nothing', async () => {
      await to('/kiosk/who?to=mine');
      await page.waitForFunction(() => document.activeElement?.name === 'person');
      await page.keyboard.type('A1001');
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement.name), 'pin', 'the PIN follows');
      await page.keyboard.type(PINS.A1001);
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      assert.equal(here(), '/kiosk/mine');
      const Cookie = (await page.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
      const headers = { ...FORM, Origin: station.address };
      const post = (address, body, more = {}) => ask(station, { method: 'POST', to: address, headers: { ...headers, ...more }, body });
      for (const person of ['', '𠮷野', '<script>', "' OR 1=1", 'a'.repeat(65), '../u1', 'A1001%00']) {
        const answer = await post('/kiosk/who', `to=take&person=${encodeURIComponent(person)}&pin=1`);
        assert.equal(answer.status, 303, person);
        assert.equal(answer.headers['set-cookie'], undefined, person);
        assert.match(answer.headers.location, /^\/kiosk\/who\?to=take&said=/);
      }
      for (const address of ['take', 'ask', 'fault', 'return', 'explain']) {
        for (const token of ['', '0'.repeat(64)]) {
          const answer = await post(`/kiosk/${address}`, `token=${token}&id=U5&reason=x&pin=${PINS.A1001}`, { Cookie });
          assert.equal(answer.headers.location, '/kiosk', `${address} without its token`);
        }
      }
      // The start forgets: what the browser held is worth nothing any more.
      await to('/kiosk');
      assert.equal((await ask(station, { to: '/kiosk/mine', headers: { Cookie } })).status, 303);
      assert.equal((await ask(station, { to: '/desk', headers: { Cookie } })).status, 303, 'the kiosk signs nobody in');
    });

    test('whoever stood there is forgotten after twenty seconds', async () => {
      await identify('mine', 'A1001');
      const start = Date.now();
      await page.waitForFunction(() => location.pathname === '/kiosk', { timeout: 30000 });
      const took = Date.now() - start;
      assert.ok(took > 15e3 && took < 25e3, `${took} ms`);
      await to('/kiosk/mine');
      assert.match(here(), /^\/kiosk\/who/);
    });

    test('wrong PINs slow down, say how close the lock is and whom to turn to', async () => {
      const wrong = async () => {
        await to('/kiosk/who?to=mine');
        await fill('main', { person: 'h1', pin: '000111' });
        await submit('main .main');
        return textOf(page, '.said.bad');
      };
      assert.match(await wrong(), /再错 4 次/);
      assert.match(await wrong(), /再错 3 次/);
      assert.match(await wrong(), /请等 \d+ 秒/);
      await fits('slow');
      const tries = station.json('log', 'show').entries.filter(({ event }) => event.type === 'person.pin-refused' && event.person === 'h1');
      assert.equal(tries.length, 2, 'the third was not tried');
    });

    test('a sheet of 10,000 people with 37 bad rows says each of them and takes nobody in', async () => {
      await signIn('u1');
      const rows = Array.from({ length: 10000 }, (_, n) => {
        const bad = n % 270 === 100;
        return `P${10000 + n},${bad ? '' : `人${n}`},执法人员`;
      });
      const count = rows.filter((row) => row.includes(',,')).length;
      assert.equal(count, 37);
      const sheet = (lines) => {
        const file = path.join(station.dir, 'people.csv');
        fs.writeFileSync(file, `\uFEFF编号,姓名,职务\r\n${lines.join('\r\n')}\r\n`);
        return file;
      };
      const upload = async (file) => {
        await to('/import/people');
        await (await page.$('[name=file]')).uploadFile(file);
        await submit('[data-sheet] button');
      };
      const size = () => station.json('status').head.size;
      const before = size();
      await upload(sheet(rows));
      assert.match(await textOf(page, '.said.bad:not([hidden])'), /37 处需要改正/);
      const lines = await page.$$eval('#complaints tbody tr', (all) => all.map((row) => Number(row.children[0].textContent)));
      assert.equal(lines.length, 37);
      assert.deepEqual(lines, rows.map((row, n) => (row.includes(',,') ? n + 2 : 0)).filter(Boolean));
      await picture(page, 'import-bad', 'desk');
      await axe(page, 'import');
      await picture(page, 'import-bad', 'phone');
      await page.setViewport({ width: 1366, height: 768 });
      assert.equal(size(), before);
      await upload(sheet(rows.slice(0, 100)));
      assert.match(await textOf(page, '.figures'), /100[^]*将新登记/);
      await picture(page, 'import-good', 'desk');
      await fill('main', { pin: PINS.u1 });
      await submit('.decide .main');
      await done(/已.*记录第 \d+/);
      assert.equal(size(), before + 100);
      // The same form once more does nothing: they are all there.
      await page.goBack().catch(() => {});
      await upload(sheet(['P1,=cmd()|x,执法人员', 'P2,<b>,领导']));
      assert.match(await textOf(page, '.said.bad:not([hidden])'), /[12] 处需要改正/);
      const junk = path.join(station.dir, 'junk.xlsx');
      fs.writeFileSync(junk, Buffer.from([0x50, 0x4b, 3, 4, 0, 255, 254]));
      await to('/import/people');
      await (await page.$('[name=file]')).uploadFile(junk);
      await page.click('[data-sheet] button');
      await page.waitForSelector('[data-sheet] .said:not([hidden])');
      assert.equal(size(), before + 100);
    });

    test('a policy is shown with its sources, and a change with what it does', async () => {
      await to('/policy');
      assert.ok((await page.$$('.rules tbody tr')).length > 35);
      await picture(page, 'policy', 'desk');
      await axe(page, 'policy');
      const propose = async (change) => {
        await to('/policy');
        await page.$eval('#propose', (one) => { one.open = true; });
        const text = await page.$eval('textarea', (one) => one.value);
        await page.$eval('textarea', (one, other) => { one.value = other; }, change(text));
        await submit('#propose .main');
      };
      await propose((text) => text.replace('cite = "002/A6-§8: charged', 'cyte = "002/A6-§8: charged'));
      assert.match(await textOf(page, '.said.bad'), /策略文本不能施行.*policy/s);
      await propose((text) => text.replace('battery_min = { value = 50', 'battery_min = { value = 60'));
      const changed = await page.$$eval('.rules tbody', ([first]) => [...first.children].map((row) => row.textContent));
      assert.equal(changed.length, 1);
      assert.match(changed[0], /领用最低电量50 [^]*60 /);
      await picture(page, 'policy-preview', 'desk');
      await axe(page, 'policy-preview');
      await picture(page, 'policy-preview', 'phone');
      await page.setViewport({ width: 1366, height: 768 });
      await fill('main .decide', { pin: PINS.u1 });
      await submit('main .decide .main');
      await done(/已.*记录第 \d+/);
      assert.match(station.json('policy', 'show').text, /battery_min = \{ value = 60/);
    });

    test('every page in English, too, and the record is whole', async () => {
      await to('/language?to=en&back=/admin');
      for (const [address, what] of [['/admin', 'admin'], ['/people?find=u1', 'people'], ['/recorders', 'recorders'], ['/places', 'places'], ['/policy', 'policy'], ['/import/people', 'import'], ['/pin', 'pin']]) {
        await to(address);
        await axe(page, `${what} en`);
        await picture(page, `${what}-en`, 'desk');
        await picture(page, `${what}-en`, 'phone');
      }
      await page.setViewport({ width: 1024, height: 768 });
      await to('/kiosk');
      await fits('start-en');
      await picture(page, 'start-en', 'phone');
      await to('/kiosk/who?to=take');
      await fits('who-en');
      await page.click('.keypad [data-key="letters"]');
      await fits('letters-en');
      await picture(page, 'who-en', 'phone');
      assert.match(station.run('check'), /正常/);
    });

    test('the browser complained of nothing', async () => {
      const all = (await complaints()).filter((text) => !/status of (404|422)/.test(text));
      assert.deepEqual(all, []);
    });
  });
}
