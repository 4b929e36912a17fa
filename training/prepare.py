"""A voice of one's own from recordings: python3 prepare.py SOURCE OUT [--engine CUDATTS] [--lexicon FILE]

SOURCE is a folder that holds metadata.csv (LJSpeech's layout: `ID|text` or `ID|text|text as spoken`) or such a list itself; the recordings are
wavs/ID.wav, wav/ID.wav or ID.wav beside the list, at 16,000 Hz or more, mono or stereo. Needs numpy, scipy and the engine, no PyTorch.

OUT/wav/ID.wav     22,050 Hz mono 16 bit, trimmed, the peak not above -0.4 dBFS
OUT/sents.txt      ID|text|{ARPAbet}, in the order of the list; the trainers hold out the first 32
OUT/held_out.txt   ID|text of these 32, for `cudatts evaluate --texts`
OUT/left_out.txt   what was left out and why, a line each
OUT/prepared.jsonl what was done with which recording: a second run goes on from there, and does again what has changed
"""
import argparse, hashlib, json, os, re, shutil, subprocess, sys, time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import text, wav

HERE = os.path.dirname(os.path.abspath(__file__))
PEAK, HELD = 0.95, 32
SLOWEST, FASTEST = 3, 30  # sounds a second; the default voice's clips have 5.4 to 13.9


class Stop(Exception):
    """Why nothing can be done, in one line."""


class LeftOut(Exception):
    """(kind, sentence): why one recording is no clip."""


def read_list(path):
    """[(ID, text as spoken, None or why it is left out)] of a list with two or three columns, in its order."""
    try:
        with open(path, encoding='utf-8-sig') as f: lines = f.read().split('\n')
    except UnicodeDecodeError as e:
        raise Stop(f'{path}: byte {e.start} is no UTF-8, expected a UTF-8 list of ID|text; convert it (iconv -f latin1 -t utf-8)')
    except OSError as e:
        raise Stop(f'{path}: {e.strerror}, expected a list of ID|text; write one, or name another')
    out, seen = [], set()
    for number, line in enumerate(lines, 1):
        if not line.strip(): continue
        parts = [q.strip() for q in line.strip('\r').split('|')]
        name = parts[0][:-4] if parts[0].lower().endswith('.wav') else parts[0]
        why = None
        if len(parts) not in (2, 3):
            why = f'found {len(parts)} columns, expected ID|text or ID|text|text as spoken; mend the line'
        elif not re.fullmatch(r'\w[\w.+-]*', name):
            why = f'found the ID {name[:40]!r}, expected letters, digits and . _ - +; rename it'
        elif name in seen:
            why = f'found the ID {name} twice, expected once; rename one of the two'
        else:
            seen.add(name)
        words = next((q for q in parts[2:] + parts[1:2] if q), '')  # what was spoken goes before what was written
        out.append((name, ' '.join(words.split()), ('line', f'{path}:{number}: {why}') if why else None))
    if not seen: raise Stop(f'{path}: found no line of ID|text, expected one for each recording; write the list')
    return out


def find_recording(folder, name):
    """Path of a recording, or the first place where it was looked for."""
    places = [os.path.join(folder, *where, name + '.wav') for where in (['wavs'], ['wav'], [])]
    return next((q for q in places if os.path.isfile(q)), places[0])


def clipped(x):
    """Whether a recording was too loud for its recorder: three stretches or more of four samples or more at full scale."""
    full = np.concatenate([[0], np.abs(x) >= 0.99, [0]]).astype(np.int8)
    begins, ends = np.nonzero(np.diff(full) == 1)[0], np.nonzero(np.diff(full) == -1)[0]
    return int((ends - begins >= 4).sum()) >= 3


def clip_of(path, a):
    """Samples of the clip, in 16-bit steps."""
    if not os.path.isfile(path): raise LeftOut('missing file', f'{path}: not there, expected a recording; record it or take the line out')
    try: x, rate = wav.read(path)
    except wav.BadWav as e:
        raise LeftOut('rate' if 'samples a second' in str(e) else 'unreadable file', f'{path}: {e}')
    if clipped(x): raise LeftOut('clipped', f'{path}: clipped, expected peaks below full scale; record it again at a lower level')
    x = wav.resample(x, rate)
    x = wav.trim(x * 32768, 32768 * 10 ** (a.silence / 20))
    if x is None: raise LeftOut('silent', f'{path}: found no speech above {a.silence:g} dBFS, expected a voice; record it again, or lower --silence')
    seconds = len(x) / wav.RATE
    found = f'{path}: found {seconds:.2f} s of speech, expected'
    if seconds < a.min_seconds: raise LeftOut('too short', f'{found} {a.min_seconds:g} or more; join it with its neighbour')
    if seconds > a.max_seconds: raise LeftOut('too long', f'{found} at most {a.max_seconds:g}; cut it at a pause, text and all')
    return x * min(1, PEAK * 32768 / np.abs(x).max())


def spell(name, words, a):
    """(`{ARPAbet} ...`, how many sounds) of a text by the engine's own front end."""
    command = [a.engine, 'tokens'] + [q for f in a.lexicon for q in ('--lexicon', f)] + ['--', words]
    try: done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding='utf-8', timeout=60)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise Stop(f'{a.engine}: does not run ({e}), expected the engine; say where it is with --engine')

    def refused(found): return LeftOut('text', f'{name}: {words[:60]!r}: found {found}; write the text as it is spoken')
    if done.returncode: raise refused(f'that the engine refuses it ({done.stderr.strip().split(chr(10))[-1]}), expected words it can read')
    spelled = done.stdout.split('\n')[0]
    try: sounds = sum(text.SYMBOLS[i][0] == '@' for i in text.ids(spelled))
    except KeyError as e: raise refused(f'{e.args[0]!r}, expected one of the 148 symbols')
    if not sounds or '|' in spelled: raise refused('no sounds in it, expected words')
    return spelled, sounds


def key_of(path, words, a):
    """What a clip depends on; None for a file that is not there."""
    try: s = os.stat(path)
    except OSError: return None
    return [os.path.abspath(path), s.st_size, s.st_mtime_ns, words, a.silence, a.min_seconds, a.max_seconds, a.lexicons]


def prepare(path, name, words, a):
    """Make one clip; (spelling, None) or (None, (kind, why it is left out))."""
    made = os.path.join(a.out, 'wav', name + '.wav')
    try:
        x = clip_of(path, a); spelled, sounds = spell(name, words, a)
        pace = sounds / ((len(x) - wav.BEFORE - wav.AFTER) / wav.RATE)
        if not SLOWEST <= pace <= FASTEST:
            found = f'found {pace:.1f} sounds a second, expected {SLOWEST} to {FASTEST}'
            raise LeftOut('text that does not fit', f'{path}: {found}; see whether {words[:60]!r} is what is said')
    except LeftOut as e:
        if os.path.exists(made): os.remove(made)
        return None, e.args
    wav.write(made, x)
    return spelled, None


def journal(path):
    """{ID: entry} of an earlier run; a last line that was cut off counts for nothing."""
    out = {}
    if os.path.exists(path):
        for line in open(path, encoding='utf-8', errors='replace'):
            try: entry = json.loads(line); out[entry['id']] = entry
            except (ValueError, KeyError, TypeError): pass
    return out


def write_lines(path, lines):
    with open(path + '.new', 'w', encoding='utf-8') as f: f.writelines(line + '\n' for line in lines)
    os.replace(path + '.new', path)


def find_engine(named):
    places = [named] if named else [os.environ.get('CUDATTS'), os.path.join(HERE, '..', 'artifacts', 'cudatts'), shutil.which('cudatts')]
    for q in places:
        if q and os.path.isfile(q) and os.access(q, os.X_OK): return os.path.abspath(q)
    raise Stop(f'{named or "cudatts"}: not found, expected the engine\'s command; build it (./build.sh) or name it with --engine')


def arguments(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('source'); p.add_argument('out')
    p.add_argument('--engine', help='the command cudatts; else CUDATTS, artifacts/cudatts of this checkout, or the one on the path')
    p.add_argument('--lexicon', action='append', default=[], help='words and their sounds, as cudatts tokens takes them; may be given several times')
    p.add_argument('--silence', type=float, default=-54, help='dBFS; what is below at both ends is cut off (-54)')
    p.add_argument('--min-seconds', type=float, default=0.5); p.add_argument('--max-seconds', type=float, default=10)
    p.add_argument('--jobs', type=int, default=os.cpu_count() or 1)
    return p.parse_args(argv)


def main(argv=None):
    a = arguments(argv); a.engine = find_engine(a.engine)
    source = os.path.join(a.source, 'metadata.csv') if os.path.isdir(a.source) else a.source
    for f in a.lexicon:
        if not os.path.isfile(f): raise Stop(f'{f}: not there, expected a lexicon; name another or leave --lexicon out')
    a.lexicons = [hashlib.sha1(open(f, 'rb').read()).hexdigest() for f in a.lexicon]
    listed = read_list(source); folder = os.path.dirname(source) or '.'
    if os.path.realpath(os.path.join(folder, 'wav')) == os.path.realpath(os.path.join(a.out, 'wav')):
        raise Stop(f'{a.out}: is the source itself, expected another folder, since clips would take the place of recordings; name one')
    os.makedirs(os.path.join(a.out, 'wav'), exist_ok=True)
    log = os.path.join(a.out, 'prepared.jsonl'); known = journal(log); begun = said = time.time()

    results, todo = {}, []
    for n, (name, words, why) in enumerate(listed):
        if why: results[n] = None, why; continue
        path = find_recording(folder, name); key = key_of(path, words, a); old = known.get(name)
        if old and key and old.get('key') == key and ('why' in old or os.path.exists(os.path.join(a.out, 'wav', name + '.wav'))):
            results[n] = old.get('spelled'), old.get('why')
        else:
            todo.append((n, name, path, words, key))
    wanted = {name for name, _, why in listed if not why}
    for name in {k for k, entry in known.items() if 'spelled' in entry} - wanted:  # a line that is gone takes its clip along; files of others stay
        gone = os.path.join(a.out, 'wav', name + '.wav')
        if os.path.exists(gone): os.remove(gone)
    with open(log, 'a', encoding='utf-8') as f, ThreadPoolExecutor(a.jobs) as pool:
        f.write('\n')
        waiting = [(n, name, key, pool.submit(prepare, path, name, words, a)) for n, name, path, words, key in todo]
        try:
            for done, (n, name, key, job) in enumerate(waiting, 1):
                spelled, why = results[n] = job.result()
                entry = {'id': name, 'key': key, **({'why': why} if why else {'spelled': spelled})}
                f.write(json.dumps(entry, ensure_ascii=False) + '\n'); f.flush()
                for stale in os.path.join(a.out, 'aligned', name + '.pt'), os.path.join(a.out, 'mels.pt'):  # made of the clip that was
                    if os.path.exists(stale): os.remove(stale)
                if time.time() - said > 20: print(f'{done} of {len(todo)} recordings, {time.time() - begun:.0f} s', flush=True); said = time.time()
        except BaseException:
            for _, _, _, job in waiting: job.cancel()
            raise

    good = [(name, words.replace('|', ' '), results[n][0]) for n, (name, words, _) in enumerate(listed) if results[n][0]]
    bad = [results[n][1] for n in range(len(listed)) if results[n][1]]
    write_lines(os.path.join(a.out, 'sents.txt'), ['|'.join(q) for q in good])
    write_lines(os.path.join(a.out, 'held_out.txt'), [f'{name}|{words}' for name, words, _ in good[:HELD]])
    write_lines(os.path.join(a.out, 'left_out.txt'), [why for _, why in bad])
    hours = sum(os.path.getsize(os.path.join(a.out, 'wav', name + '.wav')) - 44 for name, _, _ in good) / 2 / wav.RATE / 3600
    print(f'{len(good)} clips, {hours:.2f} h, in {a.out}; {len(bad)} left out' + (f' ({a.out}/left_out.txt): ' if bad else '') +
          ', '.join(f'{count} {kind}' for kind, count in Counter(kind for kind, _ in bad).most_common()))
    if not good: raise Stop(f'{a.source}: no recording could be used; see {a.out}/left_out.txt')


if __name__ == '__main__':
    try: main()
    except Stop as e: print(f'prepare.py: {e}', file=sys.stderr); sys.exit(1)
    except OSError as e: print(f'prepare.py: {e.filename}: {e.strerror}; look at room and permissions there', file=sys.stderr); sys.exit(1)
    except KeyboardInterrupt: print('prepare.py: stopped; the same command goes on from here', file=sys.stderr); sys.exit(130)
