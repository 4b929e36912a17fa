// What shall be spoken, and how: reads and fills the form, knows SSML by its beginning, and keeps the key where it was told to.

const KEY_NAME = "cudatts-key";

// Every server knows this name for its default voice; used when the list of voices cannot be had.
const DEFAULT_VOICE = "alloy";

const MOST_SEED = Number.MAX_SAFE_INTEGER;

const UNITS = {
  speed: (value) => `${value.toFixed(2)} times`,
  pitch: (value) => `${signed(value)} semitones`,
  volume: (value) => `${signed(value)} dB`,
};

export class SpeechForm {
  // onChange is told when the request would be another one; onKey when another key was entered.
  constructor(form, onChange, onKey) {
    this.form = form;
    this.fields = form.elements;
    this.looksLikeSsml = false;
    this.onChange = onChange;
    this.restoreKey();
    form.addEventListener("input", () => this.update());
    this.fields.key.addEventListener("change", () => this.keepKey(onKey));
    this.fields.keep.addEventListener("change", () => this.keepKey(() => {}));
    form.querySelector("#reset").addEventListener("click", () => this.resetSliders());
  }

  get key() {
    return this.fields.key.value.trim();
  }

  get settings() {
    const { text, voice, ssml, speed, pitch, volume, seed } = this.fields;
    return {
      input: text.value,
      voice: voice.value,
      voiceName: voice.selectedOptions[0].textContent,
      ssml: ssml.checked,
      speed: Number(speed.value),
      pitch: Number(pitch.value),
      volume: Number(volume.value),
      seed: seed.value.trim() === "" ? null : Number(seed.value),
    };
  }

  // What keeps the form from being sent, as one line and the field; null when nothing does.
  get problem() {
    const { text, seed } = this.fields;
    if (text.value.trim() === "") {
      return { message: "There is no text yet. Type or paste one first.", field: text };
    }
    if (!/^\d*$/.test(seed.value.trim()) || Number(seed.value) > MOST_SEED) {
      return { message: `The seed must be a whole number from 0 to ${MOST_SEED}, or empty. It is “${seed.value}”.`, field: seed };
    }
    return null;
  }

  fill(settings) {
    for (const name of ["voice", "speed", "pitch", "volume"]) {
      this.fields[name].value = settings[name];
    }
    this.fields.text.value = settings.input;
    this.fields.seed.value = settings.seed ?? "";
    this.update();
    this.fields.ssml.checked = settings.ssml;
    this.onChange();
  }

  showVoices(voices) {
    const chosen = this.fields.voice.value;
    this.fields.voice.replaceChildren(...voices.map(({ id, name }) => new Option(name ?? id, id)));
    if (voices.some(({ id }) => id === chosen)) {
      this.fields.voice.value = chosen;
    }
    this.onChange();
  }

  showDefaultVoice() {
    this.fields.voice.replaceChildren(new Option("the server’s default voice", DEFAULT_VOICE));
    this.onChange();
  }

  // Opens the part of the form that holds the key, and marks the key as wrong.
  markKey(isWrong) {
    this.fields.key.toggleAttribute("aria-invalid", false);
    if (isWrong) {
      this.fields.key.setAttribute("aria-invalid", "true");
      this.fields.key.closest("details").open = true;
    }
  }

  update() {
    this.detectSsml();
    for (const [name, inWords] of Object.entries(UNITS)) {
      const words = inWords(Number(this.fields[name].value));
      this.form.querySelector(`output[for="${name}"]`).textContent = words;
      this.fields[name].setAttribute("aria-valuetext", words);
    }
    const count = this.fields.text.value.length;
    this.form.querySelector("#count").textContent = `${count.toLocaleString("en")} ${count === 1 ? "character" : "characters"}`;
    this.onChange();
  }

  // The switch follows the text when its beginning changes; in between people may set it as they like.
  detectSsml() {
    const looksLikeSsml = /^\s*<speak[\s>/]/.test(this.fields.text.value);
    if (looksLikeSsml !== this.looksLikeSsml) {
      this.looksLikeSsml = looksLikeSsml;
      this.fields.ssml.checked = looksLikeSsml;
    }
  }

  resetSliders() {
    for (const name of Object.keys(UNITS)) {
      this.fields[name].value = this.fields[name].defaultValue;
    }
    this.fields.seed.value = "";
    this.update();
  }

  restoreKey() {
    const kept = tabStorage()?.getItem(KEY_NAME) ?? null;
    this.fields.keep.checked = kept !== null;
    this.fields.key.value = kept ?? "";
  }

  keepKey(onKey) {
    if (this.fields.keep.checked && this.key !== "") {
      tabStorage()?.setItem(KEY_NAME, this.key);
    } else {
      tabStorage()?.removeItem(KEY_NAME);
    }
    this.markKey(false);
    this.onChange();
    onKey();
  }
}

// Null where the browser was told to store nothing.
function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function signed(value) {
  return value > 0 ? `+${value}` : String(value).replace("-", "−");
}
