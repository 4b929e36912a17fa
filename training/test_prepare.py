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
            for _ in range(rng.choice((1, 2, 8))): changed[rng.randrange(min(len(raw), 90))] = rng.choice((0, 1, 2, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            refused += attempt(bytes(changed))
    assert 400 < refused < 3900, refused
    for bad in (b'', b'RIFF', b'RIFX' + files[0][4:], bytes(200)): assert attempt(bad)
    for raw, word in ((wav_bytes(x, 8000), '8000 samples a second'), (wav_bytes(np.stack([x] * 3, 1), 22050), '3 channels'), (wav_bytes(x, 22050)[:-2], 'copy it again')):
        try: wav.parse(raw); assert False
        except wav.BadWav as e: assert word in str(e), e


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


def stand_in(folder):
    """An engine that knows one word, and writes down that it was asked."""
    path = os.path.join(folder, 'engine')
    with open(path, 'w') as f:
        f.write(f'#!/bin/sh\neval last=\\${{$#}}\necho "$last" >> {folder}/asked\n'
                'case "$last" in *unsayable*) echo "engine: nothing to say" >&2; exit 1;; *foreign*) echo "{HH AH0} \\302\\243.";; *) echo "{HH AH0 L OW1}.";; esac\n')
    os.chmod(path, 0o755)
    return path


def prepared(*argv):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try: prepare.main([str(v) for v in argv])
        except prepare.Stop as e: assert '\n' not in str(e); return str(e)
    return out.getvalue()


def test_prepare_makes_a_voice_and_says_what_it_left_out():
    top = new_folder(); source, out, command = os.path.join(top, 'source'), os.path.join(top, 'out'), stand_in(top); os.makedirs(os.path.join(source, 'wavs'))
    asked = lambda: len(open(os.path.join(top, 'asked')).read().split('\n')) - 1
    loud = np.clip(voice(2) * 4, -1, 1)
    files = {'a1': wav_bytes(voice(2), 22050), 'a2': wav_bytes(voice(1.5, 48000)[:, None] * [1, 1], 48000, 1, 24), 'a3': wav_bytes(voice(1, 16000, 0.99), 16000, 3, 32),
             'short': wav_bytes(voice(0.2), 22050), 'long': wav_bytes(voice(11), 22050), 'silent': wav_bytes(voice(1, level=0.0005), 22050), 'clipped': wav_bytes(loud, 22050),
             'slow': wav_bytes(voice(1, 8000), 8000), 'broken': b'RIFF', 'mute': wav_bytes(voice(1), 22050), 'euro': wav_bytes(voice(1), 22050)}
    for name, raw in files.items():
        with open(os.path.join(source, 'wavs', name + '.wav'), 'wb') as f: f.write(raw)
    lines = ['a1|One.', 'a2|2.|Two, as spoken', 'a3.wav|Three.', 'mute|unsayable', 'euro|foreign', 'gone|No file.', 'a1|Again.', 'one column', '../up|Out.']
    lines += [f'{k}|Words.' for k in ('short', 'long', 'silent', 'clipped', 'slow', 'broken')]
    with open(os.path.join(source, 'metadata.csv'), 'w', encoding='utf-8-sig') as f: f.write('\r\n'.join(lines))
    said = prepared(source, out, '--engine', command, '--jobs', 2)
    assert said.startswith('3 clips, 0.00 h') and '12 left out' in said, said
    for kind in ('2 text', '3 line', '1 missing file', '1 too short', '1 too long', '1 silent', '1 clipped', '1 rate', '1 unreadable file'): assert kind in said, (kind, said)
    assert data.read_list(os.path.join(out, 'sents.txt')) == [(n, [106, 73, 117, 123, 7]) for n in ('a1', 'a2', 'a3')]
    assert open(os.path.join(out, 'held_out.txt')).read().splitlines() == ['a1|One.', 'a2|Two, as spoken', 'a3|Three.']
    left = open(os.path.join(out, 'left_out.txt')).read().splitlines()
    assert len(left) == 12 and all(';' in q and ('found' in q or 'expected' in q or 'has' in q or 'begins' in q) for q in left), left
    assert sorted(os.listdir(os.path.join(out, 'wav'))) == ['a1.wav', 'a2.wav', 'a3.wav']
    for name, seconds in (('a1', 2), ('a2', 1.5), ('a3', 1)):
        x = data.read_wav(os.path.join(out, 'wav', name + '.wav')); assert abs(len(x) / wav.RATE - seconds - 0.13) < 0.02 and np.abs(x.astype(int)).max() <= 0.951 * 32768

    first = asked(); assert prepared(source, out, '--engine', command) == said and asked() == first  # nothing is done twice: what can be read was not asked for again
    with open(os.path.join(out, 'prepared.jsonl'), 'a') as f: f.write('{"id": "a1", "ke')  # cut off
    os.makedirs(os.path.join(out, 'aligned')); stale = [os.path.join(out, 'aligned', 'a1.pt'), os.path.join(out, 'mels.pt')]
    for path in stale: open(path, 'w').close()
    with open(os.path.join(source, 'wavs', 'a1.wav'), 'wb') as f: f.write(wav_bytes(voice(3), 22050))
    prepared(source, out, '--engine', command); assert asked() == first + 1 and len(data.read_wav(os.path.join(out, 'wav', 'a1.wav'))) > 3 * wav.RATE and not any(map(os.path.exists, stale))
    with open(os.path.join(source, 'wavs', 'a1.wav'), 'wb') as f: f.write(b'spoilt')
    with open(os.path.join(source, 'metadata.csv'), 'w') as f: f.write('a1|One.\na3|Three.\n')
    open(os.path.join(out, 'wav', 'other.wav'), 'w').close()
    assert '1 clips' in prepared(source, out, '--engine', command) and sorted(os.listdir(os.path.join(out, 'wav'))) == ['a3.wav', 'other.wav']  # another's file stays
    # a list by another name, with its recordings beside it
    os.rename(os.path.join(source, 'wavs', 'a3.wav'), os.path.join(source, 'a3.wav')); os.rename(os.path.join(source, 'metadata.csv'), os.path.join(source, 'mine.txt'))
    assert '1 clips' in prepared(os.path.join(source, 'mine.txt'), out + '2', '--engine', command)


def test_prepare_refuses_in_one_line():
    top = new_folder(); command = stand_in(top); source = os.path.join(top, 's'); os.makedirs(source); out = os.path.join(top, 'out'); listed = os.path.join(source, 'metadata.csv')
    assert 'expected a list' in prepared(source, out, '--engine', command) and 'cudatts' in prepared(source, out, '--engine', os.path.join(top, 'no-cudatts'))
    for content, word in ((b'\xff\xfe|x', 'UTF-8'), (b'\n\n', 'no line of'), (b'a|b\n', 'no recording could be used')):
        with open(listed, 'wb') as f: f.write(content)
        assert word in prepared(source, out, '--engine', command), word
    assert 'source itself' in prepared(source, source, '--engine', command) and 'lexicon' in prepared(source, out, '--engine', command, '--lexicon', 'none')
    done = subprocess.run([sys.executable, os.path.join(HERE, 'prepare.py'), source, out, '--engine', 'none'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.count('\n') == 1 and done.stderr.startswith('prepare.py: none: not found'), done.stderr


def test_prepare_with_the_engine():
    command = engine()
    if not command: print('no cudatts: what it spells is not tested'); return
    top = new_folder(); source = os.path.join(top, 's'); os.makedirs(source)
    with open(os.path.join(source, 'metadata.csv'), 'w') as f: f.write('a|- Hello, Dr. Smith!\nb|...\n')
    for n in 'ab':
        with open(os.path.join(source, n + '.wav'), 'wb') as f: f.write(wav_bytes(voice(1), 44100))
    assert '1 clips' in prepared(source, os.path.join(top, 'out'), '--engine', command)
    spelled = open(os.path.join(top, 'out', 'sents.txt')).read(); assert '{HH AH0 L OW1}' in spelled and '{D AA1 K T ER0} {S M IH1 TH}' in spelled, spelled
    assert 'nothing to say' in open(os.path.join(top, 'out', 'left_out.txt')).read()
