// The steps of the test, one after the other, and what is kept of them.
const byId = id => document.getElementById(id);
const QUESTIONS = ["headset", "hearing", "language", "room"];
const ATTEMPTS_AT_EARS = 2;
const INSTRUCTIONS = {
  acr: ["For each clip: listen to it to the end, then choose the word that fits best.", "You may listen again before you answer. After “Next” there is no way back."],
  dcr: ["You hear two clips. The first is the original; judge how much worse the second is.", "You may listen again before you answer. After “Next” there is no way back."],
  ccr: ["You hear two clips of the same sentence. Judge the second one, compared with the first.", "They can be very similar. You may listen again before you answer; after “Next” there is no way back."],
  mushra: [
    "Each page has one sentence in several versions, and the original as the reference. Switch between them while they play, as often as you like.",
    "Give each sound a score from 0 to 100 by how it compares with the reference. One of the sounds is the reference itself: it deserves 100.",
  ],
};

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function showPlaying(button, isPlaying, idle) {
  button.toggleAttribute("data-playing", isPlaying);
  button.querySelector(".label").textContent = isPlaying ? "Stop" : idle;
}

// Moves a bar while something plays.
function followProgress(fill, share, isPlaying) {
  fill.style.transform = `scaleX(${share()})`;
  if (isPlaying() && !fill.isMoving) {
    fill.isMoving = true;
    requestAnimationFrame(() => {
      fill.isMoving = false;
      followProgress(fill, share, isPlaying);
    });
  }
}

class ListeningPage {
  constructor() {
    this.test = JSON.parse(byId("test").textContent);
    this.store = new AnswerStore(this.test.test_id);
    this.library = new ClipLibrary();
    const host = { keep: current => this.keep(current), finish: ratings => this.finishTrial(ratings), announce: text => this.announce(text) };
    this.trial = new (this.test.method === "mushra" ? MushraTrial : RatingTrial)(this.test, this.library, host);
    this.state = null;
    this.wireWelcome();
    this.wireAbout();
    this.wireSoundCheck();
    this.wireEnd();
    this.wireKeys();
  }

  open() {
    byId("minutes").textContent = this.test.minutes === 1 ? "one minute" : `${this.test.minutes} minutes`;
    byId("storage-warning").hidden = this.store.isAvailable;
    const kept = this.store.load(this.listenerOfAddress ?? this.store.lastListener);
    byId("resume").hidden = kept === null;
    byId("first-time").hidden = kept !== null;
    if (kept !== null) {
      this.kept = kept;
      byId("resume-listener").textContent = kept.listener;
      byId("resume-count").textContent = kept.ratings.length === 0 ? "none of the clips is rated yet" : `${kept.trial} of ${planTrials(this.test, kept.listener).length} are done`;
    }
    this.show("welcome");
  }

  // ----- welcome

  // The number of ?listener=7, or null.
  get listenerOfAddress() {
    return listenerOf(new URLSearchParams(location.search).get("listener") ?? "");
  }

  wireWelcome() {
    const given = this.listenerOfAddress;
    byId("listener-field").hidden = given !== null;
    byId("listener-known").hidden = given === null;
    byId("listener-number").textContent = given ?? "";
    byId("consent").addEventListener("change", () => { byId("begin").disabled = !byId("consent").checked; });
    byId("begin").addEventListener("click", () => this.begin());
    byId("continue").addEventListener("click", () => this.resume(this.kept));
    byId("start-again").addEventListener("click", () => this.askToStartAgain());
    byId("confirm-no").addEventListener("click", () => byId("confirm").close());
    byId("confirm-yes").addEventListener("click", () => this.startAgain());
    addEventListener("beforeunload", event => {
      if (!this.store.isAvailable && this.state !== null && this.state.step !== "finish") {
        event.preventDefault();
      }
    });
  }

  begin() {
    const typed = byId("listener").value.trim();
    const listener = this.listenerOfAddress ?? (typed === "" ? crypto.getRandomValues(new Uint32Array(1))[0] : listenerOf(typed));
    if (listener === null) {
      byId("listener-error").textContent = "A listener number is a whole number from 0 to 4294967295. Leave the field empty if you have none.";
      byId("listener").focus();
      return;
    }
    this.resume(this.store.load(listener) ?? {
      listener, started_at: new Date().toISOString(), finished_at: null, step: "about", trial: 0, current: null, answers: {}, attempts: 0,
      sample_rate: null, ratings: [], comment: "",
    });
  }

  resume(state) {
    this.state = state;
    this.plan = planTrials(this.test, state.listener);
    this.enter(state.step);
  }

  askToStartAgain() {
    byId("confirm").showModal();
  }

  startAgain() {
    this.store.forget((this.state ?? this.kept).listener);
    this.state = null;
    location.reload();
  }

  // ----- steps

  enter(step) {
    this.state.step = step;
    this.save();
    const entries = {
      volume: () => this.enterVolume(), ears: () => this.enterEars(), instructions: () => this.enterInstructions(), ready: () => this.enterReady(),
      trials: () => this.enterTrial(), finish: () => this.enterFinish(),
    };
    const count = this.plan.length;
    byId("progress").value = step === "finish" ? 1 : this.state.trial / count;
    byId("count").textContent = step === "trials" ? `${this.state.trial + 1} / ${count}` : "";
    this.show(step === "trials" ? this.trial.section : step);
    entries[step]?.();
  }

  show(section) {
    for (const element of document.querySelectorAll("main > section")) {
      element.hidden = element.id !== section;
    }
    this.section = section;
    byId(section).querySelector("h1").focus();
    scrollTo(0, 0);
  }

  // ----- questions

  wireAbout() {
    const answer = name => document.querySelector(`input[name="${name}"]:checked`)?.value;
    byId("about").addEventListener("change", () => { byId("about-next").disabled = !QUESTIONS.every(answer); });
    byId("about-next").addEventListener("click", () => {
      this.state.answers = Object.fromEntries(QUESTIONS.map(name => [name, answer(name)]));
      this.enter("volume");
    });
  }

  // ----- sound check

  wireSoundCheck() {
    byId("volume-play").addEventListener("click", () => this.sample.isPlaying ? this.sample.stop() : this.sample.play());
    byId("volume-next").addEventListener("click", () => {
      this.sample.stop();
      this.enter("ears");
    });
    byId("ears-play").addEventListener("click", () => this.playEars());
    byId("ears").addEventListener("input", () => { byId("ears-next").disabled = byId("ears-left").value === "" || byId("ears-right").value === ""; });
    byId("ears-next").addEventListener("click", () => this.checkEars());
    byId("ears-anyway").addEventListener("click", () => this.finishEars(false));
    byId("ears-restart").addEventListener("click", () => this.askToStartAgain());
  }

  async enterVolume() {
    byId("volume-play").disabled = true;
    try {
      const sound = await this.library.load(this.test.volume);
      const refresh = () => {
        showPlaying(byId("volume-play"), this.sample.isPlaying, "Play");
        followProgress(byId("volume-fill"), () => this.sample.progress, () => this.sample.isPlaying);
      };
      this.sample = new ClipPlayer([sound], refresh, () => { byId("volume-next").disabled = false; });
      byId("volume-play").disabled = false;
    } catch {
      byId("volume-error").textContent = "The sound cannot be loaded. Please check your connection and reload the page.";
    }
  }

  enterEars() {
    const isOver = this.state.attempts >= ATTEMPTS_AT_EARS;
    byId("ears-again").hidden = isOver || this.state.attempts === 0;
    for (const id of ["ears-failed", "ears-anyway", "ears-restart"]) {
      byId(id).hidden = !isOver;
    }
    byId("ears-play").disabled = isOver;
    byId("ears-next").hidden = isOver;
    byId("ears-next").disabled = true;
    for (const id of ["ears-left", "ears-right"]) {
      byId(id).value = "";
      byId(id).disabled = true;
    }
  }

  async playEars() {
    byId("ears-play").disabled = true;
    showPlaying(byId("ears-play"), true, "");
    byId("ears-play").querySelector(".label").textContent = "Listen…";
    await playBeeps(planBeeps(this.test, this.state.listener, this.state.attempts).ears);
    this.state.sample_rate = audioContext().sampleRate;
    showPlaying(byId("ears-play"), false, "Play them again");
    byId("ears-play").disabled = false;
    byId("ears-left").disabled = false;
    byId("ears-right").disabled = false;
    byId("ears-left").focus();
  }

  checkEars() {
    const { left, right } = planBeeps(this.test, this.state.listener, this.state.attempts);
    if (Number(byId("ears-left").value) === left && Number(byId("ears-right").value) === right) {
      this.finishEars(true);
      return;
    }
    this.state.attempts++;
    showPlaying(byId("ears-play"), false, "Play the beeps");
    this.enter("ears");
  }

  finishEars(isPassed) {
    this.state.answers.both_ears = isPassed;
    this.enter("instructions");
  }

  // ----- instructions

  enterInstructions() {
    const steps = make("ol", {}, ...INSTRUCTIONS[this.test.method].map(text => make("li", { textContent: text })));
    const isMushra = this.test.method === "mushra";
    const scale = make("dl", { className: "legend" }, ...this.test.scale.toReversed().flatMap(grade => [
      make("dt", { textContent: isMushra ? `${grade.score} to ${grade.score + 20}` : String(grade.score).replace("-", "−") }),
      make("dd", { textContent: grade.text }),
    ]));
    const practice = this.plan.filter(trial => trial.block === "training").length;
    const noun = this.trial.noun.toLowerCase();
    const note = practice === 1 ? `First comes one ${noun} for practice, which does not count.`
      : `First come ${practice} ${noun}s for practice, which do not count. They show how different the sounds can be.`;
    const attention = make("p", { textContent: "A clip may ask you for a certain answer, to see that somebody is listening. Please give that answer." });
    byId("instructions-text").replaceChildren(
      steps, make("p", { textContent: `The question is always: “${this.test.question}”` }), scale, ...(this.test.has_traps ? [attention] : []), make("p", { textContent: note }));
    byId("instructions-next").onclick = () => this.enter("trials");
    this.preload(0);
  }

  enterReady() {
    const rest = this.plan.length - this.state.trial;
    byId("ready-count").textContent = `${rest} ${this.trial.noun.toLowerCase()}${rest === 1 ? "" : "s"} to go.`;
    byId("ready-next").onclick = () => this.enter("trials");
  }

  // ----- trials

  enterTrial() {
    const trial = this.plan[this.state.trial];
    const isTraining = trial.block === "training";
    const block = this.plan.filter(other => other.block === trial.block);
    const title = `${this.trial.noun} ${block.indexOf(trial) + 1} of ${block.length}`;
    const section = this.trial.section;
    byId(`${section}-block`).textContent = isTraining ? "Practice" : "Test";
    byId(`${section}-title`).textContent = title;
    this.announce(`${isTraining ? "Practice. " : ""}${title}.`);
    this.trial.show(trial, this.state.current);
    this.preload(this.state.trial + 1);
  }

  preload(index) {
    if (index < this.plan.length && this.test.method !== "mushra") {
      for (const name of this.plan[index].sounds) {
        this.library.load(name).catch(() => {});
      }
    }
  }

  keep(current) {
    this.state.current = current;
    this.save();
  }

  finishTrial(ratings) {
    const { block } = this.plan[this.state.trial];
    this.state.ratings.push(...ratings.map(rating => ({ trial: this.state.trial + 1, block, ...rating })));
    this.state.current = null;
    this.state.trial++;
    const next = this.plan[this.state.trial];
    this.enter(next === undefined ? "comment" : next.block === block ? "trials" : "ready");
  }

  // ----- end

  wireEnd() {
    byId("comment-next").addEventListener("click", () => {
      this.state.comment = byId("comment-text").value;
      this.state.finished_at = new Date().toISOString();
      this.enter("finish");
    });
    byId("save-json").addEventListener("click", () => this.saveAnswers("json", resultJson, "application/json"));
    byId("save-csv").addEventListener("click", () => this.saveAnswers("csv", resultCsv, "text/csv"));
    byId("copy").addEventListener("click", async () => {
      byId("fallback").select();
      try {
        await navigator.clipboard.writeText(byId("fallback").value);
        byId("copy").textContent = "Copied";
      } catch {
        byId("copy").textContent = "Selected: press Ctrl+C";
      }
    });
  }

  enterFinish() {
    byId("send-to").textContent = this.test.send_to;
    byId("fallback").value = resultJson(resultOf(this.test, this.state));
  }

  saveAnswers(extension, write, type) {
    const name = `${this.test.test_id}_${this.state.listener}.${extension}`;
    saveFile(name, write(resultOf(this.test, this.state)), type);
    byId("saved").textContent = `${name} is in your downloads. You can close this page when you have sent it.`;
  }

  // ----- keys and voices

  wireKeys() {
    byId("show-keys").addEventListener("click", () => this.showKeys());
    byId("keys-close").addEventListener("click", () => byId("keys").close());
    document.addEventListener("keydown", event => {
      if (!event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat && this.press(event)) {
        event.preventDefault();
      }
    });
  }

  showKeys() {
    byId("keys-list").replaceChildren(...[...this.trial.keys, ["?", "this list"]].flatMap(([key, meaning]) => [
      make("dt", {}, make("kbd", { textContent: key })), make("dd", { textContent: meaning }),
    ]));
    byId("keys").showModal();
  }

  // Whether a key was for the page. What an element does with a key by itself comes first.
  press({ key, target }) {
    if (document.querySelector("dialog[open]") !== null) {
      return false;
    }
    if (key === "?" && !isWriting(target)) {
      this.showKeys();
      return true;
    }
    const isTrial = this.section === this.trial.section && this.state?.step === "trials";
    if (belongsTo(target, key, isTrial)) {
      return false;
    }
    if (isTrial) {
      return this.trial.press(key.length === 1 ? key.toLowerCase() : key);
    }
    const kind = { " ": ".play", Enter: ".primary" }[key];
    const button = kind && [...byId(this.section).querySelectorAll(`${kind}:enabled`)].find(candidate => candidate.closest("[hidden]") === null);
    button?.click();
    return button !== undefined;
  }

  announce(text) {
    byId("status").textContent = text;
  }

  save() {
    this.store.save(this.state);
  }
}

// A whole number that fits 32 bits, or null.
function listenerOf(text) {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : null;
}

function isWriting(element) {
  return element.matches("textarea, input[type=text], input[type=number]");
}

// Whether a key means something to the element that has the focus.
function belongsTo(element, key, isTrial) {
  if (isWriting(element)) {
    return key !== "Enter" || element.matches("textarea");
  }
  if (key === " ") {
    return element.matches("input[type=radio]:not(:checked), input[type=checkbox], summary, button");
  }
  if (key === "Enter") {
    return element.matches(isTrial ? "button:not(.play), summary" : "button, summary");
  }
  return key.startsWith("Arrow") && element.matches("input[type=radio], input[type=range]");
}

new ListeningPage().open();
