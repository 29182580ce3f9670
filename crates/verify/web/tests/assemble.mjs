// Puts the page together as the Rust side does: style, scripts in this order without their comments, empty lines, what
// lines are moved in by and the spaces around some operators (who reads them has the repository, who checks the page its
// digest), words.json in one line with `<` escaped,
// and the two hashes that the content security policy names. `node assemble.mjs WORDS OUT` writes it.
import crypto from 'node:crypto';
import fs from 'node:fs';

export const SCRIPTS = ['curve.js', 'chain.js', 'folder.js', 'record.js', 'anchors.js', 'verify.js', 'page.js'];
export const source = (name) => fs.readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const hash = (text) => crypto.createHash('sha256').update(text).digest('base64');

const isComment = (line) => /^(\/\/|\/\*\*.*\*\/$)/.test(line);
export const TIGHT = [' => ', ' === ', ' !== ', ' && ', ' || '];
export const lean = (script) => {
  const lines = script.split('\n').map((line) => line.replace(/^ +/, '')).filter((line) => line && !isComment(line));
  return TIGHT.reduce((text, operator) => text.replaceAll(operator, operator.trim()), lines.join('\n'));
};

export const assemble = (words) => {
  const [style, script] = [source('style.css'), lean(SCRIPTS.map(source).join(''))];
  const filled = {
    style, script, words: JSON.stringify(words).replaceAll('<', '\\u003c'),
    'style-hash': hash(style), 'script-hash': hash(script),
  };
  return source('page.html').replace(/\{\{([a-z-]+)\}\}/g, (_, name) => filled[name]);
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [words, out] = process.argv.slice(2);
  fs.writeFileSync(out, assemble(JSON.parse(fs.readFileSync(words, 'utf8'))));
}
