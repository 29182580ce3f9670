// Reads the mark back out of a picture, as somebody would who knows the letters: independent of the code that draws it but
// for the shapes of the letters, which are read out of its source, and for where it says that it stands.
import fs from 'node:fs';
import path from 'node:path';

const SOURCE = path.join(import.meta.dirname, '../../crates/probe/src/view/letters.rs');
const LETTERS = [...fs.readFileSync(SOURCE, 'utf8').matchAll(/\('(.)', \[([^\]]+)\]\)/g)]
  .map(([, letter, columns]) => [letter, columns.split(',').map((hex) => Number(hex.trim()))]);

const [COLUMNS, ROWS, WIDE, HIGH, MARGIN] = [5, 7, 6, 9, 2];

/** Both places of a mark of so many letters and lines, in the `turn`-th piece. */
const places = ({ width, height }, letters, lines, turn) => {
  const [least, low] = [letters * WIDE + 2 * MARGIN, lines * HIGH + 2 * MARGIN];
  const part = (side, hundredths) => Math.floor(side * hundredths / 100);
  const scale = Math.max(1, Math.min(Math.floor(part(width, 38) / least), Math.floor(part(height, 30) / low)));
  const [wide, high] = [least * scale, low * scale];
  const free = [Math.max(0, part(width, 40) - wide), Math.max(0, part(height, 40) - high)];
  const x = Math.floor(free[0] * (turn * 4 % 9) / 8);
  const y = Math.floor(free[1] * (turn * 3 % 5) / 4);
  const sides = [x, width - wide - x];
  if (turn % 2) sides.reverse();
  return [{ left: sides[0], top: y, scale }, { left: sides[1], top: height - high - y, scale }];
};

/** `grey`: brightness of every dot. What it says, above and below. */
export const readMark = ({ width, height, grey }, lengths, turn) => {
  const longest = Math.max(...lengths);
  return places({ width, height }, longest, lengths.length, turn).map(({ left, top, scale }) => lengths.map((letters, line) => {
    let text = '';
    for (let n = 0; n < letters; n += 1) {
      const bright = (column, row) => {
        const [x0, y0] = [left + (MARGIN + n * WIDE + column) * scale, top + (MARGIN + line * HIGH + row) * scale];
        let sum = 0;
        for (let y = 0; y < scale; y += 1) for (let x = 0; x < scale; x += 1) sum += grey[(y0 + y) * width + x0 + x];
        return sum / scale / scale > 128;
      };
      const unlike = ([, columns]) => {
        let wrong = 0;
        for (let column = 0; column < COLUMNS; column += 1) {
          for (let row = 0; row < ROWS; row += 1) wrong += bright(column, row) !== Boolean(columns[column] >> row & 1);
        }
        return wrong;
      };
      text += LETTERS.map((one) => [unlike(one), one[0]]).reduce((best, one) => (one[0] < best[0] ? one : best))[1];
    }
    return text;
  }));
};
