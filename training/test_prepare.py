"""Tests of prepare.py and of the WAV reader it stands on; test_train.py runs them."""
import contextlib, io, os, random, struct, subprocess, sys
import numpy as np
from testing import HERE, engine, new_folder
import data, prepare, wav


def wav_bytes(x, rate, kind=1, bits=16, extensible=False, extra=b'', size=None):
    """A WAV file of x [N] or [N, channels] in [-1, 1)."""
    x = np.asarray(x); x = x[:, None] if x.ndim == 1 else x; channels = x.shape[1]
    if kind == 3: body = x.astype('<f4' if bits == 32 else '<f8').tobytes()
    else:
        whole = np.rint(x * 2.0 ** (bits - 1)).clip(-2.0 ** (bits - 1), 2.0 ** (bits - 1) - 1).astype('<i8')
        body = whole.reshape(-1).view(np.uint8).reshape(-1, 8)[:, :bits // 8].tobytes()
    form = struct.pack('<HHIIHH', 0xFFFE if extensible else kind, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    if extensible: form += struct.pack('<HHIH', 22, bits, 3, kind) + bytes.fromhex('000000001000800000aa00389b71')
    rest = b'WAVE' + b'fmt ' + struct.pack('<I', len(form)) + form + extra + b'data' + struct.pack('<I', len(body) if size is None else size) + body
    return b'RIFF' + struct.pack('<I', len(rest)) + rest


KINDS = [(1, 16), (1, 24), (1, 32), (3, 32), (3, 64)]
LIST = b'LIST' + struct.pack('<I', 5) + b'INFO?' + b'\0'  # of odd length, with its byte of padding


def test_wav_reader_reads_what_was_written():
    x = np.random.default_rng(1).uniform(-0.9, 0.9, 500)
    for kind, bits in KINDS:
        for extensible in (False, True):
            for extra, size in ((b'', None), (LIST, None), (b'', 0xFFFFFFFF)):
                y, rate = wav.parse(wav_bytes(x, 44100, kind, bits, extensible, extra, size))
                assert rate == 44100 and y.shape == x.shape and np.abs(y - x).max() < 2.0 ** -15, (kind, bits, extensible, size)
        both, _ = wav.parse(wav_bytes(np.stack((x, x[::-1]), 1), 16000, kind, bits)); assert np.abs(both - (x + x[::-1]) / 2).max() < 2.0 ** -14


def test_wav_reader_raises_one_error():
    """Every truncation of a short file, and thousands of changed bytes: samples or BadWav, in one line, and nothing else."""
    rng, refused = random.Random(2), 0
    x = np.random.default_rng(2).uniform(-0.9, 0.9, 40); files = [wav_bytes(x, 22050, k, b, e, LIST) for k, b in KINDS for e in (False, True)]

    def attempt(raw):
        try: y, rate = wav.parse(raw)
        except wav.BadWav as e: assert '\n' not in str(e) and ';' in str(e); return 1
        assert y.ndim == 1 and len(y) and np.isfinite(y).all() and wav.LOWEST <= rate <= wav.HIGHEST; return 0
    for raw in files:
        assert not attempt(raw)
        assert all(attempt(raw[:n]) for n in range(len(raw)))
        for _ in range(400):
            changed = bytearray(raw)
            for _ in range(rng.choice((1, 2, 8))):
                changed[rng.randrange(min(len(raw), 90))] = rng.choice((0, 1, 2, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            refused += attempt(bytes(changed))
    assert 400 < refused < 3900, refused
    for bad in (b'', b'RIFF', b'RIFX' + files[0][4:], bytes(200)): assert attempt(bad)
    three = np.stack([x] * 3, 1)
    cut = wav_bytes(x, 22050)[:-2]
    for raw, word in (wav_bytes(x, 8000), '8000 samples a second'), (wav_bytes(three, 22050), '3 channels'), (cut, 'copy it again'):
        try: wav.parse(raw)
        except wav.BadWav as e: assert word in str(e), e
        else: raise AssertionError(word)


def test_resampling_and_trimming():
    for rate in (16000, 22050, 44100, 48000):
        t = np.arange(rate) / rate; y = wav.resample(np.sin(2 * np.pi * 440 * t), rate); want = np.sin(2 * np.pi * 440 * np.arange(len(y)) / wav.RATE)
        assert abs(len(y) - wav.RATE) <= 1 and np.abs(y - want)[500:-500].max() < 0.01
    x = np.zeros(9000); x[3000:6000] = 500; y = wav.trim(x, 65)
    assert len(y) == wav.BEFORE + 2999 + wav.AFTER and not y[:wav.BEFORE].any() and not y[-wav.AFTER:].any() and wav.trim(x * 0.1, 65) is None


def voice(seconds, rate=22050, level=0.5):
    """A tone with silence around it."""
    t = np.arange(int(seconds * rate)) / rate; quiet = np.zeros(rate // 3)
    return np.concatenate((quiet, level * np.sin(2 * np.pi * 200 * t), quiet))


ENGINE = """#!/bin/sh
eval last=\\${$#}
echo "$last" >> FOLDER/asked
case "$last" in
  *unsayable*) echo "engine: nothing to say" >&2; exit 1;;
  *foreign*) printf '{HH AH0} \\302\\243.\\n';;
  *) echo "{HH AH0 L OW1} {HH AH0 L OW1} {HH AH0 L OW1}.";;
esac
"""


class Place:
    """A folder for recordings, one for what is made of them, and a stand-in for the engine, which knows one word and notes what it was asked."""

    def __init__(self):
        self.top = new_folder(); self.source, self.out, self.engine = (os.path.join(self.top, n) for n in ('source', 'out', 'engine'))
        os.makedirs(os.path.join(self.source, 'wavs'))
        with open(self.engine, 'w') as f: f.write(ENGINE.replace('FOLDER', self.top))
        os.chmod(self.engine, 0o755)

    def record(self, name, raw):
        with open(os.path.join(self.source, 'wavs', name + '.wav'), 'wb') as f: f.write(raw)

    def list(self, content, name='metadata.csv'):
        with open(os.path.join(self.source, name), 'wb') as f: f.write(content)

    def asked(self):
        with open(os.path.join(self.top, 'asked')) as f: return len(f.readlines())

    def made(self, *name):
        return os.path.join(self.out, *name)

    def lines(self, name):
        with open(self.made(name), encoding='utf-8') as f: return f.read().splitlines()

    def prepare(self, source=None, out=None, engine=None, more=()):
        """What prepare.py prints, or why it stopped."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            try: prepare.main([source or self.source, out or self.out, '--engine', engine or self.engine, '--jobs', '2', *more])
            except prepare.Stop as e: assert '\n' not in str(e); return str(e)
        return said.getvalue()


def recordings():
    """A place with three good recordings, and one of everything that is left out."""
    place, plain = Place(), lambda *a, **k: wav_bytes(voice(*a, **k), 22050)
    place.record('a1', plain(2))
    place.record('a2', wav_bytes(voice(1.5, 48000)[:, None] * [1, 1], 48000, 1, 24))
    place.record('a3', wav_bytes(voice(1, 16000, 0.99), 16000, 3, 32))
    place.record('short', plain(0.2)); place.record('long', plain(11)); place.record('silent', plain(1, level=0.0005))
    place.record('clipped', wav_bytes(np.clip(voice(2) * 4, -1, 1), 22050)); place.record('slow', wav_bytes(voice(1, 8000), 8000))
    place.record('broken', b'RIFF'); place.record('mute', plain(1)); place.record('pound', plain(1)); place.record('other', plain(6))
    lines = ['a1|One.', 'a2|2.|Two, as spoken', 'a3.wav|Three.', 'mute|unsayable', 'pound|foreign', 'gone|No file.']
    lines += ['a1|Again.', 'one column', '../up|Out.'] + [f'{k}|Words.' for k in ('short', 'long', 'silent', 'clipped', 'slow', 'broken', 'other')]
    place.list('\r\n'.join(lines).encode('utf-8-sig'))
    return place


def test_prepare_makes_a_voice_and_says_what_it_left_out():
    place = recordings(); said = place.prepare()
    assert said.startswith('3 clips, 0.00 h') and '13 left out' in said, said
    kinds = ['2 text', '1 text that does not fit', '3 line', '1 missing file', '1 unreadable file']
    for kind in kinds + ['1 too short', '1 too long', '1 silent', '1 clipped', '1 rate']: assert kind in said, (kind, said)
    hello = [106, 73, 117, 123]
    assert data.read_list(place.made('sents.txt')) == [(n, hello + [11] + hello + [11] + hello + [7]) for n in ('a1', 'a2', 'a3')]
    assert place.lines('held_out.txt') == ['a1|One.', 'a2|Two, as spoken', 'a3|Three.']
    left = place.lines('left_out.txt'); assert len(left) == 13
    for line in left: assert ';' in line and any(w in line for w in ('found', 'expected', ' has ', 'begins')), line
    assert sorted(os.listdir(place.made('wav'))) == ['a1.wav', 'a2.wav', 'a3.wav']
    for name, seconds in ('a1', 2), ('a2', 1.5), ('a3', 1):
        x = data.read_wav(place.made('wav', name + '.wav')).astype(int)
        assert abs(len(x) / wav.RATE - seconds - 0.13) < 0.02 and np.abs(x).max() <= 0.951 * 32768


def test_prepare_goes_on_and_does_again_what_changed():
    place = recordings(); said = place.prepare(); first = place.asked()
    assert place.prepare() == said and place.asked() == first  # nothing is asked for again
    with open(place.made('prepared.jsonl'), 'a') as f: f.write('{"id": "a1", "ke')  # a run that was cut off
    os.makedirs(place.made('aligned')); stale = [place.made('aligned', 'a1.pt'), place.made('mels.pt')]
    for path in stale: open(path, 'w').close()
    place.record('a1', wav_bytes(voice(3), 22050)); place.prepare()
    assert place.asked() == first + 1 and len(data.read_wav(place.made('wav', 'a1.wav'))) > 3 * wav.RATE
    assert not any(map(os.path.exists, stale))
    place.record('a1', b'spoilt'); place.list(b'a1|One.\na3|Three.\n'); open(place.made('wav', 'other.wav'), 'w').close()
    assert '1 clips' in place.prepare() and sorted(os.listdir(place.made('wav'))) == ['a3.wav', 'other.wav']  # another's file stays
    # a list by another name, with its recordings beside it
    os.rename(os.path.join(place.source, 'wavs', 'a3.wav'), os.path.join(place.source, 'a3.wav')); place.list(b'a3|Three.', 'mine.txt')
    assert '1 clips' in place.prepare(os.path.join(place.source, 'mine.txt'), place.out + '2')


def test_prepare_refuses_in_one_line():
    place = Place()
    assert 'expected a list' in place.prepare() and 'not found' in place.prepare(engine=os.path.join(place.top, 'none'))
    for content, word in (b'\xff\xfe|x', 'UTF-8'), (b'\n\n', 'no line of'), (b'a|b\n', 'no recording could be used'):
        place.list(content); assert word in place.prepare(), word
    assert 'source itself' in place.prepare(out=place.source) and 'lexicon' in place.prepare(more=('--lexicon', 'none'))
    command = [sys.executable, os.path.join(HERE, 'prepare.py'), place.source, place.out, '--engine', 'none']
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.count('\n') == 1 and done.stderr.startswith('prepare.py: none: not found'), done.stderr


def test_prepare_with_the_engine():
    command = engine()
    if not command: print('no cudatts: what it spells is not tested'); return
    place = Place(); place.list(b'a|- Hello, Dr. Smith!\nb|...\n')
    for n in 'ab': place.record(n, wav_bytes(voice(1), 44100))
    assert '1 clips' in place.prepare(engine=command)
    spelled, = place.lines('sents.txt'); assert '{HH AH0 L OW1}' in spelled and '{D AA1 K T ER0} {S M IH1 TH}' in spelled, spelled
    assert 'nothing to say' in place.lines('left_out.txt')[0]
