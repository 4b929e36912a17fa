#!/usr/bin/python3
"""Writes WaveNet checkpoints that the converter's tests read, with real PyTorch, as their makers would.

    /usr/bin/python3 tests/checkpoints/make_wavenet.py FOLDER

The weights are the formula's, so that a converted checkpoint has to speak as the stored outputs of wavenet_nv_tiny and wavenet_mol_tiny.
Needs Debian's python3-torch. The classes are ours; they lie under the module names that public checkpoints have.
"""

import os
import sys
import types

import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "benchmarks", "peers"))
import procedural_weights as formula  # noqa: E402

FOLDER = sys.argv[1]
LAYERS, RESIDUAL, SKIP, BANDS, WINDOW, STRIDE = 6, 24, 40, 80, 50, 20
FACTORS = {"conv_end.conv.weight": 5, "upsample.weight": 10}


class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel=1, dilation=1, bias=True):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, dilation=dilation, bias=bias)
        self.is_causal = kernel > 1


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.upsample = nn.ConvTranspose1d(BANDS, BANDS, WINDOW, STRIDE)
        self.cond_layers = Conv(BANDS, 2 * RESIDUAL * LAYERS)
        self.dilate_layers = nn.ModuleList(Conv(RESIDUAL, 2 * RESIDUAL, 2, 2 ** (i % 3)) for i in range(LAYERS))
        self.res_layers = nn.ModuleList(Conv(RESIDUAL, RESIDUAL) for _ in range(LAYERS - 1))
        self.skip_layers = nn.ModuleList(Conv(RESIDUAL, SKIP) for _ in range(LAYERS))
        self.embed = nn.Embedding(256, RESIDUAL)
        self.conv_out = Conv(SKIP, 256, bias=False)
        self.conv_end = Conv(256, 256, bias=False)


def nv_wavenet():
    module = types.ModuleType("wavenet")
    for part in (Conv, WaveNet):
        part.__module__ = "wavenet"
        setattr(module, part.__name__, part)
    sys.modules["wavenet"] = module
    network = WaveNet()
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            tensor.copy_(FACTORS.get(name, 1) * torch.from_numpy(formula.values(name, tuple(tensor.shape))))
    return network


def r9y9():
    """The state dict of the current layout: 6 layers in 2 stacks, a mixture of ten logistics."""
    residual, gate, skip, kernel = 20, 28, 24, 3
    shapes = {}

    def convolution(name, shape, bias=True):
        if bias:
            shapes[f"{name}.bias"] = (shape[0],)
        shapes[f"{name}.weight_g"] = (shape[0],) + (1,) * (len(shape) - 1)
        shapes[f"{name}.weight_v"] = shape

    convolution("first_conv", (residual, 1, 1))
    for layer in range(6):
        convolution(f"conv_layers.{layer}.conv", (gate, residual, kernel))
        convolution(f"conv_layers.{layer}.conv1x1c", (gate, BANDS, 1), bias=False)
        convolution(f"conv_layers.{layer}.conv1x1_out", (residual, gate // 2, 1))
        convolution(f"conv_layers.{layer}.conv1x1_skip", (skip, gate // 2, 1))
    convolution("last_conv_layers.1", (skip, skip, 1))
    convolution("last_conv_layers.3", (30, skip, 1))
    shapes["upsample_net.conv_in.weight"] = (BANDS, BANDS, 3)
    for step, scale in enumerate((2, 3, 2)):
        convolution(f"upsample_net.upsample.up_layers.{2 * step + 1}", (1, 1, 1, 2 * scale + 1), bias=False)
    state = {name: torch.from_numpy(formula.values(name, shape)) for name, shape in shapes.items()}
    state["last_conv_layers.3.bias"][20:] -= 3
    return state


def main():
    network = nv_wavenet()
    saved = {"model": network, "iteration": 7, "optimizer": torch.optim.Adam(network.parameters()).state_dict(), "learning_rate": 0.001}
    torch.save(saved, os.path.join(FOLDER, "nv_wavenet.pt"))
    torch.save(saved, os.path.join(FOLDER, "nv_wavenet_legacy.pt"), _use_new_zipfile_serialization=False)
    torch.save(
        {"state_dict": r9y9(), "optimizer": None, "global_step": 7, "global_epoch": 1, "global_test_step": 0},
        os.path.join(FOLDER, "checkpoint_step000000007_ema.pth"))


main()
