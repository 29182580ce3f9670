// What an office does at the desk besides the flows of rooms.test.mjs, in real browsers: a case put right after a preview, the
// secrecy level of a clip, a clerk's shift, a dock port that becomes a bay, an excerpt, and a copy that broke off because the
// station was ended within it.
// `node office.test.mjs PROGRAMS TOOLS SCRATCH`, where there is no network. Pictures of every page go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { BROWSERS, open, visit } from './driver.mjs';
import { atDesk, CLIPS, Later } from './desk.mjs';
import { fill, home, submit } from './pages.mjs';
import { HEAD_PIN, OFFICERS, PIN, wrote } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
home();
const [OFFICER, OTHER] = OFFICERS;
/** A file that grows beyond it ends the program that writes it. */
const LIMIT_KIB = 8192;
const LARGE_BYTES = 12 << 20;

/** A disk as its descriptors say it (USB 2.0 §9.6). */
const descriptors = (product) => Buffer.from([
  18, 1, 0, 2, 0, 0, 0, 64, 0x77, 0x77, product, 0, 0, 1, 1, 2, 0, 1,
  9, 2, 32, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 2, 8, 6, 0x50, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 2, 2, 0, 2, 0,
]);

/** A station on a machine with a dock port, whose kernel and whose meeting place with the privileged part a test plays. */
class Office extends Later {
  machine() {
    const at = (name) => path.join(this.dir, name);
    for (const place of ['run/bays', 'run/usb', 'run/volumes', 'sys/bus/usb/devices', 'sys/bus/pci']) fs.mkdirSync(at(place), { recursive: true });
    fs.writeFileSync(at('docks.toml'), "[[port]]\nbay = 'dock-1'\npath = 'pci-0000:00:14.0-usb-0:1'\n");
    Object.assign(this.env, { SEALDOCK_RUN: at('run'), SEALDOCK_DOCKS: at('docks.toml'), SEALDOCK_SYS: at('sys') });
  }

  plugUsb(busid, product, number) {
    const controller = path.join(this.dir, 'sys/devices/pci0000:00/0000:00:14.0');
    const device = path.join(controller, 'usb1', busid);
    fs.mkdirSync(device, { recursive: true });
    if (!fs.existsSync(path.join(controller, 'subsystem'))) fs.symlinkSync(path.join(this.dir, 'sys/bus/pci'), path.join(controller, 'subsystem'));
    fs.writeFileSync(path.join(device, 'descriptors'), descriptors(number));
    fs.writeFileSync(path.join(device, 'product'), `${product}\n`);
    fs.symlinkSync(device, path.join(this.dir, 'sys/bus/usb/devices', busid));
  }

  /** The daemon ends, without a word, as soon as a file of its grows large. */
  async startEnding() {
    const [whole, ending] = [this.program, path.join(this.dir, 'ending')];
    fs.writeFileSync(ending, `#!/bin/bash\nulimit -c 0 -f ${LIMIT_KIB}\nexec '${whole}' "$@"\n`, { mode: 0o700 });
    this.program = ending;
    await this.start();
    this.program = whole;
  }

  /** A clip that is too large for such a daemon. */
  ingestLarge({ id, recorder }) {
    const card = path.join(this.dir, 'card-large');
    fs.mkdirSync(card);
    const clip = fs.readFileSync(path.join(CLIPS, 'h265-hev1.mp4'));
    const rest = Buffer.alloc(LARGE_BYTES);
    rest.writeUInt32BE(LARGE_BYTES);
    rest.write('mdat', 4);
    fs.writeFileSync(path.join(card, 'large.mp4'), Buffer.concat([clip, rest]));
    this.run('ingest', card, '--recorder', recorder, '--officer', id, '--pin-file', this.pinFile(PIN));
  }
}

const made = async (dir) => {
  const station = new Office(PROGRAMS, dir);
  fs.mkdirSync(dir, { recursive: true });
  station.machine();
  station.at('2026-03-02T09:00:00+08:00');
  station.found([['c2', '郑管理', 'clerk']]);
  station.ingest(OFFICER, [['h264-aac.mp4', '2026-03-02T08:15:00+08:00']]);
  station.ingestLarge(OTHER);
  station.plugUsb('1-1', 'ACME X1', 1);
  station.plugUsb('1-2.3', 'ACME X2', 2);
  await station.start();
  return station;
};

for (const name of BROWSERS) {
  describe(`an office in ${name}`, { concurrency: false }, () => {
    let station;
    let browser;
    let seen;
    let clips;

    before(async () => {
      station = await made(path.join(SCRATCH, `office-${name}`));
      clips = station.json('clip', 'list').clips.map(({ seq }) => seq).sort((a, b) => a - b).map((seq) => `C${seq}`);
      browser = await open(name, TOOLS);
      seen = await visit(browser, `${station.address}/`);
      await seen.page.setViewport({ width: 1366, height: 768 });
    });

    after(async () => {
      await browser?.browser.close();
      await station?.stop();
    });

    const { to, textOf, at, signIn, send, good, bad, picture, looked } = atDesk('office', name, () => ({ station, seen }));
    const size = () => station.json('log', 'head').size;
    const rows = () => seen.page.$$eval('main tbody tr', (all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));

    test('a case is put right after a page that shows what stands and what would, and not before', async () => {
      station.as('c1', 'matter', 'open', '--title', '检查某养老院', '--kind', 'inspection', '--officer', OFFICER.id, '--party', '某养老院');
      const [{ seq }] = station.json('matter', 'list').matters;
      const page = `/cases/M${seq}`;
      const shown = () => station.json('matter', 'list').matters[0];
      await signIn('c1');
      await to(page);
      const before = size();
      const changed = { title: '检查某养护院 <b>', kind: 'penalty', officers: `${OFFICER.id} ${OTHER.id}`, case_file: '(2026) 12', parties: '某养护院\n孙某' };
      await send('correct', changed);
      assert.equal(at(), `${page}/correct`);
      assert.deepEqual((await rows()).map((row) => row.slice(1)), [
        ['检查某养老院', '检查某养护院 <b>', '更改'],
        ['行政检查', '行政处罚', '更改'],
        ['某养老院', '某养护院、孙某', '更改'],
        [`${OFFICER.name} ${OFFICER.id}`, `${OFFICER.name} ${OFFICER.id}、${OTHER.name} ${OTHER.id}`, '更改'],
        ['', '(2026) 12', '更改'],
        ['', '', '不变'],
      ]);
      assert.match(await textOf('.said.warn'), new RegExp(`将看到本案.*${OTHER.name} ${OTHER.id}`));
      await looked('case-correct', new URL(seen.page.url()).pathname + new URL(seen.page.url()).search);
      assert.equal(size(), before, 'looking writes nothing');
      const preview = seen.page.url();
      await send('sign', { reason: '登记有误', pin: '000111' });
      await bad(/口令不对/);
      assert.equal(shown().title, '检查某养老院');
      await seen.page.goto(preview);
      await send('sign', { reason: '登记有误', pin: PIN });
      await good();
      assert.equal(at(), page);
      assert.deepEqual([shown().title, shown().kind, shown().parties], ['检查某养护院 <b>', 'penalty', '某养护院\n孙某']);
      // Reached again by *back*, it would put right what is no longer what was looked at.
      await seen.page.goto(preview);
      assert.match(await textOf('.said.warn'), /已在此期间被更正/);
      assert.equal(await seen.page.$('#sign'), null);
      await looked('case-corrected', page);
    });

    test('a clip is made secret by its department, opened by the unit head alone, each seeing to whom it leaves it', async () => {
      const [clip] = clips;
      const level = () => station.json('secrecy', 'show', clip).level;
      await signIn('c1');
      await to(`/clips/${clip}`);
      assert.equal(await seen.page.$('#secrecy'), null, 'it is not for the clerk');
      assert.match(await textOf('main'), /密级\s*内部/);
      await signIn('h1');
      await to(`/clips/${clip}`);
      const offered = () => seen.page.$$eval('#secrecy option', (all) => all.map((one) => one.value));
      assert.deepEqual(await offered(), ['', 'internal', 'private', 'trade-secret', 'state-secret']);
      assert.match(await textOf('#secrecy dl'), /国家秘密\s*可查阅：无人；可复制：无人；只由单位负责人批准/);
      await seen.page.$eval('#secrecy', (node) => node.closest('details').setAttribute('open', ''));
      await picture('secrecy-form', 'desk');
      await picture('secrecy-form', 'phone');
      await send('secrecy', { level: 'private', reason: '涉及未成年人', pin: HEAD_PIN });
      await good();
      assert.equal(level(), 'private');
      await looked('secrecy', `/clips/${clip}`);
      await to(`/clips/${clip}`);
      assert.deepEqual(await offered(), ['', 'trade-secret', 'state-secret'], 'no way down for the department');
      await signIn('u1');
      await to(`/clips/${clip}`);
      // Somebody else sets another while this page still shows the old one.
      station.as('u1', 'secrecy', 'set', clip, '--level', 'trade-secret', '--reason', 'x');
      await send('secrecy', { level: 'public', reason: 'x', pin: HEAD_PIN });
      await bad(/已由他人办理.*商业秘密/);
      await to(`/clips/${clip}`);
      await send('secrecy', { level: 'internal', reason: '已遮挡', pin: HEAD_PIN });
      await good();
      assert.equal(level(), 'internal');
    });

    test('a clerk begins and ends a shift, and is told whose ends with it', async () => {
      await signIn('u1');
      await to('/shifts');
      assert.equal(await seen.page.$('main form'), null, 'it is for clerks');
      assert.match(await textOf('.said.warn'), /值班不起作用/);
      await signIn('c1');
      await to('/admin');
      await submit(seen.page, 'main a[href="/shifts"]');
      await send('open', { pin: PIN });
      await good();
      await signIn('c2');
      await looked('shifts', '/shifts');
      await to('/shifts');
      assert.match(await textOf('#open dl'), /将同时结束\s*H\d+ 陈管理 c1/);
      await send('open', { pin: PIN });
      await good();
      await to('/shifts');
      await send('close', { pin: PIN });
      await good();
      const { shifts } = station.json('shift', 'show');
      assert.deepEqual(shifts.map(({ clerk, open: isOpen }) => [clerk, isOpen]), [['c1', 0], ['c2', 0]]);
    });

    test('what is plugged in is shown at its port, and a port that is named becomes a bay by a choice', async () => {
      await signIn('c1');
      await to('/places');
      const said = await textOf('main');
      assert.match(said, /pci-0000:00:14\.0-usb-0:1/);
      assert.match(await textOf('pre'), /# ACME X2 7777:0002\n\[\[port\]\]\nbay = "bay-1"\npath = "pci-0000:00:14\.0-usb-0:2\.3"$/);
      // What a model is called is its maker's word.
      const models = await seen.page.$$eval('table', (all) => [...all.at(-1).querySelectorAll('td:nth-child(2)')].map((cell) => cell.textContent));
      models.forEach(wrote);
      await looked('places', '/places');
      await to('/places');
      await seen.page.$eval('#add-bay-at-port option', (node) => { node.value = '../../etc'; });
      await seen.page.$eval('#add-bay-at-port form', (node) => { node.id = 'odd'; });
      await send('odd', { pin: PIN });
      await bad(/请选择坞站配置中的端口/);
      await to('/places');
      await seen.page.$eval('#add-bay-at-port form', (node) => { node.id = 'port'; });
      await send('port', { pin: PIN });
      await good();
      const bay = station.json('bay', 'list').bays.find(({ id }) => id === 'dock-1');
      assert.equal(bay.path, fs.realpathSync(path.join(station.dir, 'run/bays/dock-1')));
      await to('/places');
      assert.equal(await seen.page.$('#add-bay-at-port'), null, 'there is no other');
      await looked('places-added', '/places');
    });

    test('the browser complained of nothing', async () => {
      assert.deepEqual((await seen.complaints()).filter((text) => !/status of (404|422|403)|favicon\.ico/.test(text)), []);
    });

    test('an excerpt is given instead of the whole clip, and a time that is none is refused', async () => {
      await signIn('c1');
      await to('/copies');
      await send('ask', { who: 'authority', name: '赵法官', unit: '某市人民法院', phone: '0734-119', letter: '(2026) 函 7', matter: '(2026) 12', clips: clips.join(' '), reason: '开庭', pin: PIN });
      await good();
      const access = `V${station.json('access', 'list').requests.at(-1).seq}`;
      station.as('u1', 'access', 'approve', access, '--times', '2');
      const page = `/copies/${access}`;
      for (const part of [{ from1: '0', to1: '1' }, { part1: clips[1], from1: '1', to1: '0' }, { part1: clips[1], from1: 'x', to1: '1' }]) {
        await to(page);
        await send('make', { ...part, pin: PIN });
        await bad(/截取片段须选择视频/);
      }
      assert.equal(fs.existsSync(path.join(station.env.SEALDOCK_STATION, 'outbox', access)), false);
      await to(page);
      await send('make', { part1: clips[1], from1: '0', to1: '0.5', pin: PIN });
      if (await seen.page.$('[data-again]')) await seen.page.waitForSelector('[data-again] .said:not([role]), .said.good', { timeout: 60000 });
      const place = path.join(station.env.SEALDOCK_STATION, 'outbox', access);
      assert.ok(fs.readdirSync(path.join(place, 'excerpts')).length > 0);
      await to(page);
      assert.match(await textOf('main'), /已制作/);
    });

    test('a copy that broke off with the station is offered to whoever began it, gone on with, and is whole', async () => {
      const access = `V${station.json('access', 'list').requests.at(-1).seq}`;
      const page = `/copies/${access}`;
      await station.stop();
      await station.startEnding();
      await signIn('c1');
      await to(page);
      // The station ends within the large clip; what the browser is told then is nobody's to say.
      const gone = once(station.daemon, 'exit');
      await fill(seen.page, { pin: PIN }, '#make');
      await seen.page.$eval('#make button', (button) => button.click());
      const [, signal] = await gone;
      assert.equal(signal, 'SIGXFSZ');
      const place = path.join(station.env.SEALDOCK_STATION, `outbox/${access}-2`);
      assert.deepEqual([fs.existsSync(place), fs.existsSync(`${place}.void`)], [false, true]);
      await station.start();
      await signIn('c2');
      await to(page);
      assert.match(await textOf('main'), /未完成的一份由开始它的管理员本人接着做/);
      assert.equal(await seen.page.$('[id^=go-on-]'), null);
      await signIn('c1');
      await looked('going-on', page);
      await to(page);
      const form = await seen.page.$eval('[id^=go-on-]', (node) => node.id);
      await send(form, { pin: PIN });
      if (await seen.page.$('[data-again]')) await seen.page.waitForSelector('[data-again] .said:not([role]), .said.good', { timeout: 60000 });
      assert.deepEqual([fs.existsSync(place), fs.existsSync(`${place}.void`)], [true, false], await textOf('main'));
      const key = station.run('log', 'vkey').trim().split('\n').pop();
      let said;
      try {
        said = execFileSync(path.join(PROGRAMS, 'sealdock-verify'), [place, '--key', key, '--json'], { encoding: 'utf8' });
      } catch (e) {
        said = e.stdout;
      }
      const { word, findings } = JSON.parse(said);
      assert.deepEqual([word, findings.length], ['UNANCHORED', 0], said);
      await to(page);
      assert.equal(await seen.page.$('[id^=go-on-]'), null, 'it is whole');
      assert.equal(await seen.page.$('#make'), null, 'and was the second of two');
      await looked('gone-on', page);
      assert.equal(JSON.parse(station.run('check', '--json')).findings.length, 0);
    });

    test('a page on which something went on shows what came of it by itself', async () => {
      await to('/copies');
      const drawn = await seen.page.content();
      const going = drawn.replace(/(<h1>[^]*?<\/h1>)/, '$1<div data-again="1"><p class="said" role="status">…</p></div>');
      assert.notEqual(going, drawn);
      let once = true;
      await seen.page.setRequestInterception(true);
      const asked = (request) => {
        const first = once && request.isNavigationRequest();
        once &&= !first;
        return first ? request.respond({ contentType: 'text/html; charset=utf-8', body: going }) : request.continue();
      };
      seen.page.on('request', asked);
      await to('/copies');
      assert.notEqual(await seen.page.$('[data-again]'), null);
      await seen.page.waitForFunction(() => document.querySelector('[data-again]') === null, { timeout: 20000 });
      seen.page.off('request', asked);
      await seen.page.setRequestInterception(false);
    });
  });
}
