// What README promises first: the demo opens on the bay wall, and three recorders are seen to move on it. In one browser, as it
// is the demo that is tried. `node demo.test.mjs PROGRAMS TOOLS SCRATCH`, where there is no network. Pictures go into SCRATCH.
import test, { after, before, describe } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { open, visit } from './driver.mjs';

const [PROGRAMS, TOOLS, SCRATCH] = process.argv.slice(2);
process.env.HOME = path.join(SCRATCH, 'home');
fs.mkdirSync(process.env.HOME, { recursive: true });
const RECORDERS = ['J800001', 'J800002', 'J800003'];

describe('the demo in chromium', { concurrency: false }, () => {
  let browser;
  let demo;
  let wall;
  let said = '';

  before(async () => {
    browser = await open('chromium', TOOLS);
    const words = ['demo', '--dir', path.join(SCRATCH, 'demo')];
    demo = spawn(path.join(PROGRAMS, 'sealdock'), words, { stdio: ['ignore', 'pipe', 'inherit'] });
    demo.over = once(demo, 'exit');
    demo.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
    const address = () => said.match(/the bay wall: (http:\S+)/)?.[1];
    while (!address()) await once(demo.stdout, 'data');
    wall = await visit(browser, address());
    await wall.page.setViewport({ width: 1920, height: 1080 });
    // What hangs there, ten times a second, for as long as the page is open.
    await wall.page.evaluate(() => {
      window.looks = [];
      setInterval(() => {
        const tiles = [...document.querySelectorAll('.tile')].map((tile) => ({
          recorder: tile.querySelector('.recorder')?.textContent ?? '',
          state: tile.querySelector('.state').textContent.replace(/[^\u4e00-\u9fff，]/g, ''),
          text: tile.textContent,
        }));
        if (!document.documentElement.classList.contains('stale')) window.looks.push({ tiles });
      }, 100);
    });
  });

  after(async () => {
    if (demo?.exitCode === null) demo.kill('SIGTERM');
    await browser?.browser.close();
  });

  const moves = ({ state }) => ['读取清单', '复制', '校验', '擦除'].includes(state);

  test('three recorders move at once, and are seen to, and each comes to its end', async () => {
    await wall.page.waitForFunction(
      () => [...document.querySelectorAll('.tile')].filter((tile) => /读取清单|复制|校验|擦除/.test(tile.querySelector('.state').textContent)).length === 3,
      { timeout: 120000, polling: 50 },
    );
    await wall.page.screenshot({ path: path.join(SCRATCH, 'demo-moving.png') });
    await wall.page.waitForFunction(
      () => [...document.querySelectorAll('.tile')].every((tile) => tile.querySelector('.state').textContent.includes('完成，可取走')), { timeout: 180000, polling: 100 },
    );
    await wall.page.screenshot({ path: path.join(SCRATCH, 'demo-done.png') });
    const looks = await wall.page.evaluate(() => window.looks);
    assert.deepEqual(looks.at(-1).tiles.map(({ recorder }) => recorder), RECORDERS);
    const together = looks.filter(({ tiles }) => tiles.length === 3 && tiles.every(moves));
    assert.ok(together.length > 0, 'all three were seen to move at once');
    for (const nth of RECORDERS.keys()) {
      // Not how long it took, which is the machine's, but how much of it could be seen.
      const seen = new Set(together.map(({ tiles }) => tiles[nth].text.match(/段视频 · ([\d.]+ [kMG]?B) \//)?.[1]).filter(Boolean));
      assert.ok(seen.size >= 4, `${RECORDERS[nth]} was seen at ${[...seen]}`);
      const states = new Set(looks.map(({ tiles }) => tiles[nth]?.state));
      for (const word of ['请本人确认', '复制', '完成，可取走']) assert.ok(states.has(word), `${RECORDERS[nth]} was never seen as ${word}: ${[...states]}`);
      assert.match(looks.at(-1).tiles[nth].text, /12\d 段视频/, 'what was stored is said where it is done');
    }
  });

  test('the story is told to its end, with a verdict and a package', async () => {
    const [code] = await demo.over;
    assert.equal(code, 0, said);
    assert.match(said, /\n9\. 给法院[^]*已导出/);
    assert.deepEqual((await wall.complaints()).filter((one) => !/ERR_CONNECTION|ERR_INCOMPLETE|live/.test(one)), []);
  });
});
