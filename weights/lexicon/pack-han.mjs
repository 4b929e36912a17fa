// Writes the Mandarin readings of the unified ideographs U+4E00..U+9FFF, without tones: node pack-han.mjs Unihan_Readings.txt OUTPUT.bin
// Layout: the syllables, each ended by a line feed, ended by an empty line; then two little-endian bytes an ideograph: the syllable's index, or
// 65535.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const FIRST = 0x4e00;
const LAST = 0x9fff;
const [readings, output] = process.argv.slice(2);
if (!output) {
  console.error("usage: node pack-han.mjs Unihan_Readings.txt OUTPUT.bin");
  process.exit(2);
}
const syllableOf = new Map();
for (const line of readFileSync(readings, "utf8").split("\n")) {
  const [codePoint, field, value] = line.split("\t");
  if (!line.startsWith("U+") || field !== "kMandarin") continue;
  const plain = value.split(" ")[0].normalize("NFD").replace(/\p{M}/gu, "");
  syllableOf.set(parseInt(codePoint.slice(2), 16), plain);
}
const inRange = [...syllableOf].filter(([codePoint]) => codePoint >= FIRST && codePoint <= LAST);
const syllables = [...new Set(inRange.map(([, syllable]) => syllable))].sort();
const indices = Buffer.alloc(2 * (LAST - FIRST + 1), 0xff);
inRange.forEach(([codePoint, syllable]) => indices.writeUInt16LE(syllables.indexOf(syllable), 2 * (codePoint - FIRST)));
const packed = Buffer.concat([Buffer.from(syllables.join("\n") + "\n\n", "latin1"), indices]);
writeFileSync(`${output}.tmp`, packed);
renameSync(`${output}.tmp`, output);
console.log(`${inRange.length} ideographs, ${syllables.length} syllables, ${packed.length} bytes`);
