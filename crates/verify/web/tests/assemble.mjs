// Puts the page together as the Rust side does: style, the scripts as one (`short.js`, made of those below by
// `cargo xtask generate`), words.json in one line, each sentence a pair, with `<` escaped, and the two hashes that
// the content security policy names. `node assemble.mjs WORDS OUT` writes it.
import crypto from 'node:crypto';
import fs from 'node:fs';

export const SCRIPTS = ['curve.js', 'chain.js', 'folder.js', 'record.js', 'anchors.js', 'boxes.js', 'cut.js', 'excerpt.js', 'verify.js', 'page.js'];
export const source = (name) => fs.readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const hash = (text) => crypto.createHash('sha256').update(text).digest('base64');

const movedOut = (text) => text.replace(/^ +/gm, '');
const leanStyle = (text) => [': ', ' {', '{ ', '; ', ' }'].reduce((left, it) => left.replaceAll(it, it.trim()), movedOut(text));
const paired = (words) => JSON.stringify(words, (_, it) => (it && it.zh ? [it.zh, it.en] : it));

export const assemble = (words) => {
  const [style, script] = [leanStyle(source('style.css')), source('short.js')];
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
