// A station whose clock a test sets, and what somebody does at its desk: signs in, fills in a form, reads what it came to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checked, fill, picture as shot, submit, textOf as textIn } from './pages.mjs';
import { HEAD_PIN, PIN, Station } from './station.mjs';

export const CLIPS = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../fixtures/clips');
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const pinOf = (person) => (['u1', 'h1'].includes(person) ? HEAD_PIN : PIN);

/** A station whose clock stands where a test puts it. */
export class Later extends Station {
  at(time) {
    const offset = Math.round((Date.parse(time) - Date.now()) / 1000);
    Object.assign(this.env, { LD_PRELOAD: FAKETIME, FAKETIME: `${offset < 0 ? '' : '+'}${offset}`, FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1', TZ: 'CST-8' });
  }

  as(person, ...words) {
    return this.run(...words, '--as', person, '--pin-file', this.pinFile(pinOf(person)));
  }

  /** Real clips, recorded at these times. */
  ingest({ id, recorder }, files) {
    const card = path.join(this.dir, `card-${recorder}`);
    fs.mkdirSync(card, { recursive: true });
    files.forEach(([name, time, mark = ''], n) => {
      const digits = new Date(Date.parse(time) + 8 * 3600e3).toISOString().replace(/\D/g, '').slice(0, 14);
      const file = path.join(card, `${recorder}_${id}${digits}_000${n + 1}${mark}.MP4`);
      fs.copyFileSync(path.join(CLIPS, name), file);
      const ended = new Date(Date.parse(time) + 2000);
      fs.utimesSync(file, ended, ended);
    });
    this.run('ingest', card, '--recorder', recorder, '--officer', id, '--pin-file', this.pinFile(PIN));
  }
}

/** `of` gives the station and the page as they are then; pictures are called by `prefix` and the browser's name. */
export const atDesk = (prefix, name, of) => {
  const page = () => of().seen.page;
  const to = (address) => page().goto(`${of().station.address}${address}`);
  const textOf = (selector) => textIn(page(), selector);
  const at = () => new URL(page().url()).pathname;
  const signIn = async (person) => {
    await page().deleteCookie(...await page().cookies());
    await to('/sign-in');
    await fill(page(), { person, pin: pinOf(person) });
    await submit(page(), 'main .main');
  };
  /** Fills in one form and sends it. */
  const send = async (form, fields, button = 'button') => {
    const place = `[id="${form}"]`;
    await page().$eval(place, (node) => node.closest('details')?.setAttribute('open', ''));
    await fill(page(), fields, place);
    await submit(page(), `${place} ${button}`);
  };
  const good = async () => assert.match(await textOf('.said.good'), /已.*记录第 \d+/, await textOf('main'));
  const bad = async (what) => assert.match(await textOf('.said.bad'), what);
  const picture = (what, size) => shot(page(), `${prefix}-${what}-${size}-${name}`, size, { fullPage: true });
  const axe = (what) => checked(page(), what, of().station);
  /** In both languages and at both widths. */
  const looked = async (what, address, reads = axe) => {
    for (const lang of ['en', 'zh']) {
      await to(`/language?to=${lang}&back=${encodeURIComponent(address)}`);
      await reads(`${what}-${lang}`);
      await picture(`${what}-${lang}`, 'phone');
      await picture(`${what}-${lang}`, 'desk');
    }
  };
  return { to, textOf, at, signIn, send, good, bad, picture, looked };
};
