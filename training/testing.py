"""What the tests of this folder share: made-up clips, folders that go away, trainers as processes, and the runner."""
import atexit, os, random, shutil, signal, subprocess, sys, tempfile, threading, time, traceback, wave
import numpy as np, torch
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, HERE)
import audio, data, weights
from train_tacotron2 import collate

TINY = dict(symbols_embedding_dim=12, encoder_embedding_dim=12, attention_rnn_dim=20, attention_dim=8, attention_location_n_filters=4,
            decoder_rnn_dim=24, prenet_dim=10, postnet_embedding_dim=8)


def new_folder():
    path = tempfile.mkdtemp(prefix='voice-test-'); atexit.register(shutil.rmtree, path, True)
    return path


class NoDropout:
    def __enter__(self):
        self.old = F.dropout; F.dropout = lambda x, *a, **k: x

    def __exit__(self, *_):
        F.dropout = self.old


def batch(r, lengths, dtype=torch.double):
    g = random.Random(3)
    items = [([g.randrange(148) for _ in range(n)], torch.randn(80, f, dtype=dtype)) for n, f in lengths]
    x, n, y, f = collate(items, r)
    return x, n, y.to(dtype), f


def clips_in(folder, count):
    """Made-up speech of the first sentences: a tone for each symbol."""
    os.makedirs(os.path.join(folder, 'wav'), exist_ok=True); rng = np.random.default_rng(1)
    for i, ids in data.read_list(os.path.join(HERE, 'sentences.txt'))[:count]:
        x = [np.zeros(1100)]
        for s in ids:
            t = np.arange(1500 + rng.integers(300)) / audio.SR; p = 110 + 3 * s
            x.append(sum(np.sin(2 * np.pi * p * k * t) / k for k in (1, 2, 3, 5)) * 0.15 * np.minimum(1, np.minimum(t, t[::-1]) * 100) + rng.normal(0, 0.001, len(t)))
        x = np.concatenate(x + [np.zeros(1760)])
        with wave.open(os.path.join(folder, 'wav', i + '.wav'), 'wb') as w:
            w.setnchannels(1); w.setsampwidth(2); w.setframerate(audio.SR); w.writeframes((x * 32767).astype('<i2').tobytes())


def voice_folder(count):
    folder = new_folder(); clips_in(folder, count)
    with open(os.path.join(HERE, 'sentences.txt')) as f, open(os.path.join(folder, 'sents.txt'), 'w') as g: g.writelines(f.readlines()[:count])
    return folder


def distance(a, b):
    """|a - b| / |b|."""
    return ((a - b).norm() / b.norm().clamp(min=1e-12)).item()


def trainer(name, *arguments):
    command = [sys.executable, '-u', os.path.join(HERE, name), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def stopped_and_resumed(name, count, out, arguments):
    """Start, SIGTERM once the clips are counted, start again for a second: (what last.pt then holds, what the second said)."""
    steps = []
    for minutes in (60, 0.02):
        job = trainer(name, *arguments, '--minutes', minutes); watch = threading.Timer(120, job.kill); watch.start(); text = ''
        for line in job.stdout:
            text += line
            if f'{count} clips' in line and minutes == 60: job.send_signal(signal.SIGTERM)
        watch.cancel(); assert job.wait() == 0, text
        s = weights.load_file(os.path.join(out, 'last.pt')); steps.append(s['step'])
    assert 0 <= steps[0] < steps[1], steps
    return s, text


def engine():
    """The engine's command, or None: CUDATTS, else artifacts/cudatts of this checkout."""
    places = [os.environ.get('CUDATTS', ''), os.path.join(HERE, '..', 'artifacts', 'cudatts')]
    return next((os.path.abspath(q) for q in places if os.path.isfile(q) and os.access(q, os.X_OK)), None)


def run(tests, wanted):
    """Run those of [(name, function)] whose name holds one of the wanted words; the number that failed."""
    torch.set_num_threads(1); failed = 0; begun = time.time()
    for name, f in tests:
        if wanted and not any(n in name for n in wanted): continue
        t = time.time(); torch.manual_seed(0); random.seed(0)
        try: f(); print(f'passed {name} ({time.time() - t:.1f} s)', flush=True)
        except Exception: traceback.print_exc(); failed += 1; print(f'FAILED {name}', flush=True)
    print(f'{failed} failed, {time.time() - begun:.0f} s')
    return failed
