// One request and everything that came of it: the sound, the words and the sentences. It grows while the server speaks.

const WAV_HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
const LINGER_SECONDS = 0.2;

export class Recording {
  constructor(number, settings, body) {
    this.number = number;
    this.settings = settings;
    this.body = body;
    this.samples = new Int16Array(1 << 16);
    this.count = 0;
    this.sampleRate = 0;
    this.sentences = [];
    this.words = [];
    // "asking", "speaking", then one of "whole", "stopped", "broken", "refused".
    this.state = "asking";
    this.askedAt = performance.now();
    this.firstSoundSeconds = null;
  }

  get seconds() {
    return this.sampleRate > 0 ? this.count / this.sampleRate : 0;
  }

  get isGrowing() {
    return this.state === "asking" || this.state === "speaking";
  }

  // How much of the text has been made into speech, from 0 to 1.
  get progress() {
    const last = this.words.at(-1);
    return this.state === "whole" ? 1 : (last?.text_end ?? 0) / Math.max(1, this.body.input.length);
  }

  addAudio({ audio, sample_rate: sampleRate }) {
    if (this.sampleRate !== 0 && this.sampleRate !== sampleRate) {
      throw new Error(`Expected ${this.sampleRate} samples a second as before, found ${sampleRate}.`);
    }
    this.sampleRate = sampleRate;
    const added = samplesOf(audio);
    this.reserve(this.count + added.length);
    this.samples.set(added, this.count);
    this.count += added.length;
  }

  addSentence(sentence) {
    this.sentences.push(sentence);
    this.words.push(...sentence.words);
  }

  // The word that is heard at a time, if it is known already. It stays for a moment, so that nothing flickers between words.
  wordAt(seconds) {
    let [low, high] = [0, this.words.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      [low, high] = this.words[middle].start <= seconds ? [middle + 1, high] : [low, middle];
    }
    const word = this.words[low - 1];
    return word && seconds < word.end + LINGER_SECONDS ? word : null;
  }

  toWav() {
    const bytes = this.count * BYTES_PER_SAMPLE;
    return new Blob([wavHeader(bytes, this.sampleRate), this.samples.subarray(0, this.count)], { type: "audio/wav" });
  }

  // Doubling keeps the copying small in all.
  reserve(length) {
    if (length > this.samples.length) {
      const larger = new Int16Array(Math.max(length, 2 * this.samples.length));
      larger.set(this.samples.subarray(0, this.count));
      this.samples = larger;
    }
  }
}

// Every machine that runs a browser stores numbers with the least byte first, as the server sends them.
function samplesOf(base64) {
  return new Int16Array(bytesOf(base64).buffer);
}

export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function wavHeader(dataBytes, sampleRate) {
  const header = new DataView(new ArrayBuffer(WAV_HEADER_BYTES));
  const name = (offset, text) => [...text].forEach((letter, index) => header.setUint8(offset + index, letter.charCodeAt(0)));
  name(0, "RIFF");
  header.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
  name(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, sampleRate, true);
  header.setUint32(28, sampleRate * BYTES_PER_SAMPLE, true);
  header.setUint16(32, BYTES_PER_SAMPLE, true);
  header.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  name(36, "data");
  header.setUint32(40, dataBytes, true);
  return header;
}
