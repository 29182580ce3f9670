'use strict';
// What the formats of the record rest on: bytes and their spellings, SHA-256 and SHA-512 (FIPS 180-4), and Ed25519
// (RFC 8032) as strict as `crates/chain/src/ed25519.rs`. Everything here is pure: no page, no clock, no randomness.
// It verifies signatures and never makes one. Digests and keys are lowercase hex.
const SealdockCurve = (() => {
  /** Why bytes are not what they claim. A fault of this code is never one. */
  class Refusal extends Error {}
  const refuse = (what) => {
    throw new Refusal(what);
  };

  /** `[value, null]`, or `[null, why]` where `step` refuses. */
  const tried = async (step) => {
    try {
      return [await step(), null];
    } catch (error) {
      if (error instanceof Refusal) return [null, error.message];
      throw error;
    }
  };

  // ---- bytes and texts

  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const utf8 = (text) => encoder.encode(text);
  const utf8Length = (text) => utf8(text).length;

  /** The text of bytes that are UTF-8; null for others. */
  const textOf = (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch (_) {
      return null;
    }
  };

  const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
  const hexOf = (bytes) => {
    let out = '';
    for (const byte of bytes) out += HEX[byte];
    return out;
  };
  const unhex = (hex) => {
    const bytes = new Uint8Array(hex.length / 2);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(hex.slice(2 * at, 2 * at + 2), 16);
    return bytes;
  };
  const isDigest = (text) => /^[0-9a-f]{64}$/.test(text) && text.length === 64;

  const joined = (parts) => {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const base64Of = (bytes) => {
    let out = '';
    for (let at = 0; at < bytes.length; at += 3) {
      const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]];
      out += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | ((b || 0) >> 4)];
      out += b === undefined ? '=' : ALPHABET[((b & 15) << 2) | ((c || 0) >> 6)];
      out += c === undefined ? '=' : ALPHABET[c & 63];
    }
    return out;
  };

  /** Padded standard base64 whose unused bits are zero: one text for one value. Null for any other. */
  const base64Bytes = (text) => {
    if (text.length % 4 !== 0) return null;
    const letters = text.replace(/={1,2}$/, '');
    const out = new Uint8Array(Math.floor((letters.length * 3) / 4));
    let [bits, held, at] = [0, 0, 0];
    for (const letter of letters) {
      const value = ALPHABET.indexOf(letter);
      if (value < 0) return null;
      bits = ((bits << 6) | value) & 0xffff;
      held += 6;
      if (held >= 8) {
        held -= 8;
        out[at] = (bits >> held) & 255;
        at += 1;
      }
    }
    return base64Of(out) === text ? out : null;
  };

  /** A text in quotes, for a detail. */
  const quoted = (text) => JSON.stringify(text);

  // ---- digests

  const MASK64 = (1n << 64n) - 1n;
  const primes = [];
  for (let n = 2n; primes.length < 80; n += 1n) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);

  /** The first 64 bits of the fraction of a root: FIPS 180-4 takes its constants from them. */
  const fraction = (prime, degree) => {
    const target = prime << (64n * degree);
    let [low, high] = [0n, 1n << 80n];
    while (high - low > 1n) {
      const middle = (low + high) / 2n;
      if (middle ** degree <= target) low = middle;
      else high = middle;
    }
    return low & MASK64;
  };
  const ROUNDS = primes.map((prime) => fraction(prime, 3n));
  const START = primes.slice(0, 8).map((prime) => fraction(prime, 2n));
  const ROUNDS32 = Int32Array.from(ROUNDS.slice(0, 64), (round) => Number(BigInt.asIntN(32, round >> 32n)));
  const START32 = START.map((word) => Number(BigInt.asIntN(32, word >> 32n)));

  /** SHA-256 (FIPS 180-4) of bytes that come in pieces. */
  class Sha256 {
    constructor() {
      this.state = Int32Array.from(START32);
      this.words = new Int32Array(64);
      this.open = new Uint8Array(64);
      this.held = 0;
      this.bytes = 0;
    }

    update(bytes) {
      this.bytes += bytes.length;
      let at = 0;
      if (this.held > 0) {
        at = Math.min(64 - this.held, bytes.length);
        this.open.set(bytes.subarray(0, at), this.held);
        this.held += at;
        if (this.held < 64) return this;
        this.block(this.open, 0);
        this.held = 0;
      }
      for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
      this.open.set(bytes.subarray(at));
      this.held = bytes.length - at;
      return this;
    }

    block(bytes, from) {
      const [words, state] = [this.words, this.state];
      for (let i = 0; i < 16; i += 1) {
        const at = from + 4 * i;
        words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      }
      for (let i = 16; i < 64; i += 1) {
        const [x, y] = [words[i - 15], words[i - 2]];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i += 1) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS32[i] + words[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + one) | 0;
        d = c;
        c = b;
        b = a;
        a = (one + two) | 0;
      }
      state[0] += a;
      state[1] += b;
      state[2] += c;
      state[3] += d;
      state[4] += e;
      state[5] += f;
      state[6] += g;
      state[7] += h;
    }

    /** The digest as hex; nothing may be added afterwards. */
    finish() {
      const bits = BigInt(this.bytes) * 8n;
      const zeros = (119 - (this.bytes % 64)) % 64;
      this.update(Uint8Array.of(0x80)).update(new Uint8Array(zeros)).update(unhex(bits.toString(16).padStart(16, '0')));
      return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
    }
  }

  /** SHA-256 at once: for what is small. */
  const sha256 = (...parts) => {
    const hash = new Sha256();
    for (const part of parts) hash.update(part);
    return hash.finish();
  };

  const rotated = (word, by) => ((word >> by) | (word << (64n - by))) & MASK64;

  /** SHA-512 for browsers that have no WebCrypto; what is hashed here is a page at most. */
  const plainSha512 = (message) => {
    const zeros = (239 - (message.length % 128)) % 128;
    const length = unhex((BigInt(message.length) * 8n).toString(16).padStart(32, '0'));
    const bytes = joined([message, Uint8Array.of(0x80), new Uint8Array(zeros), length]);
    const view = new DataView(bytes.buffer);
    const state = START.slice();
    for (let from = 0; from < bytes.length; from += 128) {
      const words = Array.from({ length: 16 }, (_, i) => view.getBigUint64(from + 8 * i));
      for (let i = 16; i < 80; i += 1) {
        const [x, y] = [words[i - 15], words[i - 2]];
        const s0 = rotated(x, 1n) ^ rotated(x, 8n) ^ (x >> 7n);
        const s1 = rotated(y, 19n) ^ rotated(y, 61n) ^ (y >> 6n);
        words.push((words[i - 16] + s0 + words[i - 7] + s1) & MASK64);
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 80; i += 1) {
        const s1 = rotated(e, 14n) ^ rotated(e, 18n) ^ rotated(e, 41n);
        const one = (h + s1 + ((e & f) ^ (~e & MASK64 & g)) + ROUNDS[i] + words[i]) & MASK64;
        const s0 = rotated(a, 28n) ^ rotated(a, 34n) ^ rotated(a, 39n);
        const two = s0 + ((a & b) ^ (a & c) ^ (b & c));
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & MASK64, c, b, a, (one + two) & MASK64];
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => {
        state[i] = (state[i] + word) & MASK64;
      });
    }
    return unhex(state.map((word) => word.toString(16).padStart(16, '0')).join(''));
  };

  /** WebCrypto where there is one; a page from disc has none in some browsers. */
  const subtle = () => (globalThis.crypto && globalThis.crypto.subtle) || null;

  /** SHA-256 of bytes of any length, as hex. */
  const digestOf = async (bytes) => {
    const crypto = subtle();
    return crypto ? hexOf(new Uint8Array(await crypto.digest('SHA-256', bytes))) : sha256(bytes);
  };

  const sha512 = async (bytes) => {
    const crypto = subtle();
    return crypto ? new Uint8Array(await crypto.digest('SHA-512', bytes)) : plainSha512(bytes);
  };

  // ---- Ed25519, strict

  const P = 2n ** 255n - 19n;
  const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  const modulo = (value) => {
    const rest = value % P;
    return rest < 0n ? rest + P : rest;
  };
  const power = (base, exponent) => {
    let out = 1n;
    for (let [square, rest] = [base, exponent]; rest > 0n; rest >>= 1n) {
      if (rest & 1n) out = (out * square) % P;
      square = (square * square) % P;
    }
    return out;
  };
  const inverse = (value) => power(value, P - 2n);
  const D = modulo(-121665n * inverse(121666n));
  const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

  const integerOf = (bytes) => BigInt(`0x${hexOf(Array.from(bytes).reverse())}`);

  /** Extended coordinates of the point with this y and sign of x; null where there is none. */
  const pointOf = (y, odd) => {
    const [u, v] = [modulo(y * y - 1n), modulo(D * y * y + 1n)];
    const cube = (v * v * v) % P;
    let x = (u * cube * power((u * cube * cube * v) % P, (P - 5n) / 8n)) % P;
    const found = (v * x * x) % P;
    if (found === modulo(-u)) x = (x * ROOT_OF_MINUS_ONE) % P;
    else if (found !== u) return null;
    if ((x & 1n) !== odd) x = modulo(-x);
    return [x, y, 1n, (x * y) % P];
  };

  const sum = ([x1, y1, z1, t1], [x2, y2, z2, t2]) => {
    const a = modulo((y1 - x1) * (y2 - x2));
    const b = ((y1 + x1) * (y2 + x2)) % P;
    const c = (((2n * D * t1) % P) * t2) % P;
    const d = (2n * z1 * z2) % P;
    return fromParts(b - a, d - c, d + c, b + a);
  };
  const twice = ([x, y, z]) => {
    const [a, b] = [(x * x) % P, (y * y) % P];
    const [h, g] = [a + b, a - b];
    return fromParts(h - (x + y) * (x + y), ((2n * z * z) % P) + g, g, h);
  };
  const fromParts = (e, f, g, h) => {
    const [e1, f1, g1] = [modulo(e), modulo(f), modulo(g)];
    return [(e1 * f1) % P, (g1 * h) % P, (f1 * g1) % P, (e1 * h) % P];
  };
  const NEUTRAL = [0n, 1n, 1n, 0n];
  const BASE = pointOf((4n * inverse(5n)) % P, 0n);

  const isSmall = (point) => {
    const [x, y, z] = twice(twice(twice(point)));
    return x === 0n && y === z;
  };

  /** The point of a key, or a refusal. */
  const soundKey = (public_) => {
    const spelled = integerOf(public_);
    const y = spelled & (2n ** 255n - 1n);
    const point = y < P ? pointOf(y, spelled >> 255n) : null;
    if (!point) refuse('the public key is not a canonical Ed25519 point; enrol another key');
    if (isSmall(point)) refuse('the public key is weak, anybody could sign for it; enrol another key');
    return point;
  };

  /** Refuses keys that are weak or not in their one spelling. */
  const checkKey = (publicHex) => {
    soundKey(unhex(publicHex));
  };

  /** s·B − k·A, both at once. */
  const combined = (s, k, [x, y, z, t]) => {
    const minus = [modulo(-x), y, z, modulo(-t)];
    const table = [null, BASE, minus, sum(BASE, minus)];
    let out = NEUTRAL;
    for (let bit = 255n; bit >= 0n; bit -= 1n) {
      out = twice(out);
      const pick = Number(((s >> bit) & 1n) | (((k >> bit) & 1n) << 1n));
      if (pick) out = sum(out, table[pick]);
    }
    return out;
  };

  /** Verifies as `verify_strict` does: S below the order, neither key nor R of small order, R in its one spelling. */
  const verifyEd25519 = async (publicHex, message, signature) => {
    const public_ = unhex(publicHex);
    const key = soundKey(public_);
    const unfit = 'the Ed25519 signature does not fit key and content; check that all three belong together';
    if (signature.length !== 64) refuse(unfit);
    const s = integerOf(signature.subarray(32));
    if (s >= ORDER) refuse(unfit);
    const k = integerOf(await sha512(joined([signature.subarray(0, 32), public_, message]))) % ORDER;
    const point = combined(s, k, key);
    const shrink = inverse(point[2]);
    const [x, y] = [(point[0] * shrink) % P, (point[1] * shrink) % P];
    if ((y | ((x & 1n) << 255n)) !== integerOf(signature.subarray(0, 32)) || isSmall(point)) refuse(unfit);
  };

  return Object.freeze({
    Refusal, refuse, tried,
    utf8, utf8Length, textOf, hexOf, unhex, isDigest, joined, base64Of, base64Bytes, quoted,
    Sha256, sha256, plainSha512, digestOf, sha512, checkKey, verifyEd25519,
  });
})();
if (typeof module === 'object') module.exports = SealdockCurve;
