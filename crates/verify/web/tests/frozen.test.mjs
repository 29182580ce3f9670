// Packages as every released format wrote them: judged as the program judges them, by one table (fixtures/exports/judged.json,
// crates/verify/tests/frozen.rs).
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { judge, told } from './judge.mjs';

const frozen = new URL('../../../../fixtures/exports/', import.meta.url).pathname;
const text = (name) => fs.readFileSync(path.join(frozen, name), 'utf8');

/** The package of a format, as the page holds a folder. */
const held = (format) => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'frozen-'));
  try {
    const archive = ['tar', 'tar.gz'].map((ending) => path.join(frozen, `format-${format}.${ending}`)).find((file) => fs.existsSync(file));
    execFileSync('tar', ['-xf', archive], { cwd: place });
    const root = path.join(place, 'package');
    const names = fs.readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
    return { files: new Map(names.map((name) => [name, fs.readFileSync(path.join(root, name))])), called: 'package' };
  } finally {
    fs.rmSync(place, { recursive: true });
  }
};

const brought = (format, trust) => ({
  ...(trust.includes('key') && { keys: [text(`format-${format}.vkey`).trim()] }),
  ...(trust.includes('receipt') && { pins: [text(`format-${format}.receipt`)] }),
  ...(trust.includes('witness') && { witnesses: [text(`format-${format}.witness`).trim()] }),
});

for (const { format, trust, said } of JSON.parse(text('judged.json'))) {
  test(`a package of format ${format} is judged as on its first day by who brings ${trust.join(' and ') || 'nothing'}`, async () => {
    const folder = held(format);
    assert.equal(told(await judge(folder, brought(format, trust))), said);
    const entry = folder.files.get('record/entries/0.json').toString();
    folder.files.set('record/entries/0.json', Buffer.from(entry.replace('Demo', 'Dema')));
    assert.match(told(await judge(folder, brought(format, trust))), /^TAMPERED file-changed/);
  });
}
