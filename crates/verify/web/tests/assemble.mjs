// Puts the page together as the Rust side does: style, scripts in this order without their comments, empty lines, what is
// for node alone, what lines are moved in by, line ends before what only closes and spaces that part no words (who reads them has the repository, who checks
// the page its digest), words.json in one line, each sentence a pair, with `<` escaped,
// and the two hashes that the content security policy names. `node assemble.mjs WORDS OUT` writes it.
import crypto from 'node:crypto';
import fs from 'node:fs';

export const SCRIPTS = ['curve.js', 'chain.js', 'folder.js', 'record.js', 'anchors.js', 'cut.js', 'excerpt.js', 'verify.js', 'page.js'];
export const source = (name) => fs.readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const hash = (text) => crypto.createHash('sha256').update(text).digest('base64');

const movedOut = (text) => text.replace(/^ +/gm, '');
const leanStyle = (text) => [': ', ' {', '{ ', '; ', ' }'].reduce((left, it) => left.replaceAll(it, it.trim()), movedOut(text));
const isLeftOut = (line) => /^(\/\/|\/\*\*.*\*\/$|if \(typeof module ===|'use strict';$)/.test(line);
const alone = (line) => line.replace(/^typeof require === 'function' \? require\('.*?'\) : /, '');

/** Does a space between these two part what would be read otherwise without it? */
const parts = (before, after) =>
  (/[\w$]/.test(before) && /[\w$]/.test(after)) || (/[+-]/.test(before) && /[+-]/.test(after)) || before === '/' || after === '/';

/** A line in pieces of code and of text; a gap of a template is code again. */
const tight = (line) => {
  const inside = [];
  let out = '';
  for (let at = 0; at < line.length; at += 1) {
    const [letter, next] = [line[at], line[at + 1] || ''];
    const open = inside.at(-1);
    if (typeof open === 'string') {
      out += letter;
      if (letter === '\\') out += line[(at += 1)];
      else if (letter === open) inside.pop();
      else if (open === '`' && letter === '$' && next === '{') {
        out += line[(at += 1)];
        inside.push(0);
      }
    } else if (letter !== ' ' || parts(out.at(-1) || '', next)) {
      out += letter;
      if ('\'"`'.includes(letter)) inside.push(letter);
      else if (letter === '}' && open === 0) inside.pop();
      else if (open !== undefined && '{}'.includes(letter)) inside[inside.length - 1] += letter === '{' ? 1 : -1;
    }
  }
  if (inside.length > 0) throw new Error(`a text goes over the end of: ${line}`);
  return out;
};
const said = (script) => movedOut(script).split('\n').filter((line) => line && !isLeftOut(line))
  .map((line) => tight(alone(line))).join('\n').replace(/\n(?=[)\]};,]+$)/gm, '');
export const lean = (script) => `'use strict';\n${said(script)}`;
const paired = (words) => JSON.stringify(words, (_, it) => (it && it.zh ? [it.zh, it.en] : it));

export const assemble = (words) => {
  const [style, script] = [leanStyle(source('style.css')), lean(SCRIPTS.map(source).join(''))];
  const filled = {
    style, script, words: paired(words).replaceAll('<', '\\u003c'),
    'style-hash': hash(style), 'script-hash': hash(script),
  };
  return movedOut(source('page.html')).replace(/\{\{([a-z-]+)\}\}/g, (_, name) => filled[name]);
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [words, out] = process.argv.slice(2);
  fs.writeFileSync(out, assemble(JSON.parse(fs.readFileSync(words, 'utf8'))));
}
