// What the model did with each sentence: the verdict on its attention, the pictures, and the symbols that were read.
import { alignmentFigure, melFigure } from "./pictures.js";
import { meaningOf, shownSymbol, soundsOf } from "./phones.js";

const FAULTS = {
  frame_limit: "The speech was cut at the longest time allowed, before the model said that it had finished.",
  unfinished: "The attention did not come to the end of the text, so the end may be missing.",
  skipped: "Several sounds in a row were passed over, so something may be missing.",
  repeated: "The attention went back, so something may be said twice.",
  stuck: "The attention stayed on one sound for longer than anyone speaks it.",
  unfocused: "The attention was spread over the text instead of on one place, so the speech may be unclear.",
  length: "The speech is far shorter or longer than a text of this length takes.",
  cut_off: "The sound ends while it is still loud.",
};

export class SentenceDetails {
  constructor(container, emptyNote) {
    this.container = container;
    this.emptyNote = emptyNote;
  }

  show(recording) {
    this.container.replaceChildren();
    this.emptyNote.hidden = recording.sentences.length > 0;
    recording.sentences.forEach((_, index) => this.add(recording, index));
  }

  // The first sentence is open at once; the others open when somebody asks, as pictures take time to draw.
  add(recording, index) {
    const sentence = recording.sentences[index];
    const details = element("details", "sentence");
    details.dataset.sound = sentence.verdict.sound;
    details.append(summaryOf(sentence, index));
    details.addEventListener("toggle", () => fill(details, recording, sentence), { once: true });
    details.open = index === 0;
    this.emptyNote.hidden = true;
    this.container.append(details);
  }
}

function summaryOf(sentence, index) {
  const summary = element("summary");
  const verdict = element("span", sentence.verdict.sound ? "verdict sound" : "verdict faulty");
  verdict.textContent = sentence.verdict.sound ? "sound" : "doubtful";
  summary.append(`Sentence ${index + 1}: `, verdict, ` ${shortened(sentence.text, 80)}`);
  return summary;
}

function fill(details, recording, sentence) {
  const pictures = [sentence.mel && melFigure(sentence), sentence.alignment && alignmentFigure(sentence)].filter(Boolean);
  details.append(verdictOf(sentence), ...pictures, readingOf(recording.body.input, sentence));
}

function verdictOf(sentence) {
  const list = element("ul", "faults");
  const seconds = (sentence.end - sentence.start).toFixed(2);
  const lines = verdictLines(sentence);
  lines.push(`It takes ${seconds} seconds and was spoken in ${sentence.attempts} ${sentence.attempts === 1 ? "attempt" : "attempts"}.`);
  list.append(...lines.map((line) => element("li", "", line)));
  return list;
}

function verdictLines({ verdict }) {
  return verdict.sound
    ? ["The attention went through the text once, from its beginning to its end, and left nothing out."]
    : verdict.faults.map((fault) => FAULTS[fault] ?? `The server reports a fault that this page does not know: ${fault}.`);
}

// A row for each piece of the text: what is written, the symbols it became, and how these sound.
function readingOf(input, sentence) {
  const details = element("details", "reading");
  const scroll = element("div", "table-scroll");
  const table = element("table");
  const body = element("tbody");
  body.append(...rangesOf(input, sentence.tokens).map((range) => rowOf(input, range)));
  table.append(element("caption", "", `The ${sentence.tokens.length} tokens that the model read`), headOf(["Written", "Symbols", "Sound"]), body);
  // A table that is wider than a telephone scrolls; by keyboard too, which needs a place to focus.
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "What was read");
  scroll.append(table);
  details.append(element("summary", "", "What was read"), scroll, legendOf(sentence.tokens));
  return details;
}

function headOf(names) {
  const head = element("thead");
  const row = element("tr");
  row.append(...names.map((name) => Object.assign(element("th", "", name), { scope: "col" })));
  head.append(row);
  return head;
}

function rowOf(input, { from, to, symbols }) {
  const row = element("tr");
  row.append(
    Object.assign(element("th", "", input.slice(from, to) || "(nothing)"), { scope: "row" }),
    element("td", "symbols", symbols.map(shownSymbol).join(" ")),
    element("td", "symbols", soundsOf(symbols)));
  return row;
}

// Tokens side by side that stand for the same characters belong together; a space belongs to what it follows.
function rangesOf(input, tokens) {
  const ranges = [];
  for (const { symbol, text_start: from, text_end: to } of tokens) {
    const last = ranges.at(-1);
    if (last && ((last.from === from && last.to === to) || input.slice(from, to).trim() === "")) {
      last.symbols.push(symbol);
    } else {
      ranges.push({ from, to, symbols: [symbol] });
    }
  }
  return ranges;
}

function legendOf(tokens) {
  const list = element("dl", "legend");
  for (const symbol of new Set(tokens.map((token) => token.symbol))) {
    const pair = element("div");
    pair.append(element("dt", "symbols", shownSymbol(symbol)), element("dd", "", meaningOf(symbol)));
    list.append(pair);
  }
  return list;
}

function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
