"""A HiFi-GAN generator (arXiv:2010.05646) in PyTorch, with the public checkpoints' tensor names, for export to ONNX."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import remove_weight_norm, weight_norm

from residual_blocks import SLOPE, PairBlock, SingleBlock

CONFIGS = {
    "v1": dict(pairs=True, rates=(8, 8, 2, 2), kernels=(16, 16, 4, 4), channels=512,
               residual_kernels=(3, 7, 11), dilations=((1, 3, 5),) * 3),
    "v2": dict(pairs=True, rates=(8, 8, 2, 2), kernels=(16, 16, 4, 4), channels=128,
               residual_kernels=(3, 7, 11), dilations=((1, 3, 5),) * 3),
    "v3": dict(pairs=False, rates=(8, 8, 4), kernels=(16, 16, 8), channels=256,
               residual_kernels=(3, 5, 7), dilations=((1, 2), (2, 6), (3, 12))),
}


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        block = PairBlock if config["pairs"] else SingleBlock
        channels = config["channels"]
        self.blocks_per_stage = len(config["residual_kernels"])
        self.conv_pre = weight_norm(nn.Conv1d(80, channels, 7, padding=3))
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        for rate, kernel in zip(config["rates"], config["kernels"]):
            self.ups.append(weight_norm(nn.ConvTranspose1d(channels, channels // 2, kernel, rate, padding=(kernel - rate) // 2)))
            channels //= 2
            self.resblocks.extend(block(channels, k, d) for k, d in zip(config["residual_kernels"], config["dilations"]))
        self.conv_post = weight_norm(nn.Conv1d(channels, 1, 7, padding=3))

    def forward(self, mel):
        """mel [B, 80, F] -> audio [B, 1, 256 F]."""
        x = self.conv_pre(mel)
        for stage, up in enumerate(self.ups):
            x = up(F.leaky_relu(x, SLOPE))
            first = stage * self.blocks_per_stage
            x = sum(self.resblocks[first + i](x) for i in range(self.blocks_per_stage)) / self.blocks_per_stage
        # The official code leaves PyTorch's default slope in this one place.
        return torch.tanh(self.conv_post(F.leaky_relu(x, 0.01)))

    def fold(self):
        """Replaces every weight-norm pair by the one weight it stands for."""
        for module in self.modules():
            if isinstance(module, (nn.Conv1d, nn.ConvTranspose1d)):
                remove_weight_norm(module)
        return self


def two_dimensional(generator):
    """The same folded generator with every convolution as a 2-d one of height 1.

    ONNX Runtime has its blocked channel layout (NCHWc) only for 2-d convolutions, which makes this form its faster one on the CPU.
    """
    for module in list(generator.modules()):
        for name, conv in list(module.named_children()):
            if isinstance(conv, nn.Conv1d):
                wide = nn.Conv2d(conv.in_channels, conv.out_channels, (1, conv.kernel_size[0]), dilation=(1, conv.dilation[0]),
                                 padding=(0, conv.padding[0]))
            elif isinstance(conv, nn.ConvTranspose1d):
                wide = nn.ConvTranspose2d(conv.in_channels, conv.out_channels, (1, conv.kernel_size[0]), (1, conv.stride[0]),
                                          padding=(0, conv.padding[0]))
            else:
                continue
            wide.weight.data = conv.weight.data.unsqueeze(2)
            wide.bias.data = conv.bias.data
            setattr(module, name, wide)
    return HeightOne(generator)


class HeightOne(nn.Module):
    """Gives a 2-d generator the 1-d one's input and output."""

    def __init__(self, generator):
        super().__init__()
        self.generator = generator

    def forward(self, mel):
        return self.generator(mel.unsqueeze(2)).squeeze(2)
