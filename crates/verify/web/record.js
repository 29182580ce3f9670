'use strict';
// The record that a package shows: its head, its entries, which key was in force when, and the closing of the package.
// The sections have the names of the files of `crates/verify/src`.
const SealdockRecord = ((chain, folders) => {
  const { refuse, tried } = chain;
  const { CHECKPOINT, LOG_KEY, SIGNERS, REVOKED, COMPLETED, COMPLETED_PROOF, GROWN, BAG_SIGNATURE, TAGMANIFEST } = folders;
  const { fact, entryName, proofName, decimal, without, before, lettered } = folders;

  // ---- head.rs

  /** Opens `record/checkpoint` under a key of the reader's, else under the folder's own. */
  const openHead = async (tags, trust, found) => {
    const head = { signed: null, brought: false, folderKey: await folderKey(tags, found) };
    const text = tags.text(CHECKPOINT);
    if (text === null) return head;
    let refusal = 'no key is known to check it by';
    const candidates = trust.keys.map((key) => [key, true]).concat(head.folderKey ? [[head.folderKey, false]] : []);
    for (const [key, brought] of candidates) {
      const [signed, why] = await tried(() => chain.openNote(text, key));
      if (signed) return { ...head, signed, brought };
      refusal = why;
    }
    found.add('head-refused', CHECKPOINT, refusal);
    return head;
  };

  const folderKey = async (tags, found) => {
    const text = tags.text(LOG_KEY);
    if (text === null) return null;
    const line = before(text, '\n');
    const [key] = line === null ? [null] : await tried(() => chain.parseVerifierKey(line));
    if (!key) found.add('key-other', LOG_KEY, 'it is no verifier key on a line of its own');
    return key;
  };

  /** Holds the key of the head against the folder's, the record's and the reader's: do we know it from the reader? */
  const isTrusted = (head, trust, history, found) => {
    if (!head.signed) return false;
    const { key } = head.signed;
    if (head.folderKey && !chain.sameKey(head.folderKey, key)) {
      found.add('key-other', LOG_KEY, 'it is another key than the one that signed the head');
    }
    if (history) saidByRecord(head.signed, history, found);
    if (trust.keys.length === 0) return false;
    const ways = history === null ? [] : waysTo(history, trust.keys, key);
    const led = ways.some((way) => way.every((epoch) => epoch.led));
    // A key that was lost or stolen leads nowhere: that is no forgery, and no reason to believe either.
    if (!head.brought && ways.length === 0) {
      const detail =
        'no key that the reader brought leads to it; where the log key was rotated since, bring the key of that time';
      found.add('key-other', LOG_KEY, detail);
    }
    return head.brought || led;
  };

  /** The record must name the key that signed its own head. */
  const saidByRecord = ({ checkpoint, key }, history, found) => {
    if (history.founded.origin !== key.name) {
      found.add('key-other', entryName(0), 'it founds another record than the head is of');
    } else if (forSize(history.log, checkpoint.size).public !== key.public) {
      const detail = "entry 0 and the rotations lead to another log key than the head's";
      found.add('key-other', entryName(0), detail);
    }
  };

  // ---- event.rs

  // Strict in what is used, and blind to the rest: kinds and fields are only ever added (docs/ref/events.md).
  const asText = (value) => (typeof value === 'string' ? value : refuse('not a text where one must be'));
  const asWhole = (value) => (typeof value === 'number' && value >= 0 ? value : refuse('not a whole number'));
  const asDigest = (value) => (chain.isDigest(asText(value)) ? value : refuse('not 64 lowercase hex digits'));
  const asList = (reader) => (value) => (Array.isArray(value) ? value.map(reader) : refuse('not a list'));
  /** May be absent. */
  const asEither = (reader) => Object.assign((value) => (value === null ? null : reader(value)), { optional: true });

  /** `S41`: a letter and the number of the entry that began it. */
  const asNumbered = (letter) => (value) => {
    const number = lettered(asText(value), letter);
    return number === null ? refuse(`${chain.quoted(value)} is not ${letter} and a number`) : number;
  };

  /** One of some names; as serde reads a plain name, an object with it as only key stands for it too. */
  const asOneOf = (...names) => (value) => {
    const alone = value instanceof Map && value.size === 1 ? Array.from(value)[0] : [value, null];
    const empty = alone[1] === null || (alone[1] instanceof Map && alone[1].size === 0);
    return empty && names.includes(alone[0]) ? alone[0] : refuse('none of the names that it can be');
  };
  const asKeyKind = asOneOf('log', 'evidence');

  /** Fields by name, or as serde reads them too: a list with exactly these, in this order. */
  const asRecord = (fields) => (value) => {
    const names = Object.keys(fields);
    const fits = value instanceof Map || (Array.isArray(value) && value.length === names.length);
    if (!fits) refuse('not an object with these fields');
    const read = (name, at) => {
      if (Array.isArray(value)) return [name, fields[name](value[at])];
      if (value.has(name)) return [name, fields[name](value.get(name))];
      return fields[name].optional ? [name, null] : refuse(`missing field \`${name}\``);
    };
    return Object.fromEntries(names.map(read));
  };

  const session = asNumbered('S');
  const KINDS = {
    'station.founded': {
      origin: asText, unit: asText, log_vkey: asText, evidence_key: asText, log_public: asDigest,
      evidence_public: asDigest,
    },
    'key.rotated': {
      key: asKeyKind, epoch: asWhole, old_public: asDigest, new_public: asDigest, old_signature: asText,
      new_signature: asText,
    },
    'key.replaced': {
      key: asKeyKind, epoch: asWhole, old_public: asDigest, new_public: asDigest,
      cause: asOneOf('lost', 'stolen', 'restored'), since: asEither(asText), old_signature: asEither(asText),
      new_signature: asText,
    },
    'station.restored': { size: asWhole, lost: asEither(asRecord({ first: asWhole, last: asWhole })) },
    'session.opened': { recorder_claim: asText },
    'listing.signed': { session, object: asDigest, lines: asWhole, files: asWhole, bytes: asWhole },
    'clip.stored': {
      session, line: asWhole, raw: asText, size: asWhole, sha256: asDigest,
      chunk: asRecord({ size: asWhole, root: asDigest }), sshsig: asText, evidence_epoch: asWhole,
    },
    'session.closed': { session },
    'wipe.certified': { object: asDigest },
    'copy.carried-out': {},
    'copy.completed': {
      copy: asWhole,
      files: asList(asRecord({ clip: asNumbered('C'), name: asText, size: asWhole, sha256: asDigest })),
      excerpts: Object.assign(asList(asRecord({
        clip: asNumbered('C'), name: asText, size: asWhole, sha256: asDigest, from_ms: asWhole, to_ms: asWhole,
      })), { optional: true }),
      package: asEither(asDigest),
    },
  };

  /** What an event says, with its kind in `is`; kinds on which no verdict rests are `other`. */
  const readSaid = (event) => {
    const tagged = Array.isArray(event) ? event.slice(1) : event;
    const kind = Array.isArray(event) ? event[0] : event instanceof Map && event.get('type');
    if (typeof kind !== 'string') refuse('it has no kind');
    const known = Object.prototype.hasOwnProperty.call(KINDS, kind);
    return { is: known ? kind : 'other', ...asRecord(known ? KINDS[kind] : {})(tagged) };
  };

  // ---- entries.rs

  /** Reads canonical bytes; the proof is a second step. */
  const readShown = (bytes) => {
    const entry = chain.decodeEntry(bytes);
    const said = readSaid(entry.event);
    if (said.is === 'station.founded' && entry.seq !== 0) {
      refuse('a station is founded in entry 0 and in no other');
    }
    return { entry, said, leaf: chain.leafHash(bytes), proven: false };
  };

  /** Reads every entry with its proof, by number. Without a head nothing is proven, and all is still read. */
  const readEntries = async (tags, head, found, watch) => {
    const require_ = (name) => {
      if (!tags.has(name)) found.add('file-missing', name, 'an entry and its proof come together');
    };
    const unsorted = [];
    for (const name of tags.items.keys()) {
      const where = folders.place(name);
      if (where && where.is === 'proof') require_(entryName(where.of));
      const bytes = where && where.is === 'entry' ? tags.bytes(name) : null;
      if (!bytes) continue;
      const [shown, why] = await tried(() => readShown(bytes));
      if (!shown) found.add('entry-refused', name, why);
      else if (shown.entry.seq !== where.of) found.add('entry-refused', name, `it is entry ${shown.entry.seq}`);
      else unsorted.push([where.of, shown]);
      require_(proofName(where.of));
    }
    const entries = new Map(unsorted.sort(([one], [other]) => one - other));
    let at = 0;
    for (const [seq, shown] of head ? entries : []) {
      await watch('proofs', at, entries.size);
      at += 1;
      await prove(seq, shown, { tags, head }, found);
    }
    return entries;
  };

  const prove = async (seq, shown, { tags, head }, found) => {
    const [text, bytes] = [tags.text(proofName(seq)), tags.bytes(entryName(seq))];
    if (text === null || !bytes) return;
    const [, why] = await tried(() => proofHolds(text, [seq, bytes], head));
    if (why === null) shown.proven = true;
    else found.add('proof-refused', proofName(seq), why);
  };

  /** Checks a proof file: of this entry, under this head word for word, leading to its root. */
  const proofHolds = async (text, [seq, bytes], head) => {
    const proof = await chain.parseProof(text, head.key);
    if (proof.signed.note !== head.note) refuse("it is under another head than the package's");
    if (proof.index !== BigInt(seq)) refuse(`it is for entry ${proof.index}`);
    const { size, root } = proof.signed.checkpoint;
    chain.verifyInclusion(chain.leafHash(bytes), proof.index, size, proof.hashes, root);
  };

  /** Two entries in sequence: the later must name the earlier. */
  const checkLinks = (shown, found) => {
    shown.forEach((later, at) => {
      const earlier = shown[at - 1];
      if (!earlier || earlier.entry.seq + 1 !== later.entry.seq || later.entry.prev === earlier.leaf) return;
      const detail = `it names another entry ${earlier.entry.seq} than the one shown`;
      found.add('link-broken', `entry ${later.entry.seq}`, detail);
    });
  };

  // ---- keys.rs

  /** The epoch whose key signs a head of `size` entries. */
  const forSize = (epochs, size) => {
    const begun = epochs.filter((epoch, at) => at === 0 || epoch.from <= size);
    return begun[begun.length - 1];
  };
  /** The epoch under which something that entry `seq` says was signed. */
  const forEntry = (epochs, seq) => forSize(epochs, BigInt(seq) + 1n);

  /** Reads entry 0 and the rotations; null where there is no usable entry 0. */
  const readHistory = async (tags, entries, found) => {
    const first = entries.get(0);
    if (!first) {
      if (!tags.has(entryName(0))) found.add('entry-missing', 'entry 0', 'it says which station this is');
      return null;
    }
    if (first.said.is !== 'station.founded') {
      found.add('entry-refused', entryName(0), 'it founds no station');
      return null;
    }
    const founded = first.said;
    const [, why] = await tried(() => keysAgree(founded));
    if (why !== null) found.add('key-other', entryName(0), why);
    const epoch = (public_) => [epochOf({ epoch: 1, new_public: public_ }, 0)];
    const history = {
      founded,
      log: epoch(founded.log_public),
      evidence: epoch(founded.evidence_public),
      sound: first.proven,
    };
    for (const [seq, shown] of entries) {
      if (!['key.rotated', 'key.replaced'].includes(shown.said.is)) continue;
      history.sound = history.sound && shown.proven;
      const [, unproven] = await tried(() => rotate(history, seq, shown.said));
      if (unproven === null) continue;
      history.sound = false;
      found.add('key-unproven', entryName(seq), unproven);
    }
    return history;
  };

  /** A head whose last entry rotates is still the old key's, one whose last entry replaces is the new key's. */
  const epochOf = ({ epoch, new_public, cause = null, since: stolen = null, old_signature: old }, since) => {
    const from = BigInt(since) + (cause === null ? 2n : 1n);
    return { number: epoch, public: new_public, since, from, cause, stolen, led: cause === null || old !== null };
  };

  const rotate = async (history, seq, said) => {
    const epochs = history[said.key];
    const newest = epochs[epochs.length - 1];
    if (newest.public !== said.old_public || newest.number + 1 !== said.epoch) {
      refuse(`it does not follow epoch ${newest.number}`);
    }
    if (said.old_public === said.new_public) refuse('the new key is the old one');
    const replaced = said.is === 'key.replaced';
    if (replaced && epochs.some((epoch) => epoch.public === said.new_public)) {
      refuse('the new key is one that the record had before');
    }
    const signedByOld = !replaced || said.old_signature !== null;
    if (replaced && signedByOld && said.cause !== 'restored') refuse('a key that was lost or stolen vouches for the next');
    const statement = chain.utf8(
      `sealdock key ${replaced ? 'replacement' : 'rotation'} v1\n${history.founded.origin}\n` +
        `${said.key} ${said.epoch}\nold ${said.old_public}\nnew ${said.new_public}\n` +
        (replaced ? `cause ${said.cause}\nsince ${said.since === null ? '-' : said.since}\n` : ''),
    );
    for (const which of signedByOld ? ['old', 'new'] : ['new']) {
      const hex = said[`${which}_signature`];
      if (!/^[0-9a-f]{128}$/.test(hex)) refuse(`the signature of the ${which} key is malformed`);
      const verified = () => chain.verifyEd25519(said[`${which}_public`], statement, chain.unhex(hex));
      const [, why] = await tried(verified);
      if (why !== null) refuse(`the ${which} key: ${why}`);
    }
    epochs.push(epochOf(said, seq));
  };

  /** For each key that the reader brought: the epochs after it up to that of `key`, where there are such. */
  const waysTo = (history, brought, key) => {
    const way = (from) => {
      const start = history.log.findIndex((epoch) => epoch.public === from.public);
      const end = history.log.findIndex((epoch, at) => at >= start && epoch.public === key.public);
      return start < 0 || end < 0 || from.name !== key.name ? [] : [history.log.slice(start + 1, end + 1)];
    };
    return history.sound ? brought.flatMap(way) : [];
  };

  /** Each epoch with the one that ended it. */
  const endedOf = (epochs) => epochs.slice(1).map((next, at) => [epochs[at], next]);

  /** Was the key not in force any more for a head of that size, because it was replaced? */
  const isRetired = (history, head, key) =>
    history !== null && history.sound && endedOf(history.log).some(([epoch, next]) =>
      epoch.public === key.public && next.cause !== null && next.from <= head.size);

  /** The verifier key of an epoch; null where its key is weak. */
  const verifierOf = async (history, epoch) =>
    (await tried(() => chain.verifierKey(history.founded.origin, epoch.public)))[0];

  /** `keys/allowed_signers` may name evidence keys of this record, `keys/revoked` those declared stolen. */
  const checkSigners = (history, tags, found) => {
    const revoked = tags.text(REVOKED);
    const stolen = endedOf(history.evidence).filter(([, next]) => next.cause === 'stolen');
    const names = (line) => stolen.some(([epoch]) => line.startsWith(`${chain.publicLine(epoch.public)} `));
    if (revoked !== null && (revoked === '' || !chain.linesOf(revoked).every(names))) {
      found.add('key-other', REVOKED, 'it names a key that the record does not call stolen');
    }
    const text = tags.text(SIGNERS);
    if (text === null) return;
    const keys = history.evidence.map((epoch) => ` ${chain.publicLine(epoch.public)}`);
    const known = (line) => keys.some((key) => line.endsWith(key));
    if (text === '' || !chain.linesOf(text).every(known)) {
      found.add('key-other', SIGNERS, 'it names a key that the record does not');
    }
  };

  /** Entry 0 spells each key twice. */
  const keysAgree = (founded) => {
    const log = chain.verifierKey(founded.origin, founded.log_public);
    if (log.text !== founded.log_vkey) refuse('its two spellings of the log key differ');
    chain.checkKey(founded.evidence_public);
    if (!founded.evidence_key.startsWith(`${chain.publicLine(founded.evidence_public)} `)) {
      refuse('its two spellings of the evidence key differ');
    }
  };

  // ---- answers.rs, of keys

  const textIn = (value, key) => {
    const found = value instanceof Map ? value.get(key) : undefined;
    return typeof found === 'string' ? found : null;
  };

  /** What the station's wall clock said: a claim. */
  const wallOf = ({ at }) => textIn(at, 'wall') || (textIn(at, 'wall') === '' ? '' : '–');

  /** That epochs began without a rotation. */
  const replacedOf = (key, history) =>
    endedOf(history[key]).map(([, next]) => next).filter(({ cause }) => cause !== null).map((next) => {
      const { since: entry, number: epoch, cause, stolen, led } = next;
      if (cause === 'stolen') return fact('key-stolen', { key, entry, epoch, since: stolen === null ? '–' : stolen });
      const restored = led ? 'key-restored-signed' : 'key-restored';
      return fact(cause === 'lost' ? 'key-lost' : restored, { key, entry, epoch });
    });

  /** Clips whose signature may be somebody else's: by a stolen key, from then on, by the station's clock. */
  const stolenOf = ({ history, clips, entries }) => {
    const stolen = history ? endedOf(history.evidence).filter(([, next]) => next.cause === 'stolen') : [];
    const named = stolen.map(([epoch, next]) => {
      const since = secondOf(next.stolen);
      const after = (clip) => {
        const shown = entries.get(clip.number);
        const wall = shown ? secondOf(wallOf(shown.entry)) : null;
        return since === null || wall === null || wall >= since;
      };
      const signed = clips.filter((clip) => forEntry(history.evidence, clip.number) === epoch);
      return [epoch, signed.filter(after).map(({ number }) => `C${number}`)];
    });
    return named.filter(([, of]) => of.length > 0);
  };

  /** To the second: all times in entries are written alike, in UTC. */
  const secondOf = (at) => (at !== null && /^[\x00-\x7f]{19}/.test(at) ? at.slice(0, 19) : null);

  /** What the record says it lost. */
  const restoredOf = (entries) =>
    Array.from(entries.values()).filter(({ said }) => said.is === 'station.restored').map(({ entry, said }) => {
      const { size, lost } = said;
      return fact(lost === null ? 'restored' : 'restored-lost', { entry: entry.seq, size, ...lost });
    });

  // ---- anchors.rs

  /** The head under a key of the record, or why not; neither where no key is known. `wrong`: what else is, or null. */
  const openAnchored = async (text, wrong, { head, history }) => {
    const epochs = history ? await Promise.all(history.log.map((epoch) => verifierOf(history, epoch))) : [];
    const keys = [head.signed ? head.signed.key : head.folderKey, ...epochs].filter((key) => key);
    let refusal = null;
    for (const key of keys) {
      const [signed, why] = await tried(() => chain.openNote(text, key));
      refusal = why;
      if (!signed) continue;
      const unformed = await wrong(text, key);
      if (unformed !== null) return [null, unformed];
      const { checkpoint } = signed;
      const inForce = !history || forSize(history.log, checkpoint.size).public === key.public;
      return inForce ? [checkpoint, null] : [null, 'it is signed by a log key that was not in force'];
    }
    return [null, refusal];
  };

  // ---- handover.rs

  const EXPORT_NAMESPACE = 'export@sealdock';

  /** What was copied, as the closing entry says it; null where it says nothing. */
  const copyOf = (handover) =>
    handover.shown && handover.shown.said.is === 'copy.completed' ? handover.shown.said : null;

  /** Reads and checks `handover/`. `around`: tags, head, history, entries. */
  const readHandover = async (around, found) => {
    const { tags } = around;
    const handover = { later: null, grown: false, shown: null };
    const grown = tags.text(GROWN);
    if (grown !== null) {
      const [growth, why] = await tried(() => chain.parseGrowth(grown));
      if (growth) await grow(handover, growth, around, found);
      else found.add('heads-part', GROWN, why);
    }
    const bytes = tags.bytes(COMPLETED);
    if (bytes) {
      const [shown, why] = await tried(() => readShown(bytes));
      if (shown) handover.shown = shown;
      else found.add('entry-refused', COMPLETED, why);
      await proveClosing(handover, bytes, around, found);
      close(handover, around, found);
    }
    await checkBagSignature(around, found);
    return handover;
  };

  const grow = async (handover, growth, around, found) => {
    const [later, why] = await tried(() => openLater(growth.note, around));
    if (!later) {
      found.add('head-refused', GROWN, why);
      return;
    }
    handover.later = later;
    if (!around.head.signed) return;
    const [old, size] = [around.head.signed.checkpoint, later.checkpoint.size];
    const [, parted] = await tried(() => {
      if (growth.old !== old.size) {
        refuse(`it grows from ${growth.old} entries, the package's head has ${old.size}`);
      }
      if (size <= old.size) refuse('the later head has no more entries than the first');
      chain.checkGrowth(growth, old, later.checkpoint);
    });
    if (parted === null) handover.grown = true;
    else found.add('heads-part', GROWN, parted);
  };

  /** The later head under the key of the first, or under the key that a rotation shown here leads to. */
  const openLater = async (note, { head, history }) => {
    const newest = history && (await verifierOf(history, history.log[history.log.length - 1]));
    const keys = [head.signed ? head.signed.key : head.folderKey, newest].filter((key) => key);
    let refusal = 'no key is known to check it by';
    for (const key of keys) {
      const [signed, why] = await tried(() => chain.openNote(note, key));
      if (!signed) {
        refusal = why;
        continue;
      }
      // A key that a rotation has ended signs no later head. Where the first head is by such a key that is said of
      // the first, once.
      const inForce = (size, by) => forSize(history.log, size).public === by.public;
      const firstHolds = () => !head.signed || inForce(head.signed.checkpoint.size, head.signed.key);
      if (history && firstHolds() && !inForce(signed.checkpoint.size, key)) {
        refuse('it is signed by a log key that was not in force');
      }
      return signed;
    }
    return refuse(refusal);
  };

  const proveClosing = async (handover, bytes, around, found) => {
    const text = around.tags.text(COMPLETED_PROOF);
    const { shown } = handover;
    if (text === null || !shown) return;
    let { later } = handover;
    const blank = text.indexOf('\n\n');
    // Where the growth is not there, the proof's own head still says whether the entry was signed for.
    if (!later && blank >= 0) [later] = await tried(() => openLater(text.slice(blank + 2), around));
    if (!later) {
      found.add('proof-refused', COMPLETED_PROOF, 'its head is not signed by the key');
      return;
    }
    const [, why] = await tried(() => proofHolds(text, [shown.entry.seq, bytes], later));
    if (why === null) shown.proven = true;
    else found.add('proof-refused', COMPLETED_PROOF, why);
  };

  /** Is the closing entry about this copy and this package? */
  const close = (handover, { tags, head, entries }, found) => {
    const { shown } = handover;
    if (!shown) return;
    const refused = (detail) => found.add('handover-refused', COMPLETED, detail);
    const completed = copyOf(handover);
    if (!completed) return void refused('it completes no copy');
    if (head.signed && BigInt(shown.entry.seq) < head.signed.checkpoint.size) {
      return void refused("it lies before the end of the package's own head");
    }
    // In part or whole, and in part as often as one likes.
    const parted = new Set((completed.excerpts || []).map((part) => part.clip));
    const clips = completed.files.map((file) => file.clip).concat(...parted);
    if (new Set(clips).size !== clips.length) return void refused('it names a clip twice');
    const package_ = tags.digest(TAGMANIFEST);
    if (completed.package === null) return void refused('it names no package');
    if (package_ !== null && package_ !== completed.package) {
      return void refused('it names another package than this tag manifest');
    }
    const begun = entries.get(completed.copy);
    if (begun && begun.said.is !== 'copy.carried-out') refused('the entry that it names began no copy');
    if (!begun && !tags.has(entryName(completed.copy))) {
      found.add('entry-missing', `entry ${completed.copy}`, 'it began this copy');
    }
  };

  const checkBagSignature = async ({ tags, history }, found) => {
    const [text, manifest] = [tags.text(BAG_SIGNATURE), tags.digest(TAGMANIFEST)];
    if (text === null || !history || manifest === null) return;
    const { public: key } = history.evidence[history.evidence.length - 1];
    const [, why] = await tried(() => chain.verifySshsig(text, key, EXPORT_NAMESPACE, manifest));
    if (why !== null) found.add('bag-signature', BAG_SIGNATURE, why);
  };

  return Object.freeze({
    openHead, isTrusted, asText, asWhole, asDigest, asList, asNumbered, asRecord, readSaid, readEntries, checkLinks, forEntry, readHistory,
    isRetired, replacedOf, stolenOf, restoredOf, textIn, wallOf,
    verifierOf, checkSigners, openAnchored, copyOf, readHandover,
  });
})(
  typeof require === 'function' ? require('./chain.js') : SealdockChain,
  typeof require === 'function' ? require('./folder.js') : SealdockFolder,
);
if (typeof module === 'object') module.exports = SealdockRecord;
