// A station whose console is open: people, bays, recorders that are plugged in as folders, all through the program itself.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

export const PIN = '271828';
export const HEAD_PIN = '318607';

/** Officers and their recorders; the first three have a bay each. */
export const OFFICERS = [
  { id: '000101', name: '李明', recorder: 'J800001', bay: '1' },
  { id: '000102', name: '王芳', recorder: 'J800002', bay: '2' },
  { id: '000103', name: '张伟', recorder: 'J800003', bay: '3' },
];

/** What people wrote, by a form or on the command line: it stands on pages of either language as it is. */
const WRITTEN = new Set();
export const wrote = (text) => {
  for (const line of String(text).split('\n').map((one) => one.trim())) {
    if (/[\u4e00-\u9fff]|[a-z]{3}/.test(line)) WRITTEN.add(line);
  }
};
/** Words of a command that are somebody's text, by the option before them. */
const TEXTS = ['--name', '--unit', '--reason', '--title', '--party', '--place', '--purpose', '--matter', '--text'];

const BAYS = ['1', '2', '3', '4', '5', '6'];

export class Station {
  /** @param programs folder of the programs @param dir an empty folder */
  constructor(programs, dir) {
    this.dir = dir;
    this.program = path.join(programs, 'sealdock');
    this.env = { ...process.env, SEALDOCK_STATION: path.join(dir, 'station'), SEALDOCK_LOG: 'error' };
  }

  run(...words) {
    words.forEach((word, n) => { if (TEXTS.includes(words[n - 1])) wrote(word); });
    return execFileSync(this.program, words, { env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  }

  json(...words) {
    return JSON.parse(this.run(...words, '--json'));
  }

  pinFile(pin) {
    const file = path.join(this.dir, `pin-${pin}`);
    fs.writeFileSync(file, `${pin}\n`, { mode: 0o600 });
    return file;
  }

  /** `people`: further ones, each as `person add` takes them; `officers` have a recorder and, if there are more of them than bays, a bay each. */
  found(people = [], officers = OFFICERS) {
    fs.mkdirSync(this.dir, { recursive: true });
    const [pin, head] = [this.pinFile(PIN), this.pinFile(HEAD_PIN)];
    this.run('init', '--origin', 'test.example/console', '--unit', '某市城管执法支队 测试站', '--accept-single-copy', '--no-immutable-flag');
    for (const { id, name, recorder } of officers) {
      this.run('person', 'add', id, '--name', name, '--role', 'officer', '--pin-file', pin);
      this.run('recorder', 'add', recorder);
    }
    for (const bay of officers.length > BAYS.length ? officers.map((officer) => officer.bay) : BAYS) {
      fs.mkdirSync(path.join(this.dir, 'bays', bay), { recursive: true });
      this.run('bay', 'add', bay, '--folder', path.join(this.dir, 'bays', bay));
    }
    this.run('person', 'add', 'h1', '--name', '周队长', '--role', 'officer', '--pin-file', head);
    this.run('department', 'add', 'd1', '--name', '执法一大队');
    for (const id of [...officers.map((officer) => officer.id), 'h1']) this.run('person', 'describe', id, '--department', 'd1');
    this.run('duty', 'appoint', 'h1', '--role', 'department-head', '--department', 'd1', '--reason', 'test');
    this.run('person', 'add', 'c1', '--name', '陈管理', '--role', 'clerk', '--pin-file', pin);
    this.run('person', 'add', 'p1', '--name', '吴分管', '--role', 'penalty-leader', '--pin-file', pin);
    for (const [id, name, role] of people) this.run('person', 'add', id, '--name', name, '--role', role, '--pin-file', pin);
    this.run('person', 'add', 'u1', '--name', '孙负责', '--role', 'unit-head', '--pin-file', head);
  }

  /** The daemon; its first line is the address of the console. Port 0: a free one. */
  async start(port = 0) {
    const log = fs.openSync(path.join(this.dir, 'daemon.log'), 'a');
    this.daemon = spawn(this.program, ['run', '--console', `127.0.0.1:${port}`], { env: { ...this.env, SEALDOCK_LOG: 'info' }, stdio: ['ignore', 'pipe', log] });
    const [line] = await once(this.daemon.stdout, 'data');
    this.address = line.toString().trim().replace(/\/$/, '');
  }

  /** The first run: what it prints is its address and a code. */
  async firstRun() {
    fs.mkdirSync(this.dir, { recursive: true });
    const log = fs.openSync(path.join(this.dir, 'daemon.log'), 'a');
    const words = ['first-run', '--console', '127.0.0.1:0', '--no-immutable-flag'];
    this.daemon = spawn(this.program, words, { env: { ...this.env, SEALDOCK_LOG: 'info' }, stdio: ['ignore', 'pipe', log] });
    let said = '';
    while (!/code: \S+\n/.test(said)) said += (await once(this.daemon.stdout, 'data'))[0].toString();
    this.address = said.split('\n')[0].replace(/\/$/, '');
    this.code = said.match(/code: (\S+)/)[1];
  }

  /** Texts that are nobody's translation, the longest first. */
  texts() {
    return [...WRITTEN].sort((one, other) => other.length - one.length);
  }

  /** As somebody, with their PIN. */
  as(person, pin, ...words) {
    return this.run(...words, '--as', person, words[0] === 'person' && words[1] === 'add' ? '--as-pin-file' : '--pin-file', this.pinFile(pin));
  }

  async stop() {
    // What a signal ended has no exit code either.
    if (this.daemon?.exitCode === null && this.daemon.signalCode === null) {
      this.daemon.kill('SIGTERM');
      await once(this.daemon, 'exit');
    }
  }

  /** A recorder appears in its bay with these files, named as a recorder names them. */
  plugFiles({ id, recorder, bay }, files) {
    const folder = path.join(this.dir, 'bays', bay, recorder, 'DCIM/100MEDIA');
    fs.mkdirSync(folder, { recursive: true });
    const at = new Date(Date.now() - 3600e3);
    const digits = new Date(at.getTime() + 8 * 3600e3).toISOString().replace(/\D/g, '').slice(0, 14);
    files.forEach((file, n) => {
      const named = path.join(folder, `${recorder}_${id}${digits}_000${n + 1}${path.extname(file).toUpperCase()}`);
      fs.copyFileSync(file, named);
      fs.utimesSync(named, at, at);
    });
  }

  /** A recorder appears in its bay all at once, with clips of so many bytes, recorded so many hours ago. */
  plug({ id, recorder, bay }, sizes, hours = 1) {
    const [made, root] = [path.join(this.dir, 'cards', recorder), path.join(this.dir, 'bays', bay, recorder)];
    const folder = path.join(made, 'DCIM/100MEDIA');
    fs.mkdirSync(folder, { recursive: true });
    const at = new Date(Date.now() - hours * 3600e3);
    const digits = new Date(at.getTime() + 8 * 3600e3).toISOString().replace(/\D/g, '').slice(0, 14);
    sizes.forEach((size, n) => {
      const marked = n === 1 ? '_IMP' : '';
      const file = path.join(folder, `${recorder}_${id}${digits}_000${n + 1}${marked}.MP4`);
      const block = Buffer.alloc(Math.min(size, 1 << 20), `${recorder} ${n} `);
      const held = fs.openSync(file, 'w');
      for (let left = size; left > 0; left -= block.length) fs.writeSync(held, block, 0, Math.min(left, block.length));
      fs.closeSync(held);
      fs.utimesSync(file, at, at);
    });
    fs.renameSync(made, root);
  }
}
