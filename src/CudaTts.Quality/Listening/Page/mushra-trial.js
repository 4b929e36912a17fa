// One page of MUSHRA: an open reference, and all sounds of a sentence with a slider each, switched while they play.
const PARTS_OF_SOUND = 50;
const SHARE_HEARD = 0.95;

class MushraTrial {
  constructor(test, library, host) {
    this.test = test;
    this.host = host;
    this.mixer = null;
    this.current = null;
    this.rows = [];
    byId("mushra-question").textContent = test.question;
    byId("mushra-bands").append(...test.scale.map(band => make("li", { textContent: band.text })));
    byId("mushra-play").addEventListener("click", () => this.toggle());
    byId("mushra-reference").addEventListener("click", () => this.pick(0));
    byId("mushra-next").addEventListener("click", () => this.next());
  }

  get section() {
    return "mushra";
  }

  get noun() {
    return "Page";
  }

  get keys() {
    const last = letterOf(this.test.grid[0][0].length - 1);
    return [
      ["Space", "play or stop"], [`A to ${last}`, "listen to a sound and go to its slider"], ["0", "listen to the reference"], ["R", "play again from the beginning"],
      ["← →", "move the slider by 1; Page Up and Page Down by 10"], ["Enter", "next"],
    ];
  }

  async show(trial, current) {
    this.leave();
    this.sounds = trial.sounds;
    this.current = current ?? {
      presented_at: new Date().toISOString(),
      sounds: trial.sounds.map(() => ({ plays: 0, heard: 0, score: null, seconds_to_rate: 0 })),
    };
    this.heard = this.sounds.map(() => new Set());
    this.shownAt = performance.now();
    this.selected = 0;
    byId("mushra-error").textContent = "";
    this.buildRows();
    this.refresh();
    const asked = this.sounds;
    try {
      const mixer = await loadMixer(asked);
      if (asked === this.sounds) {
        this.mixer = mixer;
      }
    } catch {
      byId("mushra-error").textContent = "The sounds cannot be loaded. Please check your connection and reload the page; your answers are kept.";
    }
    this.refresh();
  }

  buildRows() {
    this.rows = this.sounds.slice(1).map((_, i) => {
      const index = i + 1;
      const name = `Sound ${letterOf(index)}`;
      const pick = make("button", { type: "button", className: "pick", textContent: name });
      pick.addEventListener("click", () => this.pick(index));
      const score = this.current.sounds[index].score;
      const slider = make("input", { type: "range", min: "0", max: "100", step: "1", value: String(score ?? 0) });
      slider.setAttribute("aria-label", `Score of ${name.toLowerCase()}, 0 to 100`);
      slider.addEventListener("input", () => this.rate(index, Number(slider.value)));
      slider.addEventListener("focus", () => this.mixer?.isPlaying && this.pick(index));
      const output = make("output", {});
      return { element: make("div", { className: "sound" }, pick, make("div", { className: "slider" }, slider), output), pick, slider, output };
    });
    byId("mushra-sounds").replaceChildren(...this.rows.map(row => row.element));
  }

  leave() {
    clearInterval(this.timer);
    this.mixer?.stop();
    this.mixer = null;
    this.sounds = null;
  }

  toggle() {
    if (this.mixer?.isPlaying) {
      this.stop();
    } else {
      this.play();
    }
  }

  play() {
    if (this.mixer) {
      this.current.sounds[this.selected].plays++;
      this.lastPart = 0;
      clearInterval(this.timer);
      this.timer = setInterval(() => this.note(), 20);
      this.mixer.start();
      this.keep();
      this.refresh();
    }
  }

  stop() {
    clearInterval(this.timer);
    this.mixer?.stop();
    this.keep();
    this.refresh();
  }

  pick(index) {
    if (!this.mixer || (index === this.selected && this.mixer.isPlaying)) {
      return;
    }
    this.selected = index;
    this.mixer.select(index);
    if (this.mixer.isPlaying) {
      this.current.sounds[index].plays++;
      this.lastPart = this.part;
      this.keep();
      this.refresh();
    } else {
      this.play();
    }
  }

  get part() {
    return Math.min(PARTS_OF_SOUND - 1, Math.floor(this.mixer.position / this.mixer.duration * PARTS_OF_SOUND));
  }

  // Notes which parts of the selected sound have been heard.
  note() {
    const now = this.part;
    for (let part = this.lastPart; part !== now; part = (part + 1) % PARTS_OF_SOUND) {
      this.heard[this.selected].add(part);
    }
    this.heard[this.selected].add(now);
    this.lastPart = now;
  }

  rate(index, score) {
    const sound = this.current.sounds[index];
    sound.score = score;
    sound.seconds_to_rate = Math.round(performance.now() - this.shownAt) / 1000;
    this.keep();
    this.refresh();
  }

  keep() {
    this.current.sounds.forEach((sound, i) => { sound.heard = Math.max(sound.heard, this.heard[i].size / PARTS_OF_SOUND); });
    this.host.keep(this.current);
  }

  get missing() {
    const judged = this.current.sounds.slice(1);
    return {
      reference: this.current.sounds[0].plays === 0,
      unheard: judged.filter(sound => sound.plays === 0).length,
      unrated: judged.filter(sound => sound.score === null).length,
    };
  }

  get isAnswered() {
    return this.current !== null && !this.missing.reference && this.missing.unheard === 0 && this.missing.unrated === 0;
  }

  // Goes on, if every sound has been heard and judged.
  next() {
    if (!this.isAnswered) {
      return false;
    }
    this.keep();
    const ratings = this.current.sounds.slice(1).map((sound, i) => ({
      stimulus: this.sounds[i + 1], score: sound.score, plays: sound.plays, played_to_end: sound.heard >= SHARE_HEARD,
      seconds_to_rate: sound.seconds_to_rate, presented_at: this.current.presented_at,
    }));
    this.leave();
    this.current = null;
    this.host.finish(ratings);
    return true;
  }

  press(key) {
    const index = key.length === 1 ? key.toUpperCase().charCodeAt(0) - 64 : -1;
    if (index >= 1 && index <= this.rows.length) {
      this.pick(index);
      this.rows[index - 1].slider.focus();
    } else if (key === "0") {
      this.pick(0);
    } else if (key === " ") {
      this.toggle();
    } else if (key === "r") {
      this.play();
    } else if (key === "Enter") {
      return this.next();
    } else {
      return false;
    }
    return true;
  }

  refresh() {
    const isPlaying = this.mixer?.isPlaying ?? false;
    const isPressed = index => String(isPlaying && this.selected === index);
    showPlaying(byId("mushra-play"), isPlaying, "Play");
    byId("mushra-play").disabled = this.mixer === null;
    byId("mushra-reference").disabled = this.mixer === null;
    byId("mushra-reference").setAttribute("aria-pressed", isPressed(0));
    this.rows.forEach((row, i) => {
      const sound = this.current.sounds[i + 1];
      row.pick.disabled = this.mixer === null;
      row.pick.setAttribute("aria-pressed", isPressed(i + 1));
      row.slider.disabled = sound.plays === 0;
      row.slider.style.setProperty("--share", `${sound.score ?? 0}%`);
      row.output.textContent = sound.score ?? "–";
    });
    const { reference, unheard, unrated } = this.missing;
    byId("mushra-next").disabled = !this.isAnswered;
    byId("mushra-hint").textContent = reference || unheard > 0 ? "Listen to the reference and to every sound; each slider moves once its sound was heard."
      : unrated > 0 ? `${unrated} ${unrated === 1 ? "sound has" : "sounds have"} no score yet. The sound that is the reference itself deserves 100.`
      : "";
    followProgress(byId("mushra-fill"), () => this.mixer ? this.mixer.position / this.mixer.duration : 0, () => this.mixer?.isPlaying ?? false);
  }
}

function letterOf(index) {
  return String.fromCharCode(64 + index);
}
