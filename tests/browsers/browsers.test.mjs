// The page out of a real package, opened from disc in real browsers without a network: what it says of the package is
// what `sealdock-verify` says, word for word; it complains of nothing; and a page that somebody changed does not run.
// `node browsers.test.mjs PROGRAMS TOOLS SCRATCH`, in a network namespace without a route. Pictures go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { BROWSERS, dropFolder, giveFolder, open, visit } from './driver.mjs';
import { CASES, folderOf, makeCosigned, makeDemo, makePackage, program, told, trustOf } from './packages.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
/** Chromium and Firefox write where they find a home. */
process.env.HOME = path.join(SCRATCH, 'home');
fs.mkdirSync(process.env.HOME, { recursive: true });

const disc = (...names) => path.join(SCRATCH, 'disc', ...names);
const address = (file) => pathToFileURL(file).href;

/** What the demo left, and a package with a head that a witness cosigned. */
let demo;
let cosigned;

before(() => {
  const ways = Object.values(os.networkInterfaces()).flat().filter(({ internal }) => !internal);
  assert.deepEqual(ways, [], 'these tests run where there is no network: cargo xtask browsers');
  makePackage(PROGRAMS, SCRATCH);
  demo = makeDemo(PROGRAMS, SCRATCH);
  cosigned = makeCosigned(PROGRAMS, SCRATCH);
});

test('the receipt names the page in the package', () => {
  const [, said] = fs.readFileSync(path.join(SCRATCH, 'receipt'), 'utf8').match(/^Page {6}([0-9a-f]{64})$/m);
  assert.equal(createHash('sha256').update(fs.readFileSync(disc('verify.html'))).digest('hex'), said);
});

/** Fills in the form. Keys are pasted: typed letter by letter they would take longer than all the rest. */
const fill = async (seen, { keys, pins, whole, witnesses = [] }) => {
  await seen.page.$eval('#witnesses', (area, text) => { area.value = text; }, witnesses.join('\n'));
  await seen.page.$eval('#keys', (area, text) => { area.value = text; }, keys.join('\n'));
  for (const pin of pins) await (await seen.page.$('#pins')).uploadFile(path.join(SCRATCH, pin));
  if (whole) await seen.page.click('#whole');
};

const press = async ({ page }) => {
  await page.click('#start');
  await page.waitForSelector('.verdict');
};

/** The report as the page gives it out. Nothing judged is shown without. */
const reportOf = async ({ page }) => {
  if (await page.$('.verdict.REFUSED')) return null;
  const [, copy] = await page.$$('#report .buttons button');
  await copy.click();
  await page.waitForSelector('#json:not([hidden])');
  return JSON.parse(await page.$eval('#json', (area) => area.value));
};

/** The one sentence that the page alone says: it sees no links. */
const pageOnly = ({ fact }) => fact === 'links-unseen';

/** What people read: the word at the top and every code below it. */
const shown = ({ page }) => page.evaluate(() => {
  const head = document.querySelector('.verdict h2').textContent;
  const codes = Array.from(document.querySelectorAll('.finding code:first-of-type, .verdict code'), (code) => code.textContent);
  return { head, codes: [...new Set(codes)] };
});

const compare = async (seen, wanted) => {
  const { head, codes } = await shown(seen);
  const report = await reportOf(seen);
  if (wanted.word === null) {
    assert.equal(report, null);
    assert.match(head, /未作判断/);
    assert.deepEqual(codes, [wanted.refused.code].filter(Boolean));
    return;
  }
  assert.ok(head.endsWith(` ${wanted.word}`), head);
  assert.deepEqual(codes, [...new Set(wanted.findings.map(({ code }) => code))]);
  assert.equal(report.answers.not_proven.filter(pageOnly).length, 1);
  report.answers.not_proven = report.answers.not_proven.filter((fact) => !pageOnly(fact));
  assert.deepEqual(report, wanted);
};

for (const name of BROWSERS) {
  describe(name, () => {
    let held;
    before(async () => {
      held = await open(name, TOOLS);
      console.log(`${name}: ${held.version}`);
    });
    after(() => held && held.browser.close());

    /** A page, what is done with it, and that nothing was complained of. */
    const look = async (file, act, complaints = []) => {
      const seen = await visit(held, address(file));
      await act(seen);
      assert.deepEqual(await seen.complaints(), complaints);
      await seen.page.close();
    };
    const picture = ({ page }, what) => page.screenshot({ path: path.join(SCRATCH, `${name}-${what}.png`), fullPage: true });

    test('asks, and offers nothing before a folder is chosen', () => look(disc('verify.html'), async (seen) => {
      await picture(seen, 'start');
      assert.equal(await seen.page.$('#start:enabled'), null);
      assert.ok(await seen.page.$('#unstarted[hidden]'));
    }));

    // A browser may put a form back as it was, but not the folder: a button that can be pressed would do nothing.
    test('loaded anew it asks anew', () => look(disc('verify.html'), async (seen) => {
      await giveFolder(seen, disc());
      await seen.page.reload();
      assert.equal(await seen.page.$('#start:enabled'), null);
      assert.equal(await seen.page.$eval('#folder-name', (name) => name.textContent), '');
    }));

    for (const one of CASES) {
      test(`${one.name}: ${one.told}`, () => look(disc('verify.html'), async (seen) => {
        const trust = trustOf(SCRATCH, one);
        const folder = folderOf(SCRATCH, one);
        const wanted = program(PROGRAMS, SCRATCH, folder, trust);
        assert.equal(told(wanted), one.told, 'the program');
        await fill(seen, trust);
        await giveFolder(seen, folder);
        await press(seen);
        if (one.picture) await picture(seen, wanted.word.toLowerCase());
        await compare(seen, wanted);
      }));
    }

    test('what the demo hands to its court: ANCHORED', () => look(path.join(demo.folder, 'verify.html'), async (seen) => {
      const wanted = program(PROGRAMS, SCRATCH, demo.folder, demo.trust);
      assert.equal(told(wanted), 'ANCHORED', 'the program');
      await fill(seen, demo.trust);
      await giveFolder(seen, demo.folder);
      await press(seen);
      await picture(seen, 'demo');
      await compare(seen, wanted);
    }));

    for (const [named, told_] of [[true, 'ANCHORED'], [false, 'UNANCHORED witness-unchecked']]) {
      test(`a head that a witness cosigned, ${named ? 'with' : 'without'} the key of the witness: ${told_}`, () =>
        look(path.join(cosigned.folder, 'verify.html'), async (seen) => {
          const trust = { ...cosigned.trust, witnesses: named ? cosigned.trust.witnesses : [] };
          const wanted = program(PROGRAMS, SCRATCH, cosigned.folder, trust);
          assert.equal(told(wanted), told_, 'the program');
          await fill(seen, trust);
          await giveFolder(seen, cosigned.folder);
          await press(seen);
          if (named) await picture(seen, 'cosigned');
          await compare(seen, wanted);
        }));
    }

    test('what it hands out next, one clip whole and another in part: ANCHORED', () =>
      look(path.join(demo.second.folder, 'verify.html'), async (seen) => {
        const wanted = program(PROGRAMS, SCRATCH, demo.second.folder, demo.second.trust);
        assert.equal(told(wanted), 'ANCHORED stamp-unchecked', 'the program');
        await fill(seen, demo.second.trust);
        await giveFolder(seen, demo.second.folder);
        await press(seen);
        await picture(seen, 'excerpt');
        await compare(seen, wanted);
      }));

    // No protocol hands a folder to Firefox as if it were dropped: there it is chosen only.
    if (name === 'chromium') {
      test('a dropped folder is as good as a chosen one', () =>
        look(disc('verify.html'), async (seen) => {
          await dropFolder(seen, disc());
          await press(seen);
          await compare(seen, program(PROGRAMS, SCRATCH, disc(), { keys: [], pins: [] }));
        }));
    }

    test('a changed script does not run, and the page says so', async () => {
      const sound = fs.readFileSync(disc('verify.html'), 'utf8');
      const forged = path.join(SCRATCH, 'forged.html');
      const turned = sound.replace('TAMPERED:"✕"', 'TAMPERED:"✓"');
      assert.notEqual(turned, sound);
      fs.writeFileSync(forged, turned);
      const seen = await visit(held, address(forged));
      assert.ok(await seen.page.$('#unstarted:not([hidden])'));
      assert.ok(await seen.page.$('#ask[hidden]'));
      const complaints = await seen.complaints();
      assert.ok(complaints.includes('policy script-src-elem inline'), complaints.join('\n'));
      await seen.page.close();
    });

    test('nothing leaves the page, even when it is told to', async () => {
      const asked = [];
      const server = http.createServer((request, answer) => {
        asked.push(request.url);
        answer.end();
      });
      await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
      const seen = await visit(held, address(disc('verify.html')));
      await seen.page.evaluate(async (to) => {
        const image = new Image();
        image.src = `${to}image`;
        await fetch(`${to}fetch`, { mode: 'no-cors' }).catch(() => null);
      }, `http://127.0.0.1:${server.address().port}/`);
      const complaints = (await seen.complaints()).filter((line) => line.startsWith('policy'));
      assert.deepEqual(complaints.map((line) => line.split(' ')[1]).sort(), ['connect-src', 'img-src']);
      assert.deepEqual(asked, []);
      await seen.page.close();
      server.close();
    });
  });
}
