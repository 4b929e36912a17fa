// One trial of ACR, DCR or CCR: a clip or two, and one answer, which can be given once everything was heard to its end.
class RatingTrial {
  constructor(test, library, host) {
    this.test = test;
    this.library = library;
    this.host = host;
    this.player = null;
    this.current = null;
    this.isPair = test.grid[0][0].length > 1;
    this.buildScale();
    byId("rating-question").textContent = test.question;
    byId("rating-parts").hidden = !this.isPair;
    byId("rating-play").addEventListener("click", () => this.toggle());
    byId("rating-next").addEventListener("click", () => this.next());
  }

  get section() {
    return "rating";
  }

  get noun() {
    return this.isPair ? "Pair" : "Clip";
  }

  get keys() {
    const scale = this.test.scale;
    return [
      ["Space", "play or stop"], ["R", "play again from the beginning"],
      [`1 to ${scale.length}`, `rate, from ${scale[0].text.toLowerCase()} to ${scale.at(-1).text.toLowerCase()}`], ["Enter or →", "next"],
    ];
  }

  buildScale() {
    this.inputs = this.test.scale.map((grade, i) => {
      const input = make("input", { type: "radio", name: "score", value: String(grade.score) });
      input.addEventListener("change", () => this.rate(grade.score));
      byId("rating-choices").append(make("label", { className: "grade" }, input, make("kbd", { textContent: String(i + 1) }), make("span", { textContent: grade.text })));
      return input;
    });
  }

  // Shows a trial; current is what was already done in it when the page was closed.
  async show(trial, current) {
    this.leave();
    this.sounds = trial.sounds;
    this.current = current ?? { plays: 0, played_to_end: false, presented_at: new Date().toISOString(), score: null, seconds_to_rate: 0 };
    this.shownAt = performance.now() - 1000 * this.current.seconds_to_rate;
    this.inputs.forEach(input => { input.checked = Number(input.value) === this.current.score; });
    byId("rating-error").textContent = "";
    this.refresh();
    const asked = this.sounds;
    try {
      const sounds = await Promise.all(asked.map(name => this.library.load(name)));
      if (asked === this.sounds) {
        this.player = new ClipPlayer(sounds, () => this.refresh(), () => this.heard());
      }
    } catch {
      byId("rating-error").textContent = "The sound cannot be loaded. Please check your connection and reload the page; your answers are kept.";
    }
    this.refresh();
  }

  leave() {
    this.player?.stop();
    this.player = null;
    this.sounds = null;
  }

  toggle() {
    if (this.player?.isPlaying) {
      this.player.stop();
    } else {
      this.replay();
    }
  }

  replay() {
    if (this.player) {
      this.current.plays++;
      this.host.keep(this.current);
      this.player.play();
    }
  }

  heard() {
    if (!this.current.played_to_end) {
      this.current.played_to_end = true;
      this.host.announce("You can rate now.");
    }
    this.host.keep(this.current);
    this.refresh();
  }

  rate(score) {
    this.current.score = score;
    this.current.seconds_to_rate = Math.round(performance.now() - this.shownAt) / 1000;
    this.host.keep(this.current);
    this.refresh();
  }

  get isAnswered() {
    return this.current !== null && this.current.played_to_end && this.current.score !== null;
  }

  // Goes on, if there is an answer.
  next() {
    if (!this.isAnswered) {
      return false;
    }
    const { score, plays, played_to_end, seconds_to_rate, presented_at } = this.current;
    const stimulus = this.sounds.join("/");
    this.leave();
    this.current = null;
    this.host.finish([{ stimulus, score, plays, played_to_end, seconds_to_rate, presented_at }]);
    return true;
  }

  // Takes a key that is this trial's.
  press(key) {
    const grade = this.inputs[Number(key) - 1];
    if (grade && !byId("rating-scale").disabled) {
      grade.checked = true;
      this.rate(Number(grade.value));
    } else if (key === " ") {
      this.toggle();
    } else if (key === "r") {
      this.replay();
    } else if (key === "Enter" || key === "ArrowRight") {
      return this.next();
    } else {
      return false;
    }
    return true;
  }

  refresh() {
    const isPlaying = this.player?.isPlaying ?? false;
    showPlaying(byId("rating-play"), isPlaying, this.current?.plays ? "Play again" : "Play");
    byId("rating-play").disabled = this.player === null;
    [...byId("rating-parts").children].forEach((part, i) => part.toggleAttribute("data-playing", isPlaying && this.player.current === i));
    const isHeard = this.current?.played_to_end ?? false;
    byId("rating-scale").disabled = !isHeard;
    byId("rating-next").disabled = !this.isAnswered;
    byId("rating-hint").textContent = isHeard ? "" : `You can rate when you have heard ${this.isPair ? "both clips" : "the clip"} to the end.`;
    followProgress(byId("rating-fill"), () => this.player?.progress ?? 0, () => this.player?.isPlaying ?? false);
  }
}
