'use strict';
// Boxes of films, as the rule of excerpts reads them (docs/design/excerpts.md): `boxes.rs` of `crates/excerpt/src`, under the
// same names.
const SealdockBoxes = ((chain) => {
  const { refuse } = chain;

  const BESIDE_MAX = 1000;

  const LETTERS = new TextEncoder();
  /** Bytes that are not there count as zero. */
  const word = (bytes, at) => ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  const half = (bytes, at) => word(bytes, at) >>> 16;
  const wideWord = (bytes, at) => word(bytes, at) * 2 ** 32 + word(bytes, at + 4);
  const kindAt = (bytes, at) => String.fromCharCode(...bytes.subarray(at, at + 4));
  const named = (text) => text.split(' ');

  const STRUCTURE = new Set(named(
    'cmov co64 ctts dref edts elst hoov mdhd mdia minf moof moov mvex mvhd stbl stco stps stsc stsd stss stsz stts stz2 tfdt tfhd tkhd traf trak ' +
      'trex trun tref chap sidx mfra iloc iinf ipco ' +
      'avcC hvcC lhvC vvcC av1C vpcC dvcC dvvC dvwC esds glbl strf enda wave alac dac3 dec3 dOps dfLa dvc1 damr chan chnl pcmC colr pasp clap fiel ' +
      'st3d sv3d jp2h avss senc saiz saio pssh tenc sinf adrm ' +
      'wfex ddts dmlp frma schm mdcv clli srat amve vexu lvcC iacb ACLR APRG AALP ARES SmDm CoLL SA3D SAND',
  ).map((name) => word(LETTERS.encode(name), 0)));
  const HANDLER = word(LETTERS.encode('hdlr'), 0);

  const partsOf = (bytes) => {
    const all = [];
    for (let at = 0; at < bytes.length; ) {
      const [head, size] = word(bytes, at) === 1 ? [16, wideWord(bytes, at + 8)] : [8, word(bytes, at)];
      if (size < head || at + size > bytes.length) refuse('a box does not end where it should');
      if (all.length === BESIDE_MAX) refuse('a box holds too many others');
      all.push({ kind: kindAt(bytes, at + 4), body: bytes.subarray(at + head, at + size) });
      at += size;
    }
    return all;
  };

  const atMostOne = (parts, kind) => {
    const found = parts.filter((part) => part.kind === kind);
    if (found.length > 1) refuse('a box is there twice');
    return found.length === 1 ? found[0].body : null;
  };
  const one = (parts, kind) => atMostOne(parts, kind) || refuse('a box is not there');

  /** It stands before every other, too. */
  const headIn = (parts, kind) => {
    const body = one(parts, kind);
    return parts[0].kind === kind ? body : refuse(BEHIND);
  };
  const BEHIND = 'a head stands behind what it is the head of';

  const TEXTS_BYTES_MAX = 4096;
  /** Nothing but a name and short texts. */
  const texts = (body) => {
    const isText = ({ kind }) => kind === 'name' || kind[0] === '\xa9';
    if (body.length > TEXTS_BYTES_MAX || !partsOf(body).every(isText)) refuse(UNKNOWN_BOX);
  };

  const MISPLACED = 'a table of the film stands where it should not';
  const UNKNOWN_BOX = 'it has a box that the rule does not know';

  /** Boxes beside those of `used` are on the list of what is passed over here, and hold no structure. */
  const quiet = (parts, used, passed) => {
    for (const { kind, body } of parts) {
      if (used.includes(kind)) continue;
      if (!passed.includes(kind)) refuse(UNKNOWN_BOX);
      silent(body);
    }
  };

  /** Nothing in these bytes could be taken for the structure of a film, wherever a player begins to read. */
  const silent = (body) => {
    for (let at = 0; at + 4 <= body.length; at += 1) {
      const first = body[at];
      if ((first < 97 || first > 119) && first !== 65 && first !== 67 && first !== 83) continue;
      const name = word(body, at);
      if (STRUCTURE.has(name) || (name === HANDLER && !['mdir', 'mdta'].includes(kindAt(body, at + 12)))) refuse(MISPLACED);
    }
  };
  const isStructure = (kind) => STRUCTURE.has(word(Uint8Array.from(kind, (letter) => letter.charCodeAt(0)), 0));

  const rowsOf = (body, version, width) => {
    if (body.length < 8) refuse('a table is cut off');
    if (word(body, 4) * width !== body.length - 8 || word(body, 0) !== version * 2 ** 24) {
      refuse('a table has another length or version than it should');
    }
    return body.subarray(8);
  };

  return Object.freeze({ LETTERS, word, half, wideWord, kindAt, named, partsOf, atMostOne, one, headIn, BEHIND, texts, quiet, silent, MISPLACED, isStructure, rowsOf });
})(typeof require === 'function' ? require('./chain.js') : SealdockChain);
if (typeof module === 'object') module.exports = SealdockBoxes;
