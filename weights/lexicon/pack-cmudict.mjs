// Writes the pronunciation lexicon that the engine embeds: node pack-cmudict.mjs PACKAGE_DIR OUTPUT.bin
// The same package gives the same bytes. README.md describes the format.
import { renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const WORDS_PER_BLOCK = 32;
const MAX_CODE_BITS = 15;
const LETTERS = "$'-.abcdefghijklmnopqrstuvwxyz"; // '$' ends a word
const VOWELS = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"];
const CONSONANTS = ["B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V", "W", "Y", "Z", "ZH"];
const PHONES = ["$", ...CONSONANTS, ...VOWELS.flatMap((vowel) => [0, 1, 2].map((stress) => vowel + stress))];

/** First pronunciations only, sorted by the bytes of the word: the variants "word(2)" are what the voice never learned. */
function readEntries(dictionary) {
  const words = Object.keys(dictionary).filter((word) => !word.includes("(")).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return words.map((word) => ({ word, phones: dictionary[word].split(" #")[0].trim().split(/\s+/) }));
}

/** Splits every word into the letters it shares with the one before it in its block, and the rest. */
function frontCode(entries) {
  return entries.map(({ word, phones }, index) => {
    let shared = 0;
    if (index % WORDS_PER_BLOCK !== 0) {
      const previous = entries[index - 1].word;
      while (shared < word.length && word[shared] === previous[shared]) shared++;
    }
    return {
      shared,
      letters: [...word.slice(shared), "$"].map((letter) => indexOf(LETTERS, letter)),
      phones: [...phones, "$"].map((phone) => indexOf(PHONES, phone)),
    };
  });
}

function indexOf(alphabet, symbol) {
  const index = alphabet.indexOf(symbol);
  if (index < 0) throw new Error(`symbol '${symbol}' is not in the format's alphabet: extend it in the packer and in the reader`);
  return index;
}

/** Huffman code lengths; counts are flattened until no code is longer than the reader's limit. */
function codeLengths(counts) {
  for (let flatten = 0; ; flatten++) {
    let nodes = counts.map((count, symbol) => ({ weight: (count >> flatten) + 1, order: symbol, leaves: [symbol] }));
    const lengths = counts.map(() => 0);
    for (let order = counts.length; nodes.length > 1; order++) {
      nodes.sort((a, b) => a.weight - b.weight || a.order - b.order);
      const [a, b] = nodes.splice(0, 2);
      const leaves = [...a.leaves, ...b.leaves];
      leaves.forEach((leaf) => lengths[leaf]++);
      nodes.push({ weight: a.weight + b.weight, order, leaves });
    }
    if (Math.max(...lengths) <= MAX_CODE_BITS) return lengths;
  }
}

/** Canonical codes: by length, then by symbol, counting up. */
function canonicalCodes(lengths) {
  const codes = [];
  let code = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++, code <<= 1) {
    lengths.forEach((length, symbol) => {
      if (length === bits) codes[symbol] = { code: code++, bits };
    });
  }
  return codes;
}

function countSymbols(streams, alphabetSize) {
  const counts = new Array(alphabetSize).fill(0);
  for (const stream of streams) for (const symbol of stream) counts[symbol]++;
  return counts;
}

class BitWriter {
  bytes = [];
  #pending = 0;
  #pendingBits = 0;

  write({ code, bits }) {
    this.#pending = (this.#pending << bits) | code;
    this.#pendingBits += bits;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.bytes.push((this.#pending >> this.#pendingBits) & 0xff);
    }
    this.#pending &= (1 << this.#pendingBits) - 1;
  }

  align() {
    if (this.#pendingBits > 0) this.write({ code: 0, bits: 8 - this.#pendingBits });
  }
}

function pack(entries) {
  const coded = frontCode(entries);
  const sharedSize = coded.reduce((most, entry) => Math.max(most, entry.shared), 0) + 1;
  const lengths = [
    codeLengths(countSymbols(coded.map((entry) => [entry.shared]), sharedSize)),
    codeLengths(countSymbols(coded.map((entry) => entry.letters), LETTERS.length)),
    codeLengths(countSymbols(coded.map((entry) => entry.phones), PHONES.length)),
  ];
  const [sharedCodes, letterCodes, phoneCodes] = lengths.map(canonicalCodes);
  const body = new BitWriter();
  const offsets = [];
  coded.forEach((entry, index) => {
    if (index % WORDS_PER_BLOCK === 0) {
      body.align();
      offsets.push(body.bytes.length);
    } else {
      body.write(sharedCodes[entry.shared]);
    }
    entry.letters.forEach((letter) => body.write(letterCodes[letter]));
    entry.phones.forEach((phone) => body.write(phoneCodes[phone]));
  });
  body.align();
  const header = Buffer.alloc(16);
  header.write("CTL1", 0, "latin1");
  header.writeUInt32LE(entries.length, 4);
  header.writeUInt32LE(offsets.length, 8);
  header.writeUInt8(WORDS_PER_BLOCK, 12);
  lengths.forEach((table, index) => header.writeUInt8(table.length, 13 + index));
  const index = Buffer.alloc(4 * offsets.length);
  offsets.forEach((offset, block) => index.writeUInt32LE(offset, 4 * block));
  // Four zero bytes let the reader look 32 bits ahead without a bound check at the end.
  return Buffer.concat([header, index, Buffer.from(lengths.flat()), Buffer.from(body.bytes), Buffer.alloc(4)]);
}

const [packageFolder, output] = process.argv.slice(2);
if (!output) {
  console.error("usage: node pack-cmudict.mjs PACKAGE_DIR OUTPUT.bin");
  process.exit(2);
}
const { dictionary } = await import(pathToFileURL(resolve(join(packageFolder, "index.js"))).href);
const entries = readEntries(dictionary);
const packed = pack(entries);
writeFileSync(`${output}.tmp`, packed);
renameSync(`${output}.tmp`, output);
console.log(`${entries.length} words, ${packed.length} bytes`);
