// The speech of this session, newest first, to be heard again and compared. It is kept in memory only.

// Sound takes about 2.6 MB a minute.
const MOST_RECORDINGS = 30;

export class SpeechHistory {
  // The actions are functions of a recording: hear, reuse, download.
  constructor(list, emptyNote, actions) {
    this.list = list;
    this.emptyNote = emptyNote;
    this.actions = actions;
    this.items = new Map();
  }

  add(recording) {
    const item = document.createElement("li");
    this.items.set(recording, item);
    this.list.prepend(item);
    this.emptyNote.hidden = true;
    this.render(recording);
    for (const old of [...this.items.keys()].slice(0, -MOST_RECORDINGS)) {
      this.remove(old);
    }
  }

  // Marks the one that the page shows.
  mark(shown) {
    for (const [recording, item] of this.items) {
      item.toggleAttribute("aria-current", false);
      if (recording === shown) {
        item.setAttribute("aria-current", "true");
      }
    }
  }

  render(recording) {
    const item = this.items.get(recording);
    if (!item) {
      return;
    }
    const text = document.createElement("p");
    const facts = document.createElement("p");
    text.className = "history-text";
    text.textContent = `${recording.number}. ${recording.body.input.replace(/\s+/g, " ").slice(0, 120)}`;
    facts.className = "note";
    facts.textContent = factsOf(recording);
    item.replaceChildren(text, facts, this.buttonsOf(recording));
  }

  buttonsOf(recording) {
    const row = document.createElement("div");
    row.className = "actions";
    const hasSound = recording.count > 0 && !recording.isGrowing;
    if (hasSound) {
      row.append(button(`Hear ${recording.number}`, () => this.actions.hear(recording)));
    }
    row.append(button(`Take over text and settings of ${recording.number}`, () => this.actions.reuse(recording), "Take over"));
    if (hasSound) {
      row.append(button(`Download ${recording.number} as WAV`, () => this.actions.download(recording), "WAV"));
    }
    return row;
  }

  remove(recording) {
    this.items.get(recording).remove();
    this.items.delete(recording);
  }
}

const STATES = { asking: "being asked for", speaking: "being made", whole: "", stopped: "stopped early", broken: "broke off", refused: "refused" };

function factsOf(recording) {
  const { settings } = recording;
  const doubtful = recording.sentences.filter((sentence) => !sentence.verdict.sound).length;
  return [
    STATES[recording.state],
    `voice ${settings.voiceName}`,
    `speed ${settings.speed}`,
    settings.pitch !== 0 && `pitch ${settings.pitch} semitones`,
    settings.volume !== 0 && `volume ${settings.volume} dB`,
    settings.seed !== null && `seed ${settings.seed}`,
    recording.count > 0 && `${recording.seconds.toFixed(1)} s of speech`,
    recording.firstSoundSeconds !== null && `first sound after ${recording.firstSoundSeconds.toFixed(2)} s`,
    doubtful > 0 && `${doubtful} of ${recording.sentences.length} sentences doubtful`,
  ].filter(Boolean).join(", ");
}

// The name for screen readers begins with what can be seen, so that people who speak their commands can use it.
function button(name, action, shown = name) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = shown;
  if (shown !== name) {
    made.setAttribute("aria-label", name.startsWith(shown) ? name : `${shown}: ${name}`);
  }
  made.addEventListener("click", action);
  return made;
}
