"""WAV files of any recorder in, 22,050 Hz mono 16 bit out; and the trimming that all clips of a voice have in common. Needs no PyTorch.

Layout: RIFF with `fmt ` and `data` chunks, format 1 (integers), 3 (floats) or 0xFFFE (either, by the first field of its GUID), as Microsoft's
"Multiple Channel Audio Data and WAVE Files" has them.
"""
import os, struct, wave
from math import gcd
import numpy as np
from scipy.signal import resample_poly

RATE, BEFORE, AFTER = 22050, 1100, 1760  # what trainers read; samples of silence before and after speech
LOWEST, HIGHEST, LARGEST = 16000, 384000, 256 << 20  # rates in Hz, bytes of a file


class BadWav(Exception):
    """What was found, what is expected and what to do, in one line."""


def chunks(raw):
    """(name, begin, size) of every chunk of a RIFF file in memory."""
    if len(raw) < 12 or raw[:4] != b'RIFF' or raw[8:12] != b'WAVE':
        raise BadWav(f'begins with {raw[:4]!r}, expected RIFF ... WAVE; save it as a WAV file')
    at = 12
    while at + 8 <= len(raw):
        name, size = struct.unpack_from('<4sI', raw, at)
        yield name, at + 8, size
        at += 8 + size + size % 2


def parse(raw):
    """(float64 samples [N] of full scale 1, rate) of a WAV file's bytes; of two channels the mean. Raises nothing but BadWav."""
    kind = None
    for name, at, size in chunks(raw):
        if name == b'fmt ':
            here = min(size, len(raw) - at)
            if here < max(16, size): raise BadWav(f'has {here} bytes of format, expected {max(16, size)}; save it again')
            kind, channels, rate, _, block, bits = struct.unpack_from('<HHIIHH', raw, at)
            if kind == 0xFFFE:
                if size < 40: raise BadWav(f'has {size} bytes of extended format, expected 40; save it again')
                kind, = struct.unpack_from('<H', raw, at + 24)
        elif name == b'data':
            break
    else:
        raise BadWav('has no sound in it (no data chunk); record or save it again')
    if kind is None: raise BadWav('has no format before its sound; save it again')
    if (kind, bits) not in ((1, 16), (1, 24), (1, 32), (3, 32), (3, 64)):
        raise BadWav(f'is of format {kind} with {bits} bits, expected 16, 24 or 32 bit integers or floats; save it as 16 bit PCM')
    if channels not in (1, 2): raise BadWav(f'has {channels} channels, expected one or two; save it as mono')
    if not LOWEST <= rate <= HIGHEST: raise BadWav(f'has {rate} samples a second, expected {LOWEST} to {HIGHEST}; record at 22050 or more')
    if block != channels * bits // 8: raise BadWav(f'has blocks of {block} bytes, expected {channels * bits // 8}; save it again')
    if size == 0xFFFFFFFF or size == 0: size = len(raw) - at  # written into a pipe: the length was not known
    if at + size > len(raw): raise BadWav(f'ends after {len(raw) - at} of {size} bytes of sound; copy it again')
    body = raw[at:at + size // block * block]
    if not body: raise BadWav('has no sound in it; record or save it again')
    if kind == 3:
        with np.errstate(invalid='ignore'): x = np.frombuffer(body, '<f4' if bits == 32 else '<f8').astype(np.float64)
        if not np.all(np.abs(x) < 1e6): raise BadWav('has samples that are no numbers of sound; save it as 16 bit PCM')
    elif bits == 24:
        b = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
        x = ((b[:, 0] << 8 | b[:, 1] << 16 | b[:, 2] << 24) >> 8) / 2.0 ** 23
    else:
        x = np.frombuffer(body, f'<i{bits // 8}') / 2.0 ** (bits - 1)
    return x.reshape(-1, channels).mean(1), rate


def read(path):
    """`parse` of a file."""
    try:
        size = os.path.getsize(path)
        if size > LARGEST: raise BadWav(f'has {size} bytes, expected at most {LARGEST}; keep one sentence in a file')
        with open(path, 'rb') as f: return parse(f.read())
    except OSError as e:
        raise BadWav(f'cannot be read ({e.strerror or e}); look at its place and its permissions') from None


def resample(x, rate):
    """[N] at `rate` to [N'] at 22,050 Hz."""
    if rate == RATE: return x
    n = gcd(rate, RATE)
    return resample_poly(x, RATE // n, rate // n)


def trim(x, floor):
    """What lies between the first and the last sample above `floor`, between two stretches of silence; None for less than 2,000 such samples."""
    loud = np.nonzero(np.abs(x) > floor)[0]
    if len(loud) < 2000: return None
    return np.concatenate([np.zeros(BEFORE), x[loud[0]:loud[-1]], np.zeros(AFTER)])


def write(path, x):
    """x [N] in units of a 16-bit step. A trainer that reads along sees the whole file or none."""
    with wave.open(path + '.new', 'wb') as w:
        w.setnchannels(1); w.setsampwidth(2); w.setframerate(RATE)
        w.writeframes(np.clip(np.rint(x), -32768, 32767).astype('<i2').tobytes())
    os.replace(path + '.new', path)
