// Footage as people look at it, in real browsers: from the request to the picture with its mark, which is read back; what
// ends a viewing blanks the page within a second; who has no right gets nothing; without ffmpeg nobody does.
// `node view.test.mjs PROGRAMS TOOLS SCRATCH`, where there is no network. Pictures go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BROWSERS, open, visit } from './driver.mjs';
import { readMark } from './mark.mjs';
import { checked, fill as fillIn, home, picture as shot, submit, textOf as textIn } from './pages.mjs';
import { HEAD_PIN, OFFICERS, PIN, Station } from './station.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
home();
const CLIPS = path.join(import.meta.dirname, '../../fixtures/clips');
/** A minute and a half of moving pictures and sound. */
const LONG = path.join(SCRATCH, 'long.mp4');
execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=15', '-f', 'lavfi', '-i', 'sine=440', '-t', '90',
  '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-y', LONG]);
const FILES = [LONG, path.join(CLIPS, 'h265-hvc1.mp4'), path.join(CLIPS, 'still.jpg'), path.join(CLIPS, 'voice-note.wav')];

const [OWNER, COLLEAGUE] = OFFICERS;

for (const name of BROWSERS) {
  describe(`viewing in ${name}`, { concurrency: false }, () => {
    let station;
    let browser;
    let seen;
    /** Numbers of the clips, in the order of FILES. */
    let clips;
    let access;

    const to = (address) => seen.page.goto(`${station.address}${address}`);
    const textOf = (selector) => textIn(seen.page, selector);
    const fill = (fields) => fillIn(seen.page, fields);
    const signIn = async (person, pin) => {
      await seen.page.deleteCookie(...await seen.page.cookies());
      await to('/sign-in');
      await fill({ person, pin });
      await submit(seen.page, 'main .main');
    };
    const as = (person, pin) => ['--as', person, '--pin-file', station.pinFile(pin)];
    const picture = (what, size) => shot(seen.page, `view-${name}-${what}-${size}`, size);
    const axe = (what) => checked(seen.page, what, station);
    /** Opens a clip by its form; the entry of the viewing. */
    const view = async (clip, pin) => {
      await to(`/view/${clip}`);
      await fill({ reason: '复核', pin });
      await submit(seen.page, '#open .main');
      const [, entry] = new URL(seen.page.url()).pathname.match(/^\/view\/C\d+\/(\d+)$/) ?? [];
      assert.ok(entry, seen.page.url());
      return Number(entry);
    };
    const plays = () => seen.page.waitForFunction(() => {
      const film = document.getElementById('film');
      return !film.hidden && film.readyState >= 2;
    });
    /** What stands in the picture of the film or of the photograph. */
    const marks = async (lengths) => {
      const shown = await seen.page.evaluate(() => {
        const film = document.getElementById('film');
        const from = film.hidden ? document.getElementById('still') : film;
        const [width, height] = film.hidden ? [from.width, from.height] : [film.videoWidth, film.videoHeight];
        const canvas = document.createElement('canvas');
        canvas.width = width;
        canvas.height = height;
        const drawn = canvas.getContext('2d');
        drawn.drawImage(from, 0, 0);
        const { data } = drawn.getImageData(0, 0, width, height);
        const grey = new Array(width * height);
        for (let n = 0; n < grey.length; n += 1) grey[n] = Math.round((data[4 * n] * 3 + data[4 * n + 1] * 6 + data[4 * n + 2]) / 10);
        return { width, height, grey, at: film.hidden ? 0 : film.currentTime };
      });
      return readMark(shown, lengths, Math.floor(shown.at / 2));
    };
    const isMarked = async (who) => {
      const [above, below] = await marks([who.length, 19]);
      assert.deepEqual(above, below, 'it stands twice');
      assert.equal(above[0], who);
      assert.match(above[1], /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
    };
    const isBlank = () => seen.page.waitForFunction(() => {
      const [film, still] = [document.getElementById('film'), document.getElementById('still')];
      return film.hidden && !film.src && film.videoWidth === 0 && (still.hidden || still.width === 0) && still.width === 0;
    }, { polling: 50 });
    const blanksWithin = async (ms, what) => {
      const begun = performance.now();
      await isBlank();
      const taken = performance.now() - begun;
      assert.ok(taken < ms, `${what}: blank after ${taken} ms`);
    };
    const said = (clip) => station.json('report', 'clip', clip).entries.map(({ what }) => what);

    before(async () => {
      station = new Station(PROGRAMS, path.join(SCRATCH, `view-${name}`));
      station.found();
      station.plugFiles(OWNER, FILES);
      station.run('ingest', path.join(station.dir, 'bays', OWNER.bay, OWNER.recorder), '--recorder', OWNER.recorder, '--officer', OWNER.id, '--pin-file', station.pinFile(PIN));
      clips = station.json('clip', 'list').clips.map(({ seq, name: file }) => [file, `C${seq}`]).sort().map(([, clip]) => clip);
      assert.equal(clips.length, FILES.length);
      await station.start();
      browser = await open(name, TOOLS);
      seen = await visit(browser, `${station.address}/`);
    });

    after(async () => {
      await browser?.browser.close();
      await station?.stop();
    });

    test('an application that is refused says why to whoever made it, and shows nothing', async () => {
      await signIn(COLLEAGUE.id, PIN);
      await to(`/asks?clip=${clips[1]}`);
      await fill({ matter: '(2026) 11', reason: '好奇', pin: PIN });
      await submit(seen.page, '#ask .main');
      const state = () => station.json('access', 'list').requests.at(-1).state;
      await signIn('p1', PIN);
      await to('/approvals');
      assert.match(await textOf('.ask'), /好奇/);
      await fill({ pin: PIN, reason: '' });
      await submit(seen.page, '.decide [value=refuse]');
      assert.match(await textOf('.said.bad'), /未能办理/);
      assert.equal(state(), 'asked', 'nobody is refused without a reason');
      await fill({ pin: PIN, reason: '与本案无关' });
      await submit(seen.page, '.decide [value=refuse]');
      assert.match(await textOf('.said.good'), /不批.*记录第 \d+/);
      assert.equal(state(), 'refused');
      assert.equal(await seen.page.$('.ask'), null, 'it waits for nobody');
      await picture('refused-by', 'desk');
      await signIn(COLLEAGUE.id, PIN);
      await to('/asks');
      assert.match(await textOf('main table'), /未批准[^]*与本案无关/);
      await picture('refused', 'desk');
      await axe('refused');
      assert.equal((await to(`/view/${clips[1]}`)).status(), 404, 'refused is as good as never asked');
      assert.ok(!said(clips[1]).some((what) => what.includes('opened for')));
    });

    test('whoever has no right is told nothing, applies, is approved, and sees it with their mark', async () => {
      await signIn(COLLEAGUE.id, PIN);
      assert.equal((await to(`/view/${clips[0]}`)).status(), 404);
      await to(`/asks?clip=${clips[0]}`);
      await picture('asks', 'desk');
      await axe('asks');
      await fill({ matter: '(2026) 12', reason: '复核', pin: PIN });
      await submit(seen.page, '#ask .main');
      assert.match(await textOf('main table'), /待批/);
      access = `V${station.json('access', 'list').requests.at(-1).seq}`;
      assert.equal((await to(`/view/${clips[0]}`)).status(), 404, 'asked is not approved');
      await signIn('p1', PIN);
      await to('/approvals');
      await fill({ pin: PIN, reason: '同意' });
      await submit(seen.page, '.decide [value=approve]');
      await signIn(COLLEAGUE.id, PIN);
      await to('/view');
      await picture('mine', 'desk');
      await axe('mine');
      await submit(seen.page, `main a[href="/view/${clips[0]}"]`);
      await picture('ask', 'desk');
      await axe('ask');
      await fill({ reason: '复核', pin: '000111' });
      await submit(seen.page, '#open .main');
      assert.match(await textOf('.said.bad'), /口令不对/);
      assert.ok(!said(clips[0]).some((what) => what.includes('opened for')));
      const begun = performance.now();
      const entry = await view(clips[0], PIN);
      await plays();
      const first = performance.now() - begun;
      console.log(`${name}: first picture after ${Math.round(first)} ms`);
      await isMarked(`${COLLEAGUE.id} #${entry}`);
      await picture('film', 'desk');
      await picture('film', 'phone');
      await seen.page.setViewport({ width: 1366, height: 768 });
      await axe('film');
      assert.ok(said(clips[0]).some((what) => /0:00\.0–1:00\.0 is about to be shown/.test(what)));
    });

    test('it plays, stands, steps, goes elsewhere and stays marked, by keyboard and by hand', async () => {
      const now = () => seen.page.$eval('#film', (film) => film.currentTime);
      await seen.page.click('#play');
      await seen.page.waitForFunction(() => document.getElementById('film').currentTime > 4.5);
      await seen.page.click('#play');
      assert.equal(await seen.page.$eval('#film', (film) => film.paused), true);
      const stands = await now();
      await seen.page.evaluate(() => document.activeElement.blur());
      await seen.page.keyboard.press('ArrowRight');
      await seen.page.waitForFunction(() => !document.getElementById('film').seeking);
      const on = await now();
      assert.ok(on > stands && on - stands < 0.14, `${stands} ${on}`);
      await seen.page.keyboard.press('ArrowLeft');
      await seen.page.keyboard.press('ArrowLeft');
      await seen.page.waitForFunction((at) => document.getElementById('film').currentTime < at, {}, on);
      await seen.page.select('#speed', '2');
      assert.equal(await seen.page.$eval('#film', (film) => film.playbackRate), 2);
      await seen.page.$eval('#position', (range) => { range.value = '75000'; range.dispatchEvent(new Event('input')); });
      await seen.page.waitForFunction(() => { const film = document.getElementById('film'); return film.currentTime > 74 && !film.seeking && film.readyState >= 2; });
      const [, entry] = seen.page.url().match(/(\d+)$/);
      await isMarked(`${COLLEAGUE.id} #${entry}`);
      const kept = await seen.page.$eval('#film', (film) => [...Array(film.buffered.length).keys()].reduce((sum, n) => sum + film.buffered.end(n) - film.buffered.start(n), 0));
      assert.ok(kept < 24, `${kept} s are kept`);
      await seen.page.click('#small');
      await seen.page.waitForFunction(() => [...document.querySelectorAll('#thumbs canvas')].filter((one) => one.width === 256).length === 8);
      await picture('thumbs', 'desk');
      await axe('thumbs');
      assert.ok(said(clips[0]).some((what) => /about to be shown as small pictures/.test(what)));
    });

    test('neither its address in a tab nor a picture element nor a saved link gives a piece', async () => {
      const address = seen.page.url();
      const tried = await seen.page.evaluate(async (base) => {
        const picture = new Image();
        const loaded = new Promise((resolve) => { picture.onload = () => resolve(true); picture.onerror = () => resolve(false); });
        picture.src = `${base}/thumb/0`;
        const range = await fetch(`${base}/piece/0`, { headers: { Range: 'bytes=0-' } });
        const head = await fetch(`${base}/piece/0`, { method: 'HEAD' });
        return { picture: await loaded, range: range.status, head: head.status };
      }, address);
      assert.deepEqual(tried, { picture: false, range: 416, head: 405 });
      const other = await browser.browser.newPage();
      const answer = await other.goto(`${address}/piece/0`);
      assert.equal(answer.status(), 403);
      await other.close();
    });

    test('a revoked approval blanks the picture within a second, and the record says what was played', async () => {
      await seen.page.click('#play');
      station.run('access', 'revoke', access, '--reason', 'test', ...as('p1', PIN));
      await blanksWithin(1000, 'revoked');
      assert.match(await textOf('#tells'), /查阅到此结束.*画面已清除/);
      await picture('ended', 'desk');
      await axe('ended');
      const [ended] = said(clips[0]).filter((what) => /^viewing \d+ of clip C\d+ ended/.test(what));
      assert.match(ended, /revoked.*played: 0:00\.0–/s);
      assert.equal((await to(`/view/${clips[0]}`)).status(), 404);
    });

    test('HEVC, a photograph and a voice note are shown with the mark, and signing out elsewhere ends it', async () => {
      await signIn(OWNER.id, PIN);
      const film = await view(clips[1], PIN);
      await plays();
      await isMarked(`${OWNER.id} #${film}`);
      await submit(seen.page, '#close');
      assert.equal(new URL(seen.page.url()).pathname, `/clips/${clips[1]}`);
      const still = await view(clips[2], PIN);
      await seen.page.waitForSelector('#still:not([hidden])');
      await isMarked(`${OWNER.id} #${still}`);
      await picture('photograph', 'desk');
      await submit(seen.page, '#close');
      await to('/language?to=en&back=/view');
      const sound = await view(clips[3], PIN);
      await plays();
      await isMarked(`${OWNER.id} #${sound}`);
      await picture('sound-en', 'desk');
      const other = await browser.browser.newPage();
      await other.goto(`${station.address}/clips`);
      await submit(other, 'header button');
      // Behind another tab nothing is drawn, and what waits for the next drawing waits for ever.
      await seen.page.bringToFront();
      await blanksWithin(1000, 'signed out');
      await other.close();
      await to('/language?to=zh&back=/');
    });

    test('a station that goes leaves no picture behind, and says in the record what was played', async () => {
      await signIn(OWNER.id, PIN);
      await view(clips[0], PIN);
      await plays();
      const { port } = new URL(station.address);
      await station.stop();
      await isBlank();
      assert.ok(said(clips[0]).some((what) => /ended \(the station stopped\); played: 0:00\.0–/.test(what)));
      // Without the program that makes the pictures nothing is shown, and the page says what to do.
      const { PATH } = station.env;
      station.env.PATH = '/nowhere';
      await station.start(port);
      station.env.PATH = PATH;
      await signIn(OWNER.id, PIN);
      await to(`/view/${clips[0]}`);
      assert.match(await textOf('.said.bad'), /没有可用的 ffmpeg.*apt-get install ffmpeg/s);
      assert.equal(await seen.page.$('#open'), null);
      await picture('without', 'desk');
      await axe('without');
    });

    test('the browser complained of nothing', async () => {
      const expected = /status of (404|422|403|416|405)|ERR_|NetworkError|can’t establish|was interrupted/;
      assert.deepEqual((await seen.complaints()).filter((text) => !expected.test(text)), []);
    });
  });
}
