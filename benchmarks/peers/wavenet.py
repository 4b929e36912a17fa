"""WaveGlow (arXiv:1811.00002) and the Parallel WaveGAN generator (arXiv:1910.11480) in PyTorch, with the public checkpoints' tensor names,
for export to ONNX. Noise is an input, and sigma is already in it."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import remove_weight_norm, weight_norm

BANDS = 80
GROUP = 8


def fold(module):
    """Replaces every weight-norm pair by the one weight it stands for."""
    for part in module.modules():
        if hasattr(part, "weight_g"):
            remove_weight_norm(part)
    return module


def gated(sums, conditioning):
    a, s = torch.chunk(sums + conditioning, 2, 1)
    return torch.tanh(a) * torch.sigmoid(s)


class Mixing(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, 1, bias=False)


class Coupling(nn.Module):
    def __init__(self, half, channels, layers):
        super().__init__()
        self.channels = channels
        self.in_layers = nn.ModuleList(
            weight_norm(nn.Conv1d(channels, 2 * channels, 3, dilation=2 ** i, padding=2 ** i)) for i in range(layers))
        self.res_skip_layers = nn.ModuleList(
            weight_norm(nn.Conv1d(channels, 2 * channels if i < layers - 1 else channels, 1)) for i in range(layers))
        self.start = weight_norm(nn.Conv1d(half, channels, 1))
        self.end = nn.Conv1d(channels, 2 * half, 1)
        self.cond_layer = weight_norm(nn.Conv1d(BANDS * GROUP, 2 * channels * layers, 1))

    def forward(self, kept, mel):
        x = self.start(kept)
        conditioning = self.cond_layer(mel)
        total = None
        for i, (layer, after) in enumerate(zip(self.in_layers, self.res_skip_layers)):
            width = 2 * self.channels
            both = after(gated(layer(x), conditioning[:, i * width:(i + 1) * width]))
            skip = both if i == len(self.in_layers) - 1 else both[:, self.channels:]
            x = x if i == len(self.in_layers) - 1 else x + both[:, :self.channels]
            total = skip if total is None else total + skip
        return self.end(total)


class WaveGlow(nn.Module):
    def __init__(self, channels, flows=12, layers=8, early_every=4, early_size=2):
        super().__init__()
        self.early_every = early_every
        self.upsample = nn.ConvTranspose1d(BANDS, BANDS, 1024, stride=256)
        self.WN = nn.ModuleList()
        self.convinv = nn.ModuleList()
        for k in range(flows):
            remaining = GROUP - early_size * (k // early_every)
            self.WN.append(Coupling(remaining // 2, channels, layers))
            self.convinv.append(Mixing(remaining))

    def invert(self):
        """Replaces every 1x1 convolution by its inverse: a graph for inference has no use for the other direction."""
        for mixing in self.convinv:
            weight = mixing.conv.weight.data
            weight.copy_(torch.inverse(weight.squeeze(2).double()).float().unsqueeze(2))
        return self

    def spread(self, mel):
        """[B, 80, F] to [B, 640, 32 F]: eight neighbouring samples as channels."""
        spread = self.upsample(mel)[:, :, :-768]
        return spread.reshape(1, BANDS, -1, GROUP).permute(0, 1, 3, 2).reshape(1, BANDS * GROUP, -1)

    def flow(self, spread, z, early):
        audio, used = z, 0
        for k in reversed(range(len(self.WN))):
            kept, other = torch.chunk(audio, 2, 1)
            shift, log_scale = torch.chunk(self.WN[k](kept, spread), 2, 1)
            audio = self.convinv[k].conv(torch.cat([kept, (other - shift) / torch.exp(log_scale)], 1))
            if k % self.early_every == 0 and k > 0:
                audio = torch.cat([early[used], audio], 1)
                used += 1
        return audio

    def forward(self, mel, z, early_0, early_1):
        return self.flow(self.spread(mel), z, (early_0, early_1)).permute(0, 2, 1).reshape(1, -1)


class WaveGlowHeightOne(nn.Module):
    """The same with 2-d convolutions of height 1 within the flow, for which ONNX Runtime has its blocked channel layout."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, mel, z, early_0, early_1):
        spread = self.model.spread(mel).unsqueeze(2)
        audio = self.model.flow(spread, z.unsqueeze(2), (early_0.unsqueeze(2), early_1.unsqueeze(2)))
        return audio.squeeze(2).permute(0, 2, 1).reshape(1, -1)


class ResidualBlock(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.conv = nn.Conv1d(64, 128, 3, dilation=dilation, padding=dilation)
        self.conv1x1_aux = nn.Conv1d(BANDS, 128, 1, bias=False)
        self.conv1x1_out = nn.Conv1d(64, 64, 1)
        self.conv1x1_skip = nn.Conv1d(64, 64, 1)

    def forward(self, x, c):
        activations = gated(self.conv(x), self.conv1x1_aux(c))
        return (self.conv1x1_out(activations) + x) * 0.5 ** 0.5, self.conv1x1_skip(activations)


class Repeat(nn.Module):
    """Nearest-neighbour stretching along time."""

    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        return F.interpolate(x, scale_factor=(1, self.scale), mode="nearest")


class ParallelWaveGan(nn.Module):
    """v1: 30 layers in three stacks."""

    def __init__(self):
        super().__init__()
        self.first_conv = nn.Conv1d(1, 64, 1)
        self.upsample_net = nn.Module()
        self.upsample_net.conv_in = nn.Conv1d(BANDS, BANDS, 5, bias=False)
        self.upsample_net.upsample = nn.Module()
        self.upsample_net.upsample.up_layers = nn.ModuleList()
        for _ in range(4):
            self.upsample_net.upsample.up_layers.extend([Repeat(4), nn.Conv2d(1, 1, (1, 9), padding=(0, 4), bias=False)])
        self.conv_layers = nn.ModuleList(ResidualBlock(2 ** (i % 10)) for i in range(30))
        self.last_conv_layers = nn.ModuleList([nn.ReLU(), nn.Conv1d(64, 64, 1), nn.ReLU(), nn.Conv1d(64, 1, 1)])
        for module in list(self.modules()):
            if isinstance(module, (nn.Conv1d, nn.Conv2d)):
                weight_norm(module)

    def spread(self, mel):
        c = self.upsample_net.conv_in(F.pad(mel, (2, 2), mode="replicate")).unsqueeze(1)
        for layer in self.upsample_net.upsample.up_layers:
            c = layer(c)
        return c.squeeze(1)

    def residuals(self, z, c):
        x, total = self.first_conv(z), None
        for layer in self.conv_layers:
            x, skip = layer(x, c)
            total = skip if total is None else total + skip
        x = total * (1 / 30) ** 0.5
        for layer in self.last_conv_layers:
            x = layer(x)
        return x

    def forward(self, mel, z):
        return self.residuals(z, self.spread(mel)).reshape(1, -1)


class ParallelWaveGanHeightOne(nn.Module):
    """The same with 2-d convolutions of height 1 within the residual layers."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, mel, z):
        return self.model.residuals(z.unsqueeze(2), self.model.spread(mel).unsqueeze(2)).reshape(1, -1)


def widen(module, parts):
    """Makes every 1-d convolution within the named parts a 2-d one of height 1."""
    for part in parts:
        for owner in list(getattr(module, part).modules()):
            for name, conv in list(owner.named_children()):
                if isinstance(conv, nn.Conv1d):
                    setattr(owner, name, two_dimensional(conv))
    return module


def two_dimensional(conv):
    wide = nn.Conv2d(conv.in_channels, conv.out_channels, (1, conv.kernel_size[0]), dilation=(1, conv.dilation[0]),
                     padding=(0, conv.padding[0]), bias=conv.bias is not None)
    wide.weight.data = conv.weight.data.unsqueeze(2)
    if conv.bias is not None:
        wide.bias.data = conv.bias.data
    return wide
