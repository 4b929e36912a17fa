// Plain text, a sentence or paragraph a line, of three Debian packages of public-domain texts, for `CudaTts.Lexicon train-roles`:
//   node texts-for-roles.mjs SWORD_TEXT_WEB DICT_JARGON DICT_DEVIL OUTPUT
// The first three are folders into which the packages were unpacked with dpkg-deb -x.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, inflateSync } from "node:zlib";

const [web, jargon, devil, output] = process.argv.slice(2);

// A SWORD module keeps its books in blocks: offset, length and unpacked length of each, and the blocks themselves (zlib).
function bible(folder) {
    const texts = join(folder, "usr/share/sword/modules/texts/ztext");
    const module = join(texts, readdirSync(texts)[0]);
    let text = "";
    for (const part of ["ot", "nt"]) {
        const index = readFileSync(join(module, `${part}.bzs`));
        const blocks = readFileSync(join(module, `${part}.bzz`));
        for (let at = 0; at + 12 <= index.length; at += 12) {
            const [offset, length] = [index.readUInt32LE(at), index.readUInt32LE(at + 4)];
            text += length > 0 ? ` ${inflateSync(blocks.subarray(offset, offset + length))}` : "";
        }
    }

    const plain = text.replace(/<note.*?<\/note>/gs, "").replace(/<title.*?<\/title>/gs, " ")
        .replace(/<\/?(lb|lg|l|div|p|q)\b[^>]*>/g, " ").replace(/<[^>]+>/g, "").replace(/\s+/g, " ");
    return plain.split(/(?<=[.!?”]) (?=[A-Z“])/).map(line => line.trim());
}

// A dictionary of dictd; what is shorter than a sentence is a headword.
const dictionary = (folder, name) => gunzipSync(readFileSync(join(folder, `usr/share/dictd/${name}.dict.dz`))).toString("utf8")
    .replace(/[{}]/g, "").split(/\n\s*\n/).map(paragraph => paragraph.replace(/\s+/g, " ").trim())
    .map(paragraph => paragraph.replace(/^[A-Z-]+, [a-z.]+ +/, "").replace(/^\[[^\]]*\] |^\d+\. (\[[^\]]*\] )?/, ""))
    .filter(paragraph => paragraph.split(" ").length > 10);

writeFileSync(output, [...bible(web), ...dictionary(jargon, "jargon"), ...dictionary(devil, "devil")].join("\n"));
