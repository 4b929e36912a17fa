"""The residual blocks of HiFi-GAN (arXiv:2010.05646), which VITS's decoder has too, in PyTorch."""

import torch.nn.functional as F
from torch import nn
from torch.nn.utils import weight_norm

SLOPE = 0.1


def same_conv(channels, kernel, dilation):
    return weight_norm(nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=(kernel - 1) * dilation // 2))


class PairBlock(nn.Module):
    """Type 1: a dilated convolution and a plain one, with a residual around each pair."""

    def __init__(self, channels, kernel, dilations):
        super().__init__()
        self.convs1 = nn.ModuleList(same_conv(channels, kernel, d) for d in dilations)
        self.convs2 = nn.ModuleList(same_conv(channels, kernel, 1) for _ in dilations)

    def forward(self, x):
        for dilated, plain in zip(self.convs1, self.convs2):
            x = x + plain(F.leaky_relu(dilated(F.leaky_relu(x, SLOPE)), SLOPE))
        return x


class SingleBlock(nn.Module):
    """Type 2: dilated convolutions, with a residual around each."""

    def __init__(self, channels, kernel, dilations):
        super().__init__()
        self.convs = nn.ModuleList(same_conv(channels, kernel, d) for d in dilations)

    def forward(self, x):
        for conv in self.convs:
            x = x + conv(F.leaky_relu(x, SLOPE))
        return x
