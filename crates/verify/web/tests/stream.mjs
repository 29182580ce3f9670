// The page's readers, question by question: `node stream.mjs` answers each line of its input as `checklog -stream` does
// (tests/interop/go/stream.go), so that a test can hold it against other readers.
import readline from 'node:readline';
import chain from '../chain.js';

const text = (bytes) => {
  const read = chain.textOf(bytes);
  if (read === null) chain.refuse('it is no UTF-8');
  return read;
};
const keys = new Map();
/** A key that was read once is not read again. */
const keyOf = (vkey) => {
  if (!keys.has(vkey)) keys.set(vkey, chain.parseVerifierKey(vkey));
  return keys.get(vkey);
};
const told = ({ size, root }) => `${size} ${root}`;

const ask = {
  key: async (vkey) => `${chain.hexOf(chain.utf8(vkey.name))} ${vkey.id}`,
  note: async (vkey, note) => told((await chain.openNote(text(note), vkey)).checkpoint),
  proof: async (vkey, entry, proof) => {
    const { index, hashes, signed } = await chain.parseProof(text(proof), vkey);
    const { size, root } = signed.checkpoint;
    chain.verifyInclusion(chain.leafHash(entry), index, size, hashes, root);
    return `${index} ${told(signed.checkpoint)}`;
  },
  growth: async (vkey, size, root, growth) => {
    const old = { size: BigInt(text(size)), root: chain.hexOf(root) };
    const read = chain.parseGrowth(text(growth));
    const { checkpoint } = await chain.openNote(read.note, vkey);
    if (read.old !== old.size) chain.refuse('it grows from another size');
    chain.checkGrowth(read, old, checkpoint);
    return `${read.old} ${told(checkpoint)}`;
  },
  signature: async (key, message, signature) => {
    await chain.verifyEd25519(chain.hexOf(key), message, signature);
    return 'it fits';
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [what, ...rest] = line.split(' ');
  const fields = rest.map((field) => Uint8Array.from(Buffer.from(field, 'base64')));
  const [said, why] = await chain.tried(async () => {
    if (what !== 'signature') fields[0] = keyOf(text(fields[0]));
    return ask[what](...fields);
  });
  process.stdout.write(why === null ? `accept ${said}\n` : `refuse ${JSON.stringify(why)}\n`);
}
