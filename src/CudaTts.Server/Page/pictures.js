// Draws the mel spectrogram and the attention of a sentence on canvas, with axes, in the page's own colours.
import { bytesOf } from "./recording.js";
import { shownSymbol } from "./phones.js";

const MARGIN = { left: 52, right: 10, top: 22, bottom: 42 };
const MEL_HEIGHT = 160;
const ROW_HEIGHT = 11;
const [LEAST_ALIGNMENT_HEIGHT, MOST_ALIGNMENT_HEIGHT] = [140, 440];
const FONT = "12px system-ui, sans-serif";
const SYMBOL_FONT = "10px ui-monospace, monospace";

// A polynomial fit of the perceptually uniform map "viridis": equal steps of the value look equally large, also without colour vision.
const VIRIDIS = [
  [0.2777273, 0.0054073, 0.3340998], [0.105093, 1.4046135, 1.3845902], [-0.3308618, 0.2148476, 0.0950952], [-4.6342305, -5.799101, -19.332441],
  [6.2282699, 14.1799334, 56.6905526], [4.776385, -13.7451454, -65.3530326], [-5.4354559, 4.6458526, 26.3124352],
];

const PALETTE = Array.from({ length: 256 }, (_, value) => [0, 1, 2].map((channel) => colourOf(value / 255, channel)));

function colourOf(value, channel) {
  const light = VIRIDIS.reduceRight((sum, coefficients) => (sum * value) + coefficients[channel], 0);
  return Math.round(255 * Math.min(1, Math.max(0, light)));
}

// The mel spectrogram: time to the right, mel channels upwards, words above.
export function melFigure(sentence) {
  const { rows, columns } = sentence.mel;
  const seconds = sentence.end - sentence.start;
  return figure({
    className: "mel",
    caption: "Mel spectrogram: how strong each band of frequencies is over time, bright where it is strong. The words stand above.",
    alternative: `Mel spectrogram of ${rows} channels and ${columns} frames over ${seconds.toFixed(2)} seconds. ${loudestMoment(sentence)}`,
    picture: sentence.mel,
    height: MEL_HEIGHT,
    draw: (chart) => {
      chart.axes("Time in the sentence, seconds", "Mel channel");
      chart.ticksBelow(niceTicks(seconds, chart.width / 70), (value) => value / seconds, trimmed);
      chart.ticksLeft(niceTicks(rows, 4), (value) => value / rows, String);
      chart.words(sentence.words.map((word) => ({
        text: word.word, from: (word.start - sentence.start) / seconds, to: (word.end - sentence.start) / seconds,
      })));
    },
  });
}

// The attention: decoder steps to the right, tokens upwards. A sound sentence is one line from the lower left to the upper right.
export function alignmentFigure(sentence) {
  const { rows, columns } = sentence.alignment;
  const height = Math.min(MOST_ALIGNMENT_HEIGHT, Math.max(LEAST_ALIGNMENT_HEIGHT, rows * ROW_HEIGHT));
  return figure({
    className: "alignment",
    caption: "Attention: which token the model looks at in each step, bright where it looks. One steady line upwards is good.",
    alternative: `Attention of ${columns} decoder steps over ${rows} tokens. ${pathInWords(sentence.alignment)}`,
    picture: sentence.alignment,
    height,
    draw: (chart) => {
      chart.axes("Decoder step", "Token");
      chart.ticksBelow(niceTicks(columns, chart.width / 70), (value) => value / columns, String);
      chart.symbols(sentence.tokens.map((token) => shownSymbol(token.symbol)));
    },
  });
}

function figure({ className, caption, alternative, picture, height, draw }) {
  const element = document.createElement("figure");
  const canvas = document.createElement("canvas");
  const description = document.createElement("figcaption");
  element.className = className;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", alternative);
  description.textContent = caption;
  element.append(canvas, description);
  const pixels = pixelsOf(picture);
  redrawWhenNeeded(canvas, () => drawChart(canvas, pixels, height, draw));
  return element;
}

// A canvas knows nothing of its size on the screen or of light and dark.
function redrawWhenNeeded(canvas, redraw) {
  REDRAWS.set(canvas, redraw);
  new ResizeObserver(redraw).observe(canvas.parentElement);
}

// Weak, so that the pictures of what is no longer shown can go.
const REDRAWS = new WeakMap();

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const canvas of document.querySelectorAll("figure canvas")) {
    REDRAWS.get(canvas)?.();
  }
});

function drawChart(canvas, pixels, height, draw) {
  const outerWidth = canvas.parentElement.clientWidth;
  if (outerWidth === 0) {
    return;
  }
  const outerHeight = height + MARGIN.top + MARGIN.bottom;
  const ratio = window.devicePixelRatio || 1;
  canvas.style.height = `${outerHeight}px`;
  canvas.width = Math.round(outerWidth * ratio);
  canvas.height = Math.round(outerHeight * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const chart = new Chart(context, outerWidth - MARGIN.left - MARGIN.right, height, getComputedStyle(canvas).color);
  chart.image(pixels);
  draw(chart);
}

// Row 0 of the data is the lowest.
function pixelsOf({ rows, columns, data }) {
  const values = bytesOf(data);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [red, green, blue] = PALETTE[values[(row * columns) + column]];
      image.data.set([red, green, blue, 255], 4 * (((rows - 1 - row) * columns) + column));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

class Chart {
  constructor(context, width, height, ink) {
    Object.assign(this, { context, width, height });
    context.translate(MARGIN.left, MARGIN.top);
    context.font = FONT;
    context.fillStyle = ink;
    context.strokeStyle = ink;
  }

  image(pixels) {
    // Enlarged, a value stays a rectangle; made smaller, values must be averaged.
    this.context.imageSmoothingEnabled = pixels.width > this.width;
    this.context.drawImage(pixels, 0, 0, this.width, this.height);
  }

  axes(below, left) {
    const { context, width, height } = this;
    context.strokeRect(-0.5, -0.5, width + 1, height + 1);
    this.text(below, width / 2, height + 36, "center");
    context.save();
    context.rotate(-Math.PI / 2);
    this.text(left, -height / 2, 12 - MARGIN.left, "center");
    context.restore();
  }

  ticksBelow(values, placeOf, label) {
    for (const value of values) {
      const x = placeOf(value) * this.width;
      this.line(x, this.height, x, this.height + 4);
      this.text(label(value), x, this.height + 17, "center");
    }
  }

  ticksLeft(values, placeOf, label) {
    for (const value of values) {
      const y = this.height - (placeOf(value) * this.height);
      this.line(-4, y, 0, y);
      this.text(label(value), -7, y + 4, "right");
    }
  }

  // A symbol at each row, or at every second, third ... where rows are narrow.
  symbols(symbols) {
    const row = this.height / symbols.length;
    const step = Math.ceil(10 / row);
    this.context.font = SYMBOL_FONT;
    for (let index = 0; index < symbols.length; index += step) {
      this.text(symbols[index], -5, this.height - ((index + 0.5) * row) + 3.5, "right");
    }
  }

  // Words over their time; one that has no room is left out, its beginning is marked all the same.
  words(words) {
    let free = 0;
    for (const { text, from, to } of words) {
      const [left, right] = [from * this.width, to * this.width];
      const width = this.context.measureText(text).width;
      const x = Math.max(free, ((left + right) / 2) - (width / 2));
      this.line(left, -4, left, 0);
      if (x <= right && x + width <= this.width) {
        this.text(text, x, -8, "left");
        free = x + width + 6;
      }
    }
  }

  line(fromX, fromY, toX, toY) {
    this.context.beginPath();
    this.context.moveTo(fromX, fromY);
    this.context.lineTo(toX, toY);
    this.context.stroke();
  }

  text(text, x, y, align) {
    this.context.textAlign = align;
    this.context.fillText(text, x, y);
  }
}

// Round numbers from 0 to the most, about as many as wanted.
function niceTicks(most, wanted) {
  const rough = most / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  return Array.from({ length: Math.floor((most / step) + 1e-9) + 1 }, (_, index) => index * step);
}

function trimmed(value) {
  return String(Number(value.toFixed(2)));
}

function loudestMoment(sentence) {
  const { rows, columns, data } = sentence.mel;
  const values = bytesOf(data);
  const sums = new Float64Array(columns);
  values.forEach((value, index) => {
    sums[index % columns] += value / rows;
  });
  const seconds = sums.indexOf(Math.max(...sums)) / columns * (sentence.end - sentence.start);
  const word = sentence.words.find(({ start, end }) => start - sentence.start <= seconds && seconds < end - sentence.start);
  return `It is strongest at ${seconds.toFixed(2)} seconds${word ? `, in “${word.word}”` : ""}.`;
}

// What the picture shows, for those who do not see it: how the place of the strongest attention moves.
function pathInWords({ rows, columns, data }) {
  const values = bytesOf(data);
  const peaks = Array.from({ length: columns }, (_, column) => strongestRow(values, rows, columns, column));
  const visited = new Set(peaks).size;
  const back = peaks.reduce((most, peak, step) => Math.max(most, Math.max(...peaks.slice(0, step), 0) - peak), 0);
  const direction = back <= 1 ? "and never goes back" : `and falls back by ${back} tokens at most`;
  return `It is strongest on ${visited} of the tokens, moves from token ${peaks[0] + 1} to token ${peaks.at(-1) + 1}, ${direction}.`;
}

function strongestRow(values, rows, columns, column) {
  let strongest = 0;
  for (let row = 1; row < rows; row++) {
    if (values[(row * columns) + column] > values[(strongest * columns) + column]) {
      strongest = row;
    }
  }
  return strongest;
}
