// The text as it was sent, in which the words light up as they are spoken. A word can be chosen to hear the speech from there.

const MARKUP = /(<[^>]*>)/;

export class ReadAlong {
  // onChoose is given the word from which somebody wants to hear the speech.
  constructor(container, onChoose) {
    this.container = container;
    this.onChoose = onChoose;
    container.addEventListener("click", (event) => this.choose(event));
    container.addEventListener("keydown", (event) => this.moveByKey(event));
    container.addEventListener("focusin", (event) => this.moveTabStop(event.target));
  }

  show(recording) {
    this.recording = recording;
    this.input = recording.body.input;
    this.buttons = [];
    this.buttonOfWord = new Map();
    this.covered = 0;
    this.current = null;
    this.rest = document.createElement("span");
    this.rest.className = "unread";
    this.container.replaceChildren(this.rest);
    this.add(recording.words);
  }

  // Words come in the order of the text; what stands between them (spaces, markup) is shown too.
  add(words) {
    for (const word of words) {
      this.addWord(word);
    }
    this.rest.replaceChildren(...this.between(this.covered, this.input.length));
  }

  addWord(word) {
    const last = this.buttons.at(-1);
    if (word.text_start >= this.covered && word.text_end > word.text_start) {
      this.rest.before(...this.between(this.covered, word.text_start), this.newButton(word));
      this.covered = word.text_end;
    } else if (last) {
      // Several words that stand for one written piece, as those of a number, light up together.
      this.buttonOfWord.set(word, last);
    }
  }

  newButton(word) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = this.input.slice(word.text_start, word.text_end);
    // One stop for the Tab key, however many words there are; arrow keys go on from there.
    button.tabIndex = this.buttons.length === 0 ? 0 : -1;
    this.buttons.push(button);
    this.buttonOfWord.set(word, button);
    return button;
  }

  between(from, to) {
    const text = this.input.slice(from, to);
    const isSsml = this.recording.settings.ssml;
    const pieces = isSsml ? text.split(MARKUP).filter(Boolean) : [text];
    return pieces.map((piece) => (isSsml && MARKUP.test(piece) ? markup(piece) : document.createTextNode(piece)));
  }

  // The word that is heard now, or null.
  light(word) {
    const button = this.buttonOfWord?.get(word) ?? null;
    if (button === this.current) {
      return;
    }
    this.current?.removeAttribute("aria-current");
    this.current = button;
    if (button) {
      button.setAttribute("aria-current", "true");
      this.keepInView(button);
    }
  }

  // Scrolls the text only, never the page, which may be read elsewhere.
  keepInView(button) {
    const { top, bottom } = this.container.getBoundingClientRect();
    const place = button.getBoundingClientRect();
    if (place.top < top || place.bottom > bottom) {
      this.container.scrollTop += place.top - top - ((bottom - top) / 3);
    }
  }

  choose(event) {
    const index = this.buttons?.indexOf(event.target.closest("button")) ?? -1;
    if (index >= 0) {
      const [word] = [...this.buttonOfWord].find(([, button]) => button === this.buttons[index]);
      this.onChoose(word);
    }
  }

  moveByKey(event) {
    const index = this.buttons?.indexOf(event.target) ?? -1;
    const target = index < 0 ? -1 : this.targetOf(event.key, index);
    if (target >= 0) {
      event.preventDefault();
      this.buttons[Math.min(target, this.buttons.length - 1)].focus();
    }
  }

  targetOf(key, index) {
    switch (key) {
      case "ArrowRight": return index + 1;
      case "ArrowLeft": return Math.max(0, index - 1);
      case "ArrowDown": return this.indexOnLine(index, 1);
      case "ArrowUp": return this.indexOnLine(index, -1);
      case "Home": return 0;
      case "End": return this.buttons.length - 1;
      default: return -1;
    }
  }

  // The nearest word of the line above or below.
  indexOnLine(index, direction) {
    const from = this.buttons[index].getBoundingClientRect();
    let best = index;
    let bestDistance = Infinity;
    for (let other = index + direction; this.buttons[other]; other += direction) {
      const place = this.buttons[other].getBoundingClientRect();
      const lines = Math.abs(place.top - from.top) / from.height;
      const distance = (1e6 * Math.round(lines)) + Math.abs(place.left - from.left);
      if (lines >= 0.5 && distance < bestDistance) {
        [best, bestDistance] = [other, distance];
      }
    }
    return best;
  }

  moveTabStop(target) {
    if (this.buttons?.includes(target)) {
      this.buttons.forEach((button) => {
        button.tabIndex = button === target ? 0 : -1;
      });
    }
  }
}

function markup(text) {
  const span = document.createElement("span");
  span.className = "markup";
  span.textContent = text;
  return span;
}
