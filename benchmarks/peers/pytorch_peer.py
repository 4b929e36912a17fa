#!/usr/bin/env python3
"""Tacotron 2's decoder step, HiFi-GAN and a whole sentence in PyTorch on a GPU: what `cudatts bench --peer` and `CudaTts.Benchmarks device` are compared with.

Use: pytorch_peer.py [--batch 1,8,16,32,64,128,512] [--frames 860] [--steps 800] [--seconds 3] [--json FILE] [--device cuda]

Same sizes, same procedural weights, same definition of the figures: a decoder figure is the time of one step of all rows, 100 tokens each, a vocoder figure
runs from the mel in the host's memory to the audio in the host's memory. A sentence is 602 frames, 7 seconds: the times of encoder, 602 decoder steps, postnet
and HiFi-GAN V1, added; no gate is looked at, and nothing lies between them. Each job is run in several ways, float32 and float16, and each way is a line:
  eager        as written
  graph        captured once in a CUDA graph and replayed (the decoder: 16 steps a graph)
  compile      torch.compile, mode max-autotune (the decoder: the step), for these shapes alone and as one graph; a sentence's encoder and postnet are graphs
A way that fails is a line that says so, and never one that was run in another way; the others go on. The vocoders are run with at most 128 rows.
"""
import argparse
import functools
import itertools
import json
import os
import statistics
import sys
import time

import torch
import torch._dynamo

import hifigan
import tacotron2_decoder as tacotron2
import tacotron2_ends as ends
from procedural_weights import fill

SAMPLE_RATE = 22050
HOP = 256
TOKENS = 100
STEPS_A_GRAPH = 16
SENTENCE_FRAMES = 602
MOST_VOCODER_ROWS = 128


def compiled(module):
    """The module, compiled anew; an error where that is not possible, whole and for good.

    Without the reset, one of another batch or precision counts as a recompilation, of which there are only a few: then PyTorch runs eagerly, and only a log
    says so.
    """
    torch._dynamo.reset()
    torch._dynamo.config.suppress_errors = False
    for setting in ('error_on_recompile', 'fail_on_recompile_limit_hit'):  # Not every version has both.
        if hasattr(torch._dynamo.config, setting):
            setattr(torch._dynamo.config, setting, True)
    return torch.compile(module, mode='max-autotune', dynamic=False, fullgraph=True)


def synchronize(device):
    if device.type == 'cuda':
        torch.cuda.synchronize()


def milliseconds(run, seconds, device):
    """Times of whole runs, synchronised, after two that warm up."""
    for _ in range(2):
        run()
    synchronize(device)
    times = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        run()
        synchronize(device)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), min(times)


def captured(step):
    """A function that replays step() from a CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


class Decoder:
    """The autoregressive loop over static tensors, so that a graph can hold some of its steps."""

    def __init__(self, batch, dtype, device):
        step = tacotron2.DecoderStep('merged')
        fill(step, 'decoder.')
        self.step = step.prepare().to(device, dtype).eval()

        def zeros(*shape):
            return torch.zeros(batch, *shape, dtype=dtype, device=device)
        self.memory = torch.rand(batch, TOKENS, tacotron2.MEMORY, dtype=dtype, device=device) * 2 - 1
        self.keys = self.step.attention_layer.memory_layer(self.memory)
        self.frame = zeros(tacotron2.MEL)
        self.state = [zeros(tacotron2.RNN), zeros(tacotron2.RNN), zeros(tacotron2.RNN), zeros(tacotron2.RNN), zeros(tacotron2.MEMORY),
                      zeros(TOKENS), zeros(TOKENS)]
        self.call = self.step

    def advance(self):
        keep = [(torch.rand(self.frame.shape[0], tacotron2.PRENET, device=self.frame.device) < 0.5).to(self.frame.dtype) * 2 for _ in range(2)]
        frame, _, *state = self.call(self.frame, *keep, *self.state, self.memory, self.keys)
        self.frame.copy_(frame)
        for kept, new in zip(self.state, state):
            kept.copy_(new)


@torch.no_grad()
def decoder(way, batch, dtype, options, device):
    """(median, least, audio seconds a second) of a step."""
    decoder = Decoder(batch, dtype, device)
    if way == 'compile':
        decoder.call = compiled(decoder.step)
    replay, steps_a_call = decoder.advance, 1
    if way == 'graph':
        def chunk():
            for _ in range(STEPS_A_GRAPH):
                decoder.advance()
        replay, steps_a_call = captured(chunk), STEPS_A_GRAPH
    calls = options.steps // steps_a_call

    def run():
        for _ in range(calls):
            replay()
    median, least = milliseconds(run, options.seconds, device)
    steps = calls * steps_a_call
    return median / steps, least / steps, batch * HOP / SAMPLE_RATE * steps / (median / 1000)


@torch.no_grad()
def vocoder(version, frames, way, batch, dtype, options, device):
    """(median, least, audio seconds a second) of a whole run."""
    generator = hifigan.Generator(hifigan.CONFIGS[version])
    fill(generator)
    generator = generator.fold().to(device, dtype).eval()
    host = torch.rand(batch, 80, frames) * 6 - 8
    if way == 'graph':
        mel = host.to(device, dtype)
        box = {}

        def step():
            box['audio'] = generator(mel)
        replay = captured(step)

        def run():
            mel.copy_(host)
            replay()
            box['audio'].float().cpu()
    else:
        call = compiled(generator) if way == 'compile' else generator

        def run():
            call(host.to(device, dtype)).float().cpu()
    median, least = milliseconds(run, options.seconds, device)
    return median, least, batch * frames * HOP / SAMPLE_RATE / (median / 1000)


@torch.no_grad()
def end(module, prefix, given, way, dtype, options, device):
    """(median, least) of the encoder or the postnet, the input and the result on the device."""
    fill(module, prefix)
    module = module.to(device, dtype).eval()
    return milliseconds(captured(lambda: module(given)) if way != 'eager' else lambda: module(given), options.seconds, device)


def sentence(way, batch, dtype, options, device):
    """(median, least, audio seconds a second) of a sentence's stages, added."""
    ids = torch.randint(ends.SYMBOLS, (batch, TOKENS), device=device)
    mel = torch.rand(batch, ends.MEL, SENTENCE_FRAMES, dtype=dtype, device=device)
    step = decoder(way, batch, dtype, options, device)
    stages = [
        end(ends.Encoder(), 'encoder.', ids, way, dtype, options, device),
        [time * SENTENCE_FRAMES for time in step[:2]],
        end(ends.Postnet(), 'postnet.', mel, way, dtype, options, device),
        vocoder('v1', SENTENCE_FRAMES, way, batch, dtype, options, device)[:2],
    ]
    median, least = (sum(times) for times in zip(*stages))
    return median, least, batch * SENTENCE_FRAMES * HOP / SAMPLE_RATE / (median / 1000)


def jobs(options):
    """Every job's name, its frames (none for a step) and its function."""
    yield 'Tacotron 2 decoder step', 0, decoder
    for version in hifigan.CONFIGS:
        yield f'HiFi-GAN {version.upper()}, {options.frames} frames', options.frames, functools.partial(vocoder, version, options.frames)
    yield f'Tacotron 2 and HiFi-GAN V1, {SENTENCE_FRAMES} frames', SENTENCE_FRAMES, sentence


def write(path, report):
    with open(f'{path}.partial', 'w', encoding='utf-8') as file:
        json.dump(report, file, indent=2)
    os.replace(f'{path}.partial', path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--batch', type=lambda text: [int(item) for item in text.split(',')], default=[1, 8, 16, 32, 64, 128, 512])
    parser.add_argument('--frames', type=int, default=860)
    parser.add_argument('--steps', type=int, default=800)
    parser.add_argument('--seconds', type=float, default=3)
    parser.add_argument('--json')
    parser.add_argument('--device', default='cuda')
    options = parser.parse_args()
    device = torch.device(options.device)
    if device.type == 'cuda' and not torch.cuda.is_available():
        sys.exit('pytorch_peer.py: PyTorch sees no GPU here')
    name = torch.cuda.get_device_name(device) if device.type == 'cuda' else 'cpu'
    print(f'PyTorch {torch.__version__}, {name}')
    print('| job | way | precision | batch | median ms | least ms | audio s / s |\n| --- | --- | --- | --- | --- | --- | --- |')
    figures = []
    on_gpu = device.type == 'cuda'
    # What takes longest comes last, and each figure is written at once: a run that is cut short has most of them.
    runs = itertools.product(
        ('eager', 'graph', 'compile') if on_gpu else ('eager',), (torch.float16, torch.float32) if on_gpu else (torch.float32,), options.batch, jobs(options))
    for way, dtype, batch, (job, frames, measure) in runs:
        if measure is sentence and batch > 1 or measure is not decoder and batch > MOST_VOCODER_ROWS:
            continue
        precision = str(dtype).rsplit('.', 1)[-1]
        figure = dict(job=job, way=way, precision=precision, batch=batch, frames=frames)
        try:
            median, least, audio = measure(way, batch, dtype, options, device)
            figure |= dict(median_milliseconds=median, least_milliseconds=least, audio_seconds_per_second=audio)
            cells = f'{median:.4g} | {least:.4g} | {audio:.1f}'
        except Exception as error:  # One way of running must not end the others' figures.
            figure |= dict(failed=f'{type(error).__name__}: {error}'.splitlines()[0])
            cells = f'{figure["failed"]} | |'
        if on_gpu:
            torch.cuda.empty_cache()
        figures.append(figure)
        print(f'| {job} | {way} | {precision} | {batch} | {cells} |', flush=True)
        if options.json:
            write(options.json, dict(pytorch=str(torch.__version__), device=name, figures=figures))


if __name__ == '__main__':
    main()
