#!/usr/bin/env python3
"""When words begin, as `say --timestamps json` says and as an independent recogniser hears it.

Install as word_error.py says.   Use: word_times.py WAVS TEXTS

WAVS is a folder of ID.wav and ID.json, TEXTS a file of lines 'ID|text'. Of every sentence that the recogniser heard word for word, the words'
beginnings are compared. Prints their number, the median difference (ours later is positive) and percentiles of its size. The recogniser counts in
steps of 10 ms and errs by itself.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import word_error

FRAME = 0.01
QUIET = 0.25  # that word_error puts before a clip


def segments(wavs, ids, folder):
    """{id: [(word, seconds)]} as the recogniser hears it, without fillers."""
    for clip in ids:
        word_error.write_for_recogniser(wavs / f'{clip}.wav', folder / f'{clip}.raw')
    (folder / 'ids').write_text('\n'.join(ids) + '\n')
    model = word_error.MODEL
    command = ['pocketsphinx_batch', '-adcin', 'yes', '-cepdir', folder, '-cepext', '.raw', '-ctl', folder / 'ids', '-hypseg', folder / 'heard',
               '-remove_silence', 'no', '-hmm', model / 'en-us', '-lm', model / 'en-us.lm.bin', '-dict', model / 'cmudict-en-us.dict', '-logfn', folder / 'log']
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    heard = {}
    for line in (folder / 'heard').read_text().splitlines():
        # id S 0 T score A score L score, then frame, two scores and word in turn, then the last frame.
        fields = line.split()
        pairs = zip(fields[9:-1:4], fields[12:-1:4])
        heard[fields[0]] = [(word_error.words(word)[0], int(frame) * FRAME - QUIET) for frame, word in pairs if word[0] not in '<[+']
    return heard


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('wavs', type=pathlib.Path)
    parser.add_argument('texts', type=pathlib.Path)
    arguments = parser.parse_args()
    ids = [line.split('|')[0] for line in arguments.texts.read_text(encoding='utf-8').splitlines() if '|' in line]
    with tempfile.TemporaryDirectory() as folder:
        heard = segments(arguments.wavs, ids, pathlib.Path(folder))
    differences, sentences = [], 0
    for clip in ids:
        times = json.loads((arguments.wavs / f'{clip}.json').read_text(encoding='utf-8'))
        ours = [(word['text'], word['start']) for sentence in times['sentences'] for word in sentence['words']]
        if [word_error.words(word) for word, _ in ours] == [[word] for word, _ in heard[clip]]:
            sentences += 1
            # The first word's beginning is the beginning of the clip.
            differences += [start - other for (_, start), (_, other) in list(zip(ours, heard[clip]))[1:]]
    if not differences:
        sys.exit('the recogniser heard no sentence word for word')
    size = np.abs(differences) * 1000
    print(f'{len(differences)} words of {sentences} sentences: median {np.median(differences) * 1000:+.0f} ms; size: '
          + ', '.join(f'{p} % within {np.percentile(size, p):.0f} ms' for p in (50, 90, 95, 100)))


if __name__ == '__main__':
    main()
