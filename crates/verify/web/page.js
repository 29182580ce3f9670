'use strict';
// The page around the verifier: takes a folder, keys and receipts, shows how far it is, and the report. Every text that
// a stranger chose goes in as text, after `inert`; nothing is ever read as HTML.
if (typeof document === 'object') (() => {
  const { verifyFolder, jsonText, Stopped } = SealdockVerify;
  const { inert } = SealdockFolder;
  const { textOf } = SealdockChain;
  const at = (id) => document.getElementById(id);

  const PIN_BYTES_MAX = 1024 * 1024;
  const DEPTH_MAX = 8;
  const FINDINGS_SHOWN = 200;
  const CUSTODY_SHOWN = 2000;

  /** What only a page has to say; the sentences of the verdict are those of words.json. */
  const OWN = {
    'links-unseen': {
      zh: '文件夹里没有链接或设备文件：浏览器不显示它们，本页看不到；程序 sealdock-verify 看得到。',
      en: 'That there are no links or devices in the folder: a browser does not show them and this page cannot see them; the program sealdock-verify does.',
    },
    walk: { zh: '正在列出文件', en: 'Listing files' },
    small: { zh: '正在读取小文件', en: 'Reading small files' },
    proofs: { zh: '正在核对条目的证明', en: 'Checking the proofs of entries' },
    clips: { zh: '正在计算音像资料的摘要', en: 'Hashing clips' },
    nothing: { zh: '未作判断', en: 'Nothing was judged' },
    stopped: { zh: '已取消，未作判断。', en: 'Cancelled; nothing was judged.' },
    fault: { zh: '本页的程序出错，未作判断。请用程序 sealdock-verify 或五条命令。', en: 'This page failed; nothing was judged. Use the program sealdock-verify or the five commands.' },
    given: { zh: '核验时提供了什么', en: 'What was given' },
    folder: { zh: '文件夹', en: 'Folder' },
    keys: { zh: '密钥', en: 'Keys' },
    pins: { zh: '回执', en: 'Receipts' },
    witnesses: { zh: '见证人', en: 'Witnesses' },
    none: { zh: '无', en: 'none' },
    when: { zh: '这台电脑的时钟', en: "This computer's clock" },
    more: { zh: '还有更多，见 JSON', en: 'More in the JSON' },
    entry: { zh: '条目', en: 'Entry' },
    time: { zh: '时间（采集站自称）', en: 'Time (claimed)' },
    actor: { zh: '何人', en: 'Who' },
    event: { zh: '何事', en: 'What' },
    unproven: { zh: '未证明', en: 'not proven' },
    print: { zh: '打印', en: 'Print' },
    copy: { zh: '复制 JSON', en: 'Copy as JSON' },
    copied: { zh: '已复制。', en: 'Copied.' },
    select: { zh: '请按 Ctrl+C 复制。', en: 'Press Ctrl+C to copy.' },
    again: { zh: '再核验一次', en: 'Verify again' },
    dropFolder: { zh: '请只拖入一个文件夹。', en: 'Drop one folder.' },
    dropRefused: {
      zh: '这个浏览器不让本机网页读取拖入的文件夹：请把它拖到按钮上，或用按钮选择。',
      en: 'This browser does not let a page from disc read a dropped folder: drop it on the button, or choose it there.',
    },
    files: { zh: '个文件', en: 'file(s)' },
    note: { zh: '提示', en: 'note' },
    large: { zh: '太大，不是回执', en: 'too large for a receipt' },
    binary: { zh: '不是文本', en: 'no text' },
  };

  /** The word of the verdict for whoever reads no English; the sentence below it says what it rests on. */
  const HEADS = {
    TAMPERED: '已被改动', DAMAGED: '已损坏', INCOMPLETE: '不完整', UNTRUSTED: '来源未定', UNANCHORED: '全部相符，尚无外部凭证', ANCHORED: '全部相符，且有外部凭证',
  };
  /** Every word is told by its sign too, not by colour alone. */
  const SIGNS = { TAMPERED: '✕', DAMAGED: '▲', INCOMPLETE: '◧', UNTRUSTED: '?', UNANCHORED: '○', ANCHORED: '✓' };

  // Each sentence is a pair there.
  const words = JSON.parse(at('words').textContent, (_, it) => (Array.isArray(it) ? { zh: it[0], en: it[1] } : it));
  if (!words.facts['links-unseen']) words.facts['links-unseen'] = OWN['links-unseen'];
  const state = { folder: null, pins: [], stop: false };

  // ---- building blocks

  /** An element with children; strings become text and nothing else. */
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const both = ({ zh, en }) => [make('span', { lang: 'zh-CN' }, zh), ' ', make('span', { lang: 'en' }, en)];
  const heading = (level, pair, attributes) => make(level, attributes, ...both(pair));
  const button = (pair, act) => {
    const made = make('button', { type: 'button' }, ...both(pair));
    made.addEventListener('click', act);
    return made;
  };

  const amountOf = (bytes) => {
    const [unit, scale] = [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]].find((one) => bytes >= one[1]) || ['B', 1];
    return `${scale === 1 ? bytes : (bytes / scale).toFixed(1)} ${unit}`;
  };

  /** Lets the page draw and hear the cancel button; unlike a timer it is not slowed down in a tab that is not seen. */
  const breathe = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

  // ---- what the reader gives

  const unreadable = (error) => ({
    size: 0,
    slice: () => ({ arrayBuffer: () => Promise.reject(error) }),
  });

  /** What cannot be read is told by whoever reads it; what no page from disc may read ends this way of listing. */
  const fileOf = (entry) => new Promise((resolve, reject) => {
    entry.file(resolve, (error) => (error.name === 'EncodingError' ? reject(error) : resolve(unreadable(error))));
  });

  /** Everything below a dropped folder. */
  const walk = async (directory, prefix, depth, files) => {
    const reader = directory.createReader();
    for (;;) {
      const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (entries.length === 0) return;
      for (const entry of entries) {
        const name = prefix + entry.name;
        if (entry.isDirectory && depth < DEPTH_MAX) await walk(entry, `${name}/`, depth + 1, files);
        else if (entry.isFile) files.set(name, await fileOf(entry));
        else files.set(name, { kind: 'other' });
      }
    }
  };

  /** The same by handles, where a browser lets a page from disc read no entries (EncodingError in Chromium). */
  const walkHandle = async (directory, prefix, depth, files) => {
    for await (const [last, handle] of directory.entries()) {
      const name = prefix + last;
      if (handle.kind === 'file') files.set(name, await handle.getFile().catch(unreadable));
      else if (depth < DEPTH_MAX) await walkHandle(handle, `${name}/`, depth + 1, files);
      else files.set(name, { kind: 'other' });
    }
  };

  const setFolder = (called, files) => {
    state.folder = { called, files };
    const name = at('folder-name');
    name.replaceChildren(make('code', {}, inert(called)), ` — ${files.size} `, ...both(OWN.files));
    at('start').disabled = false;
  };

  const chooseFolder = ({ target }) => {
    const files = new Map();
    let called = '';
    for (const file of target.files) {
      const [root, ...rest] = (file.webkitRelativePath || file.name).split('/');
      called = root;
      files.set(rest.join('/'), file);
    }
    if (files.size > 0 && !files.has('')) setFolder(called, files);
  };

  const dropFolder = async (transfer) => {
    const items = Array.from(transfer.items);
    const entries = items.map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    const handles = items.map((item) => item.getAsFileSystemHandle && item.getAsFileSystemHandle().catch(() => null));
    if (entries.length !== 1 || !entries[0] || !entries[0].isDirectory) {
      at('folder-name').replaceChildren(...both(OWN.dropFolder));
      return undefined;
    }
    at('start').disabled = true;
    at('folder-name').replaceChildren(...both(OWN.walk));
    const ways = [(files) => walk(entries[0], '', 1, files), async (files) => walkHandle(await handles[0], '', 1, files)];
    for (const way of ways) {
      const files = new Map();
      const listed = await way(files).then(() => true, () => false);
      if (listed) return setFolder(entries[0].name, files);
    }
    return at('folder-name').replaceChildren(...both(OWN.dropRefused));
  };

  const addPins = async (files) => {
    for (const file of Array.from(files)) {
      const small = file.size <= PIN_BYTES_MAX;
      const text = small ? textOf(new Uint8Array(await file.arrayBuffer())) : null;
      const wrong = small ? OWN.binary : OWN.large;
      const line = make('li', {}, make('code', {}, inert(file.name)));
      if (text === null) line.append(' — ', ...both(wrong));
      else state.pins.push({ about: file.name, text });
      at('pins-list').append(line);
    }
    at('pins-clear').hidden = at('pins-list').children.length === 0;
  };

  /** Into the field, where the reader sees what it says; what is no text shows none. */
  const readPolicy = async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    const text = file.size <= PIN_BYTES_MAX ? textOf(new Uint8Array(await file.arrayBuffer())) : null;
    at('witnesses').value = text || '';
  };

  const linesIn = (id) => at(id).value.split('\n').map((line) => line.trim()).filter((line) => line !== '');

  /** A policy has words on its lines, a list of keys has none. */
  const believed = () => {
    const witnesses = linesIn('witnesses');
    const policy = { about: OWN.witnesses.en, text: at('witnesses').value };
    return witnesses.some((line) => /\s/.test(line)) ? { policy } : { witnesses };
  };

  const dropPlace = (place, take) => {
    // A file field takes what is dropped on it by itself.
    const own = ({ target }) => target.type !== 'file';
    const over = (is) => (event) => {
      if (own(event)) event.preventDefault();
      place.classList.toggle('over', is);
    };
    place.addEventListener('dragover', over(true));
    place.addEventListener('dragleave', over(false));
    place.addEventListener('drop', (event) => {
      over(false)(event);
      if (own(event)) take(event.dataTransfer);
    });
  };

  // ---- the run

  const show = (part) => ['ask', 'running', 'report'].forEach((id) => {
    at(id).hidden = id !== part;
  });

  const watch = () => {
    let [stage, seen] = ['', 0];
    return async (now, done, total) => {
      if (now === stage && performance.now() - seen < 50) return;
      if (now !== stage) at('stage').replaceChildren(...both(OWN[now]));
      [stage, seen] = [now, performance.now()];
      at('bar').max = Math.max(total, 1);
      at('bar').value = done;
      const amount = now === 'clips' ? amountOf : String;
      at('amount').textContent = `${amount(done)} / ${amount(total)}`;
      await breathe();
    };
  };

  const run = async (event) => {
    event.preventDefault();
    state.stop = false;
    show('running');
    const keys = linesIn('keys');
    const { called, files } = state.folder;
    const whole = at('whole').checked;
    const options = { called, words, whole, workers: 4, blind: true, watch: watch(), stopped: () => state.stop };
    try {
      showReport(await verifyFolder(files, { keys, pins: state.pins, ...believed() }, options), keys);
    } catch (error) {
      const why = error instanceof Stopped ? OWN.stopped : OWN.fault;
      const detail = error instanceof Stopped ? '' : String(error && error.message);
      showNothing(why, detail);
    }
  };

  // ---- the report

  const title = (name) => words.titles[name] || { zh: name, en: name };

  const verdictBox = (kind, sign, word, ...below) => {
    const head = make('h2', { tabindex: '-1' }, make('span', { class: 'sign', 'aria-hidden': 'true' }, sign), word);
    return make('section', { class: `verdict ${kind}` }, head, ...below);
  };

  const present = (...parts) => {
    at('report').replaceChildren(...parts);
    show('report');
    at('report').querySelector('h2').focus();
    window.scrollTo(0, at('report').offsetTop);
  };

  const againButton = () => button(OWN.again, () => {
    show('ask');
    at('keys').focus();
  });

  const showNothing = (why, detail, code) => {
    const lines = [make('p', {}, ...both(why))];
    if (detail) lines.push(make('p', { class: 'mono' }, inert(detail)));
    if (code) lines.push(make('p', {}, make('code', {}, code)));
    const word = `${OWN.nothing.zh} ${OWN.nothing.en}`;
    present(verdictBox('REFUSED', '–', word, ...lines), make('p', { class: 'buttons' }, againButton()));
  };

  const showReport = (report, keys) => {
    if (report.word === null) {
      const { code, detail } = report.refused;
      showNothing(words.codes[code] || OWN.nothing, detail, code);
      return;
    }
    const sentences = [make('p', { lang: 'zh-CN' }, report.zh), make('p', { lang: 'en' }, report.en)];
    const answers = Object.entries(report.answers).map(([name, facts]) => answerPart(name, facts));
    present(
      verdictBox(report.word, SIGNS[report.word], `${title('verdict').zh}：${HEADS[report.word]} ${report.word}`, ...sentences),
      givenPart(keys),
      ...findingsPart(report.findings),
      ...answers,
      exportPart(report),
    );
  };

  const givenPart = (keys) => {
    const items = (texts) => (texts.length > 0 ? make('span', { class: 'mono' }, texts.join(' · ')) : `${OWN.none.zh} ${OWN.none.en}`);
    const line = (pair, content) => make('li', {}, `${pair.zh} ${pair.en}: `, content);
    return make('section', { class: 'part' }, heading('h2', OWN.given), make('ul', {},
      line(OWN.folder, items([inert(state.folder.called)])),
      line(OWN.keys, items(keys.map(inert))),
      line(OWN.pins, items(state.pins.map(({ about }) => inert(about)))),
      line(OWN.witnesses, items(linesIn('witnesses').map(inert))),
      line(OWN.when, new Date().toLocaleString('sv'))));
  };

  const findingsPart = (findings) => {
    if (findings.length === 0) return [];
    const rows = findings.slice(0, FINDINGS_SHOWN).map(({ code, word, about, detail, zh, en }) => {
      const sign = make('span', { class: 'sign', 'aria-hidden': 'true' }, word ? SIGNS[word] : '–');
      const head = make('p', {}, sign, make('strong', {}, word || OWN.note.zh), ' ', make('code', {}, code), ' ', make('code', {}, about));
      const texts = [make('span', { lang: 'zh-CN' }, zh), make('span', { lang: 'en' }, en)];
      return make('div', { class: 'finding' }, head, ...texts, make('span', { class: 'mono' }, `(${detail})`));
    });
    const more = findings.length > FINDINGS_SHOWN ? [make('p', {}, `+${findings.length - FINDINGS_SHOWN} `, ...both(OWN.more))] : [];
    return [make('section', { class: 'part' }, heading('h2', title('findings')), ...rows, ...more)];
  };

  const answerPart = (name, facts) => {
    const line = ({ zh, en }) => make('li', {}, make('span', { lang: 'zh-CN' }, zh), make('span', { lang: 'en' }, en));
    const content = name === 'custody' ? custodyTable(facts) : [make('ul', {}, ...facts.map(line))];
    return make('section', { class: 'part' }, heading('h2', title(name)), ...content);
  };

  const custodyTable = (facts) => {
    const heads = [OWN.entry, OWN.time, OWN.actor, OWN.event].map((pair) => make('th', { scope: 'col' }, ...both(pair)));
    const rows = facts.slice(0, CUSTODY_SHOWN).map(({ fact, with: gaps }) => {
      const known = Object.prototype.hasOwnProperty.call(words.events, gaps.type);
      const said = known ? [...both(words.events[gaps.type]), ' '] : [];
      const doubt = fact === 'entry-unproven' ? [' — ', ...both(OWN.unproven)] : [];
      const cells = [String(gaps.seq), gaps.at, gaps.actor].map((text) => make('td', {}, text));
      return make('tr', {}, ...cells, make('td', {}, ...said, make('code', {}, gaps.type), ...doubt));
    });
    const table = make('table', {}, make('thead', {}, make('tr', {}, ...heads)), make('tbody', {}, ...rows));
    const more = facts.length > CUSTODY_SHOWN ? [make('p', {}, `+${facts.length - CUSTODY_SHOWN} `, ...both(OWN.more))] : [];
    return [make('div', { class: 'wide' }, table), ...more];
  };

  const exportPart = (report) => {
    const json = make('textarea', { id: 'json', readonly: '', hidden: '', 'aria-label': 'JSON' });
    const note = make('p', { role: 'status' });
    const copy = async () => {
      json.value = jsonText(report);
      json.hidden = false;
      json.select();
      // From disc some browsers have no clipboard; then the text stands there, selected.
      const done = navigator.clipboard ? navigator.clipboard.writeText(json.value) : Promise.reject(new Error());
      await done.then(() => note.replaceChildren(...both(OWN.copied)), () => note.replaceChildren(...both(OWN.select)));
    };
    const buttons = [button(OWN.print, () => window.print()), button(OWN.copy, copy), againButton()];
    return make('section', {}, make('p', { class: 'buttons' }, ...buttons), note, json);
  };

  // ---- start

  // A file dropped beside the places must not replace the page.
  for (const name of ['dragover', 'drop']) {
    window.addEventListener(name, (event) => void (event.target.type === 'file' || event.preventDefault()));
  }
  dropPlace(at('folder-drop'), dropFolder);
  dropPlace(at('pins-drop'), ({ files }) => addPins(files));
  at('folder').addEventListener('change', chooseFolder);
  at('pins').addEventListener('change', ({ target }) => addPins(target.files));
  at('pins-clear').addEventListener('click', () => {
    state.pins = [];
    at('pins').value = '';
    at('pins-list').replaceChildren();
    at('pins-clear').hidden = true;
  });
  at('policy').addEventListener('change', readPolicy);
  at('ask').addEventListener('submit', run);
  at('stop').addEventListener('click', () => {
    state.stop = true;
  });
  at('unstarted').hidden = true;
  show('ask');
})();
