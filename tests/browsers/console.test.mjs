// The console as people use it, in real browsers: the wall that moves by itself, a recorder that is confirmed, the desk, a
// decision; what a stranger, an officer and a page of another site get; no serious complaint of axe, in both languages.
// `node console.test.mjs PROGRAMS TOOLS SCRATCH`, where there is no network. Pictures of every page go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { BROWSERS, open, visit } from './driver.mjs';
import { checked, fill, home, picture as shot, submit, textOf } from './pages.mjs';
import { HEAD_PIN, OFFICERS, PIN, Station } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
home();
const MIB = 1 << 20;
/** Of the policy or of a script, nothing is expected; a page that refuses something says so with its status. */
const unexpected = (complaints) => complaints.filter((text) => !/status of (404|422)/.test(text));

const picture = (page, name, size) => shot(page, `console-${name}-${size}`, size);

/** Without a browser: whatever headers an enemy likes. */
const ask = (station, { method = 'GET', to = '/', headers = {}, body = '' }) => new Promise((resolve, reject) => {
  const { port } = new URL(station.address);
  const request = http.request({ host: '127.0.0.1', port, method, path: to, headers }, (answer) => {
    let text = '';
    answer.on('data', (part) => { text += part; });
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
  });
  request.on('error', reject);
  request.end(body);
});

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

for (const name of BROWSERS) {
  describe(`the console in ${name}`, { concurrency: false }, () => {
    let station;
    let browser;
    let seen;

    before(async () => {
      station = new Station(PROGRAMS, path.join(SCRATCH, `console-${name}`));
      station.found();
      await station.start();
      browser = await open(name, TOOLS);
      seen = await visit(browser, `${station.address}/`);
    });

    after(async () => {
      await browser?.browser.close();
      await station?.stop();
    });

    const to = (address) => seen.page.goto(`${station.address}${address}`);
    const tiles = (tone) => seen.page.$$eval(`.tile.${tone}`, (all) => all.map((tile) => tile.dataset.bay));
    const stands = (bay, word) => seen.page.waitForFunction(
      (at, text) => document.querySelector(`.tile[data-bay="${at}"] .state`)?.textContent.includes(text), {}, bay, word,
    );
    const confirm = async ({ id, bay, recorder }, pin) => {
      await to(`/kiosk/confirm?bay=${bay}&recorder=${recorder}`);
      await fill(seen.page, { person: id, pin });
      await submit(seen.page, 'main .main');
    };
    const signIn = async (person, pin) => {
      await seen.page.deleteCookie(...await seen.page.cookies());
      await to('/sign-in');
      await fill(seen.page, { person, pin });
      await submit(seen.page, 'main .main');
    };

    const axe = (page, name) => checked(page, name, station);

    test('recorders appear on the wall by themselves and wait for their person', async () => {
      assert.deepEqual(await tiles('grey'), ['1', '2', '3', '4', '5', '6']);
      station.plug(OFFICERS[0], [150 * MIB, 20 * MIB, MIB]);
      station.plug(OFFICERS[1], [MIB]);
      station.plug(OFFICERS[2], [2 * MIB, MIB]);
      for (const { bay } of OFFICERS) await stands(bay, '请本人确认');
      assert.match(await textOf(seen.page, '.tile[data-bay="1"]'), /J800001[^]*李明/);
      await picture(seen.page, 'waiting', 'wall');
      await axe(seen.page, 'wall');
    });

    test('a wrong PIN docks nothing and says so; the right one begins, and its person may go', async () => {
      await to('/kiosk/dock');
      const choices = await seen.page.$$eval('.choices a', (all) => all.map((one) => one.getAttribute('href')));
      assert.deepEqual(choices, OFFICERS.map(({ bay, recorder }) => `/kiosk/confirm?bay=${bay}&recorder=${recorder}`));
      await picture(seen.page, 'kiosk', 'kiosk');
      await axe(seen.page, 'kiosk');
      await confirm(OFFICERS[0], '112233');
      assert.match(await textOf(seen.page, '.said.bad'), /口令不对/);
      assert.equal(await seen.page.$eval('[name=pin]', (field) => field.value), '');
      assert.equal(station.json('session', 'list').sessions.length, 0);
      await picture(seen.page, 'kiosk-wrong', 'kiosk');
      await axe(seen.page, 'kiosk-wrong');
      // A slip of the pen makes nobody's footage of it.
      await confirm({ ...OFFICERS[0], id: '0OO101' }, PIN);
      assert.match(await textOf(seen.page, '.said.bad'), /未登记/);
      assert.equal(station.json('session', 'list').sessions.length, 0);
      await confirm(OFFICERS[0], PIN);
      assert.equal(await textOf(seen.page, 'h1'), '已开始采集');
      assert.match(seen.page.url(), /kiosk\/begun/, 'loaded again it sends no PIN');
      await picture(seen.page, 'kiosk-begun', 'kiosk');
    });

    test('the wall says done once every line is accounted for, in either language, and its bar never runs backwards', async () => {
      await to('/');
      await confirm(OFFICERS[1], PIN);
      await to('/');
      await picture(seen.page, 'running', 'wall');
      await seen.page.evaluate(() => {
        window.ways = [];
        new MutationObserver(() => {
          const parts = document.querySelectorAll('.tile[data-bay="1"] rect:not(.ground)');
          if (parts.length) window.ways.push([...parts].reduce((sum, part) => sum + Number(part.getAttribute('width')), 0));
        }).observe(document.getElementById('live'), { childList: true });
      });
      for (const bay of ['1', '2']) await stands(bay, '完成，可取走');
      const ways = await seen.page.evaluate(() => window.ways);
      assert.deepEqual(ways, [...ways].sort((a, b) => a - b));
      assert.deepEqual(await tiles('green'), ['1', '2']);
      assert.deepEqual(await tiles('blue'), ['3']);
      await picture(seen.page, 'done', 'wall');
      await picture(seen.page, 'done', 'desk');
      await picture(seen.page, 'done', 'phone');
      await to('/language?to=en&back=/');
      assert.match(await textOf(seen.page, '.tile.green .state'), /done, may be taken/);
      await picture(seen.page, 'done-en', 'wall');
      await to('/language?to=zh&back=/');
    });

    test('the desk asks who it is, and shows whoever may read everything', async () => {
      await to('/evidence');
      assert.match(seen.page.url(), /\/sign-in\?to=%2Fevidence$/);
      await picture(seen.page, 'sign-in', 'desk');
      await axe(seen.page, 'sign-in');
      await fill(seen.page, { person: 'c1', pin: 'wrong' });
      await submit(seen.page, 'main .main');
      assert.match(await textOf(seen.page, '.said.bad'), /口令不对/);
      await fill(seen.page, { person: 'c1', pin: PIN });
      await submit(seen.page, 'main .main');
      assert.equal(new URL(seen.page.url()).pathname, '/evidence');
      const { head } = station.json('status');
      assert.ok((await textOf(seen.page, '.facts')).includes(head.root));
      for (const lang of ['zh', 'en']) {
        await to(`/language?to=${lang}&back=/desk`);
        for (const room of ['desk', 'clips', 'sessions', 'uses', 'approvals', 'evidence']) {
          await to(`/${room}`);
          await axe(seen.page, room);
          await picture(seen.page, `${room}-${lang}`, 'desk');
          await picture(seen.page, `${room}-${lang}`, 'phone');
        }
      }
      await to('/language?to=zh&back=/desk');
    });

    test('the life of a clip is what the command line says, gaps included, and its proof is made again', async () => {
      await to('/clips?recorder=J800001');
      assert.equal((await seen.page.$$('tbody tr')).length, 3);
      await to('/clips?recorder=J800001&marked=1');
      const clip = await textOf(seen.page, 'tbody a');
      await submit(seen.page, 'tbody a');
      const said = station.json('report', 'clip', clip);
      const [recorded, ...entries] = await seen.page.$$eval('.life li:not(.gap)', (all) => all.map((one) => one.textContent));
      assert.match(recorded, /录制/, 'which no entry says, and comes before all of them');
      assert.equal(entries.length, said.entries.length);
      const times = await seen.page.$$eval('.life li .time', (all) => all.map((one) => one.textContent).filter((text) => text));
      assert.deepEqual(times, [...times].sort(), 'a life goes on in its order');
      assert.equal((await seen.page.$$('.life li.gap')).length, said.gaps.length);
      assert.match(await textOf(seen.page, '.life'), /核验入库：.*三次读取一致/s);
      assert.match(await textOf(seen.page, '.life'), /张|李|王|赵|采集站/, 'hands by name');
      await submit(seen.page, 'a.main');
      assert.match(await textOf(seen.page, '.said.good'), /已证明/);
      await axe(seen.page, 'clip');
      await picture(seen.page, 'clip', 'desk');
      await picture(seen.page, 'clip', 'phone');
      await to('/sessions');
      await submit(seen.page, 'tbody a');
      assert.ok((await seen.page.$$('tbody tr')).length >= 1);
      await axe(seen.page, 'session');
      await picture(seen.page, 'session', 'desk');
    });

    test('a request is decided by who may, with the PIN once more, and by nobody else', async () => {
      const clip = `C${station.json('clip', 'list').clips[0].seq}`;
      station.run('access', 'request', '--who', 'authority', '--for', 'view', '--clip', clip, '--name', '赵', '--unit', '法院',
        '--phone', '0734-119', '--matter', '(2026) 12', '--reason', '<b>开庭</b>', '--as', 'c1', '--pin-file', station.pinFile(PIN));
      const state = () => station.json('access', 'list').requests[0].state;
      await to('/approvals');
      assert.equal(await seen.page.$('.decide'), null, 'a clerk does not decide on what they wrote down');
      await signIn('u1', HEAD_PIN);
      await to('/approvals');
      assert.match(await textOf(seen.page, '.ask'), /<b>开庭<\/b>/);
      await picture(seen.page, 'approval', 'desk');
      await axe(seen.page, 'approval');
      assert.match(await textOf(seen.page, '.asked'), new RegExp(`${clip} · .*李明|王芳|张伟`), 'whoever approves sees what it is');
      const terms = () => seen.page.$$eval('.decide [type=number]', (all) => all.map(({ name, value }) => `${name} ${value}`));
      assert.deepEqual(await terms(), ['times 1', 'days 7'], 'what the policy says');
      await fill(seen.page, { pin: '000111', reason: '可以', times: '2', days: '3' });
      await submit(seen.page, '.decide [value=approve]');
      assert.match(await textOf(seen.page, '.said.bad'), /未能办理/);
      assert.equal(state(), 'asked');
      await fill(seen.page, { pin: HEAD_PIN, reason: '同意', times: '2', days: '99' });
      await seen.page.$eval('.decide [name=days]', (field) => { field.removeAttribute('max'); });
      await submit(seen.page, '.decide [value=approve]');
      assert.match(await textOf(seen.page, '.said.bad'), /未能办理/, 'more than the policy allows is nobody\'s to grant');
      assert.equal(state(), 'asked');
      await fill(seen.page, { pin: HEAD_PIN, reason: '同意', times: '2', days: '3' });
      await submit(seen.page, '.decide [value=approve]');
      assert.match(await textOf(seen.page, '.said.good'), /已批准.*每段 2 次.*记录第 \d+/);
      assert.equal(state(), 'approved');
      assert.match(seen.page.url(), /approvals\?said=/, 'loaded again it sends no PIN');
      await picture(seen.page, 'approved', 'desk');
    });

    test('a recorder is asked for, approved, checked, handed out and docked', async () => {
      await signIn(OFFICERS[2].id, PIN);
      await to('/uses');
      assert.equal(await seen.page.$('#take'), null, 'none is designated to them');
      station.run('recorder', 'designate', 'J800002', '--officer', OFFICERS[2].id, '--reason', 'test', '--as', 'c1', '--pin-file', station.pinFile(PIN));
      await to('/uses');
      await seen.page.select('#take [name=recorder]', 'J800002');
      await fill(seen.page, { purpose: '执法检查', pin: PIN });
      await submit(seen.page, '#take .main');
      assert.match(await textOf(seen.page, '.said.good'), /已.*记录第 \d+/);
      assert.match(await textOf(seen.page, '.ask'), /张伟 000103 J800002.*由谁批准周队长 h1/);
      await signIn('h1', HEAD_PIN);
      await to('/approvals');
      await fill(seen.page, { pin: HEAD_PIN });
      await submit(seen.page, '.decide [value=approve]');
      assert.match(await textOf(seen.page, '.said.good'), /已.*记录第 \d+/);
      await signIn('c1', PIN);
      await to('/uses');
      const handOut = async (ticks) => {
        await fill(seen.page, { battery: '90', free_mib: '20000' });
        await seen.page.$eval('.decide:not(#take) [name=pin]', (field, pin) => { field.value = pin; }, PIN);
        for (const tick of ticks) await seen.page.click(`[name=${tick}]`);
        await submit(seen.page, '.decide:not(#take) .main');
      };
      // A tick that was forgotten reports nothing as faulty: it is asked about first.
      await handOut(['clock']);
      assert.match(await textOf(seen.page, 'h1'), /确实不正常/);
      assert.deepEqual(await seen.page.$$eval('.alarms li', (all) => all.map((one) => one.textContent)), ['能正常工作']);
      assert.ok(!seen.page.url().includes(PIN));
      assert.equal(station.json('recorder', 'show', 'J800002').stands, 'acquired');
      await picture(seen.page, 'unticked', 'desk');
      await axe(seen.page, 'unticked');
      await fill(seen.page, { pin: PIN });
      await submit(seen.page, '.decide button');
      assert.match(await textOf(seen.page, '.said.bad'), /未能办理.*J800002 检查不合格/);
      assert.equal(station.json('use', 'list').uses[0].state, 'approved', 'what does not work is not handed out');
      await picture(seen.page, 'hand-out', 'desk');
      await axe(seen.page, 'uses');
      // It was reported as faulty by that; the clerk says, here, that it works again.
      assert.equal(station.json('recorder', 'show', 'J800002').stands, 'faulty');
      await seen.page.click('#faulty-J800002 summary');
      await seen.page.$eval('#faulty-J800002 [name=reason]', (field) => { field.value = '已检修'; });
      await seen.page.$eval('#faulty-J800002 [name=pin]', (field, pin) => { field.value = pin; }, PIN);
      await submit(seen.page, '#faulty-J800002 button');
      assert.match(await textOf(seen.page, '.said.good'), /已.*记录第 \d+/);
      assert.equal(await seen.page.$('#faulty-J800002'), null);
      await seen.page.$eval('.decide:not(#take) [name=battery]', (field) => { field.removeAttribute('max'); });
      await fill(seen.page, { battery: '400', free_mib: '20000' });
      await seen.page.$eval('.decide:not(#take) [name=pin]', (field, pin) => { field.value = pin; }, PIN);
      await submit(seen.page, '.decide:not(#take) .main');
      assert.match(await textOf(seen.page, '.said.bad'), /电量是 0 到 100/);
      await handOut(['works', 'clock']);
      assert.match(await textOf(seen.page, '.said.good'), /使用前检查合格，J800002 已交付张伟（U\d+）。记录第 \d+、\d+ 条/);
      assert.equal(station.json('use', 'list').uses[0].state, 'issued');
      await picture(seen.page, 'out', 'desk');
      await picture(seen.page, 'out', 'phone');
    });

    test('a keyboard alone signs in, finds a clip and signs out', async () => {
      await seen.page.deleteCookie(...await seen.page.cookies());
      await to('/clips');
      await seen.page.waitForFunction(() => document.activeElement?.name === 'person');
      await seen.page.keyboard.type('c1');
      await seen.page.keyboard.press('Tab');
      await seen.page.keyboard.type(PIN);
      await Promise.all([seen.page.waitForNavigation(), seen.page.keyboard.press('Enter')]);
      assert.equal(new URL(seen.page.url()).pathname, '/clips');
      const focus = () => seen.page.evaluate(() => document.activeElement.textContent.trim());
      const tabTo = async (text) => {
        for (let n = 0; n < 60; n += 1) {
          await seen.page.keyboard.press('Tab');
          if ((await focus()).match(text)) return;
        }
        assert.fail(`the key Tab does not reach ${text}`);
      };
      await tabTo(/^C\d+$/);
      await Promise.all([seen.page.waitForNavigation(), seen.page.keyboard.press('Enter')]);
      assert.match(await textOf(seen.page, 'h1'), /^资料 C\d+$/);
      await tabTo(/^退出$/);
      await Promise.all([seen.page.waitForNavigation(), seen.page.keyboard.press('Enter')]);
      await to('/desk');
      assert.match(seen.page.url(), /sign-in/);
    });

    test('an officer reads their own and is told of no other', async () => {
      await signIn(OFFICERS[1].id, PIN);
      await to('/clips?officer=000101');
      const owners = await seen.page.$$eval('tbody tr', (rows) => rows.map((row) => row.children[5].textContent));
      assert.deepEqual(owners, ['王芳 000102']);
      await picture(seen.page, 'own', 'desk');
      const other = station.json('clip', 'list').clips.find(({ officer }) => officer === '000101');
      const own = station.json('clip', 'list').clips.find(({ officer }) => officer === '000102');
      const status = async (address) => (await to(address)).status();
      assert.equal(await status(`/clips/C${own.seq}`), 200);
      assert.equal(await status('/desk'), 200);
      assert.equal(new URL(seen.page.url()).pathname, '/clips');
      for (const closed of [`/clips/C${other.seq}`, `/clips/C${other.seq}?prove=1`, '/clips/C999999', '/sessions', '/approvals', '/evidence']) {
        assert.equal(await status(closed), 404, closed);
      }
    });

    test('alarms come in the language of the page, with what people wrote as they wrote it', async () => {
      const [{ id, recorder }] = OFFICERS;
      station.run('recorder', 'breach', recorder, '--officer', id, '--reason', '夜间突发', '--as', 'c1', '--pin-file', station.pinFile(PIN));
      await signIn('c1', PIN);
      const said = { zh: /报警：李明 000101 未经批准领用记录仪 J800001.*夜间突发.*周队长 h1/, en: /Alarm: 李明 000101 took recorder J800001 without approval.*夜间突发.*周队长 h1/ };
      for (const lang of ['en', 'zh']) {
        await to(`/language?to=${lang}&back=/desk`);
        assert.match(await textOf(seen.page, '.alarms'), said[lang]);
        await axe(seen.page, `alarms ${lang}`);
        await picture(seen.page, `alarms-${lang}`, 'desk');
        await picture(seen.page, `alarms-${lang}`, 'phone');
      }
      // Whom it names answers it, on a page; nobody else can.
      await to('/uses');
      const form = '.decide:has([value=answer])';
      assert.equal(await seen.page.$(form), null, 'it is not for the clerk');
      await signIn('h1', HEAD_PIN);
      await to('/uses');
      await picture(seen.page, 'breach', 'desk');
      await axe(seen.page, 'breach');
      const answer = async (pin) => {
        await fill(seen.page, { reason: '情况属实，已批评教育', pin }, form);
        await submit(seen.page, `${form} .main`);
      };
      await answer('000111');
      assert.match(await textOf(seen.page, '.said.bad'), /未能办理/);
      await answer(HEAD_PIN);
      assert.match(await textOf(seen.page, '.said.good'), /记录第 \d+/);
      assert.equal(await seen.page.$(form), null);
      await to('/desk');
      assert.equal((await seen.page.$$eval('.alarms li', (all) => all.filter((one) => one.textContent.includes('未经批准')))).length, 0);
    });

    test('a page of whoever was signed out elsewhere goes by itself', async () => {
      await signIn('c1', PIN);
      await to('/clips');
      const own = (await seen.page.cookies()).find((one) => one.name === '__Host-sealdock');
      const token = await seen.page.$eval('[name=token]', (field) => field.value);
      const headers = { Host: new URL(station.address).host, Origin: station.address, ...FORM, Cookie: `${own.name}=${own.value}` };
      const [answer] = await Promise.all([
        ask(station, { method: 'POST', to: '/sign-out', headers, body: `token=${token}` }),
        seen.page.waitForNavigation(),
      ]);
      assert.equal(answer.headers['clear-site-data'], '"cache", "storage"');
      assert.equal(new URL(seen.page.url()).pathname, '/sign-in');
      assert.equal(await seen.page.$('main table'), null);
      assert.equal(new URL(seen.page.url()).searchParams.get('to'), '/clips');
    });

    test('whoever is not signed in gets no word of a register, and no other site gets anything done', async () => {
      const host = { Host: new URL(station.address).host };
      const own = { ...host, Origin: station.address };
      for (const room of ['/desk', '/clips', '/clips/C21', '/uses', '/sessions', '/sessions/S19', '/approvals', '/evidence']) {
        for (const cookie of ['', '__Host-sealdock=', '__Host-sealdock=0', `__Host-sealdock=${'0'.repeat(64)}`]) {
          const answer = await ask(station, { to: room, headers: { ...host, Cookie: cookie } });
          assert.equal(answer.status, 303, `${room} ${cookie}`);
          assert.equal(answer.text, '');
        }
      }
      const sign = { method: 'POST', to: '/sign-in', body: `person=c1&pin=${PIN}` };
      for (const evil of [{ Origin: 'http://evil.example' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }, {}]) {
        const answer = await ask(station, { ...sign, headers: { ...host, ...FORM, ...evil } });
        assert.equal(answer.status, 403, JSON.stringify(evil));
        assert.equal(answer.headers['set-cookie'], undefined);
      }
      assert.equal((await ask(station, { headers: { Host: 'evil.example' } })).status, 403);
      const good = await ask(station, { ...sign, headers: { ...own, ...FORM } });
      const [cookie] = good.headers['set-cookie'];
      assert.match(cookie, /^__Host-sealdock=[0-9a-f]{64}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
      const Cookie = cookie.split(';')[0];
      const page = await ask(station, { to: '/clips', headers: { ...host, Cookie } });
      assert.equal(page.status, 200);
      assert.equal(page.headers['cache-control'], 'no-store');
      assert.match(page.headers['content-security-policy'], /default-src 'none'/);
      // Two cookies of one name, and a decision without the token of the session.
      assert.equal((await ask(station, { to: '/clips', headers: { ...host, Cookie: `${Cookie}; ${Cookie}` } })).status, 303);
      const body = `token=&kind=access&id=V1&decision=approve&reason=&pin=${PIN}`;
      assert.equal((await ask(station, { method: 'POST', to: '/approvals', headers: { ...own, ...FORM, Cookie }, body })).status, 403);
      const out = `token=${page.text.match(/name="token" value="([0-9a-f]+)"/)[1]}`;
      await ask(station, { method: 'POST', to: '/sign-out', headers: { ...own, ...FORM, Cookie }, body: 'token=another' });
      assert.equal((await ask(station, { to: '/clips', headers: { ...host, Cookie } })).status, 200, 'not by a form of another');
      await ask(station, { method: 'POST', to: '/sign-out', headers: { ...own, ...FORM, Cookie }, body: out });
      assert.equal((await ask(station, { to: '/clips', headers: { ...host, Cookie } })).status, 303);
      const large = await ask(station, { ...sign, headers: { ...own, ...FORM }, body: `person=c1&pin=${'9'.repeat(70000)}` });
      assert.equal(large.status, 413);
      for (const odd of ['/clips?after=C0%00', '/clips?day=gestern', '/clips/C-1', '/sessions/%2e%2e', '/static/..%2f..%2fCargo.toml', '/clips?officer=%3Cscript%3E']) {
        const answer = await ask(station, { to: odd, headers: { ...host, Cookie } });
        assert.ok([303, 404].includes(answer.status), `${odd} ${answer.status}`);
      }
    });

    test('the wall tells the truth when the station goes, and again when it is back', async () => {
      await to('/');
      await seen.page.waitForSelector('.tile');
      const { port } = new URL(station.address);
      await station.stop();
      await seen.page.waitForSelector('#lost:not([hidden])');
      // In the station's time, wherever the browser thinks it is.
      const [, told] = (await textOf(seen.page, '#lost')).match(/请勿取走.*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/);
      assert.ok(Math.abs(Date.parse(`${told.replace(' ', 'T')}+08:00`) - Date.now()) < 120000, told);
      const states = await seen.page.$$eval('.tile .state', (all) => all.filter((one) => getComputedStyle(one).display !== 'none').length);
      assert.equal(states, 0, 'what nobody hears of any more is not said to be done');
      await picture(seen.page, 'lost', 'wall');
      await station.start(port);
      await seen.page.waitForSelector('#lost[hidden]');
      await stands('3', '请本人确认');
    });

    test('the browser complained of nothing', async () => {
      const complaints = unexpected(await seen.complaints()).filter((text) => !/ERR_|NetworkError|can’t establish/.test(text));
      assert.deepEqual(complaints, []);
    });
  });
}
