#!/usr/bin/python3
"""Writes the small vocoder checkpoints that the converter's tests read, with real PyTorch.

    /usr/bin/python3 tests/checkpoints/make_vocoders.py              those that are in the repository, beside this file
    /usr/bin/python3 tests/checkpoints/make_vocoders.py FOLDER       all, the larger legacy ones too

Needs Debian's python3-torch and python3-h5py.

The networks are ours, written from their papers and their state dicts' names; the pickled ones lie under the module names that public
checkpoints have. Each file's speech for given noise is in expected.pt, computed here in float64.
"""

import os
import sys
import types
import warnings

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import remove_weight_norm, weight_norm

BANDS, GROUP, FLOWS, EARLY_EVERY, EARLY_SIZE, LAYERS, CHANNELS = 3, 4, 3, 2, 2, 2, 4
KERNEL, STRIDE, FRAMES = 32, 8, 5
MAKE_ALL = len(sys.argv) > 1
FOLDER = sys.argv[1] if MAKE_ALL else os.path.dirname(os.path.abspath(__file__))


class Invertible1x1Conv(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, 1, bias=False)
        self.conv.weight.data = (torch.eye(channels) + 0.2 * torch.randn(channels, channels)).unsqueeze(2)


class WN(nn.Module):
    """The coupling network; generation 1 has separate residual and skip layers, 1 and 2 one conditioning layer a layer."""

    def __init__(self, half, generation):
        super().__init__()
        self.generation = generation
        self.in_layers = nn.ModuleList(
            weight_norm(nn.Conv1d(CHANNELS, 2 * CHANNELS, 3, dilation=2 ** i, padding=2 ** i)) for i in range(LAYERS))
        if generation == 1:
            self.res_layers = nn.ModuleList(weight_norm(nn.Conv1d(CHANNELS, CHANNELS, 1)) for _ in range(LAYERS - 1))
            self.skip_layers = nn.ModuleList(weight_norm(nn.Conv1d(CHANNELS, CHANNELS, 1)) for _ in range(LAYERS))
        else:
            self.res_skip_layers = nn.ModuleList(
                weight_norm(nn.Conv1d(CHANNELS, 2 * CHANNELS if i < LAYERS - 1 else CHANNELS, 1)) for i in range(LAYERS))
        if generation < 3:
            self.cond_layers = nn.ModuleList(weight_norm(nn.Conv1d(BANDS * GROUP, 2 * CHANNELS, 1)) for _ in range(LAYERS))
        else:
            self.cond_layer = weight_norm(nn.Conv1d(BANDS * GROUP, 2 * CHANNELS * LAYERS, 1))
        self.start = weight_norm(nn.Conv1d(half, CHANNELS, 1))
        self.end = nn.Conv1d(CHANNELS, 2 * half, 1)

    def forward(self, kept, mel):
        x = self.start(kept)
        total = 0
        for i, layer in enumerate(self.in_layers):
            if self.generation < 3:
                conditioning = self.cond_layers[i](mel)
            else:
                conditioning = self.cond_layer(mel)[:, 2 * CHANNELS * i:2 * CHANNELS * (i + 1)]
            a, s = (layer(x) + conditioning).chunk(2, 1)
            gated = torch.tanh(a) * torch.sigmoid(s)
            if self.generation == 1:
                skip = self.skip_layers[i](gated)
                residual = self.res_layers[i](gated) if i < LAYERS - 1 else None
            else:
                both = self.res_skip_layers[i](gated)
                residual, skip = (both[:, :CHANNELS], both[:, CHANNELS:]) if i < LAYERS - 1 else (None, both)
            x = x + residual if residual is not None else x
            total = total + skip
        return self.end(total)


class WaveGlow(nn.Module):
    def __init__(self, generation):
        super().__init__()
        self.alternates = generation == 1
        self.upsample = nn.ConvTranspose1d(BANDS, BANDS, KERNEL, stride=STRIDE)
        self.WN = nn.ModuleList()
        self.convinv = nn.ModuleList()
        for k in range(FLOWS):
            channels = GROUP - EARLY_SIZE * (k // EARLY_EVERY)
            self.WN.append(WN(channels // 2, generation))
            self.convinv.append(Invertible1x1Conv(channels))

    def generate(self, mel, noise):
        spread = self.upsample(mel)[:, :, :FRAMES * STRIDE]
        spread = spread.reshape(1, BANDS, -1, GROUP).permute(0, 1, 3, 2).reshape(1, BANDS * GROUP, -1)
        audio, early = noise["z"], 0
        for k in reversed(range(FLOWS)):
            first, second = audio.chunk(2, 1)
            swap = self.alternates and k % 2 == 1
            kept, other = (second, first) if swap else (first, second)
            shift, log_scale = self.WN[k](kept, spread).chunk(2, 1)
            other = (other - shift) / torch.exp(log_scale)
            audio = torch.cat([other, kept] if swap else [kept, other], 1)
            audio = F.conv1d(audio, torch.inverse(self.convinv[k].conv.weight.squeeze(2)).unsqueeze(2))
            if k % EARLY_EVERY == 0 and k > 0:
                audio = torch.cat([noise[f"early_z.{early}"], audio], 1)
                early += 1
        return audio.permute(0, 2, 1).reshape(1, -1)


class ResidualBlock(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.conv = nn.Conv1d(CHANNELS, 6, 3, dilation=dilation, padding=dilation)
        self.conv1x1_aux = nn.Conv1d(BANDS, 6, 1, bias=False)
        self.conv1x1_out = nn.Conv1d(3, CHANNELS, 1)
        self.conv1x1_skip = nn.Conv1d(3, 5, 1)

    def forward(self, x, c):
        a, s = (self.conv(x) + self.conv1x1_aux(c)).chunk(2, 1)
        gated = torch.tanh(a) * torch.sigmoid(s)
        return (self.conv1x1_out(gated) + x) * 0.5 ** 0.5, self.conv1x1_skip(gated)


class Stretch(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        return x.repeat_interleave(self.scale, 3)


class ParallelWaveGan(nn.Module):
    """Six layers in two stacks; the attributes give the state dict the public generator's names."""

    def __init__(self):
        super().__init__()
        self.first_conv = nn.Conv1d(1, CHANNELS, 1)
        self.upsample_net = nn.Module()
        self.upsample_net.conv_in = nn.Conv1d(BANDS, BANDS, 5, bias=False)
        self.upsample_net.upsample = nn.Module()
        self.upsample_net.upsample.up_layers = nn.ModuleList()
        for scale in (2, 4):
            self.upsample_net.upsample.up_layers.extend(
                [Stretch(scale), nn.Conv2d(1, 1, (1, 2 * scale + 1), padding=(0, scale), bias=False)])
        self.conv_layers = nn.ModuleList(ResidualBlock(2 ** (i % 3)) for i in range(6))
        self.last_conv_layers = nn.ModuleList([nn.ReLU(), nn.Conv1d(5, 5, 1), nn.ReLU(), nn.Conv1d(5, 1, 1)])
        for module in self.modules():
            if isinstance(module, (nn.Conv1d, nn.Conv2d)):
                weight_norm(module)

    def generate(self, mel, z):
        c = self.upsample_net.conv_in(F.pad(mel, (2, 2), mode="replicate")).unsqueeze(1)
        for layer in self.upsample_net.upsample.up_layers:
            c = layer(c)
        x, total = self.first_conv(z), 0
        for layer in self.conv_layers:
            x, skip = layer(x, c.squeeze(1))
            total = total + skip
        x = total * (1 / 6) ** 0.5
        for layer in self.last_conv_layers:
            x = layer(x)
        return x.squeeze(1)


CONFIG_YML = """\
# Comments, nulls and nested maps, as kan-bayashi's recipes have them.
sampling_rate: 8000      # Sampling rate.
fft_size: 64
hop_size: 8
win_length: null         # The same as fft_size.
window: "hann"
num_mels: 3
fmin: 80
fmax: 3600
format: "hdf5"
generator_params:
    in_channels: 1
    out_channels: 1
    kernel_size: 3
    layers: 6
    stacks: 2
    residual_channels: 4
    gate_channels: 6
    skip_channels: 5
    aux_channels: 3
    aux_context_window: 2
    dropout: 0.0
    use_weight_norm: true
    upsample_net: "ConvInUpsampleNetwork"
    upsample_params:
        upsample_scales: [2, 4]
generator_optimizer_params:
    eps: 1.0e-6
"""


def save(value, name, **options):
    torch.save(value, os.path.join(FOLDER, name), **options)


def put_under(module_name):
    """Makes the network's classes appear to be defined in a module of this name."""
    module = types.ModuleType(module_name)
    for cls in (WaveGlow, WN, Invertible1x1Conv):
        cls.__module__ = module_name
        setattr(module, cls.__name__, cls)
    sys.modules[module_name] = module


def make_waveglow(expected):
    noise = {"z": torch.randn(1, 2, FRAMES * STRIDE // GROUP), "early_z.0": torch.randn(1, 2, FRAMES * STRIDE // GROUP)}
    mel = torch.randn(1, BANDS, FRAMES)
    expected.update({"waveglow.mel": mel, **{f"waveglow.{name}": value for name, value in noise.items()}})
    for generation, module in ((1, "glow_old"), (2, "glow"), (3, "glow")):
        put_under(module)
        model = WaveGlow(generation)
        audio = model.double().generate(mel.double(), {name: value.double() for name, value in noise.items()})
        expected[f"waveglow.{generation}"] = audio.detach().float()
        model.float().generate(mel, noise)
        whole = {"model": model, "iteration": 1, "learning_rate": 1e-4}
        if generation < 3 or MAKE_ALL:
            save(whole, f"waveglow_module_{generation}.pt")
        if MAKE_ALL:
            # These hold the source text of PyTorch's classes, which is not ours to copy into the repository.
            save(whole, f"waveglow_module_{generation}_legacy.pt", _use_new_zipfile_serialization=False)
    config = dict(n_mel_channels=BANDS, n_flows=FLOWS, n_group=GROUP, n_early_every=EARLY_EVERY, n_early_size=EARLY_SIZE,
                  WN_config=dict(n_layers=LAYERS, n_channels=CHANNELS, kernel_size=3))
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    save({"state_dict": state, "config": config, "epoch": 1}, "waveglow_state_dict.pt")
    if not MAKE_ALL:
        return
    for module in model.modules():
        if hasattr(module, "weight_g"):
            remove_weight_norm(module)
    save({"model": model}, "waveglow_folded.pt")


def make_parallel_wavegan(expected):
    model = ParallelWaveGan()
    mel, z = torch.randn(1, BANDS, FRAMES), torch.randn(1, 1, FRAMES * STRIDE)
    audio = model.double().generate(mel.double(), z.double())
    expected.update({"pwg.mel": mel, "pwg.z": z, "pwg.audio": audio.detach().float()})
    folder = os.path.join(FOLDER, "parallel_wavegan")
    os.makedirs(folder, exist_ok=True)
    save({"model": {"generator": model.float().state_dict()}, "steps": 1}, "parallel_wavegan/checkpoint-1steps.pkl")
    with open(os.path.join(folder, "config.yml"), "w", encoding="utf-8") as config:
        config.write(CONFIG_YML)
    mean, scale = np.float32([-3.5, -2.25, -4]), np.float32([0.5, 1.25, 0.75])
    expected.update({"pwg.mean": torch.from_numpy(mean), "pwg.scale": torch.from_numpy(scale)})
    with h5py.File(os.path.join(folder, "stats.h5"), "w") as stats:
        stats["mean"], stats["scale"] = mean, scale
    np.save(os.path.join(FOLDER, "stats_f4.npy"), np.stack([mean, scale]))
    np.save(os.path.join(FOLDER, "stats_f8.npy"), np.stack([mean, scale]).astype(np.float64))


def main():
    torch.manual_seed(1)
    warnings.filterwarnings("ignore")
    expected = {}
    make_waveglow(expected)
    make_parallel_wavegan(expected)
    save(expected, "expected.pt")


if __name__ == "__main__":
    main()
