'use strict';
// The verdict on a package of evidence, step by step as in `crates/verify/src`, under the same names. Pure: a folder in
// (names and Blobs), a report out. What it believes comes from what the reader brings apart from the folder; nothing in
// the folder vouches for itself. Sentences come from words.json, which both verifiers share.
const SealdockVerify = ((chain, folders, record, anchors, excerpt) => {
  const { refuse, tried, CHUNK_BYTES } = chain;
  const { Refused, Stopped, WORDS, RANK, rank, CODES, fact, Findings, sentence, factText, entryName, listingName } = folders;
  const { forEntry, copyOf, replacedOf, stolenOf, restoredOf, textIn, wallOf } = record;
  const { linkPin, readStamps, readCosigned } = anchors;

  // ---- clip.rs

  const CLIP_NAMESPACE = 'clip@sealdock';
  const piecesOf = (size) => Math.ceil(size / CHUNK_BYTES);

  /** Clips that the copy names and files that lie among them, each with what is said of it. */
  const allClips = async (around, found) => {
    const files = clipFiles(around.tags, found);
    const copy = copyOf(around.handover);
    const copied = new Map((copy ? copy.files : []).map((file) => [file.clip, file]).reverse());
    const parts = new Set(((copy && copy.excerpts) || []).map((part) => part.clip));
    const numbers = new Set([...files.keys(), ...copied.keys(), ...parts]);
    if (numbers.size === 0) found.add('file-missing', 'data/', 'a package has at least one clip');
    const clips = Array.from(numbers).sort((one, other) => one - other).map((number) => {
      const shown = around.entries.get(number);
      const stored = shown && shown.said.is === 'clip.stored' ? shown.said : null;
      const name = files.get(number) || null;
      const parted = name === null && parts.has(number);
      return { number, name, stored, proven: Boolean(shown && shown.proven), bytes: { are: 'unheld' }, parted };
    });
    for (const clip of clips) {
      saidOfClip(clip, copied.get(clip.number) || null, around, found);
      await clipSignature(clip, around, found);
    }
    return clips;
  };

  /** The file of each clip; a second one for the same clip is none of them. */
  const clipFiles = (tags, found) => {
    const files = new Map();
    for (const [name, number] of tags.places('clip')) {
      if (files.has(number)) found.add('clip-unknown', name, 'there is another file for the same clip');
      else files.set(number, name);
    }
    return files;
  };

  /** Manifest, copy and entry must say the same. */
  const saidOfClip = (clip, copied, around, found) => {
    const about = clip.name || `C${clip.number}`;
    if (copyOf(around.handover) && !copied && !clip.parted) {
      found.add('clip-unknown', about, 'the copy does not name it');
      return;
    }
    if (copied) {
      const name = `data/${copied.name}`;
      if (clip.name === null) found.add('file-missing', name, 'the copy names it');
      else if (clip.name !== name) found.add('clip-misnamed', about, 'the copy gave it another name');
    }
    const { stored } = clip;
    if (!stored) {
      notStored(clip, about, around, found);
      return;
    }
    const manifest = clip.name !== null && around.bag.clips ? around.bag.clips.get(clip.name) : undefined;
    if (manifest !== undefined && manifest !== stored.sha256) {
      found.add('clip-misnamed', about, 'the manifest has another digest than its entry');
    }
    if (copied && (copied.sha256 !== stored.sha256 || copied.size !== stored.size)) {
      found.add('clip-misnamed', about, 'the copy has another digest or size than its entry');
    }
  };

  const notStored = ({ number }, about, { tags, entries }, found) => {
    if (entries.has(number)) found.add('clip-unknown', about, `entry ${number} took custody of no clip`);
    else if (!tags.has(entryName(number))) {
      found.add('entry-missing', `entry ${number}`, 'it took custody of the clip');
    }
  };

  /** `clip.sig` is the entry's, and by the evidence key that was in force. */
  const clipSignature = async ({ number, stored }, { tags, history }, found) => {
    if (!stored || !history) return;
    const name = `clips/C${number}/clip.sig`;
    const text = tags.text(name);
    if (text !== null && text !== stored.sshsig) {
      found.add('clip-signature', name, 'it is not the signature in the entry');
    }
    const epoch = forEntry(history.evidence, number);
    const [, why] = await tried(() => {
      if (epoch.number !== stored.evidence_epoch) {
        refuse(`it is of epoch ${stored.evidence_epoch} while epoch ${epoch.number} was in force`);
      }
      return chain.verifySshsig(stored.sshsig, epoch.public, CLIP_NAMESPACE, stored.sha256);
    });
    if (why !== null) found.add('clip-signature', name, why);
  };

  /** Reads the bytes of every clip once and holds them against its entry. */
  const clipBytes = async (clips, { folder, tags }, reading, found) => {
    for (const clip of clips) {
      clip.leaves = chunkList(clip, tags, found);
      if (!clip.stored || clip.name === null) continue;
      const read = await readPieces(folder.files.get(clip.name), clip.stored.size, reading);
      clip.bytes = held(clip, clip.leaves, read, found);
    }
  };

  /** The leaves in `chunks`, where they lead to the root in the entry. */
  const chunkList = ({ number, stored }, tags, found) => {
    const name = `clips/C${number}/chunks`;
    const bytes = tags.bytes(name);
    if (!stored || !bytes) return null;
    const leaves = [];
    for (let at = 0; at + 32 <= bytes.length; at += 32) leaves.push(chain.hexOf(bytes.subarray(at, at + 32)));
    const fits =
      bytes.length % 32 === 0 &&
      stored.chunk.size === CHUNK_BYTES &&
      leaves.length === piecesOf(stored.size) &&
      chain.rootOf(leaves) === stored.chunk.root;
    if (!fits) found.add('chunks-refused', name, 'it does not lead to the root in the entry');
    return fits ? leaves : null;
  };

  const held = ({ name, stored }, leaves, read, found) => {
    const complete = read.bytes === stored.size && !read.longer && read.broke === null;
    if (complete && chain.rootOf(read.leaves) === stored.chunk.root) {
      if (read.whole !== null && read.whole !== stored.sha256) {
        const detail = 'its entry has the digest of other bytes than its own chunk tree';
        found.add('clip-misnamed', name, detail);
      }
      return { are: 'whole', digest: read.whole };
    }
    const pieces = leaves ? differing(leaves, read.leaves) : [];
    found.add('clip-damaged', name, damage(stored, pieces, read));
    return { are: 'broken', pieces };
  };

  /** Pieces that differ or are missing, as first and last. */
  const differing = (expected, read) => {
    const ranges = [];
    expected.forEach((leaf, index) => {
      const last = ranges[ranges.length - 1];
      if (read[index] === leaf) return;
      if (last && last[1] + 1 === index) last[1] = index;
      else ranges.push([index, index]);
    });
    return ranges;
  };

  const damage = (stored, pieces, read) => {
    const parts = [];
    if (read.broke !== null) parts.push(`from byte ${read.bytes} on it cannot be read: ${read.broke}`);
    else if (read.bytes < stored.size) parts.push(`it ends after ${read.bytes} of ${stored.size} bytes`);
    if (read.longer) parts.push(`it goes on after its ${stored.size} bytes`);
    if (pieces.length > 0) parts.push(`damaged: ${places(pieces, stored.size).join(', ')}`);
    else if (!read.longer) parts.push('where it differs cannot be told');
    return parts.join('; ');
  };

  /** `2/3 (33–67 %)`, counted from 1, by share of the length. */
  const places = (pieces, size) => {
    const total = Math.max(piecesOf(size), 1);
    const percent = (piece) => Math.floor((piece * 100) / total);
    return pieces.map(([first, last]) => {
      const numbers = first === last ? `${first + 1}` : `${first + 1}–${last + 1}`;
      return `${numbers}/${total} (${percent(first)}–${percent(last + 1)} %)`;
    });
  };

  // ---- pieces.rs

  /** Reads a clip in pieces of 4 MiB to its end, or as far as it can be read; some pieces are hashed side by side. */
  const readPieces = async (blob, size, { workers, whole, tick }) => {
    const there = Math.min(blob.size, size);
    const leaves = new Array(piecesOf(there));
    const hash = whole ? new chain.Sha256() : null;
    const read = { leaves, bytes: there, longer: blob.size > size, whole: null, broke: null };
    const open = [];
    const end = (index) => Math.min(index * CHUNK_BYTES, there);
    // One piece ahead: reading is what takes the time. Whoever stops before it does not hear of its failure.
    const taken = (index) => {
      const bytes = folders.bytesOf(blob, end(index), end(index + 1));
      bytes.catch(() => 0);
      return bytes;
    };
    let next = taken(0);
    for (let index = 0; index < leaves.length; index += 1) {
      const from = end(index);
      let bytes = next;
      next = taken(index + 1);
      try {
        bytes = await bytes;
        if (bytes.length !== end(index + 1) - from) throw new Error('it became shorter');
      } catch (error) {
        Object.assign(read, { leaves: leaves.slice(0, index), bytes: from, longer: false, broke: error.message });
        break;
      }
      if (hash) hash.update(bytes);
      if (open.length >= workers) await open.shift();
      open.push(chain.leafOf(bytes).then((leaf) => {
        leaves[index] = leaf;
      }));
      await tick(bytes.length);
    }
    await Promise.all(open);
    if (read.broke !== null) read.leaves = leaves.slice(0, read.leaves.length);
    read.whole = hash && hash.finish();
    return read;
  };

  // ---- listing.rs

  const LISTING_VERSION = 1;
  const { asText, asWhole, asList, asRecord } = record;
  const asLine = asRecord({ line: asWhole, kind: asText, raw: asText, name: asText, size: asWhole });
  const asListing = asRecord({ v: asWhole, lines: asList(asLine) });
  const isFile = (line) => line.kind === 'file';

  /** Reads every listing that an entry here signs, and refuses files that none does. */
  const readListings = async (tags, entries, found) => {
    const listings = [];
    const named = new Set();
    for (const [seq, { said }] of entries) {
      if (said.is === 'listing.signed') {
        named.add(said.object);
        listings.push({ seq, signed: said, lines: await listingLines(tags, said, found) });
      } else if (said.is === 'wipe.certified') named.add(said.object);
    }
    for (const [name, object] of tags.places('listing')) {
      const digest = tags.digest(name);
      if (digest !== null && digest !== object) {
        found.add('listing-refused', name, 'its bytes have another digest than its name');
      } else if (!named.has(object)) found.add('listing-refused', name, 'no entry here names it');
    }
    return listings;
  };

  const listingLines = async (tags, signed, found) => {
    const name = listingName(signed.object);
    if (!tags.has(name)) {
      found.add('file-missing', name, 'it says what else was on the recorder');
      return null;
    }
    const bytes = tags.bytes(name);
    if (tags.digest(name) !== signed.object || !bytes) return null;
    const [lines, why] = await tried(() => listingObject(bytes, signed));
    if (!lines) found.add('listing-refused', name, why);
    return lines;
  };

  /** The lines, where they are those that the entry counts. */
  const listingObject = (bytes, signed) => {
    const { v, lines } = asListing(chain.parseCanonical(bytes));
    if (v !== LISTING_VERSION) refuse(`it has version ${v}, this release reads ${LISTING_VERSION}`);
    if (lines.some((line, number) => line.line !== number)) refuse('its lines are not numbered from 0');
    const files = lines.filter(isFile);
    const sum = files.reduce((before, line) => before + BigInt(line.size), 0n);
    if (lines.length !== signed.lines || files.length !== signed.files || sum !== BigInt(signed.bytes)) {
      refuse(`it has ${lines.length} lines, ${files.length} files, ${sum} bytes; its entry counts others`);
    }
    return lines;
  };

  /** The docking of every clip: that it is shown, and that the clip is the line that its entry says. */
  const checkDocking = (clips, { tags, entries }, listings, found) => {
    for (const { number, stored } of clips) {
      if (!stored) continue;
      const opened = entries.get(stored.session);
      if (opened && opened.said.is !== 'session.opened') {
        found.add('entry-refused', entryName(stored.session), 'a clip names it as its session');
      }
      if (!opened && !tags.has(entryName(stored.session))) {
        found.add('entry-missing', `entry ${stored.session}`, 'it opened the session of a clip');
      }
      const listing = listings.find(({ signed }) => signed.session === stored.session);
      if (!listing) {
        found.add('entry-missing', `listing of S${stored.session}`, 'it says what else was on the recorder');
        continue;
      }
      if (!listing.lines) continue;
      const line = listing.lines[stored.line];
      if (line && isFile(line) && line.raw === stored.raw) continue;
      found.add('listing-refused', listingName(listing.signed.object), `line ${stored.line} is not clip C${number}`);
    }
  };

  /** Files on the recorder that are no clip of this package, by name. */
  const leftOut = ({ signed, lines }, clips) => {
    const ofSession = clips.filter(({ name, stored }) => name !== null && stored && stored.session === signed.session);
    const here = new Set(ofSession.map(({ stored }) => stored.line));
    return (lines || []).filter((line) => isFile(line) && !here.has(line.line)).map((line) => line.name);
  };

  // ---- pins.rs

  /** Checks each pin. `keys` are those it may be signed by; `sure` says that they are all there are. */
  const holdPins = async (pins, { keys, sure }, heads, found) => {
    const holds = [];
    for (const { about, note } of pins) {
      const [head, key] = await openPin(note, keys);
      if (!head) {
        if (sure) {
          throw folders.pinRefused(
            about,
            'it is no head with entries that is signed by a key of this record; it is of another record, or the ' +
              'folder is not what it claims to be',
          );
        }
        found.add('pin-unlinked', about, 'no key is left to check it by');
        continue;
      }
      if (holds.some((other) => other.head.size === head.size && other.head.root !== head.root)) {
        const detail = 'another pin of the same size has another root: the station showed two histories';
        found.add('pin-parts', about, detail);
      }
      const retired = record.isRetired(heads.history, head, key);
      const { code, detail } = retired ? { code: 'pin-unlinked', detail: RETIRED } : await linkPin(head, heads);
      if (code) found.add(code, about, detail);
      holds.push({ about, head, linked: !code });
    }
    return holds;
  };

  const RETIRED =
    'the key that signed it had ended before that many entries: they are lost by a restore, or somebody else signed';

  const openPin = async (note, keys) => {
    for (const key of keys) {
      const [opened] = await tried(() => chain.openNote(note, key));
      if (opened) return [opened.checkpoint.size > 0n ? opened.checkpoint : null, key];
    }
    return [null, null];
  };

  /** The form of every growth in `anchors/`, whether somebody holds the head it starts from or not. */
  const checkAnchors = async (tags, first, found) => {
    for (const [name, size] of tags.places('anchor')) {
      const text = tags.text(name);
      if (text === null) continue;
      const [, why] = await tried(() => {
        const growth = chain.parseGrowth(text);
        if (growth.old !== BigInt(size)) refuse('it is from another size than its name says');
        if (first && first.note !== growth.note) refuse('it does not lead to the head of the package');
        if (first && first.checkpoint.size < growth.old) refuse("it is from a larger record than the package's");
      });
      if (why !== null) found.add('proof-refused', name, why);
    }
  };

  const largest = (sizes) => sizes.reduce((most, size) => (size > most ? size : most), 0n);
  /** Entries below this number are anchored: the largest pin that fits. */
  const reachOf = (pins) => largest(pins.filter(({ linked }) => linked).map(({ head }) => head.size));

  // ---- answers.rs

  const NAMES_MAX = 1000;
  const numberOf = (clip) => `C${clip.number}`;

  /** The six answers, each from its own source only. */
  const allAnswers = (report, { whole, blind }) => {
    const shown = Array.from(report.entries.values()).concat(report.handover.shown || []);
    return {
      integrity: report.clips.filter((clip) => !clip.parted).flatMap(integrityOf)
        .concat(report.excerpts.flatMap(excerpt.derived), saysDigests(report, whole) ? fact('digests-not-computed') : []),
      authenticity: authenticity(report),
      completeness: completeness(report),
      time: timeOf(report),
      custody: shown.map(custodyOf),
      not_proven: notProven(report, blind),
    };
  };

  const saysDigests = ({ clips, excerpts }, whole) => !whole && (clips.some((clip) => !clip.parted) || excerpts.length === 0);

  const integrityOf = (clip) => {
    const { stored, bytes } = clip;
    const named = { clip: numberOf(clip), name: clip.name || '–' };
    if (!stored || bytes.are === 'unheld') return [fact('clip-unheld', named)];
    const sized = { ...named, bytes: stored.size, pieces: piecesOf(stored.size), entry: clip.number };
    if (bytes.are === 'broken') {
      if (bytes.pieces.length === 0) return [fact('clip-broken', sized)];
      return [fact('clip-damaged-at', { ...sized, damaged: places(bytes.pieces, stored.size) })];
    }
    if (!clip.proven) return [fact('clip-whole-unproven', sized)];
    const said = bytes.digest === stored.sha256 ? 'clip-digest-computed' : 'clip-digest-other';
    const name = bytes.digest === null ? 'clip-digest-said' : said;
    const sha256 = bytes.digest === null ? stored.sha256 : bytes.digest;
    return [fact('clip-whole', sized), fact(name, { clip: numberOf(clip), sha256 })];
  };

  const authenticity = (report) => {
    const { head, history, clips, trusted } = report;
    if (!head.signed) return [fact('no-head')];
    const { checkpoint, key } = head.signed;
    const whose = head.brought ? 'key-brought' : 'key-rotated';
    const facts = [fact('head', checkpoint), fact(trusted ? whose : 'key-of-folder', { vkey: key.text })];
    if (!history) return facts;
    facts.push(fact('unit', { unit: history.founded.unit }));
    facts.push(...replacedOf('log', history));
    for (const epoch of history.evidence) {
      const signed = clips.filter((clip) => forEntry(history.evidence, clip.number) === epoch).map(numberOf);
      facts.push(fact('evidence-key', { epoch: epoch.number, public: epoch.public, clips: signed }));
    }
    facts.push(...replacedOf('evidence', history));
    return facts.concat(stolenOf(report).map(([epoch, named]) =>
      fact('stolen-clips', { epoch: epoch.number, clips: named })));
  };

  const completeness = ({ head, handover, entries, listings, clips }) => {
    const size = (signed) => (signed ? signed.checkpoint.size : null);
    const counts = { first: size(head.signed), later: size(handover.later), entries: entries.size };
    const facts = [fact('heads', counts)];
    const parted = clips.filter((clip) => clip.parted).map(({ number }) => `C${number}`);
    if (parted.length > 0) facts.push(fact('excerpts-alone', { clips: parted }));
    for (const listing of listings) {
      const { signed, lines, seq } = listing;
      const docked = `S${signed.session}`;
      const opened = entries.get(signed.session);
      const recorder = opened && opened.said.is === 'session.opened' ? opened.said.recorder_claim : '–';
      const left = leftOut(listing, clips);
      const here = Math.max(0, signed.files - left.length);
      const counted = { recorder, lines: signed.lines, files: signed.files, here, entry: seq };
      facts.push(fact('listing', { session: docked, ...counted }));
      if (!lines) facts.push(fact('listing-unread', { session: docked }));
      else if (left.length > 0) {
        facts.push(fact('listing-left', { session: docked, count: left.length, names: left.slice(0, NAMES_MAX) }));
      }
    }
    return facts.concat(notClosed(listings, entries), restoredOf(entries), fact('more-entries'));
  };

  /** Sessions whose closing word is not shown: perhaps they went on. */
  const notClosed = (listings, entries) => {
    const shown = Array.from(entries.values(), ({ said }) => said);
    const closed = new Set(shown.filter(({ is }) => is === 'session.closed').map(({ session }) => session));
    const open = listings.filter(({ signed }) => !closed.has(signed.session));
    return open.map(({ signed }) => fact('session-open', { session: `S${signed.session}` }));
  };

  const timeOf = ({ clips, entries, pins, stamps, cosigned }) => {
    const below = (size) => clips.filter((clip) => BigInt(clip.number) < size).map(numberOf);
    const shown = clips.filter((clip) => entries.has(clip.number));
    const facts = shown.map((clip) => {
      const at = wallOf(entries.get(clip.number).entry);
      return fact('clock-claim', { clip: numberOf(clip), entry: clip.number, at });
    });
    for (const { about, head, linked } of pins) {
      facts.push(fact(linked ? 'pin' : 'pin-loose', { about, size: head.size, clips: below(head.size) }));
    }
    for (const { size } of stamps) facts.push(fact('stamp-there', { size, clips: below(size) }));
    for (const { size, shown: proven } of cosigned) {
      if (proven) {
        const [at, witnesses] = [anchors.utc(proven.at), proven.by.map(([name, time]) => `${name} ${anchors.utc(time)}`)];
        facts.push(fact('cosigned', { size, clips: below(size), at, witnesses }), ...aheadOf(shown, entries, [size, at]));
      } else facts.push(fact('cosigned-there', { size, clips: below(size) }));
    }
    const [reach, witnessed] = [reachOf(pins), cosigned.some((one) => one.shown)];
    if (reach > 0n) facts.push(fact('time-anchored', { size: reach }));
    else if (!witnessed) facts.push(fact('time-open'));
    return witnessed ? facts.concat(fact('cosigned-limits')) : facts;
  };

  /** Clips that lie below a head of `size` entries, and whose clock claims a time after the one proven for it. */
  const aheadOf = (clips, entries, [size, stamp]) => {
    // To the second: both are written alike, in UTC. What is written otherwise is compared with nothing.
    const second = (text) => (/^[\0-\x7f]{19}/.exec(text) || [])[0];
    if (!second(stamp) || !stamp.includes('T')) return [];
    const claims = clips.filter((clip) => BigInt(clip.number) < size)
      .map((clip) => ({ clip: numberOf(clip), at: wallOf(entries.get(clip.number).entry), stamp }));
    return claims.filter(({ at }) => second(at) > second(stamp)).map((claim) => fact('clock-ahead', claim));
  };

  const custodyOf = ({ entry, proven }) => {
    const kind = textIn(entry.event, 'type');
    const gaps = { seq: entry.seq, at: wallOf(entry), actor: actorOf(entry.actor), type: kind === null ? '–' : kind };
    return fact(proven ? 'entry' : 'entry-unproven', gaps);
  };

  /** `person P12`, `shift H3 (clerk P4)`, `operator 1000`, `system` */
  const actorOf = (actor) => {
    const text = (key) => {
      if (!(actor instanceof Map) || !actor.has(key)) return '–';
      const value = actor.get(key);
      return typeof value === 'string' ? value : chain.canonicalOf(value);
    };
    const kind = text('kind');
    if (kind === 'person') return `person ${text('id')}`;
    if (kind === 'shift') return `shift ${text('shift')} (clerk ${text('clerk')})`;
    return kind === 'operator' ? `operator ${text('uid')}` : kind;
  };

  /** `blind`: a browser shows neither links nor devices, and the report must say so. */
  const notProven = (report, blind) => {
    const names = ['before-docking', 'never-docked', 'content', 'other-viewings', 'station-clock', 'own-key'];
    const stolen = stolenOf(report).map(([, clips]) => fact('stolen-signatures', { clips }));
    if (report.excerpts.length > 0) names.push('excerpt-limits', 'excerpt-master');
    const unseen = blind ? ['links-unseen'] : [];
    return names.map((name) => fact(name)).concat(stolen, unseen.map((name) => fact(name)));
  };

  // ---- verdict.rs

  /** The steps, in order; none stops the others, so that one fault does not hide the next. */
  const verify = async (folder, trust, options, watch) => {
    const found = new Findings();
    const tags = await folders.Tags.load(folder, watch, found);
    const bag = await folders.readBag(tags, folder.called, found);
    const head = await record.openHead(tags, trust, found);
    const entries = await record.readEntries(tags, head.signed, found, watch);
    const history = await record.readHistory(tags, entries, found);
    if (history) record.checkSigners(history, tags, found);
    const trusted = record.isTrusted(head, trust, history, found);
    const around = { folder, tags, bag, head, entries, history };
    const handover = await record.readHandover(around, found);
    around.handover = handover;
    record.checkLinks(Array.from(entries.values()).concat(handover.shown || []), found);
    await checkAnchors(tags, head.signed, found);
    const heads = { tags, first: head.signed && head.signed.checkpoint, handover, history };
    const anchored = { head, history, heads, policy: trust.policy };
    const stamps = await readStamps(anchored, found);
    const cosigned = await readCosigned(anchored, found);
    const pins = await holdPins(trust.pins, await pinKeys(trust, head, trusted, history), heads, found);
    const clips = await allClips(around, found);
    requireOfClips(tags, clips, found);
    const listings = await readListings(tags, entries, found);
    checkDocking(clips, around, listings, found);
    await readBytes(clips, around, { options, watch }, found);
    const excerpts = await excerpt.readExcerpts(around, clips, found);
    const report = { head, history, entries, handover, listings, clips, excerpts, pins, stamps, cosigned, trusted };
    const word = wordOf(report, found);
    return { word, findings: found.sorted(), answers: allAnswers(report, options) };
  };

  const requireOfClips = (tags, clips, found) => {
    const stored = clips.filter((clip) => clip.stored).map((clip) => clip.number);
    folders.requireForClips(tags, stored, found);
  };

  const readBytes = async (clips, around, { options, watch }, found) => {
    const total = clips.reduce((sum, { stored, parted }) => sum + (stored && !parted ? stored.size : 0), 0);
    let done = 0;
    const tick = (bytes) => {
      done += bytes;
      return watch('clips', done, total);
    };
    await watch('clips', 0, total);
    await clipBytes(clips, around, { workers: options.workers, whole: options.whole, tick }, found);
  };

  /** Keys that a pin may be signed by, and whether these are all there are. */
  const pinKeys = async (trust, head, trusted, history) => {
    const own = head.signed ? head.signed.key : head.folderKey;
    const keys = trust.keys.length > 0 || !own ? trust.keys.slice() : [own];
    const sound = Boolean(history && history.sound);
    if (sound && (trusted || trust.keys.length === 0)) {
      for (const epoch of history.log) keys.push(await record.verifierOf(history, epoch));
    }
    const usable = keys.filter((key) => key);
    return { keys: usable, sure: usable.length > 0 && sound };
  };

  /** The worst that is true. */
  const wordOf = (report, found) => {
    const shownBy = report.cosigned.filter((one) => one.shown).map(({ size }) => size);
    const reach = largest([reachOf(report.pins), ...shownBy]);
    const anchored = report.clips.every((clip) => BigInt(clip.number) < reach);
    const trusted = anchored ? 'ANCHORED' : 'UNANCHORED';
    const shown = report.trusted ? trusted : 'UNTRUSTED';
    const best = isShown(report) ? shown : 'INCOMPLETE';
    return RANK[Math.min(found.worst(), rank(best))];
  };

  /** Everything that a good word rests on was seen to hold; it never rests on the absence of findings alone. */
  const isShown = ({ head, history, entries, handover, clips, excerpts, listings }) =>
    Boolean(head.signed && history && history.sound) &&
    Array.from(entries.values()).every((shown) => shown.proven) &&
    handover.grown &&
    Boolean(handover.shown && handover.shown.proven && copyOf(handover)) &&
    clips.length > 0 &&
    clips.every((clip) => clip.proven && (clip.parted || clip.bytes.are === 'whole')) &&
    excerpts.every((one) => one.shown) &&
    listings.every((listing) => listing.lines !== null);

  // ---- the report as JSON, as report.rs has it

  const FORMAT = 'sealdock-verify/1';
  const pair = (words, group, name) => ({
    zh: sentence(words, group, name, 'zh'),
    en: sentence(words, group, name, 'en'),
  });

  const reportJson = ({ word, findings, answers }, words) => ({
    format: FORMAT,
    word,
    exit: WORDS[word],
    ...pair(words, 'verdicts', word),
    findings: findings.map(({ code, about, detail }) => {
      return { code, word: CODES[code], about, detail, ...pair(words, 'codes', code) };
    }),
    answers: Object.fromEntries(Object.entries(answers).map(([name, facts]) => {
      const texts = (one) => ({ zh: factText(words, 'zh', one), en: factText(words, 'en', one) });
      return [name, facts.map((one) => ({ ...one, ...texts(one) }))];
    })),
  });

  const refusedJson = ({ code, message }) => ({
    format: FORMAT,
    word: null,
    exit: 1,
    refused: { code, detail: message },
  });

  /** JSON text; sizes beyond 2^53 keep their digits, which `JSON.stringify` alone would refuse. */
  const jsonText = (value) => {
    const mark = '\u0000';
    const marked = (_, one) => (typeof one === 'bigint' ? `${mark}${one}` : one);
    return JSON.stringify(value, marked, 2).replace(/\u0022\\u0000([0-9]+)\u0022/g, '$1');
  };

  // Judges a folder. `files`: a Map from the path below the folder to a Blob (anything with `size`, and `slice(from, to)`
  // that has `arrayBuffer()`), or to `{ kind: 'link' | 'other' }`. `trust`: `{ keys: [text], pins: [{ about, text }] }`,
  // and `witnesses: [text]` or `policy: { about, text }`.
  // `options`: `called` (the folder's own name), `words` (words.json), `whole`, `workers`, `blind` (links cannot be
  // seen), `watch(stage, done, total)` (may return a promise), `stopped()`. The answer is the report as JSON.
  const verifyFolder = async (files, trust, options = {}) => {
    const { called = '', words = {}, whole = false, workers = 4, blind = false } = options;
    const watch = async (...step) => {
      if (options.stopped && options.stopped()) throw new Stopped();
      if (options.watch) await options.watch(...step);
    };
    try {
      const brought = [];
      for (const text of trust.keys || []) brought.push(await folders.findKey(text));
      const [policy, keys] = await anchors.believe(trust, brought);
      const pins = (trust.pins || []).map(({ about, text }) => folders.findPin(about, text));
      const report = await verify({ called, files }, { keys, pins, policy }, { whole, workers, blind }, watch);
      return reportJson(report, words);
    } catch (error) {
      if (error instanceof Refused) return refusedJson(error);
      throw error;
    }
  };

  return Object.freeze({ verifyFolder, jsonText, Stopped, Refused, CODES, WORDS, piecesOf, places, readPieces });
})(
  typeof require === 'function' ? require('./chain.js') : SealdockChain,
  typeof require === 'function' ? require('./folder.js') : SealdockFolder,
  typeof require === 'function' ? require('./record.js') : SealdockRecord,
  typeof require === 'function' ? require('./anchors.js') : SealdockAnchors,
  typeof require === 'function' ? require('./excerpt.js') : SealdockExcerpt,
);
if (typeof module === 'object') module.exports = SealdockVerify;
