// Plays a recording while it is still growing, without gaps: each piece of sound is scheduled at the very sample where the one before ends.

// Enough to bridge the unevenness of a network. It doubles whenever the sound runs out, so that slow synthesis gives few long pauses.
const FIRST_BUFFER_SECONDS = 0.15;
const MOST_BUFFER_SECONDS = 4;

// The scheduling itself takes time; a start in the past would cut the first samples.
const LATE_SECONDS = 0.015;
const LEAD_SECONDS = 0.03;

const USUAL_SAMPLE_RATE = 22050;

export class Player {
  // onChange is told whenever the state changes; onFirstSound when the first sound of a recording leaves the loudspeaker, in performance.now().
  constructor(onChange, onFirstSound) {
    this.onChange = onChange;
    this.onFirstSound = onFirstSound;
    this.context = null;
    this.recording = null;
    this.state = "silent";
    this.reset();
  }

  reset() {
    this.sources = new Set();
    this.stretches = [];
    this.scheduled = 0;
    this.queueEnd = 0;
    this.bufferSeconds = FIRST_BUFFER_SECONDS;
  }

  // Browsers let only a person's click or key start sound: call this in its handler, before anything is awaited.
  unlock(sampleRate = this.context?.sampleRate ?? USUAL_SAMPLE_RATE) {
    if (this.context?.sampleRate !== sampleRate) {
      this.context?.close();
      // At the sound's own rate no piece is resampled, so that their seams cannot be heard.
      this.context = new AudioContext({ sampleRate, latencyHint: "interactive" });
      this.context.addEventListener("statechange", () => this.onChange());
    }
    // Refused where the browser waits for a click or key, of which the state tells.
    this.context.resume().catch(() => {});
  }

  // Plays from a time on, in seconds. The sound there need not be made yet.
  play(recording, from = 0) {
    this.silence();
    this.unlock(recording.sampleRate || undefined);
    this.recording = recording;
    this.scheduled = Math.min(Math.round(from * recording.sampleRate), recording.count);
    this.setState("waiting");
    this.feed();
  }

  // To be called when the recording has grown or ended.
  feed() {
    if (!this.recording || this.state === "silent") {
      return;
    }
    if (this.recording.sampleRate !== 0 && this.recording.sampleRate !== this.context.sampleRate) {
      this.unlock(this.recording.sampleRate);
    }
    const waiting = this.recording.count - this.scheduled;
    const ranDry = this.stretches.length === 0 || this.queueEnd < this.context.currentTime + LATE_SECONDS;
    const isEnough = waiting >= this.bufferSeconds * this.recording.sampleRate || !this.recording.isGrowing;
    if (waiting > 0 && (!ranDry || isEnough)) {
      this.schedule(ranDry);
    } else if (waiting === 0 && !this.recording.isGrowing && this.sources.size === 0) {
      this.silence();
    }
  }

  pause() {
    this.setState("paused");
    this.context.suspend();
  }

  resume() {
    this.context.resume();
    this.setState(this.sources.size > 0 ? "playing" : "waiting");
  }

  // Ends the sound; the recording stays.
  silence() {
    for (const source of this.sources) {
      source.onended = null;
      source.stop();
    }
    this.reset();
    this.setState("silent");
  }

  // The browser waits for a person's click or key before it lets sound out.
  get isHeldBack() {
    return this.stretches.length > 0 && this.state !== "paused" && this.context.state !== "running";
  }

  // Seconds from the recording's beginning of what is heard just now; null in silence.
  get position() {
    if (this.stretches.length === 0) {
      return null;
    }
    const now = this.context.currentTime - (this.context.outputLatency || 0);
    const stretch = this.stretches.findLast(({ at }) => at <= now) ?? this.stretches[0];
    return stretch.from + Math.min(Math.max(0, now - stretch.at), stretch.seconds);
  }

  schedule(isNewStart) {
    const { recording, context } = this;
    const samples = recording.samples.subarray(this.scheduled, recording.count);
    const seconds = samples.length / recording.sampleRate;
    if (isNewStart) {
      this.beginStretch();
    }
    const source = context.createBufferSource();
    source.buffer = audioBuffer(context, samples, recording.sampleRate);
    source.connect(context.destination);
    source.onended = () => this.sourceEnded(source);
    source.start(this.queueEnd);
    this.sources.add(source);
    this.stretches.at(-1).seconds += seconds;
    this.queueEnd += seconds;
    this.scheduled = recording.count;
    if (this.state === "waiting") {
      this.setState("playing");
    }
  }

  // The queue is set on a whole sample: all later pieces then begin on whole samples too.
  beginStretch() {
    const { context, recording } = this;
    if (this.stretches.length > 0) {
      this.bufferSeconds = Math.min(2 * this.bufferSeconds, MOST_BUFFER_SECONDS);
    }
    this.queueEnd = Math.ceil((context.currentTime + LEAD_SECONDS) * context.sampleRate) / context.sampleRate;
    this.stretches.push({ at: this.queueEnd, from: this.scheduled / recording.sampleRate, seconds: 0 });
    if (recording.firstSoundSeconds === null) {
      const delay = this.queueEnd - context.currentTime + (context.outputLatency || context.baseLatency || 0);
      this.onFirstSound(recording, performance.now() + (1000 * delay));
    }
  }

  sourceEnded(source) {
    this.sources.delete(source);
    if (this.sources.size > 0) {
      return;
    }
    if (!this.recording.isGrowing && this.scheduled === this.recording.count) {
      this.silence();
    } else if (this.state === "playing") {
      this.setState("waiting");
      this.feed();
    }
  }

  setState(state) {
    if (this.state !== state) {
      this.state = state;
      this.onChange();
    }
  }
}

function audioBuffer(context, samples, sampleRate) {
  const buffer = context.createBuffer(1, samples.length, sampleRate);
  const channel = buffer.getChannelData(0);
  for (let index = 0; index < samples.length; index++) {
    channel[index] = samples[index] / 32768;
  }
  return buffer;
}
