// Plays all sounds of a MUSHRA page in step and in a loop, one of them heard at a time. Switching cross-fades within 5 ms.
const FADE_SECONDS = 0.005;

async function loadMixer(names) {
  return location.protocol === "file:" ? ElementMixer.load(names) : BufferMixer.load(names);
}

let sharedContext = null;

function audioContext() {
  sharedContext ??= new AudioContext();
  return sharedContext;
}

// Sample by sample in step: every sound is a buffer of one audio graph.
class BufferMixer {
  static async load(names) {
    const context = audioContext();
    const buffers = await Promise.all(names.map(async name => context.decodeAudioData(await soundBytes(name))));
    return new BufferMixer(context, buffers);
  }

  constructor(context, buffers) {
    this.context = context;
    this.fade = Math.round(FADE_SECONDS * context.sampleRate);
    this.length = Math.max(...buffers.map(buffer => buffer.length));
    this.buffers = buffers.map(buffer => this.looped(buffer));
    this.duration = (this.length - this.fade) / context.sampleRate;
    this.voices = [];
    this.selected = 0;
  }

  get isPlaying() {
    return this.voices.length > 0;
  }

  // Seconds within the loop.
  get position() {
    return this.isPlaying ? Math.max(0, this.context.currentTime - this.startedAt) % this.duration : 0;
  }

  // The last 5 ms fade into the first, and the loop goes on behind those.
  looped(buffer) {
    const looped = this.context.createBuffer(1, this.length, this.context.sampleRate);
    const samples = looped.getChannelData(0);
    samples.set(buffer.getChannelData(0));
    for (let i = 0; i < this.fade; i++) {
      const share = (i + 1) / this.fade;
      const at = this.length - this.fade + i;
      samples[at] = (1 - share) * samples[at] + share * samples[i];
    }
    return looped;
  }

  // Of a context that waits to be resumed the clock stands still, so nothing of the sound is lost.
  start() {
    this.stop();
    this.context.resume();
    this.startedAt = this.context.currentTime + 0.02;
    this.voices = this.buffers.map((buffer, i) => {
      const source = new AudioBufferSourceNode(this.context, {
        buffer, loop: true, loopStart: this.fade / this.context.sampleRate, loopEnd: this.length / this.context.sampleRate,
      });
      const gain = new GainNode(this.context, { gain: i === this.selected ? 1 : 0 });
      source.connect(gain).connect(this.context.destination);
      source.start(this.startedAt);
      return { source, gain };
    });
  }

  stop() {
    for (const { source } of this.voices) {
      source.stop();
      source.disconnect();
    }
    this.voices = [];
  }

  select(index) {
    this.selected = index;
    const now = this.context.currentTime;
    this.voices.forEach(({ gain }, i) => {
      gain.gain.cancelScheduledValues(now);
      gain.gain.setValueAtTime(gain.gain.value, now);
      gain.gain.linearRampToValueAtTime(i === index ? 1 : 0, now + FADE_SECONDS);
    });
  }
}

// Where a page may not read its files: as many elements, all of them playing and all but one silent. They begin the loop together.
class ElementMixer {
  static async load(names) {
    const library = new ClipLibrary();
    return new ElementMixer(await Promise.all(names.map(name => library.load(name))));
  }

  constructor(sounds) {
    this.sounds = sounds;
    this.selected = 0;
    this.isPlaying = false;
    this.duration = Math.max(...sounds.map(sound => sound.duration));
    this.longest = sounds.find(sound => sound.duration === this.duration);
    this.longest.addEventListener("ended", () => this.isPlaying && this.start());
    this.timer = 0;
  }

  get position() {
    return this.isPlaying ? this.longest.currentTime : 0;
  }

  start() {
    this.isPlaying = true;
    this.settle();
    for (const sound of this.sounds) {
      sound.currentTime = 0;
      sound.play().catch(() => {});
    }
  }

  stop() {
    this.isPlaying = false;
    for (const sound of this.sounds) {
      sound.pause();
    }
  }

  // The volume of an element moves in steps, one a millisecond.
  select(index) {
    const previous = this.sounds[this.selected];
    const next = this.sounds[index];
    this.selected = index;
    clearInterval(this.timer);
    if (!this.isPlaying || previous === next) {
      this.settle();
      return;
    }
    const from = performance.now();
    next.muted = false;
    this.timer = setInterval(() => {
      const share = Math.min(1, (performance.now() - from) / (1000 * FADE_SECONDS));
      previous.volume = 1 - share;
      next.volume = share;
      if (share === 1) {
        clearInterval(this.timer);
        this.settle();
      }
    }, 1);
  }

  // Some phones let nobody change an element's volume, but all of them silence it.
  settle() {
    this.sounds.forEach((sound, i) => {
      sound.volume = i === this.selected ? 1 : 0;
      sound.muted = i !== this.selected;
    });
  }
}
