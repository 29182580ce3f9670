// The scripts of the verifying page as one, shortened by esbuild: names within functions, spaces, what is for node alone. Names at the
// top stay. `node short.mjs HOME` prints it; the first line says of which scripts it was made, and `cargo xtask test`
// makes it again and compares every byte.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SCRIPTS, source } from '../../crates/verify/web/tests/assemble.mjs';

const home = process.argv[2];
const folder = path.join(home, 'node_modules/@esbuild', `${process.platform}-${process.arch}`);
const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
const scripts = SCRIPTS.map(source).join('');
const digest = crypto.createHash('sha256').update(scripts).digest('hex');
const options = ['--minify', '--charset=utf8', '--target=es2020', '--define:module=undefined', '--define:require=undefined', '--log-level=warning'];
const short = execFileSync(path.join(folder, 'bin/esbuild'), options, { input: scripts, encoding: 'utf8', maxBuffer: 16 << 20 });
process.stdout.write(`// scripts of SHA-256 ${digest}, shortened by esbuild ${version}\n${short}`);
