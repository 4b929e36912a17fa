// What the symbols mean that a voice reads: ARPAbet phones by an English word that holds them, marks by what they do.

const PHONES = {
  AA: ["ɑ", "father"], AE: ["æ", "cat"], AH: ["ʌ", "cup"], AO: ["ɔ", "law"], AW: ["aʊ", "cow"], AY: ["aɪ", "my"], B: ["b", "bee"],
  CH: ["tʃ", "chin"], D: ["d", "dog"], DH: ["ð", "this"], EH: ["ɛ", "bed"], ER: ["ɝ", "bird"], EY: ["eɪ", "day"], F: ["f", "fish"],
  G: ["ɡ", "go"], HH: ["h", "hat"], IH: ["ɪ", "sit"], IY: ["i", "see"], JH: ["dʒ", "jam"], K: ["k", "key"], L: ["l", "leg"],
  M: ["m", "man"], N: ["n", "no"], NG: ["ŋ", "sing"], OW: ["oʊ", "go"], OY: ["ɔɪ", "boy"], P: ["p", "pen"], R: ["ɹ", "red"],
  S: ["s", "sun"], SH: ["ʃ", "she"], T: ["t", "tea"], TH: ["θ", "thin"], UH: ["ʊ", "book"], UW: ["u", "too"], V: ["v", "van"],
  W: ["w", "win"], Y: ["j", "yes"], Z: ["z", "zoo"], ZH: ["ʒ", "measure"],
};

// Without stress these two vowels are other sounds, which the International Phonetic Alphabet writes differently.
const UNSTRESSED = { AH: ["ə", "about"], ER: ["ɚ", "water"] };

const STRESS = { 0: "without stress", 1: "with main stress", 2: "with lesser stress" };

const MARKS = {
  " ": "the boundary between two words", ",": "a short pause", ".": "the end of a statement", "?": "the end of a question",
  "!": "the end of an exclamation", ";": "a pause", ":": "a pause", "-": "a hyphen", "'": "an apostrophe", "(": "an opening bracket",
  ")": "a closing bracket", "_": "padding, which is not spoken", "~": "the end of the sentence",
};

// The symbol as people read it: the voice's prefix is left out, and a space can be seen.
export function shownSymbol(symbol) {
  return symbol === " " ? "␣" : symbol.replace(/^@/, "");
}

// The sounds of symbols in the International Phonetic Alphabet, word by word; what is no phone has none.
export function soundsOf(symbols) {
  return symbols.map((symbol) => (symbol === " " ? " " : phoneOf(symbol)?.[0] ?? "")).join("").trim();
}

// One phrase for the list of symbols.
export function meaningOf(symbol) {
  const phone = phoneOf(symbol);
  if (!phone) {
    return MARKS[symbol] ?? `the letter ${symbol}`;
  }
  const stress = STRESS[symbol.at(-1)];
  return `as in “${phone[1]}”${stress ? `, ${stress}` : ""}`;
}

// A letter of a voice without phones stands alone; phones of one letter carry the prefix @ in such voices.
function phoneOf(symbol) {
  const [, name, stress] = /^@?([A-Z]{1,2})([012]?)$/.exec(symbol) ?? [];
  return (stress === "0" && UNSTRESSED[name]) || PHONES[name];
}
