"""HiFi-GAN (arXiv:2010.05646): the generator in the key layout of the public checkpoints, and the discriminators.

Nothing here waits for the GPU or keeps state in Python between steps, so a training step can be captured as a CUDA graph; only
SpectrogramDiscriminator, which is made for a CPU, has an FFT in it and cannot.
"""
import torch
from torch import nn
from torch.nn import functional as F
import audio

V1 = dict(resblock='1', upsample_rates=[8, 8, 2, 2], upsample_kernel_sizes=[16, 16, 4, 4], upsample_initial_channel=512,
          resblock_kernel_sizes=[3, 7, 11], resblock_dilation_sizes=[[1, 3, 5]] * 3)
V2 = dict(V1, upsample_initial_channel=128)
V3 = dict(resblock='2', upsample_rates=[8, 8, 4], upsample_kernel_sizes=[16, 16, 8], upsample_initial_channel=256,
          resblock_kernel_sizes=[3, 5, 7], resblock_dilation_sizes=[[1, 2], [2, 6], [3, 12]])


def normed(v, g):
    """g v / |v|, |v| over all but the first axis (of a ConvTranspose1d too, as the public checkpoints have it); one kernel each way on a GPU."""
    return torch._weight_norm(v, g, 0)


def _before(m, _):
    m.weight = normed(m.weight_v, m.weight_g)


def weight_norm(m):
    """Weight norm of torch.nn.utils, which newer releases deprecate, under its names: weight_g, weight_v."""
    v = m.weight.data; del m.weight
    m.weight_g = nn.Parameter(v.flatten(1).norm(dim=1).view(-1, *[1] * (v.dim() - 1))); m.weight_v = nn.Parameter(v.clone())
    m.norm_hook = m.register_forward_pre_hook(_before)
    return m


def remove_weight_norm(m):
    w = normed(m.weight_v, m.weight_g).detach(); m.norm_hook.remove(); m.__dict__.pop('weight', None)
    del m.weight_g, m.weight_v
    m.weight = nn.Parameter(w)


def half_conv(m, x):
    """m(x) in bfloat16 on a CPU; m is a Conv1d or a ConvTranspose1d of twice as many taps as its stride, with weight norm or without.

    The transposed one is an ordinary convolution over two frames that makes `stride` samples at once: oneDNN has no bfloat16 form of the other.
    """
    w = (normed(m.weight_v, m.weight_g) if hasattr(m, 'weight_v') else m.weight).bfloat16(); b = m.bias.bfloat16()
    if isinstance(m, nn.Conv1d): return F.conv1d(x, w, b, m.stride, m.padding, m.dilation)
    i, o, k = w.shape; s = m.stride[0]; cut = m.padding[0]
    assert k == 2 * s
    w = torch.stack((w[:, :, s:], w[:, :, :s]), 3).permute(1, 2, 0, 3).reshape(o * s, i, 2)  # before this frame, this frame
    y = F.conv1d(x, w, None, 1, 1).view(x.size(0), o, s, x.size(2) + 1).transpose(2, 3).reshape(x.size(0), o, -1)
    return y[:, :, cut:y.size(2) - cut] + b[:, None]


def conv(c, k, d):
    return nn.Conv1d(c, c, k, dilation=d, padding=d * (k - 1) // 2)


class ResBlock1(nn.Module):
    def __init__(self, c, k, dilations):
        super().__init__()
        self.convs1 = nn.ModuleList(conv(c, k, d) for d in dilations)
        self.convs2 = nn.ModuleList(conv(c, k, 1) for _ in dilations)

    def forward(self, x, apply=nn.Module.__call__):
        for a, b in zip(self.convs1, self.convs2):
            x = x + apply(b, F.leaky_relu(apply(a, F.leaky_relu(x, 0.1)), 0.1))
        return x


class ResBlock2(nn.Module):
    def __init__(self, c, k, dilations):
        super().__init__()
        self.convs = nn.ModuleList(conv(c, k, d) for d in dilations)

    def forward(self, x, apply=nn.Module.__call__):
        for a in self.convs:
            x = x + apply(a, F.leaky_relu(x, 0.1))
        return x


class Generator(nn.Module):
    def __init__(self, h, normed=False):
        super().__init__()
        c = h['upsample_initial_channel']
        self.conv_pre = nn.Conv1d(80, c, 7, padding=3)
        self.ups, self.resblocks = nn.ModuleList(), nn.ModuleList()
        block = ResBlock1 if h['resblock'] == '1' else ResBlock2
        for r, k in zip(h['upsample_rates'], h['upsample_kernel_sizes']):
            self.ups.append(nn.ConvTranspose1d(c, c // 2, k, r, padding=(k - r) // 2))
            c //= 2
            for rk, rd in zip(h['resblock_kernel_sizes'], h['resblock_dilation_sizes']):
                self.resblocks.append(block(c, rk, rd))
        self.conv_post = nn.Conv1d(c, 1, 7, padding=3)
        self.n = len(h['resblock_kernel_sizes'])
        self.half = False  # bfloat16 on a CPU; a GPU has autocast
        if normed:
            for m in list(self.modules()):
                if isinstance(m, (nn.Conv1d, nn.ConvTranspose1d)):
                    weight_norm(m)

    def fold(self):
        for m in self.modules():
            if isinstance(m, (nn.Conv1d, nn.ConvTranspose1d)):
                remove_weight_norm(m)
        return self

    def small_start(self):
        """The paper's initial weights of a normed generator."""
        for m in self.modules():
            if hasattr(m, 'weight_v'):
                m.weight_v.data.normal_(0, 0.01); m.weight_g.data.copy_(m.weight_v.data.flatten(1).norm(dim=1).view_as(m.weight_g))
        return self

    def forward(self, mel):  # [B, 80, F] -> [B, 1, F * 256]
        apply = half_conv if self.half else nn.Module.__call__
        x = apply(self.conv_pre, mel.bfloat16() if self.half else mel)
        for i, up in enumerate(self.ups):
            x = apply(up, F.leaky_relu(x, 0.1))
            x = sum(self.resblocks[i * self.n + j](x, apply) for j in range(self.n)) / self.n
        with torch.autocast(mel.device.type, enabled=False):  # eight bits of mantissa would be heard as noise
            return torch.tanh(self.conv_post(F.leaky_relu(x.float())))


class NormConv2d(nn.Module):
    """Convolution with weight norm or spectral norm (one power iteration a step, in place, so that a captured graph goes on with it)."""

    def __init__(self, i, o, k, stride, padding, groups=1, spectral=False):
        super().__init__()
        c = nn.Conv2d(i, o, k, stride, padding, groups=groups)
        self.stride, self.padding, self.groups, self.spectral = c.stride, c.padding, groups, spectral
        self.v, self.bias = nn.Parameter(c.weight.data.clone()), nn.Parameter(c.bias.data.clone())
        if spectral:
            w = c.weight.data.flatten(1)
            self.register_buffer('left', F.normalize(torch.randn(w.size(0)), dim=0)); self.register_buffer('right', F.normalize(torch.randn(w.size(1)), dim=0))
            for _ in range(5): self.iterate()
        else:
            self.g = nn.Parameter(c.weight.data.flatten(1).norm(dim=1).view(-1, 1, 1, 1))

    @torch.no_grad()
    def iterate(self):
        w = self.v.flatten(1)
        self.right.copy_(F.normalize(torch.mv(w.t(), self.left), dim=0)); self.left.copy_(F.normalize(torch.mv(w, self.right), dim=0))

    def weight(self):
        with torch.autocast(self.v.device.type, enabled=False):
            if not self.spectral:
                return normed(self.v, self.g)
            if self.training and torch.is_grad_enabled() and self.v.requires_grad: self.iterate()
            return self.v / (self.left.clone() * torch.mv(self.v.flatten(1), self.right.clone())).sum()

    def forward(self, x):
        w = self.weight()
        if x.is_cuda: w = w.contiguous(memory_format=torch.channels_last)
        if x.dtype == torch.bfloat16 and not x.is_cuda: return F.conv2d(x, w.bfloat16(), self.bias.bfloat16(), self.stride, self.padding, 1, self.groups)
        return F.conv2d(x, w, self.bias, self.stride, self.padding, 1, self.groups)


class PeriodDiscriminator(nn.Module):
    def __init__(self, period, part=1):
        super().__init__()
        self.period = period
        widths = [1] + [w // part for w in (32, 128, 512, 1024)]
        self.convs = nn.ModuleList([NormConv2d(i, o, (5, 1), (3, 1), (2, 0)) for i, o in zip(widths, widths[1:])] +
                                   [NormConv2d(widths[-1], widths[-1], (5, 1), 1, (2, 0))])
        self.post = NormConv2d(widths[-1], 1, (3, 1), 1, (1, 0))

    def forward(self, x, half=False):  # [B, 1, N]
        x = F.pad(x, (0, -x.size(2) % self.period), 'reflect')
        return run(self, x.reshape(x.size(0), 1, -1, self.period), half)


class ScaleDiscriminator(nn.Module):
    """One-dimensional in the paper; written with a height of one, since cuDNN's fast layouts are those of pictures."""

    def __init__(self, spectral, part=1):
        super().__init__()
        spec = [(1, 128, 15, 1, 1), (128, 128, 41, 2, 4), (128, 256, 41, 2, 16), (256, 512, 41, 4, 16), (512, 1024, 41, 4, 16), (1024, 1024, 41, 1, 16), (1024, 1024, 5, 1, 1)]
        self.convs = nn.ModuleList(NormConv2d(max(1, i // part), o // part, (1, k), (1, s), (0, k // 2), max(1, g // part), spectral) for i, o, k, s, g in spec)
        self.post = NormConv2d(1024 // part, 1, (1, 3), 1, (0, 1), 1, spectral)

    def forward(self, x, half=False):  # [B, 1, N]
        return run(self, x.unsqueeze(2), half)


def run(d, x, half):
    if half: x = x.bfloat16()
    if x.is_cuda: x = x.contiguous(memory_format=torch.channels_last)
    maps = []
    for c in d.convs:
        x = F.leaky_relu(c(x), 0.1); maps.append(x)
    x = d.post(x)
    return x.flatten(1), maps + [x]


class Discriminators(nn.Module):
    """`part` divides the widths: the full ones are too slow for a test on a CPU."""

    def __init__(self, part=1):
        super().__init__()
        self.periods = nn.ModuleList(PeriodDiscriminator(q, part) for q in (2, 3, 5, 7, 11))
        self.scales = nn.ModuleList(ScaleDiscriminator(n == 0, part) for n in range(3))
        self.half = False

    def forward(self, x):
        out = [d(x, self.half) for d in self.periods]
        for i, d in enumerate(self.scales):
            if i: x = F.avg_pool1d(x, 4, 2, 2)
            out.append(d(x, self.half))
        return out


class SpectrogramDiscriminator(nn.Module):
    """Magnitudes of one resolution as a picture (UnivNet, arXiv:2106.07889, the multi-resolution spectrogram discriminator), made for a CPU: half as
    many channels as there or fewer, a hop of a quarter of the window, and strides along the frequencies, of which there are more than frames.
    """

    def __init__(self, window, channels=16):
        super().__init__()
        self.window, c = window, channels
        spec = [(1, c, (9, 3), (4, 1)), (c, c, (5, 3), (2, 1)), (c, c, (5, 3), (2, 1)), (c, c, (3, 3), (1, 1))]
        self.convs = nn.ModuleList(NormConv2d(i, o, k, s, (k[0] // 2, k[1] // 2)) for i, o, k, s in spec)
        self.post = NormConv2d(c, 1, (3, 3), 1, 1)

    def forward(self, x, half=False):  # [B, 1, N]
        return run(self, audio.spectrum(x.squeeze(1), self.window, self.window // 4).unsqueeze(1), half)


class SmallDiscriminators(nn.Module):
    """For a CPU: period discriminators `part` times narrower than the paper's, and spectrograms of three resolutions in place of its scales."""

    def __init__(self, part=8):
        super().__init__()
        self.each = nn.ModuleList([PeriodDiscriminator(q, part) for q in (2, 3, 5, 7, 11)] + [SpectrogramDiscriminator(w) for w in (512, 1024, 2048)])
        self.half = False

    def forward(self, x):
        return [d(x, self.half) for d in self.each]


def discriminator_loss(real, fake):
    return sum(((1 - r.float()) ** 2).mean() + (f.float() ** 2).mean() for (r, _), (f, _) in zip(real, fake))


def adversarial_loss(real, fake):
    """Least squares, and twice the distance of the feature maps."""
    return sum(((1 - f.float()) ** 2).mean() for f, _ in fake) + 2 * sum(
        (r - f).abs().mean(dtype=torch.float32) for (_, rs), (_, fs) in zip(real, fake) for r, f in zip(rs, fs))
