"""What stands before and after Tacotron 2's decoder (arXiv:1712.05884) at NVIDIA's full size in PyTorch, with the public checkpoint's tensor names."""

import torch
import torch.nn.functional as F
from torch import nn

SYMBOLS, WIDTH, MEL, TAPS = 148, 512, 80, 5


class ConvNorm(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, TAPS, padding=TAPS // 2)

    def forward(self, x):
        return self.conv(x)


def convolution(inputs, outputs):
    return nn.Sequential(ConvNorm(inputs, outputs), nn.BatchNorm1d(outputs))


class Encoder(nn.Module):
    """Token ids [B, T] to the memory [B, T, 512]."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, WIDTH)
        self.convolutions = nn.ModuleList(convolution(WIDTH, WIDTH) for _ in range(3))
        self.lstm = nn.LSTM(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)

    def forward(self, ids):
        x = self.embedding(ids).transpose(1, 2)
        for layer in self.convolutions:
            x = F.relu(layer(x))
        return self.lstm(x.transpose(1, 2))[0]


class Postnet(nn.Module):
    """A mel [B, 80, F] to the same, refined."""

    def __init__(self):
        super().__init__()
        widths = [MEL] + 4 * [WIDTH] + [MEL]
        self.convolutions = nn.ModuleList(convolution(*pair) for pair in zip(widths, widths[1:]))

    def forward(self, mel):
        x = mel
        for layer in self.convolutions[:-1]:
            x = torch.tanh(layer(x))
        return mel + self.convolutions[-1](x)
