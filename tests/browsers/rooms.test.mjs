// The rooms of the console in real browsers: cases, holds, a spot check, a court copy from application to package, registers,
// statistics, calendar, and a disposal by two persons over half a year; what the second of two who decide at once is told;
// what bad input comes to; a keyboard alone; no serious complaint of axe, in both languages, at a desk's and a phone's width.
// `node rooms.test.mjs PROGRAMS TOOLS SCRATCH`, where there is no network. Pictures of every page go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { BROWSERS, open, visit } from './driver.mjs';
import { atDesk, Later } from './desk.mjs';
import { fill, home, sound, submit } from './pages.mjs';
import { HEAD_PIN, OFFICERS, PIN } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
home();
const [OFFICER, OTHER] = OFFICERS;
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Nothing is expected but that a page says with its status what it refuses. */
const unexpected = (complaints) => complaints.filter((text) => !/status of (404|422|403)|favicon\.ico/.test(text));

const made = async (dir) => {
  const station = new Later(PROGRAMS, dir);
  station.at('2026-03-02T09:00:00+08:00');
  station.found([['a1', '吴审计', 'auditor'], ['c2', '郑管理', 'clerk']]);
  station.ingest(OFFICER, [
    ['h264-aac.mp4', '2026-03-02T08:15:00+08:00'],
    ['h265-hvc1.mp4', '2026-03-02T08:40:00+08:00', '_IMP'],
    ['no-moov.mp4', '2026-03-02T08:50:00+08:00'],
    ['h264-faststart.mp4', '2026-03-02T08:55:00+08:00'],
  ]);
  station.ingest(OTHER, [['h265-hev1.mp4', '2026-03-02T08:20:00+08:00']]);
  // Time that is to count begins with somebody who answers for the clock.
  station.as('u1', 'clock', 'trust', '--reason', 'x');
  await station.start();
  return station;
};

for (const name of BROWSERS) {
  describe(`rooms in ${name}`, { concurrency: false }, () => {
    let station;
    let browser;
    let seen;
    let clips;

    before(async () => {
      // A path without a place to break, longer than a phone is wide: wherever this runs, pages show such a one.
      station = await made(path.join(SCRATCH, `rooms-${name}-${'0123456789abcdef'.repeat(4)}`));
      clips = station.json('clip', 'list').clips.map(({ seq }) => `C${seq}`);
      browser = await open(name, TOOLS);
      seen = await visit(browser, `${station.address}/`);
      await seen.page.setViewport({ width: 1366, height: 768 });
    });

    after(async () => {
      await browser?.browser.close();
      await station?.stop();
    });

    const { to, textOf, at, signIn, send, good, bad, picture, looked } = atDesk('rooms', name, () => ({ station, seen }));

    test('an officer opens a case, and a clip belongs to it; who is no officer of it sees none', async () => {
      await signIn(OFFICER.id);
      await to('/cases');
      const rooms = await seen.page.$$eval('header .rooms a', (all) => all.map((one) => one.getAttribute('href')));
      assert.deepEqual(rooms, ['/', '/clips', '/cases', '/uses']);
      await send('open', { title: '检查某养老院 <b>', kind: 'inspection', parties: '某养老院\n=1+1', case_file: '(2026) 12', pin: PIN });
      await good();
      const [matter] = station.json('matter', 'list').matters;
      assert.deepEqual([matter.title, matter.parties], ['检查某养老院 <b>', '某养老院\n=1+1']);
      await to(`/cases/M${matter.seq}`);
      await send('declare', { item: 'inspection', place: '某路 1 号', pin: PIN });
      await good();
      await to(`/clips/${clips[0]}`);
      await send('bind', { place: `M${matter.seq} E${station.json('matter', 'show', `M${matter.seq}`).steps[0].seq}`, pin: PIN });
      await good();
      assert.match(await textOf('main'), new RegExp(`M${matter.seq} E`));
      await to(`/cases/M${matter.seq}`);
      await send('bind', { clips: clips[4], pin: PIN });
      await bad(/没有这一页|no such page/);
      await looked('case', `/cases/M${matter.seq}`);
      await signIn(OTHER.id);
      assert.equal((await to(`/cases/M${matter.seq}`)).status(), 404);
      await to('/cases');
      assert.equal((await seen.page.$$('tbody tr')).length, 0);
      await signIn('c1');
      await looked('cases', '/cases');
      await to(`/clips?case=M${matter.seq}`);
      assert.deepEqual(await seen.page.$$eval('tbody a', (all) => all.map((one) => one.textContent)), [clips[0]]);
    });

    test('a clip gets its class on its page, from who may give it', async () => {
      await signIn('c1');
      for (const clip of clips.slice(0, 3)) {
        await to(`/clips/${clip}`);
        await send('class', { class: 'ordinary', reason: '巡查', pin: PIN });
        await good();
      }
      assert.equal(station.json('clip', 'show', clips[1]).class, 'ordinary');
      await to('/clips?class=ordinary');
      assert.equal((await seen.page.$$('tbody tr')).length, 3);
      await to('/clips?class=~&department=d1');
      assert.equal((await seen.page.$$('tbody tr')).length, 2);
      await looked('clips', '/clips?class=~');
      await looked('clip', `/clips/${clips[1]}`);
    });

    test('a hold is asked for by the officer and approved with a keyboard alone; who comes second is told', async () => {
      await signIn(OFFICER.id);
      await to(`/clips/${clips[1]}`);
      await send('hold', { ground: 'objection', reason: '当事人有异议', pin: PIN });
      await good();
      assert.match(await textOf('main'), /待批准（已生效）/);
      const hold = () => station.json('hold', 'list').holds[0];
      await signIn('c1');
      await to(`/holds/K${hold().seq}`);
      assert.equal(await seen.page.$('#answer'), null, 'it is not for the clerk');
      await to('/approvals');
      assert.equal(await seen.page.$('#for-you'), null, 'nor does it wait for the clerk');
      await signIn('h1');
      await to('/approvals');
      assert.match(await textOf('#for-you'), new RegExp(`长期保存申请.*K${hold().seq}`));
      assert.match(await textOf('.rooms.within .badge'), /[1-9]/);
      await looked('hold', `/holds/K${hold().seq}`);
      await to(`/holds/K${hold().seq}`);
      const tabTo = async (wanted) => {
        for (let n = 0; n < 80; n += 1) {
          await seen.page.keyboard.press('Tab');
          const focus = await seen.page.evaluate(() => [document.activeElement.name, document.activeElement.value].join(' '));
          if (focus.match(wanted)) return;
        }
        assert.fail(`the key Tab does not reach ${wanted}`);
      };
      await tabTo(/^pin /);
      await seen.page.keyboard.type(HEAD_PIN);
      await tabTo(/^act approve/);
      await Promise.all([seen.page.waitForNavigation(), seen.page.keyboard.press('Enter')]);
      await good();
      assert.equal(hold().state, 'approved');
      // The release is asked for elsewhere while this page still offers it.
      await to(`/holds/K${hold().seq}`);
      station.as('c1', 'hold', 'release', `K${hold().seq}`, '--reason', 'x');
      await send('release', { reason: '已了结', pin: HEAD_PIN });
      await bad(/已由他人办理.*待解除/);
      assert.equal(hold().release_reason, 'x');
      await looked('holds', '/holds');
    });

    test('a spot check is announced, drawn by the chain, answered, corrected and closed', async () => {
      await signIn('c1');
      await to('/checks');
      assert.equal(await seen.page.$('#announce'), null, 'a clerk announces none');
      await signIn('a1');
      await looked('checks', '/checks');
      await to('/checks');
      await send('announce', { count: '2', ahead: '17', pin: PIN });
      await good();
      const check = () => station.json('spotcheck', 'list', `Q${station.json('spotcheck', 'list').spotchecks[0].seq}`);
      const page = `/checks/Q${check().seq}`;
      await to(page);
      assert.equal(await seen.page.$('#draw'), null);
      assert.match(await textOf('main'), /还不够长.*\d+/);
      for (let n = 0; n < 18; n += 1) station.as('c1', 'recorder', 'add', `X${n}`);
      await to(page);
      await send('draw', { pin: PIN });
      await good();
      assert.ok((await textOf('.facts')).includes(check().root));
      const drawn = check().clip_rows.map(({ clip }) => `C${clip}`);
      assert.equal(drawn.length, 2);
      await looked('check', page);
      await to(page);
      const answers = { worn: 'yes', told: 'yes', manners: 'yes', recorded: 'yes', signed: 'not-applicable', announced: 'yes' };
      await send(`answer-${drawn[0]}`, { ...answers, worn: 'no', pin: PIN });
      await bad(/请写明发现的问题.*K\d+/s);
      await send(`answer-${drawn[0]}`, { ...answers, worn: 'no', finding: '佩戴过低', pin: PIN });
      await good();
      await send(`answer-${drawn[1]}`, { ...answers, pin: PIN });
      await good();
      assert.equal(await seen.page.$('#close'), null, 'a finding is not corrected yet');
      await signIn('h1');
      await to(page);
      await send(`correct-${drawn[0]}`, { text: '已重新培训', pin: HEAD_PIN });
      await good();
      await signIn('a1');
      await to(page);
      await send('close', { text: '一处问题，已整改', pin: PIN });
      await good();
      assert.equal(check().state, 'closed');
    });

    test('a copy for a court goes from application to a package that is verified', async () => {
      await signIn('c1');
      await to('/copies');
      await send('ask', { who: 'authority', name: '赵法官', unit: '某市人民法院', phone: '0734-119', letter: '(2026) 函 7', matter: '(2026) 12', clips: `${clips[1]} ${clips[3]}`, reason: '<b>开庭</b>', pin: PIN });
      await good();
      const asked = () => station.json('access', 'list').requests.at(-1);
      const page = `/copies/V${asked().seq}`;
      await to(page);
      assert.match(await textOf('main'), /待批准[^]*<b>开庭<\/b>/);
      assert.equal(await seen.page.$('#make'), null, 'nothing is made before it is approved');
      for (const person of ['c1', 'a1', 'h1']) {
        await signIn(person);
        await to('/approvals');
        assert.equal(await seen.page.$('.decide'), null, `${person} may not decide, and is not asked to`);
      }
      await signIn('u1');
      await to('/approvals');
      await fill(seen.page, { pin: HEAD_PIN }, '.decide');
      await submit(seen.page, '.decide [value=approve]');
      await good();
      await to(page);
      assert.equal(await seen.page.$('#make'), null, 'the unit head approves and carries nothing out');
      await signIn('c2');
      await looked('copy', page);
      await to(page);
      const places = await seen.page.$$eval('#make option', (all) => all.map((one) => one.value));
      assert.equal(places[0], 'outbox');
      await seen.page.$eval('#make [name=place] option', (node) => { node.value = '/etc'; });
      await send('make', { pin: PIN });
      await bad(/已不在/);
      assert.equal(fs.existsSync('/etc/V'), false);
      await to(page);
      await send('make', { pin: '000111' });
      await bad(/口令不对/);
      await send('make', { pin: PIN });
      // It goes on without the browser where it takes long.
      if (await seen.page.$('[data-again]')) await seen.page.waitForSelector('[data-again] .said:not([role]), .said.good', { timeout: 60000 });
      await to(page);
      assert.match(await textOf('tbody'), /已制作/);
      const place = path.join(station.env.SEALDOCK_STATION, `outbox/V${asked().seq}`);
      assert.equal(fs.statSync(path.dirname(place)).mode & 0o777, 0o700);
      const key = station.run('log', 'vkey').trim().split('\n').pop();
      let said;
      try {
        said = execFileSync(path.join(PROGRAMS, 'sealdock-verify'), [place, '--key', key, '--json'], { encoding: 'utf8' });
      } catch (e) {
        said = e.stdout;
      }
      assert.equal(JSON.parse(said).word, 'UNANCHORED', said);
      await looked('copy-made', page);
      await to(page);
      const form = await seen.page.$eval('[id^=verify-]', (node) => node.id);
      await send(form, { pin: PIN });
      assert.match(await textOf('.said.good'), /UNANCHORED/);
      const clip = fs.readdirSync(place, { recursive: true }).map((file) => path.join(place, file)).find((file) => /\.mp4$/i.test(file));
      const bytes = fs.readFileSync(clip);
      bytes[1000] ^= 1;
      fs.chmodSync(clip, 0o600);
      fs.writeFileSync(clip, bytes);
      await send(form, { pin: PIN });
      assert.match(await textOf('.said.bad'), /TAMPERED|DAMAGED/);
      // Its times are spent: another one is the approver's to grant.
      await to(page);
      assert.equal(await seen.page.$('#make'), null);
      await looked('copies', '/copies');
    });

    test('registers are the sheets of the command line, to read, to print and as files', async () => {
      await signIn('c1');
      await looked('registers', '/registers');
      const fetched = (address) => seen.page.evaluate(async (from) => {
        const answer = await fetch(from);
        return { text: await answer.text(), kind: answer.headers.get('content-type'), how: answer.headers.get('content-disposition') };
      }, address);
      // The moment it was drawn stands in the foot.
      const body = (text) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME');
      for (const [register, ...words] of [['lateness', 'report', 'lateness'], ['hours', 'report', 'hours'], ['use', 'report', 'use'], ['checks', 'report', 'checks'], ['viewings', 'form', 'viewings']]) {
        const printed = await fetched(`/registers/${register}/print`);
        assert.equal(body(printed.text), body(station.run(...words, '--format', 'html')), register);
        const csv = await fetched(`/registers/${register}/csv`);
        assert.equal(body(csv.text.replace(/^\ufeff/, '')), body(station.run(...words, '--format', 'csv').replace(/^\ufeff/, '')), register);
        assert.equal(csv.how, `attachment; filename="${register}.csv"`);
        assert.match(csv.kind, /^text\/csv/);
      }
      await to('/registers/hours/print');
      await picture('print', 'desk');
      assert.notEqual(await seen.page.$eval('table', (node) => getComputedStyle(node).borderCollapse), 'separate', 'its own style is let through');
      for (const register of ['roster', 'archive', 'viewings', 'lateness', 'use', 'unreturned', 'hours', 'interruptions', 'unexplained', 'expected', 'ratio', 'checks', 'findings', 'without-case', 'drills']) {
        assert.equal((await to(`/registers/${register}`)).status(), 200, register);
        await sound(seen.page, register);
        await picture(`register-${register}`, 'phone');
        await picture(`register-${register}`, 'desk');
      }
      await to('/registers/lateness?from=gestern');
      assert.match(await textOf('.said.warn'), /gestern|2026/);
      assert.equal((await to('/registers/passwords')).status(), 404);
    });

    test('statistics answer their questions with plots and the figures beneath', async () => {
      await looked('statistics', '/statistics', (page) => sound(seen.page, page));
      assert.equal((await seen.page.$$('main h2')).length, 6);
      // What is nothing but zeros is not drawn; each question has its table.
      assert.ok((await seen.page.$$('figure svg[role=img] title')).length >= 2);
      assert.ok((await seen.page.$$('main table')).length >= 4);
      await signIn(OFFICER.id);
      for (const closed of ['/statistics', '/registers', '/registers/hours', '/registers/hours/csv', '/registers/roster/print', '/disposal', '/holds', '/checks', '/copies', '/holds/K1', '/copies/V1']) {
        assert.equal((await to(closed)).status(), 404, closed);
      }
    });

    test('a month counts its clips, and a day is drawn with its gaps', async () => {
      await to('/calendar?month=2026-03');
      assert.match(await textOf('.month tbody a'), /4/, 'their own');
      await signIn('c1');
      await to('/calendar?month=2026-03');
      assert.match(await textOf('.month tbody a'), /5/);
      await submit(seen.page, '.month tbody a');
      assert.equal((await seen.page.$$('.lanes rect')).length, 5 - (await seen.page.$$eval('td.n', (all) => all.reduce((sum, one) => sum + Number(one.textContent), 0))));
      assert.ok((await seen.page.$$('.lanes .gap')).length >= 1);
      await looked('calendar', '/calendar?day=2026-03-02');
      for (const odd of ['/calendar?month=2026-99', '/calendar?day=gestern', '/calendar?officer=%3Cscript%3E', '/calendar?month=9999-12', '/calendar?month=%ED%A0%80']) {
        assert.ok([200, 400].includes((await to(odd)).status()), odd);
      }
    });

    test('a disposal takes a look that counts, two persons, the quarantine and a number that was read', async () => {
      await signIn('c1');
      await looked('disposal-early', '/disposal');
      assert.equal(await seen.page.$('#plan'), null, 'nothing is due');
      await station.stop();
      station.at('2026-09-05T09:00:00+08:00');
      await station.start();
      await signIn('u1');
      await to('/disposal');
      assert.match(await textOf('.said.warn'), /时钟/);
      await send('clock', { reason: '对照电台报时', pin: HEAD_PIN });
      await good();
      await to('/disposal');
      assert.equal(await seen.page.$('#plan'), null, 'the unit head plans none');
      await signIn('c1');
      await looked('disposal', '/disposal');
      await to('/disposal');
      const figures = await seen.page.$$eval('.figures b', (all) => all.map((one) => one.textContent));
      // One belongs to a case that is not filed, one is held and asked for.
      assert.deepEqual(figures.slice(0, 2), ['1', '2']);
      const due = station.json('dispose', 'due');
      assert.deepEqual(due.lines.map(({ clip }) => clip), [clips[2]]);
      assert.deepEqual(due.held.map(({ clip }) => clip), clips.slice(0, 2));
      await send('plan', { clips: '7', pin: PIN });
      await bad(/件数不符.*1/);
      assert.equal(station.json('dispose', 'list').plans.length, 0);
      await send('plan', { pin: PIN });
      await good();
      const plan = () => station.json('dispose', 'list').plans[0];
      const page = `/disposal/P${plan().seq}`;
      await to(page);
      assert.equal(await seen.page.$('#approve'), null, 'who planned it does not approve it');
      await signIn('u1');
      await looked('plan', page);
      await to(page);
      assert.ok((await textOf('#approve')).includes(plan().object), 'the digest of what is approved stands there');
      // Somebody else approves while this page still offers it.
      await send('approve', { digest: '0'.repeat(64), pin: HEAD_PIN });
      await bad(/P\d+/);
      await to(page);
      station.as('u1', 'dispose', 'approve', `P${plan().seq}`, '--digest', plan().object);
      await send('approve', { pin: HEAD_PIN });
      await bad(/已由他人办理.*已批准/);
      await to(page);
      assert.equal(await seen.page.$('#run'), null, 'the quarantine runs');
      await station.stop();
      station.at('2026-10-07T09:00:00+08:00');
      await station.start();
      station.as('u1', 'clock', 'trust', '--reason', 'x');
      await signIn('c1');
      await looked('plan-due', page);
      await to(page);
      await send('run', { count: '2', pin: PIN });
      await bad(/件数不符.*1/);
      assert.equal(station.json('dispose', 'show', `P${plan().seq}`).lines[0].state, 'pending');
      await send('run', { count: '1', pin: PIN });
      assert.match(await textOf('.said.good'), /处置 1/);
      assert.equal(station.json('dispose', 'show', `P${plan().seq}`).lines[0].state, 'disposed');
      await looked('plan-done', page);
      await to(`/clips/${clips[2]}`);
      assert.equal(await seen.page.$('#hold'), null, 'what is gone is not held');
      assert.equal(JSON.parse(station.run('check', '--deep', '--json')).findings.length, 0);
    });

    test('the browser complained of nothing', async () => {
      assert.deepEqual(unexpected(await seen.complaints()), []);
    });
  });
}

// No browser is needed for what an enemy, or a cat on the keyboard, sends.
describe('bad input', { concurrency: false }, () => {
  let station;
  let cookie;
  let token;

  const ask = ({ method = 'GET', to, body = '', as = cookie }) => new Promise((resolve, reject) => {
    const { port, host } = new URL(station.address);
    const headers = { Host: host, Origin: station.address, Cookie: as, ...FORM };
    // Each its own connection: one on which too much was sent is shut.
    const request = http.request({ host: '127.0.0.1', port, method, path: to, headers, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    // What is too large is answered before it is read to its end.
    request.on('error', (e) => (body.length > 64 << 10 ? resolve({ status: 413, headers: {}, text: '' }) : reject(e)));
    request.end(body);
  });
  const enter = async (person) => {
    const { headers } = await ask({ method: 'POST', to: '/sign-in', body: new URLSearchParams({ person, pin: PIN }).toString(), as: '' });
    const as = headers['set-cookie'][0].split(';')[0];
    const page = await ask({ to: '/desk', as });
    return [as, (page.text || (await ask({ to: '/clips', as })).text).match(/name="token" value="([0-9a-f]+)"/)[1]];
  };

  before(async () => {
    station = await made(path.join(SCRATCH, 'rooms-bad'));
    station.as('c1', 'matter', 'open', '--title', 't', '--kind', 'other', '--officer', OFFICER.id, '--party', 'p');
    [cookie, token] = await enter('c1');
  });
  after(() => station?.stop());

  const size = () => station.json('log', 'head').size;
  const clip = () => `C${station.json('clip', 'list').clips[0].seq}`;
  const VALUES = ['', 'x'.repeat(20000), '\u202e\u0000\u{1f4a3}\ud800', '<img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0"];

  /** Every form, with what makes it a form; the rest is filled with one and the same value. */
  const forms = () => {
    const [matter] = station.json('matter', 'list').matters;
    const one = clip();
    return [
      ['/disposal', {}, ['clips']],
      ['/disposal/clock', {}, ['reason']],
      ['/holds', { clips: one, ground: 'objection' }, ['reason']],
      ['/holds', { reason: 'x' }, ['clips', 'ground']],
      ['/cases', { kind: 'other' }, ['title', 'parties', 'officers', 'case_file', 'department']],
      [`/cases/M${matter.seq}`, { act: 'bind' }, ['clips', 'step']],
      [`/cases/M${matter.seq}`, { act: 'declare' }, ['item', 'manner', 'place', 'reason']],
      [`/cases/M${matter.seq}`, { act: 'unbind' }, ['bound', 'reason']],
      [`/cases/M${matter.seq}`, { act: 'explain' }, ['interruption', 'cause', 'text', 'told']],
      [`/cases/M${matter.seq}`, {}, ['act']],
      ['/checks', { kind: 'spot' }, ['count', 'from', 'to', 'ahead', 'class']],
      ['/copies', { who: 'authority' }, ['name', 'unit', 'phone', 'matter', 'clips', 'reason']],
      [`/clips/${one}/class`, {}, ['class', 'reason']],
      [`/clips/${one}/class`, { act: 'bind' }, ['place']],
      [`/clips/${one}/secrecy`, { seen: '0' }, ['level', 'reason']],
      [`/cases/M${matter.seq}/correct`, { kind: 'other' }, ['title', 'parties', 'officers', 'case_file', 'department']],
      [`/cases/M${matter.seq}/correct/sign`, { reason: 'x' }, ['draft']],
      ['/shifts', { act: 'close' }, ['seen']],
    ];
  };

  test('an odd value in any field changes nothing, is said once, and never as markup', async () => {
    const before = size();
    for (const [to, fixed, fields] of forms()) {
      for (const value of VALUES) {
        const filled = Object.fromEntries(fields.map((field) => [field, value.toWellFormed()]));
        const body = new URLSearchParams({ token, pin: PIN, ...fixed, ...filled }).toString();
        const answer = await ask({ method: 'POST', to, body });
        const what = `${to} ${JSON.stringify(fixed)} ${value.slice(0, 20)}`;
        // A reason or a title may be any text that steers no screen: it is written down as it is.
        const written = answer.status === 303 && (await ask({ to: answer.headers.location })).text.includes('said good');
        if (written) {
          assert.ok(!['', VALUES[1], VALUES[2]].includes(value), `${what} was taken`);
          continue;
        }
        assert.ok([303, 413].includes(answer.status), `${what}: ${answer.status}`);
      }
    }
    // Where it was refused, the page that says so holds no markup of it; the list of what was taken neither.
    for (const page of ['/cases', '/holds', '/copies', `/clips/${clip()}`]) {
      const { text } = await ask({ to: page });
      assert.ok(!text.includes('<img src=x'), page);
    }
    assert.ok(size() - before < 12, 'only texts were written');
    const said = await ask({ method: 'POST', to: '/holds', body: new URLSearchParams({ token, pin: PIN, clips: VALUES[3], ground: 'objection', reason: 'x' }).toString() });
    const first = await ask({ to: said.headers.location });
    assert.ok(first.text.includes('said bad') && !first.text.includes('<img src=x'));
    assert.ok(!(await ask({ to: said.headers.location })).text.includes('said bad'), 'it is told once');
  });

  test('a token of another session, none, and a wrong PIN sign nothing', async () => {
    const before = size();
    const [other, theirs] = await enter('c2');
    const one = clip();
    const form = { clips: one, ground: 'objection', reason: 'x', pin: PIN };
    const post = (fields, as) => ask({ method: 'POST', to: '/holds', body: new URLSearchParams(fields).toString(), as });
    assert.equal((await post({ ...form, token: theirs })).status, 403);
    assert.equal((await post({ ...form, token: '' })).status, 403);
    assert.equal((await post(form)).status, 403);
    assert.equal((await post({ ...form, token }, other)).status, 403);
    assert.equal((await post({ ...form, token }, '')).status, 303, 'to the sign-in');
    const wrong = await post({ ...form, token, pin: '000111' });
    assert.ok((await ask({ to: wrong.headers.location })).text.includes('said bad'));
    assert.equal(station.json('hold', 'list').holds.filter(({ reason }) => reason === 'x').length, 0);
    assert.ok(size() - before <= 1, 'but the wrong PIN');
  });

  test('who reads only their own reaches no other clip, case or room by any form', async () => {
    const [as, own] = await enter(OTHER.id);
    const foreign = clip();
    const [matter] = station.json('matter', 'list').matters;
    const before = size();
    const post = async (to, fields) => {
      const answer = await ask({ method: 'POST', to, body: new URLSearchParams({ token: own, pin: PIN, ...fields }).toString(), as });
      return answer.status === 303 ? (await ask({ to: answer.headers.location, as })).text.includes('said good') : false;
    };
    assert.equal(await post('/holds', { clips: foreign, ground: 'objection', reason: 'x' }), false);
    assert.equal(await post(`/clips/${foreign}/class`, { class: 'evidence', reason: 'x' }), false);
    assert.equal(await post(`/cases/M${matter.seq}`, { act: 'close', reason: 'x' }), false);
    assert.equal(await post(`/cases/M${matter.seq}/correct`, { title: 't', kind: 'other', officers: OTHER.id }), false);
    assert.equal(await post(`/clips/${foreign}/secrecy`, { level: 'private', reason: 'x', seen: '0' }), false);
    assert.equal(await post('/shifts', { act: 'open', seen: '' }), false);
    for (const to of ['/disposal', '/checks', '/copies', '/disposal/clock']) assert.equal(await post(to, { reason: 'x' }), false, to);
    // What they may not do is refused before it is looked up: known and unknown uses sound the same.
    const uses = async (id) => {
      const answer = await ask({ method: 'POST', to: '/uses', body: new URLSearchParams({ token: own, pin: PIN, act: 'hand-out', id, works: '1', clock: '1', empty: '1', battery: '1', free_mib: '1' }).toString(), as });
      return (await ask({ to: answer.headers.location, as })).text.match(/said bad[^]*?<\/p>/)[0];
    };
    assert.equal(await uses('U1'), await uses('U999'));
    assert.equal(size(), before);
    const missing = await ask({ to: '/clips/C999999', as });
    const closed = await ask({ to: `/clips/${foreign}?prove=1`, as });
    assert.deepEqual([closed.status, missing.status], [404, 404]);
  });
});
