'use strict';
// Heads that somebody outside stamped or cosigned: that each is one with the package's, whom the reader believes of the
// witnesses, and what they prove. The sections have the names of the files of `crates/verify/src` and `crates/chain/src`.
const SealdockAnchors = ((chain, folders, record) => {
  const { refuse, tried, quoted } = chain;
  const WITNESS = 4;

  // ---- pins.rs

  /** Nothing where the record is one with the pin, else a code and why. */
  const linkPin = async (pin, { tags, first, handover }) => {
    const parts = (detail) => ({ code: 'pin-parts', detail });
    const not = (detail) => ({ code: 'pin-unlinked', detail });
    if (!first) return not('the package has no sound head to hold it against');
    const later = handover.grown && handover.later ? handover.later.checkpoint : null;
    const same = [first, later].find((head) => head && head.size === pin.size);
    if (same) return same.root === pin.root ? {} : parts(`the package has another root at ${pin.size} entries`);
    if (pin.size > first.size) return not('it is of a later record than the package can show');
    const text = tags.text(`anchors/${pin.size}.add-checkpoint`);
    if (text === null) return not('the package holds no growth from it');
    // A malformed growth is found by `checkAnchors`; here it only proves nothing.
    const [growth] = await tried(() => chain.parseGrowth(text));
    if (!growth) return not('the growth from it is malformed');
    const [, why] = await tried(() => chain.checkGrowth(growth, pin, first));
    if (why !== null) return parts(why);
    return growth.old === pin.size ? {} : not('the growth is from another size');
  };

  // ---- anchors.rs

  /** Reads a head in `anchors/` and holds it against the package's: `{ note, linked }`, or null. */
  const readAnchored = async ({ name, size, called, code }, wrong, around, found) => {
    const { tags, first } = around.heads;
    const text = tags.text(name);
    if (text === null) return null;
    const [head, why] = await record.openAnchored(text, wrong, around);
    const refused = head && (head.size !== BigInt(size) || size === 0) ? 'it is of another size than its folder says' : why;
    if (refused) found.add(code, name, refused);
    if (!head || refused) return null;
    const { code: parted, detail } = await linkPin(head, around.heads);
    const growth = `anchors/${size}.add-checkpoint`;
    if (parted === 'pin-parts' || (parted && first && first.size < head.size)) found.add(code, name, detail);
    else if (parted && first && !tags.has(growth)) {
      found.add('file-missing', growth, `it leads from a ${called} head to the package's`);
    }
    return { note: text, linked: !parted };
  };

  // ---- stamps.rs

  /** Origin, size, root, an empty line, one signature. */
  const STAMPED_LINES = 5;
  const notAlone = (text) =>
    (chain.linesOf(text).length === STAMPED_LINES ? null : "it has another signature beside the log's own");

  /** Looks at every stamped head; what a stamp says takes certificates and is looked at by the program only. */
  const readStamps = async (around, found) => {
    const { tags } = around.heads;
    const stamps = tags.places('stamp');
    for (const [, size] of stamps) {
      const head = folders.stampedHeadName(size);
      if (!tags.has(head)) found.add('file-missing', head, 'a time-stamp is over it');
    }
    for (const [name, size] of tags.places('stamped-head')) {
      await readAnchored({ name, size, called: 'stamped', code: 'stamp-refused' }, notAlone, around, found);
    }
    for (const [name] of stamps) found.add('stamp-unchecked', name, 'nobody said whose time is believed');
    return stamps.map(([, size]) => ({ size: BigInt(size) }));
  };

  // ---- cosign.rs

  /** When this witness cosigned the head, in seconds since 1970 as a BigInt; null if it did not. */
  const cosignedAt = async ({ name, id, public: public_ }, note) => {
    const [body, lines] = chain.splitNote(note);
    const line = chain.signatureLines(lines).find((one) => one.name === name && one.id === id);
    if (!line) return null;
    const [time, signature] = [line.signature.subarray(0, 8), line.signature.subarray(8)];
    const seconds = time.length === 8 ? BigInt(`0x${chain.hexOf(time)}`) : 0n;
    // A cosignature of no time is one of ML-DSA over part of a tree, and no statement about a head.
    if (signature.length !== 64 || seconds === 0n || seconds >= 1n << 63n) {
      refuse(`the cosignature of ${name} is malformed; fetch it again from the witness`);
    }
    await chain.verifyEd25519(public_, chain.utf8(`cosignature/v1\ntime ${seconds}\n${body}`), signature);
    return seconds;
  };

  // ---- policy.rs (c2sp.org/tlog-policy)

  const POLICY_BYTES_MAX = 256 * 1024;
  const NONE = 'none';

  /** Reads a policy, line by line: `{ logs, witnesses: [{ label, key }], groups, quorum }`. */
  class PolicyReader {
    constructor() {
      Object.assign(this, { at: 0, publics: new Set(), names: new Set(), members: new Set() });
      this.policy = { logs: [], witnesses: [], groups: new Map(), quorum: null };
    }

    wrong(what) {
      refuse(`line ${this.at} of the witness policy: ${what}`);
    }

    async line(items) {
      this.at += 1;
      const [kind, ...rest] = items;
      const has = (word, least, most) => kind === word && rest.length >= least && rest.length <= most;
      if (kind === undefined || kind.startsWith('#')) return;
      if (has('log', 1, 2)) this.policy.logs.push(await this.key(rest[0], 1));
      else if (has('witness', 2, 3)) await this.witness(...rest);
      else if (has('group', 3, Infinity)) this.group(rest);
      else if (has('quorum', 1, 1)) this.quorum(rest[0]);
      else this.wrong('it is no `log`, `witness`, `group` or `quorum` line of a policy');
    }

    /** No two of all keys are one: a log that cosigns for itself is nobody outside. */
    async key(text, type) {
      const [key, why] = await tried(() => chain.parseVerifierKey(text, type));
      if (!key) this.wrong(why);
      if (this.publics.has(key.public)) this.wrong('this key stands in an earlier line');
      this.publics.add(key.public);
      return key;
    }

    async witness(label, text) {
      const key = await this.key(text, WITNESS);
      this.free(label);
      this.names.add(label);
      this.policy.witnesses.push({ label, key });
    }

    group([name, threshold, ...those]) {
      this.free(name);
      const number = new Map([['any', 1], ['all', those.length]]).get(threshold) || folders.decimal(threshold) || 0;
      if (number === 0 || number > those.length) {
        this.wrong('the threshold is `any`, `all` or a number from 1 to that of the members');
      }
      for (const member of those) {
        this.known(member);
        if (this.members.has(member)) this.wrong(`${quoted(member)} is a member already, and may count once only`);
        this.members.add(member);
      }
      this.names.add(name);
      this.policy.groups.set(name, { number, those });
    }

    quorum(name) {
      if (this.policy.quorum !== null) this.wrong('there is a `quorum` line already');
      if (name !== NONE) this.known(name);
      this.policy.quorum = name;
    }

    known(name) {
      if (!this.names.has(name)) this.wrong(`no earlier line names a witness or group ${quoted(name)}`);
    }

    free(name) {
      if (name === NONE || this.names.has(name)) this.wrong(`the name ${quoted(name)} is taken`);
    }
  }

  const parsePolicy = async (text) => {
    if (chain.utf8Length(text) > POLICY_BYTES_MAX || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) {
      refuse(`the witness policy is no text of at most ${POLICY_BYTES_MAX} bytes without control characters`);
    }
    const reader = new PolicyReader();
    for (const line of text.split('\n')) await reader.line(line.split(/[\u0020\t]/).filter((item) => item !== ''));
    if (reader.policy.quorum !== null) return reader.policy;
    return refuse('the witness policy has no `quorum` line; add `quorum NAME`, a witness or group of it');
  };

  /** Is the quorum met by these labels? A group refers to earlier names only, so one pass decides all of them. */
  const isMet = ({ groups, quorum }, cosigned) => {
    const met = new Set(cosigned);
    for (const [name, { number, those }] of groups) {
      if (those.filter((member) => met.has(member)).length >= number) met.add(name);
    }
    return met.has(quorum);
  };

  /** Labels of the witnesses whose cosignature can help to fill the quorum at all. */
  const countingIn = ({ witnesses, groups, quorum }) => {
    const asked = new Set([quorum]);
    for (const [name, { those }] of Array.from(groups).reverse()) {
      if (asked.has(name)) those.forEach((member) => asked.add(member));
    }
    return new Set(witnesses.map(({ label }) => label).filter((label) => asked.has(label)));
  };

  // ---- trust.rs

  // Whom the reader believes: `witnesses`, keys of whom every one must have cosigned, or `policy`, `{ about, text }`.
  // The answer: that as a policy or null, and the keys, which are the policy's logs where none was brought.
  const believe = async ({ witnesses = [], policy: given = null }, brought) => {
    if (witnesses.length === 0 && !given) return [null, brought];
    const { about, text } = given || { about: '--witness', text: await everyOne(witnesses) };
    const refused = (why) => {
      throw new folders.Refused(null, `the witnesses in ${about} are refused: ${why}`);
    };
    const [policy, why] = await tried(() => parsePolicy(text.replace(/\r\n/g, '\n')));
    if (!policy) refused(why);
    if (policy.quorum === NONE) {
      refused('its quorum is none, so it anchors nothing; name the witnesses that you believe');
    }
    const keys = brought.length > 0 ? brought : policy.logs;
    const named = (key) => policy.logs.length === 0 || policy.logs.some((log) => chain.sameKey(log, key));
    const other = keys.find((key) => !named(key));
    if (other) refused(`it names logs, and the key ${other.text} is none of them`);
    const own = policy.witnesses.find((one) => keys.some((key) => key.public === one.key.public));
    if (own) refused(`the witness ${own.key.name} has the key of the log itself, which is nobody outside`);
    return [policy, keys];
  };

  const everyOne = async (texts) => {
    const keys = new Set();
    for (const text of texts) keys.add((await folders.findKey(text, WITNESS)).text);
    const lines = Array.from(keys, (key, n) => `witness w${n} ${key}\n`);
    return `${lines.join('')}group every all${lines.map((_, n) => ` w${n}`).join('')}\nquorum every\n`;
  };

  // ---- witnesses.rs

  const HEAD_LINES = 5;

  /** The log's own signature comes first, and cosignatures follow: why not, or null. */
  const notCosigned = async (note, key) => {
    const head = note.split('\n').slice(0, HEAD_LINES).join('\n');
    const [first] = await tried(() => chain.openNote(`${head}\n`, key));
    if (!first) return "the log's own signature is not the first";
    return note === `${head}\n` ? 'nobody cosigned it' : null;
  };

  /** Looks at every cosigned head. */
  const readCosigned = async (around, found) => {
    const all = [];
    for (const [name, size] of around.heads.tags.places('cosigned-head')) {
      const file = { name, size, called: 'cosigned', code: 'witness-refused' };
      const head = await readAnchored(file, notCosigned, around, found);
      const shown = head && (await judged(head.note, name, around, found));
      all.push({ size: BigInt(size), shown: head && head.linked ? shown : null });
    }
    return all;
  };

  /** `{ at, by: [[name, time]] }` where a quorum cosigned; null, and a finding, where it did not. */
  const judged = async (note, name, around, found) => {
    const { policy } = around;
    if (!policy) {
      found.add('witness-unchecked', name, 'nobody said whose cosignatures are believed');
      return null;
    }
    const [cosigned, missing, own] = [[], [], []];
    const [ours, counting] = [keysOfStation(around), countingIn(policy)];
    for (const { label, key } of policy.witnesses) {
      const [time, why] = await tried(() => cosignedAt(key, note));
      if (why !== null) {
        found.add('witness-refused', name, why);
        return null;
      }
      if (!counting.has(label)) continue;
      if (ours.has(key.public)) own.push(key.name);
      else if (time === null) missing.push(key.name);
      else cosigned.push({ time, label, name: key.name });
    }
    cosigned.sort((one, other) => Number(one.time - other.time) || folders.byBytes(one.name, other.name));
    // The first moment at which a quorum had cosigned. Before it those who had were none, and may all have lied.
    const soFar = new Set();
    const filled = cosigned.find(({ label }) => isMet(policy, soFar.add(label)));
    if (!filled) found.add('witness-short', name, short(cosigned.map((one) => one.name), missing, own));
    return filled ? { at: filled.time, by: cosigned.map((one) => [one.name, one.time]) } : null;
  };

  /** Whoever cosigns with a key of the station is nobody outside. */
  const keysOfStation = ({ head, history }) => {
    const epochs = history ? history.log.concat(history.evidence) : [];
    const heads = [head.signed && head.signed.key, head.folderKey].filter((key) => key);
    return new Set(epochs.concat(heads).map((one) => one.public));
  };

  const short = (cosigned, missing, own) => {
    const listed = (names) => names.join(', ') || 'nobody';
    const ours = own.length > 0 ? `; not counted, since the key is the station's own: ${listed(own)}` : '';
    return `cosigned by ${listed(cosigned)}; not by ${listed(missing)}${ours}`;
  };

  /** The last second of the year 9999: later years have no form of four digits. */
  const CIVIL_MAX = 253402300799n;

  /** `2026-11-29T08:30:00Z`; a time beyond the year 9999 as it stands there. */
  const utc = (seconds) => {
    if (seconds > CIVIL_MAX) return `${seconds} s since 1970`;
    return new Date(Number(seconds) * 1000).toISOString().replace('.000', '');
  };

  return Object.freeze({
    linkPin, readStamps, cosignedAt, parsePolicy, isMet, countingIn, believe, readCosigned, utc,
  });
})(
  typeof require === 'function' ? require('./chain.js') : SealdockChain,
  typeof require === 'function' ? require('./folder.js') : SealdockFolder,
  typeof require === 'function' ? require('./record.js') : SealdockRecord,
);
if (typeof module === 'object') module.exports = SealdockAnchors;
