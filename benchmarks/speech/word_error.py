#!/usr/bin/env python3
"""Word error of speech as an independent recogniser hears it.

Install (Debian): apt-get install -y --no-install-recommends pocketsphinx pocketsphinx-en-us python3-scipy
Use:              word_error.py WAVS TEXTS [-o TABLE.tsv]

WAVS is a folder of ID.wav (any rate, 16-bit PCM), TEXTS a file of lines 'ID|text' (further columns are ignored). Prints the word error,
that is (substitutions + deletions + insertions) / words, of all clips that have a text; the table has a row a clip.
The recogniser errs by itself: compare with its figure for recordings of the same texts, never with zero.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
from fractions import Fraction

import numpy as np
import scipy.io.wavfile
import scipy.signal

RECOGNISER_RATE = 16000
MODEL = pathlib.Path('/usr/share/pocketsphinx/model/en-us')
ONES = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split()
TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split()


def number_words(number):
    """0 to 999,999 in words."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10 - 2] + (' ' + ONES[number % 10] if number % 10 else '')
    unit, name = (1000, 'thousand') if number >= 1000 else (100, 'hundred')
    return number_words(number // unit) + f' {name}' + (' ' + number_words(number % unit) if number % unit else '')


def words(text):
    """The words of a text or of the recogniser's answer: lower case, no punctuation, 'know(2)' is 'know'."""
    text = re.sub(r'\(\d+\)', '', text.lower().replace('\u2019', "'"))
    text = re.sub(r'\d{1,6}', lambda digits: f' {number_words(int(digits.group()))} ', text)
    return [word.strip("'") for word in re.findall(r"[a-z']+", text) if word.strip("'")]


def word_errors(expected, heard):
    """Edit distance between two lists of words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


def write_for_recogniser(source, target):
    """16 kHz, one channel, at a common loudness."""
    rate, samples = scipy.io.wavfile.read(source)
    samples = np.asarray(samples, float) / (np.iinfo(samples.dtype).max if samples.dtype.kind == 'i' else 1)
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    ratio = Fraction(RECOGNISER_RATE, rate)
    samples = scipy.signal.resample_poly(samples, ratio.numerator, ratio.denominator)
    samples = samples * (0.5 / max(np.abs(samples).max(initial=0), 1e-9))
    quiet = np.zeros(RECOGNISER_RATE // 4)
    samples = np.concatenate([quiet, samples, quiet])
    (samples * 32767).astype('<i2').tofile(target)


def recognise(wavs, ids, folder):
    """{id: what was heard}."""
    for clip in ids:
        write_for_recogniser(wavs / f'{clip}.wav', folder / f'{clip}.raw')
    (folder / 'ids').write_text('\n'.join(ids) + '\n')
    command = ['pocketsphinx_batch', '-adcin', 'yes', '-cepdir', folder, '-cepext', '.raw', '-ctl', folder / 'ids', '-hyp', folder / 'heard',
               '-hmm', MODEL / 'en-us', '-lm', MODEL / 'en-us.lm.bin', '-dict', MODEL / 'cmudict-en-us.dict', '-logfn', folder / 'log']
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f'pocketsphinx_batch failed ({error}); how to install it is said at the head of this file')
    # A line is 'what was heard (id score)'.
    return {line.rsplit('(', 1)[1].split()[0]: line.rsplit('(', 1)[0] for line in (folder / 'heard').read_text().splitlines()}


def interval(counts, replicates=4000, seed=1):
    """The 95 % interval of the word error of other clips of this kind: bootstrap over clips, each (words, errors)."""
    draws = np.random.default_rng(seed).integers(0, len(counts), (replicates, len(counts)))
    words_drawn, errors_drawn = np.array(counts)[draws].sum(1).T
    return np.percentile(errors_drawn / np.maximum(words_drawn, 1), [2.5, 97.5])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('wavs', type=pathlib.Path)
    parser.add_argument('texts', type=pathlib.Path)
    parser.add_argument('-o', '--output', type=pathlib.Path, help='a table, tab-separated')
    arguments = parser.parse_args()
    lines = (line.split('|') for line in arguments.texts.read_text(encoding='utf-8').splitlines() if '|' in line)
    texts = {line[0]: words(line[1]) for line in lines if (arguments.wavs / f'{line[0]}.wav').exists()}
    if not texts:
        sys.exit(f'no clip in {arguments.wavs} has a text in {arguments.texts}')
    with tempfile.TemporaryDirectory() as folder:
        heard = recognise(arguments.wavs, list(texts), pathlib.Path(folder))
    rows, counts = ['id\twords\terrors\ttext\theard'], []
    for clip, text in texts.items():
        answer = words(heard.get(clip, ''))
        wrong = word_errors(text, answer)
        counts.append((len(text), wrong))
        rows.append(f'{clip}\t{len(text)}\t{wrong}\t{" ".join(text)}\t{" ".join(answer)}')
    if arguments.output:
        arguments.output.write_text('\n'.join(rows) + '\n', encoding='utf-8')
    count, errors = np.sum(counts, 0)
    low, high = interval(counts)
    print(f'word error {errors / max(count, 1):.4f}, 95 % interval {low:.4f} to {high:.4f} ({errors} of {count} words, {len(texts)} clips)')


if __name__ == '__main__':
    main()
