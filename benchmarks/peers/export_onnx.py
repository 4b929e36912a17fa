#!/usr/bin/env python3
"""Writes the ONNX models that the `compare` benchmark runs in ONNX Runtime: HiFi-GAN V1, V2, V3, WaveGlow, Parallel WaveGAN, a
Piper voice of medium quality and a full-size Tacotron 2 decoder step, each in every form that might suit ONNX Runtime best.

Needs PyTorch (Debian: python3-torch). No network and no checkpoint: every weight comes from the formula of procedural_weights.py,
which our side evaluates too, so that both engines hold the same numbers.

    python3 benchmarks/peers/export_onnx.py [FOLDER]          (default: artifacts/peers)
"""

import os
import sys
import warnings

import torch

import fastpitch
import hifigan
import tacotron2_decoder as decoder
import vits
import wavenet
from procedural_weights import fill

OPSET = 16
TOKENS = 100


def export(module, inputs, input_names, output_names, path, dynamic_axes=None):
    # A half-written model must never be taken for a good one.
    partial = path + ".partial"
    torch.onnx.export(module, inputs, partial, opset_version=OPSET, do_constant_folding=True,
                      input_names=input_names, output_names=output_names, dynamic_axes=dynamic_axes)
    os.replace(partial, path)
    print(f"{path}: {os.path.getsize(path) / 1e6:.1f} MB")


def export_hifigan(folder):
    for name, config in hifigan.CONFIGS.items():
        generator = hifigan.Generator(config)
        fill(generator)
        generator.fold().eval()
        for form in ("1d", "2d"):
            model = generator if form == "1d" else hifigan.two_dimensional(generator)
            export(model, (torch.zeros(1, 80, 16),), ["mel"], ["audio"],
                   os.path.join(folder, f"hifigan_{name}_{form}.onnx"), {"mel": {2: "frames"}, "audio": {2: "samples"}})


def export_waveglow(folder):
    for channels in (64, 256):
        for form in ("1d", "2d"):
            model = wavenet.WaveGlow(channels)
            fill(model)
            model = wavenet.fold(model).invert().eval()
            if form == "2d":
                model = wavenet.WaveGlowHeightOne(wavenet.widen(model, ["WN", "convinv"]))
            inputs = (torch.zeros(1, 80, 4), torch.zeros(1, 4, 128), torch.zeros(1, 2, 128), torch.zeros(1, 2, 128))
            names = ["mel", "z", "early_z.0", "early_z.1"]
            axes = {name: {2: "frames" if name == "mel" else "groups"} for name in names}
            export(model, inputs, names, ["audio"], os.path.join(folder, f"waveglow_{channels}_{form}.onnx"), {**axes, "audio": {1: "samples"}})


def export_parallel_wavegan(folder):
    for form in ("1d", "2d"):
        model = wavenet.ParallelWaveGan()
        fill(model)
        model = wavenet.fold(model).eval()
        if form == "2d":
            wavenet.widen(model, ["conv_layers", "last_conv_layers"])
            model.first_conv = wavenet.two_dimensional(model.first_conv)
            model = wavenet.ParallelWaveGanHeightOne(model)
        export(model, (torch.zeros(1, 80, 4), torch.zeros(1, 1, 1024)), ["mel", "z"], ["audio"], os.path.join(folder, f"parallel_wavegan_{form}.onnx"),
               {"mel": {2: "frames"}, "z": {2: "samples"}, "audio": {1: "samples"}})


def export_piper(folder):
    for form in ("1d", "2d"):
        voice = vits.Voice(vits.MEDIUM)
        fill(voice)
        voice.fold_decoder().eval()
        if form == "2d":
            voice.dec = vits.DecoderHeightOne(voice.dec)
        inputs, axes = voice.example(TOKENS)
        export(voice, tuple(inputs.values()), list(inputs), ["output"], os.path.join(folder, f"piper_medium_{form}.onnx"), axes)


def export_decoder(folder):
    widths = dict(frame=decoder.MEL, keep0=decoder.PRENET, keep1=decoder.PRENET, attention_hidden=decoder.RNN, attention_cell=decoder.RNN,
                  decoder_hidden=decoder.RNN, decoder_cell=decoder.RNN, context=decoder.MEMORY, weights=TOKENS, cumulative=TOKENS)
    inputs = [torch.zeros(1, width) for width in widths.values()]
    inputs += [torch.zeros(1, TOKENS, decoder.MEMORY), torch.zeros(1, TOKENS, decoder.ATTENTION)]
    states = ["attention_hidden", "attention_cell", "decoder_hidden", "decoder_cell", "context", "weights", "cumulative"]
    outputs = ["next_frame", "gate"] + ["next_" + state for state in states]
    for form in ("cells", "merged", "lstm"):
        step = decoder.DecoderStep(form)
        fill(step, "decoder.")
        step.half().float()  # values that half precision holds exactly, so that ours may store them so and both sides have the same weights
        export(step.prepare().eval(), tuple(inputs), list(widths) + ["memory", "keys"], outputs,
               os.path.join(folder, f"tacotron2_decoder_{form}.onnx"))


def export_fastpitch(folder):
    for form in ("1d", "2d"):
        model = fastpitch.fill(fastpitch.FastPitch()).eval()
        if form == "2d":
            fastpitch.two_dimensional(model)
        export(model, (torch.arange(1, 41).unsqueeze(0),), ["ids"], ["mel"], os.path.join(folder, f"fastpitch_{form}.onnx"),
               {"ids": {1: "tokens"}, "mel": {2: "frames"}})


def main():
    folder = os.path.normpath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "..", "artifacts", "peers"))
    os.makedirs(folder, exist_ok=True)
    # The exporter warns about shapes it cannot infer by itself and about LSTMs of another batch size; `compare` checks the numbers instead.
    warnings.filterwarnings("ignore")
    export_hifigan(folder)
    export_waveglow(folder)
    export_parallel_wavegan(folder)
    export_piper(folder)
    export_decoder(folder)
    export_fastpitch(folder)


if __name__ == "__main__":
    main()
