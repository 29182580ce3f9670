// Packages as every released format wrote them: judged as the program judges them (crates/verify/tests/frozen.rs).
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { judge, told } from './judge.mjs';

const frozen = new URL('../../../../fixtures/exports/', import.meta.url).pathname;
const FORMATS = [1];

for (const format of FORMATS) {
  test(`a package of format ${format} is judged as on its first day`, async () => {
    const place = fs.mkdtempSync(path.join(os.tmpdir(), 'frozen-'));
    try {
      execFileSync('tar', ['-xf', path.join(frozen, `format-${format}.tar`)], { cwd: place });
      const root = path.join(place, 'package');
      const names = fs.readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
      const files = new Map(names.map((name) => [name, fs.readFileSync(path.join(root, name))]));
      const held = { files, called: 'package' };
      const keys = [fs.readFileSync(path.join(frozen, `format-${format}.vkey`), 'utf8').trim()];
      const pins = [fs.readFileSync(path.join(frozen, `format-${format}.receipt`), 'utf8')];
      assert.equal(told(await judge(held)), 'UNTRUSTED');
      assert.equal(told(await judge(held, { keys })), 'UNANCHORED');
      assert.equal(told(await judge(held, { keys, pins })), 'ANCHORED');
      files.set('record/entries/0.json', Buffer.from(files.get('record/entries/0.json').toString().replace('Demo', 'Dema')));
      assert.match(told(await judge(held, { keys, pins })), /^TAMPERED file-changed/);
    } finally {
      fs.rmSync(place, { recursive: true });
    }
  });
}
