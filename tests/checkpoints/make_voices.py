#!/usr/bin/python3
"""Writes the small Piper voices that the tests of ONNX files read, with real PyTorch: its exporter's graphs of benchmarks/peers/vits.py.

    /usr/bin/python3 tests/checkpoints/make_voices.py

Needs Debian's python3-torch. The weights are those of benchmarks/peers/procedural_weights.py, so a file here need not hold them: instead of its
elements each constant has, as its doc_string, what they are made of. The tests put them in again (PiperExport.cs).

    weight NAME     the procedural tensor of that name
    folded NAME     NAME_g * NAME_v / |NAME_v|
    negated NAME    the tensor with its sign changed
"""

import gzip
import io
import os
import sys
import warnings

import numpy as np
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "..", "..", "benchmarks", "peers"))

import vits  # noqa: E402
from procedural_weights import fill  # noqa: E402

TOKENS = 50
GRAPH, INITIALISER, NAME, RAW, DOC = 7, 5, 8, 9, 12
LENGTH = 2


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def fields(message):
    """The fields of a protobuf message: number, value, and the bytes of both."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            octet = message[at]
            at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return value

    while at < len(message):
        start = at
        key = number()
        length = {0: 0, 1: 8, 5: 4}.get(key & 7)
        if key & 7 == 0:
            number()
        else:
            length = number() if length is None else length
        value = message[at:at + length]
        at += length
        yield key >> 3, value, message[start:at]


def field(number, value):
    return varint(number << 3 | LENGTH) + varint(len(value)) + value


def export(config, fold, keep_norm):
    voice = vits.Voice(config)
    fill(voice)
    origins = {name: ("weight", tensor.numpy()) for name, tensor in voice.state_dict().items()}
    for name in list(origins):
        if name.endswith(".weight_v"):
            g, v = origins[name[:-1] + "g"][1], origins[name][1]
            norm = np.sqrt((v.astype(np.float64) ** 2).sum(axis=(1, 2), keepdims=True))
            origins[name[:-2]] = ("folded", (g * v / norm).astype(np.float32))
    if not keep_norm:
        voice.fold_decoder()
    inputs, axes = voice.example(TOKENS)
    stream = io.BytesIO()
    torch.onnx.export(voice.eval(), tuple(inputs.values()), stream, opset_version=15, do_constant_folding=fold,
                      input_names=list(inputs), output_names=["output"], dynamic_axes=axes)
    return stream.getvalue(), origins


def origin_of(name, raw, origins):
    values = np.frombuffer(raw, np.float32)
    candidates = [name] if name in origins else origins
    for candidate in candidates:
        kind, tensor = origins[candidate]
        if tensor.size == values.size:
            for sign, said in ((1, kind), (-1, "negated")):
                if np.allclose(sign * tensor.ravel(), values, rtol=1e-5, atol=1e-7):
                    return f"{said} {candidate}"
    raise ValueError(f"{name}: of no procedural tensor")


def without_weights(model, origins):
    def initialiser(message):
        parts = [(number, value, both) for number, value, both in fields(message)]
        name = next(value for number, value, _ in parts if number == NAME).decode()
        raw = next(value for number, value, _ in parts if number == RAW)
        kept = b"".join(both for number, _, both in parts if number not in (RAW, DOC))
        return kept + field(DOC, origin_of(name, raw, origins).encode())

    def graph(message):
        return b"".join(field(INITIALISER, initialiser(value)) if number == INITIALISER else both for number, value, both in fields(message))

    return b"".join(field(GRAPH, graph(value)) if number == GRAPH else both for number, value, both in fields(model))


def main():
    warnings.filterwarnings("ignore")
    for name, config, fold, keep_norm in (("folded", vits.TINY, True, False), ("unfolded", vits.TINY, False, False),
                                          ("weight_norm", vits.TINY, False, True), ("no_noise", vits.TINY_PAIRS, True, False)):
        model, origins = export(config, fold, keep_norm)
        path = os.path.join(FOLDER, f"piper_tiny_{name}.onnx.gz")
        with open(path, "wb") as file:
            file.write(gzip.compress(without_weights(model, origins), 9, mtime=0))
        print(f"{path}: {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
