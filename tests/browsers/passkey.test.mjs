// Passkeys in Chromium, with an authenticator that the browser itself pretends: added after the PIN, shown at the desk and at the
// kiosk, a request decided and a recorder docked by it, refused where its user was not verified, removed, and gone. Only Chromium
// pretends authenticators. `node passkey.test.mjs PROGRAMS TOOLS SCRATCH`, where there is no network. Pictures go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { open, visit } from './driver.mjs';
import { checked, fill as fillIn, home, picture as shot, submit as press, textOf as textIn } from './pages.mjs';
import { HEAD_PIN, OFFICERS, PIN, Station } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
home();
const OFFICER = OFFICERS[0];

describe('passkeys in chromium', { concurrency: false }, () => {
  let station;
  let browser;
  let page;
  let complaints;
  let devices;
  let device;
  /** By the name that passkeys need. */
  let address;

  before(async () => {
    station = new Station(PROGRAMS, path.join(SCRATCH, 'station'));
    station.found();
    await station.start();
    address = station.address.replace('127.0.0.1', 'localhost');
    browser = await open('chromium', TOOLS);
    ({ page, complaints } = await visit(browser, `${address}/`));
    devices = await page.createCDPSession();
    await devices.send('WebAuthn.enable');
  });

  after(async () => {
    await browser?.browser.close();
    await station?.stop();
  });

  const to = (where) => page.goto(`${address}${where}`);
  const here = () => new URL(page.url()).pathname;
  const textOf = (selector) => textIn(page, selector);
  const submit = (selector) => press(page, selector);
  const fill = (scope, fields) => fillIn(page, fields, scope);
  const offered = (scope) => page.waitForSelector(`${scope} button.passkey`);
  const entries = (type) => station.json('log', 'show').entries.filter(({ event }) => event.type === type);
  /** Somebody's own, in the place of whoever's was there. */
  const takes = async () => {
    if (device) await devices.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device });
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    };
    ({ authenticatorId: device } = await devices.send('WebAuthn.addVirtualAuthenticator', { options }));
  };
  const verified = (isUserVerified) => devices.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified });
  const signOut = async () => page.deleteCookie(...await page.cookies());
  const signIn = async (person, pin) => {
    await signOut();
    await to('/sign-in');
    await fill('main', { person, pin });
    await submit('main .main');
    assert.notEqual(here(), '/sign-in', `${person} signs in`);
  };
  const byPasskey = async () => {
    await signOut();
    await to('/sign-in');
    await offered('main');
    await submit('main button.passkey');
  };
  const add = async (label, pin) => {
    await to('/pin');
    await page.$eval('#add-passkey', (one) => { one.open = true; });
    await fill('#add-passkey', { label, pin });
    await submit('#add-passkey .main');
    assert.match(await textOf('.said.good'), /已添加通行密钥/);
  };
  const picture = async (name, ...sizes) => {
    for (const size of sizes) await shot(page, `passkey-${name}-${size}`, size);
    await page.setViewport({ width: 1366, height: 768 });
    await checked(page, name, station);
  };

  test('one is added after the PIN, and not after a wrong one', async () => {
    await takes();
    await signIn('u1', HEAD_PIN);
    await to('/pin');
    await page.$eval('#add-passkey', (one) => { one.open = true; });
    await fill('#add-passkey', { label: '办公手机', pin: '000111' });
    await page.click('#add-passkey .main');
    await page.waitForFunction(() => document.querySelector('.passkey-said.bad')?.textContent.includes('口令不对'));
    assert.equal(entries('passkey.added').length, 0);
    await add('办公手机', HEAD_PIN);
    const [{ actor, event }] = entries('passkey.added');
    assert.deepEqual(actor, { id: 'u1', kind: 'person' });
    assert.deepEqual([event.person, event.label, event.party, event.attestation], ['u1', '办公手机', 'localhost', 'none']);
    assert.match(await textOf('tbody'), /办公手机/);
    for (const lang of ['zh', 'en']) {
      await to(`/language?to=${lang}&back=/pin`);
      await page.$eval('#add-passkey', (one) => { one.open = true; });
      await picture(`own-${lang}`, 'desk', 'phone');
    }
    await to('/language?to=zh&back=/pin');
  });

  test('it signs in at the desk without a number, and not where its user was not verified', async () => {
    await verified(false);
    await signOut();
    await to('/sign-in');
    await offered('main');
    await page.click('main button.passkey');
    await page.waitForSelector('.passkey-said.bad');
    assert.match(await textOf('.passkey-said'), /什么也没有做/);
    assert.equal(entries('passkey.used').length, 0);
    for (const lang of ['zh', 'en']) {
      await to(`/language?to=${lang}&back=/sign-in`);
      await offered('main');
      await picture(`sign-in-${lang}`, 'desk', 'phone');
    }
    await to('/language?to=zh&back=/sign-in');
    await verified(true);
    await byPasskey();
    assert.equal(here(), '/desk');
    assert.match(await textOf('.me'), /孙负责/);
    assert.deepEqual(entries('passkey.used').map(({ actor, event }) => [actor.kind, event.person, event.form]), [['system', 'u1', '/sign-in']]);
    await signOut();
    await to('/sign-in');
    await offered('main');
    await fill('main', { person: 'c1' });
    await submit('main button.passkey');
    assert.match(await textOf('.said.bad'), /是 u1 的通行密钥，不是 c1 的/, 'the number first, and another person');
    await fill('main', { person: 'u1' });
    await offered('main');
    await submit('main button.passkey');
    assert.equal(here(), '/desk', 'the number first');
  });

  test('a request is decided by it, as it was shown and no other way', async () => {
    station.plug(OFFICER, [1 << 20]);
    await to('/kiosk');
    await page.waitForFunction(() => document.querySelector('.errands em')?.textContent.includes('1'));
    await submit('.errands a[href="/kiosk/dock"]');
    await submit('.choices a');
    await fill('main', { person: OFFICER.id, pin: PIN });
    await submit('main .main');
    while (!station.json('clip', 'list').clips.length) await new Promise((done) => { setTimeout(done, 200); });
    const clip = `C${station.json('clip', 'list').clips[0].seq}`;
    const apply = () => station.run('access', 'request', '--who', 'authority', '--for', 'view', '--clip', clip, '--name', '赵', '--unit', '法院',
      '--phone', '0734-119', '--matter', '(2026) 12', '--reason', '开庭', '--as', 'c1', '--pin-file', station.pinFile(PIN));
    apply();
    const state = () => station.json('access', 'list').requests.at(-1).state;
    await byPasskey();
    await to('/approvals');
    await offered('.decide');
    await fill('.decide', { reason: '同意' });
    await picture('approval', 'desk', 'phone');
    await page.click('.decide button.passkey');
    await picture('approval-by-passkey', 'desk', 'phone');
    await verified(false);
    await page.click('.decide [value=approve]');
    await page.waitForSelector('.passkey-said.bad');
    assert.equal(state(), 'asked');
    await verified(true);
    await page.click('.decide button.passkey');
    await submit('.decide [value=approve]');
    assert.match(await textOf('.said.good'), /记录第 \d+ 条/);
    assert.equal(state(), 'approved');
    const [used] = entries('passkey.used').slice(-1);
    assert.equal(used.event.form, '/approvals');
    const decided = station.json('log', 'show').entries.find(({ seq }) => seq === used.seq + 1);
    assert.deepEqual([decided.actor.id, decided.event.type], ['u1', 'access.approved']);
    assert.ok(!page.url().includes('passkey.'), 'no pass in an address');
  });

  test('another session of the page, or another form, has no use of what was signed', async () => {
    // What the page's own script does, with another deed in the end.
    await to('/departments');
    const said = await page.evaluate(async () => {
      const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
      const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
      const token = document.querySelector('[name=token]').value;
      const post = async (where, body) => {
        const answer = await fetch(where, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
        return answer.json();
      };
      const fields = [['token', token], ['act', 'add-department'], ['back', '/departments'], ['id', 'd8'], ['name', '八']];
      const { ceremony, asked } = await post('/passkey/ask', { token, form: '/admin/act', fields });
      const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: asked.allowCredentials.map((one) => ({ ...one, id: bytes(one.id) })) };
      const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
      const answer = { id, rawId: text(rawId), type, extensions: {}, response: {
        authenticatorData: text(response.authenticatorData), signature: text(response.signature),
        clientDataJSON: text(response.clientDataJSON), userHandle: text(response.userHandle) } };
      const { pass } = await post('/passkey/answer', { token, ceremony, answer });
      const send = async (which) => {
        const body = new URLSearchParams([...fields.map(([name, value]) => [name, name === 'id' ? which : value]), ['pin', pass]]);
        const page = await (await fetch('/admin/act', { method: 'POST', body })).text();
        return new DOMParser().parseFromString(page, 'text/html').querySelector('.said')?.textContent;
      };
      return [await send('d9'), await send('d8')];
    });
    for (const one of said) assert.match(one, /签名已失效，或表单已改动/);
    assert.ok(!station.json('department', 'list').departments.some(({ id }) => ['d8', 'd9'].includes(id)));
  });

  test('an officer signs in at the kiosk by it and docks by it', async () => {
    await takes();
    await signIn(OFFICER.id, PIN);
    await add('指纹钥匙', PIN);
    await signOut();
    await to('/kiosk/who?to=mine');
    await offered('main');
    await picture('kiosk-who', 'kiosk');
    await submit('main button.passkey');
    assert.equal(here(), '/kiosk/mine');
    station.plug({ ...OFFICER, bay: '2' }, [2 << 20]);
    await to('/kiosk');
    await page.waitForFunction(() => document.querySelector('.errands em')?.textContent.includes('1'));
    await submit('.errands a[href="/kiosk/dock"]');
    await submit('.choices a');
    await offered('main');
    await picture('kiosk-confirm', 'kiosk');
    const sessions = () => station.json('session', 'list').sessions.length;
    const before = sessions();
    await submit('main button.passkey');
    assert.equal(await textOf('h1'), '已开始采集');
    for (let n = 0; sessions() === before && n < 100; n += 1) await new Promise((done) => { setTimeout(done, 200); });
    const { actor, event } = entries('session.opened').at(-1);
    assert.deepEqual([actor.id, event.binding.kind], [OFFICER.id, 'officer-pin']);
    assert.equal(entries('passkey.used').at(-1).event.form, '/kiosk/confirm');
  });

  test('removed, it signs nobody in any more', async () => {
    const [one] = station.json('person', 'passkey', 'list', OFFICER.id).passkeys;
    assert.equal(one.label, '指纹钥匙');
    station.as('u1', HEAD_PIN, 'person', 'passkey', 'remove', String(one.entry), '--reason', '钥匙遗失');
    await signOut();
    await to('/sign-in');
    await offered('main');
    await page.click('main button.passkey');
    await page.waitForSelector('.passkey-said.bad');
    assert.match(await textOf('.passkey-said'), /没有登记，或已作废/);
    await signIn(OFFICER.id, PIN);
    await add('新钥匙', PIN);
    await page.$eval('#remove-passkey', (field) => { field.open = true; });
    await offered('#remove-passkey');
    await picture('remove', 'desk');
    await submit('#remove-passkey button.passkey');
    assert.match(await textOf('.said.good'), /记录第 \d+ 条/, 'by itself, once');
    assert.equal(station.json('person', 'passkey', 'list', OFFICER.id).passkeys.length, 0);
  });

  test('a unit that demands one lets nobody with a duty in by the PIN alone', async () => {
    await takes();
    await signIn('u1', HEAD_PIN);
    await add('新手机', HEAD_PIN);
    const text = `${station.json('policy', 'show').text}\n[sign_in]\ndesk = { value = "passkey", cite = "本单位决定" }\n`;
    await to('/policy');
    await page.$eval('#propose', (one) => { one.open = true; });
    await page.$eval('#propose textarea', (field, value) => { field.value = value; }, text);
    await submit('#propose .main');
    const preview = new URL(page.url()).pathname + new URL(page.url()).search;
    for (const lang of ['en', 'zh']) {
      await to(`/language?to=${lang}&back=${encodeURIComponent(preview)}`);
      await picture(`demand-preview-${lang}`, 'desk');
    }
    assert.match(await textOf('ul.alarms'), /须先添加的人数： [1-9]/);
    await fill('.decide', { pin: HEAD_PIN });
    await submit('.decide .main');
    assert.match(station.json('policy', 'show').text, /本单位决定/);
    // This session began with the PIN, and its owner has a passkey.
    assert.equal(here(), '/sign-in');
    for (const lang of ['zh', 'en']) {
      await to(`/language?to=${lang}&back=/sign-in`);
      await offered('main');
      await picture(`demanded-${lang}`, 'desk', 'phone');
    }
    await to('/language?to=zh&back=/sign-in');
    await fill('main', { person: 'u1', pin: HEAD_PIN });
    await submit('main .main');
    assert.match(await textOf('.said.bad'), /只凭口令不能登录.*D66/s);
    await picture('demanded-refused', 'desk', 'phone');
    await byPasskey();
    assert.equal(here(), '/desk');

    // The clerk has none yet: one page, and then their own.
    await takes();
    await signIn('c1', PIN);
    assert.equal(here(), '/pin');
    assert.match(await textOf('.said.bad'), /请先在这里添加一个/);
    for (const lang of ['zh', 'en']) {
      await to(`/language?to=${lang}&back=/pin`);
      await picture(`first-${lang}`, 'desk', 'phone');
    }
    await to('/language?to=zh&back=/pin');
    for (const room of ['/desk', '/clips', '/people', '/registers/roster/csv', '/view']) {
      await to(room);
      assert.equal(here(), '/pin', room);
    }
    await fill('#add-passkey', { label: '管理员钥匙', pin: PIN });
    await submit('#add-passkey .main');
    assert.equal(here(), '/sign-in');
    assert.match(await textOf('.said.good'), /请用它登录/);
    await picture('first-added', 'desk');
    await to('/clips');
    assert.equal(here(), '/sign-in', 'it is over');
    await byPasskey();
    await to('/clips');
    assert.equal(here(), '/clips');

    // An officer, and whoever stands at the kiosk, goes on by PIN.
    await signIn(OFFICER.id, PIN);
    assert.equal(here(), '/clips');
    await signOut();
    await to('/kiosk/who?to=mine');
    await fill('main', { person: 'c1', pin: PIN });
    await submit('main .main');
    assert.equal(here(), '/kiosk/mine');
  });

  test('by an address of numbers the page says where passkeys work, and leads there', async () => {
    await signOut();
    await page.goto(`${station.address}/sign-in`);
    await page.waitForSelector('.passkey-hint a');
    assert.match(await textOf('.passkey-hint'), /换到可用地址/);
    assert.equal(await page.$('button.passkey'), null);
    await picture('numbers', 'desk', 'phone');
    await submit('.passkey-hint a');
    assert.equal(page.url(), `${address}/sign-in`);
    await offered('main');
    assert.match(station.run('check'), /正常/);
    // What the station refuses is answered as refused, and the browser logs that.
    assert.deepEqual((await complaints()).filter((one) => !/status of (422|403)/.test(one)), []);
  });
});
