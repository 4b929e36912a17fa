// The page: asks for speech, plays it while it is made, and shows what came of it.
import { captionedSpeech, curlLine, fetchSpeech, fetchVoices, requestBody, SpeechError } from "./speech-request.js";
import { Player } from "./player.js";
import { ReadAlong } from "./read-along.js";
import { Recording } from "./recording.js";
import { SentenceDetails } from "./sentence-details.js";
import { SpeechForm } from "./speech-form.js";
import { SpeechHistory } from "./speech-history.js";

const byId = (id) => document.getElementById(id);

// What the page does just now stands on the document's element, for tests and for scripts of its readers.
const facts = document.documentElement.dataset;

const player = new Player(onPlayerChange, onFirstSound);
const readAlong = new ReadAlong(byId("words"), (word) => playShown(word.start));
const sentenceDetails = new SentenceDetails(byId("sentences"), byId("no-sentences"));
const form = new SpeechForm(byId("request"), showCurl, loadVoices);
const speechHistory = new SpeechHistory(byId("history"), byId("no-history"), {
  hear: (recording) => {
    complain("");
    show(recording);
    playShown(0);
  },
  reuse: (recording) => {
    form.fill(recording.settings);
    byId("text").focus();
  },
  download: (recording) => save(recording.toWav(), `speech-${recording.number}.wav`),
});

let shown = null;
let request = null;
let count = 0;
let isDrawing = false;

function start() {
  byId("request").addEventListener("submit", (event) => {
    event.preventDefault();
    speak();
  });
  byId("stop").addEventListener("click", stop);
  byId("play").addEventListener("click", playOrPause);
  byId("download-wav").addEventListener("click", () => shown?.count > 0 && save(shown.toWav(), `speech-${shown.number}.wav`));
  byId("download-format").addEventListener("click", downloadFormat);
  byId("format").addEventListener("change", showCurl);
  byId("copy").addEventListener("click", copyCurl);
  document.addEventListener("keydown", onKey);
  form.update();
  render();
  loadVoices();
}

function onKey(event) {
  // While a character is being composed, these keys belong to the input method.
  if (event.isComposing) {
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) {
    event.preventDefault();
    speak();
  } else if (event.key === "Escape") {
    stop();
  }
}

async function loadVoices() {
  const note = byId("voice-note");
  try {
    form.showVoices(await fetchVoices(form.key));
    note.hidden = true;
  } catch (error) {
    form.showDefaultVoice();
    note.textContent = error.status === 401 ? "The server asks for an API key before it names its voices." : "The list of voices cannot be had.";
    note.hidden = false;
  }
}

async function speak() {
  stop();
  complain("");
  form.markKey(false);
  const { problem, settings } = form;
  if (problem) {
    complain(problem.message);
    problem.field.focus();
    return;
  }
  const recording = new Recording(++count, settings, requestBody(settings));
  const abort = new AbortController();
  request = abort;
  show(recording);
  speechHistory.add(recording);
  speechHistory.mark(recording);
  announce("Asking the server.");
  // The request is under way while the browser opens the loudspeaker, which takes some tenths of a second the first time.
  const received = receive(recording, abort);
  player.play(recording);
  await received;
}

async function receive(recording, abort) {
  try {
    for await (const event of captionedSpeech(recording.body, form.key, abort.signal)) {
      take(recording, event);
    }
    recording.state = "whole";
    announce(summaryOf(recording));
  } catch (error) {
    end(recording, abort.signal, error);
  }
  if (request === abort) {
    request = null;
  }
  speechHistory.render(recording);
  // What came before the end is played to its end; one that was refused has no sound.
  if (recording === shown) {
    player.feed();
    render();
  }
}

// The page may show another recording of the session by now; this one grows all the same.
function take(recording, event) {
  if (event.type === "audio") {
    recording.addAudio(event);
    recording.state = "speaking";
  } else if (event.type === "sentence") {
    recording.addSentence(event);
  }
  if (recording === shown) {
    showNews(recording, event);
  }
}

function showNews(recording, event) {
  if (event.type === "sentence") {
    readAlong.add(event.words);
    sentenceDetails.add(recording, recording.sentences.length - 1);
  }
  player.feed();
  render();
}

// Says why there is no speech, or no more of it. What was made so far stays.
function end(recording, signal, error) {
  if (signal.aborted) {
    recording.state = "stopped";
    return;
  }
  const message = error instanceof SpeechError ? error.message : `The page cannot read the answer: ${error.message}`;
  recording.state = recording.count > 0 ? "broken" : "refused";
  announce("");
  complain(recording.count > 0
    ? `The speech broke off after ${recording.seconds.toFixed(1)} seconds. ${message} What was made is kept.`
    : message);
  form.markKey(error.status === 401);
}

function stop() {
  const wasBusy = request !== null || player.state !== "silent";
  request?.abort();
  request = null;
  player.silence();
  if (wasBusy) {
    announce("Stopped.");
  }
}

function show(recording) {
  shown = recording;
  player.silence();
  facts.scheduledSeconds = "0";
  readAlong.show(recording);
  sentenceDetails.show(recording);
  speechHistory.mark(recording);
  render();
}

function playShown(seconds) {
  if (shown?.count > 0) {
    player.play(shown, seconds);
  }
}

function playOrPause() {
  if (player.isHeldBack || player.state === "paused") {
    player.resume();
  } else if (player.state === "silent") {
    playShown(0);
  } else {
    player.pause();
  }
}

function onFirstSound(recording, moment) {
  recording.firstSoundSeconds = (moment - recording.askedAt) / 1000;
  announce(`Speaking. The first sound came after ${recording.firstSoundSeconds.toFixed(2)} seconds.`);
}

function onPlayerChange() {
  render();
  if (!isDrawing && player.state !== "silent") {
    isDrawing = true;
    requestAnimationFrame(follow);
  }
}

// Follows the sound picture by picture while there is any.
function follow() {
  isDrawing = player.state !== "silent";
  renderPosition();
  if (isDrawing) {
    requestAnimationFrame(follow);
  }
}

function render() {
  setEnabled("stop", request !== null || player.state !== "silent");
  setEnabled("play", shown?.count > 0);
  setEnabled("download-wav", shown?.count > 0);
  byId("play").textContent = playLabel();
  byId("progress").value = shown?.progress ?? 0;
  facts.speech = shown?.state ?? "none";
  facts.player = player.state;
  facts.sentences = shown?.sentences.length ?? 0;
  if (player.state !== "silent" && shown.sampleRate > 0) {
    facts.scheduledSeconds = (player.scheduled / shown.sampleRate).toFixed(3);
  }
  facts.firstSoundSeconds = shown?.firstSoundSeconds?.toFixed(3) ?? "";
  renderPosition();
}

function renderPosition() {
  const position = player.position;
  const word = position === null ? null : shown.wordAt(position);
  readAlong.light(word);
  facts.word = word?.word ?? "";
  const time = shown?.count > 0 ? timeInWords(position) : "";
  if (byId("time").textContent !== time) {
    byId("time").textContent = time;
  }
}

function timeInWords(position) {
  const made = `${shown.seconds.toFixed(1)} s${shown.isGrowing ? " so far" : ""}`;
  const waits = player.state === "waiting" && shown.isGrowing ? ", waiting" : "";
  return position === null ? made : `${position.toFixed(1)} of ${made}${waits}`;
}

function playLabel() {
  if (player.isHeldBack) {
    return "Let sound out";
  }
  switch (player.state) {
    case "silent": return shown?.count > 0 ? "Play again" : "Play";
    case "paused": return "Go on";
    default: return "Pause";
  }
}

// A button that is disabled outright would lose the focus of those who use the keyboard.
function setEnabled(id, isEnabled) {
  byId(id).setAttribute("aria-disabled", String(!isEnabled));
}

function summaryOf(recording) {
  const { sentences, firstSoundSeconds, seconds, askedAt } = recording;
  if (sentences.length === 0) {
    return "There is nothing to say in this text.";
  }
  const time = ((performance.now() - askedAt) / 1000).toFixed(1);
  const first = firstSoundSeconds === null ? "" : `, the first sound after ${firstSoundSeconds.toFixed(2)}`;
  return `Made ${seconds.toFixed(1)} seconds of speech within ${time} seconds${first}. ${verdictOn(sentences)}`;
}

function verdictOn(sentences) {
  const doubtful = sentences.filter((sentence) => !sentence.verdict.sound).length;
  if (doubtful > 0) {
    return `${doubtful} of ${sentences.length} sentences ${doubtful === 1 ? "is" : "are"} doubtful.`;
  }
  return { 1: "The sentence is sound.", 2: "Both sentences are sound." }[sentences.length] ?? `All ${sentences.length} sentences are sound.`;
}

function announce(line) {
  byId("status").textContent = line;
}

function complain(line) {
  byId("error").textContent = line;
}

function showCurl() {
  byId("curl").textContent = curlLine(requestBody(form.settings), byId("format").value, form.key !== "");
}

async function copyCurl() {
  try {
    await navigator.clipboard.writeText(byId("curl").textContent);
    announce("The line is copied.");
  } catch {
    // Browsers offer the clipboard on secure addresses only; elsewhere people copy the selection themselves.
    getSelection().selectAllChildren(byId("curl"));
    announce("The line is selected. Copy it with your browser.");
  }
}

async function downloadFormat() {
  complain("");
  const { problem, settings } = form;
  if (problem) {
    complain(problem.message);
    problem.field.focus();
    return;
  }
  const format = byId("format").value;
  announce("The server makes the file.");
  try {
    save(await fetchSpeech(requestBody(settings), format, form.key), `speech.${format}`);
    announce("The file is made.");
  } catch (error) {
    announce("");
    complain(error.message);
    form.markKey(error.status === 401);
  }
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the address after this handler has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

start();
