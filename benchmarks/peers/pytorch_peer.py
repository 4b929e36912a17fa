#!/usr/bin/env python3
"""Tacotron 2's decoder step, HiFi-GAN and a whole sentence in PyTorch on a GPU: what `cudatts bench --peer` and `CudaTts.Benchmarks device` are compared with.

Use: pytorch_peer.py [--ways eager,graphs,compile] [--jobs decoder,v1,v2,v3,sentence] [--precisions float16,float32,tf32] [--batch 1,8,16,32,64,128,512]
                     [--frames 860] [--steps 800] [--seconds 3] [--total SECONDS] [--json FILE] [--device cuda]

Same sizes, same procedural weights, same definition of the figures: a decoder figure is the time of one step of all rows, 100 tokens each, a vocoder figure
runs from the mel in the host's memory to the audio in the host's memory. A sentence is 602 frames, 7 seconds: the times of encoder, 602 decoder steps, postnet
and HiFi-GAN V1, added; no gate is looked at, and nothing lies between them. Each job is run in several ways, and each way is a line:
  eager        as written
  graph        captured once in a CUDA graph and replayed (the decoder: 16 steps a graph)
  compile      torch.compile, mode max-autotune (the decoder: the step), for these shapes alone and as one graph; a sentence's encoder and postnet are graphs
It is tuned as a user would who wants it fast: cuDNN tries its algorithms for each shape (cudnn.benchmark), and the convolutions of a vocoder run as the faster
of two layouts, 1-d as written or 2-d with the channels last, which the line names. In float32 its products are float32 as ours are; tf32 is float32 in memory
with products of TF32 (10 bits of mantissa), which PyTorch's convolutions have by default and ours never.
A way that fails is a line that says so, and never one that was run in another way; the others go on. The vocoders are run with at most 128 rows. With --total no
line begins after so many seconds; what is left out is named.
"""
import argparse
import copy
import functools
import json
import os
import statistics
import sys
import time

import torch

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
WAYS = {'eager': 'eager', 'graphs': 'graph', 'compile': 'compile'}
PRECISIONS = {'float16': torch.float16, 'float32': torch.float32, 'tf32': torch.float32}
LAYOUT_SECONDS = 0.05


def compiled(module):
    """The module, compiled anew; an error where that is not possible, whole and for good.

    Without the reset, one of another batch or precision counts as a recompilation, of which there are only a few: then PyTorch runs eagerly, and only a log
    says so.
    """
    import torch._dynamo  # Takes seconds, and no other way needs it.
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


@functools.cache
def made(name):
    """A job's module with its weights, made once: they are the same in all ways, batches and precisions."""
    if name == 'decoder':
        step = tacotron2.DecoderStep('merged')
        fill(step, 'decoder.')
        return step.prepare().eval()
    if name in hifigan.CONFIGS:
        generator = hifigan.Generator(hifigan.CONFIGS[name])
        fill(generator)
        return generator.fold().eval()
    module = ends.Encoder() if name == 'encoder' else ends.Postnet()
    fill(module, f'{name}.')
    return module.eval()


def on(device, dtype, name):
    """A copy of a job's module for one line."""
    return copy.deepcopy(made(name)).to(device, dtype)


class Decoder:
    """The autoregressive loop over static tensors, so that a graph can hold some of its steps."""

    def __init__(self, batch, dtype, device):
        self.step = on(device, dtype, 'decoder')

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
    """(median, least, audio seconds a second, layout) of a step."""
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
    return median / steps, least / steps, batch * HOP / SAMPLE_RATE * steps / (median / 1000), ''


@torch.no_grad()
def layouts(version, host, dtype, device):
    """The generator in both layouts with their names, the faster first."""
    plain = on(device, dtype, version)
    wide = hifigan.two_dimensional(copy.deepcopy(plain)).generator.to(memory_format=torch.channels_last)
    mel = host.to(device, dtype)
    return sorted([('1-d', plain), ('channels last', HeightOneLast(wide))], key=lambda layout: milliseconds(lambda: layout[1](mel), LAYOUT_SECONDS, device)[0])


class HeightOneLast(torch.nn.Module):
    """A 2-d generator with its channels last, given and giving what the 1-d one does."""

    def __init__(self, generator):
        super().__init__()
        self.generator = generator

    def forward(self, mel):
        return self.generator(mel.unsqueeze(2).to(memory_format=torch.channels_last)).squeeze(2)


@torch.no_grad()
def vocoder(version, frames, way, batch, dtype, options, device):
    """(median, least, audio seconds a second, layout) of a whole run."""
    host = torch.rand(batch, 80, frames) * 6 - 8
    layout, generator = layouts(version, host, dtype, device)[0]
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
    return median, least, batch * frames * HOP / SAMPLE_RATE / (median / 1000), layout


@torch.no_grad()
def end(name, given, way, dtype, options, device):
    """(median, least) of the encoder or the postnet, the input and the result on the device."""
    module = on(device, dtype, name)
    return milliseconds(captured(lambda: module(given)) if way != 'eager' else lambda: module(given), options.seconds, device)


def sentence(way, batch, dtype, options, device):
    """(median, least, audio seconds a second, layout) of a sentence's stages, added."""
    ids = torch.randint(ends.SYMBOLS, (batch, TOKENS), device=device)
    mel = torch.rand(batch, ends.MEL, SENTENCE_FRAMES, dtype=dtype, device=device)
    step = decoder(way, batch, dtype, options, device)
    audio = vocoder('v1', SENTENCE_FRAMES, way, batch, dtype, options, device)
    stages = [
        end('encoder', ids, way, dtype, options, device),
        [time * SENTENCE_FRAMES for time in step[:2]],
        end('postnet', mel, way, dtype, options, device),
        audio[:2],
    ]
    median, least = (sum(times) for times in zip(*stages))
    return median, least, batch * SENTENCE_FRAMES * HOP / SAMPLE_RATE / (median / 1000), audio[3]


def jobs(options):
    """Every wanted job's name, its frames (none for a step) and its function."""
    for job in options.jobs:
        if job == 'decoder':
            yield 'Tacotron 2 decoder step', 0, decoder
        elif job == 'sentence':
            yield f'Tacotron 2 and HiFi-GAN V1, {SENTENCE_FRAMES} frames', SENTENCE_FRAMES, sentence
        else:
            yield f'HiFi-GAN {job.upper()}, {options.frames} frames', options.frames, functools.partial(vocoder, job, options.frames)


def lines(options):
    """Everything that was asked for: what takes longest comes last."""
    for way in options.ways:
        for precision in options.precisions:
            for batch in options.batch:
                for job in jobs(options):
                    if (job[2] is not sentence or batch == 1) and (job[2] is decoder or batch <= MOST_VOCODER_ROWS):
                        yield (WAYS[way], precision, batch, *job)


def write(path, report):
    with open(f'{path}.partial', 'w', encoding='utf-8') as file:
        json.dump(report, file, indent=2)
    os.replace(f'{path}.partial', path)


def several(names):
    """A list of some of the names, for argparse."""
    def parse(text):
        found = text.split(',')
        for name in found:
            if name not in names:
                raise argparse.ArgumentTypeError(f"expected {', '.join(names)}; found '{name}'")
        return found
    return parse


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = ('decoder', *hifigan.CONFIGS, 'sentence')
    parser.add_argument('--ways', type=several(tuple(WAYS)), default=list(WAYS))
    parser.add_argument('--jobs', type=several(every), default=list(every))
    parser.add_argument('--precisions', type=several(tuple(PRECISIONS)), default=list(PRECISIONS))
    parser.add_argument('--batch', type=lambda text: [int(item) for item in text.split(',')], default=[1, 8, 16, 32, 64, 128, 512])
    parser.add_argument('--frames', type=int, default=860)
    parser.add_argument('--steps', type=int, default=800)
    parser.add_argument('--seconds', type=float, default=3)
    parser.add_argument('--total', type=float, default=float('inf'))
    parser.add_argument('--json')
    parser.add_argument('--device', default='cuda')
    return parser.parse_args()


def measured(line, options, device):
    """A line's figures, or why there are none."""
    way, precision, batch, _, _, measure = line
    try:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == 'tf32'
        median, least, audio, layout = measure(way, batch, PRECISIONS[precision], options, device)
        return dict(median_milliseconds=median, least_milliseconds=least, audio_seconds_per_second=audio, layout=layout)
    except Exception as error:  # One way of running must not end the others' figures.
        return dict(failed=f'{type(error).__name__}: {error}'.splitlines()[0])


def main():
    begin = time.perf_counter()
    options = arguments()
    device = torch.device(options.device)
    if device.type == 'cuda' and not torch.cuda.is_available():
        sys.exit('pytorch_peer.py: PyTorch sees no GPU here')
    if device.type != 'cuda':
        # Half precision is none of the processor's strengths, and it has no graphs.
        options.ways, options.precisions = ['eager'], ['float32']
    torch.backends.cudnn.benchmark = True
    name = torch.cuda.get_device_name(device) if device.type == 'cuda' else 'cpu'
    print(f'PyTorch {torch.__version__}, {name}')
    print('| job | way | precision | batch | median ms | least ms | audio s / s |\n| --- | --- | --- | --- | --- | --- | --- |')
    figures, left_out = [], 0
    for line in lines(options):
        if time.perf_counter() - begin > options.total:
            left_out += 1
            continue
        way, precision, batch, job, frames, _ = line
        figure = dict(job=job, way=way, precision=precision, batch=batch, frames=frames) | measured(line, options, device)
        if device.type == 'cuda':
            torch.cuda.empty_cache()
        figures.append(figure)
        cells = f'{figure["failed"]} | |' if 'failed' in figure else (
            f'{figure["median_milliseconds"]:.4g} | {figure["least_milliseconds"]:.4g} | {figure["audio_seconds_per_second"]:.1f}')
        layout = f' ({figure["layout"]})' if figure.get('layout') else ''
        print(f'| {job} | {way}{layout} | {precision} | {batch} | {cells} |', flush=True)
        # Each figure at once: a run that is cut short has those before.
        if options.json:
            write(options.json, dict(pytorch=str(torch.__version__), device=name, cudnn_benchmark=True, figures=figures))
    if left_out:
        print(f'{left_out} lines were left out after {options.total:.0f} s')


if __name__ == '__main__':
    main()
