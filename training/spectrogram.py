"""From a mel to the magnitudes of the spectra it was made of, for a vocoder that finds the phases by Griffin-Lim.

The idea is the post-processing net of Tacotron (arXiv:1703.10135, section 3.4); the network is another: residual blocks of HiFi-GAN
(arXiv:2010.05646) at the rate of the frames, in the names of its public checkpoints. The engine then makes the magnitudes agree with the mel exactly.
"""
import math
import torch
from torch import nn
from torch.nn import functional as F
import audio, hifigan

SILENCE, BINS = math.log(1e-5), audio.NFFT // 2 + 1
FLOOR = 1e-6  # of the power, 15 dB above what rounding to 16 bits leaves
DILATIONS = [[1, 3], [1, 3], [1, 3]]  # of each residual block; a frame comes of 43 of the mel


class SpectrogramNetwork(nn.Module):
    """conv_pre (5 taps), resblocks.N.convs1.M and convs2.M (3 taps), conv_post (3 taps)."""

    def __init__(self, channels=192, dilations=DILATIONS):
        super().__init__()
        self.conv_pre = nn.Conv1d(audio.MELS, channels, 5, padding=2)
        self.resblocks = nn.ModuleList(hifigan.ResBlock1(channels, 3, d) for d in dilations)
        self.conv_post = nn.Conv1d(channels, BINS, 3, padding=1)
        self.half = False  # bfloat16, for a CPU
        with torch.no_grad():
            self.conv_pre.weight.mul_(0.25)  # the input is large: 0 to 13
            self.conv_post.bias.fill_(-4)  # about the mean log magnitude of speech

    def forward(self, mel):  # natural logarithms [B, 80, F] -> natural logarithms of magnitudes [B, 513, F]
        apply = hifigan.half_conv if self.half else nn.Module.__call__
        x = mel - SILENCE  # the zeros beside a mel are silence
        x = apply(self.conv_pre, x.bfloat16() if self.half else x)
        for block in self.resblocks: x = block(x, apply)
        return apply(self.conv_post, F.leaky_relu(x, 0.1)).float()

    def config(self):
        """What the engine's converter has to know."""
        return {'model_type': 'spectrogram-network', 'channels': self.conv_pre.out_channels,
                'resblock_dilation_sizes': [[c.dilation[0] for c in block.convs1] for block in self.resblocks]}


def log_magnitudes(x):
    """[B, 384 + 256 F + 384] samples -> natural logarithms [B, 513, F] of the magnitudes that audio.log_mel is made of."""
    return torch.log(audio.magnitudes(x, FLOOR))


def losses(y, target):
    """(L1 of the log magnitudes, L1 of the log-mels they have) of y against target, both [B, 513, F].

    The mel of the target is the clip's own down to FLOOR, so true magnitudes have no loss.
    """
    mel, own = (audio.log_mel_of(torch.exp(v)) for v in (y, target))
    return F.l1_loss(y, target), F.l1_loss(mel, own)
