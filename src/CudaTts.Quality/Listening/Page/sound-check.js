// Beeps in the left and in the right ear, to be counted: whoever listens with one ear, or to a loudspeaker, cannot tell them apart.
const LEAST_BEEPS = 1;
const MOST_BEEPS = 4;
const BEEP_SECONDS = 0.16;
const BEEP_EVERY_SECONDS = 0.42;
const BEEP_HERTZ = 700;

// Two different numbers and the order of ears, for an attempt of a listener.
function planBeeps(test, listener, attempt) {
  const uniform = uniformSequence(`ears.${test.seed}.${listener}.${attempt}`);
  const choices = MOST_BEEPS - LEAST_BEEPS + 1;
  const left = LEAST_BEEPS + Math.floor(uniform(0) * choices);
  const other = LEAST_BEEPS + Math.floor(uniform(1) * (choices - 1));
  const right = other >= left ? other + 1 : other;
  const ears = [...Array(left).fill("left"), ...Array(right).fill("right")];
  return { left, right, ears: shuffle(ears, i => uniform(2 + i)) };
}

// Resolves when the last beep has been heard.
async function playBeeps(ears) {
  const context = audioContext();
  await context.resume();
  const start = context.currentTime + 0.1;
  let last = null;
  ears.forEach((ear, i) => {
    const at = start + i * BEEP_EVERY_SECONDS;
    const beep = new OscillatorNode(context, { frequency: BEEP_HERTZ });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.25, at + 0.01);
    gain.gain.setValueAtTime(0.25, at + BEEP_SECONDS - 0.02);
    gain.gain.linearRampToValueAtTime(0, at + BEEP_SECONDS);
    beep.connect(gain).connect(new StereoPannerNode(context, { pan: ear === "left" ? -1 : 1 })).connect(context.destination);
    beep.start(at);
    beep.stop(at + BEEP_SECONDS);
    last = beep;
  });
  await new Promise(resolve => { last.onended = resolve; });
}
