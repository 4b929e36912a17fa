// Plays the one or two clips of a trial from beginning to end. A clip is loaded whole before it can be played, so that no connection cuts it.
const PAUSE_SECONDS = 0.5;

class ClipLibrary {
  constructor() {
    this.sounds = new Map();
  }

  // An audio element that is ready to play to its end.
  load(name) {
    if (!this.sounds.has(name)) {
      const sound = this.fetchSound(name);
      this.sounds.set(name, sound);
      sound.catch(() => this.sounds.delete(name));
    }
    return this.sounds.get(name);
  }

  async fetchSound(name) {
    const audio = new Audio();
    audio.preload = "auto";
    audio.src = await soundAddress(name);
    await new Promise((resolve, reject) => {
      audio.addEventListener("canplaythrough", resolve, { once: true });
      audio.addEventListener("error", () => reject(new Error(`audio/${name}.wav cannot be loaded`)), { once: true });
      audio.load();
    });
    return audio;
  }
}

// A page that is opened from a disk may not read its own files, but it may play them.
async function soundAddress(name) {
  const address = `audio/${name}.wav`;
  return location.protocol === "file:" ? address : URL.createObjectURL(new Blob([await soundBytes(name)], { type: "audio/wav" }));
}

async function soundBytes(name) {
  const response = await fetch(`audio/${name}.wav`);
  if (!response.ok) {
    throw new Error(`audio/${name}.wav cannot be loaded`);
  }
  return response.arrayBuffer();
}

class ClipPlayer {
  // onChange is told when playing begins, moves from one clip to the next, and stops; onEnd when everything was heard to its end.
  constructor(sounds, onChange, onEnd) {
    this.sounds = sounds;
    this.onChange = onChange;
    this.onEnd = onEnd;
    this.current = -1;
    this.run = 0;
    this.timer = 0;
  }

  get isPlaying() {
    return this.current >= 0;
  }

  // How much of all clips has been heard, from 0 to 1.
  get progress() {
    const total = this.sounds.reduce((sum, sound) => sum + sound.duration, 0);
    const before = this.sounds.slice(0, Math.max(0, this.current)).reduce((sum, sound) => sum + sound.duration, 0);
    return this.isPlaying && total > 0 ? (before + this.sounds[this.current].currentTime) / total : 0;
  }

  // Plays from the beginning. Playing and stopping quickly one after the other must not leave two runs.
  play() {
    this.stop();
    this.run++;
    this.playFrom(0, this.run);
  }

  stop() {
    this.run++;
    clearTimeout(this.timer);
    for (const sound of this.sounds) {
      sound.onended = null;
      sound.pause();
    }
    this.moveTo(-1);
  }

  async playFrom(index, run) {
    const sound = this.sounds[index];
    sound.currentTime = 0;
    sound.onended = () => this.goOn(index, run);
    this.moveTo(index);
    try {
      await sound.play();
    } catch {
      // Stopped before it began, or refused by the browser until somebody presses a button.
      if (run === this.run) {
        this.stop();
      }
    }
  }

  goOn(index, run) {
    if (run !== this.run) {
      return;
    }
    if (index + 1 < this.sounds.length) {
      this.timer = setTimeout(() => this.playFrom(index + 1, run), 1000 * PAUSE_SECONDS);
    } else {
      this.stop();
      this.onEnd();
    }
  }

  moveTo(index) {
    if (this.current !== index) {
      this.current = index;
      this.onChange();
    }
  }
}
