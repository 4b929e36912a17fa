"""VITS (arXiv:2106.06103) as Piper has it, in PyTorch, with the public checkpoints' tensor names, for export to ONNX.

What only training needs is left out: the posterior encoder, the duration predictor's posterior, and its flow 1, which inference skips.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import remove_weight_norm, weight_norm

from residual_blocks import SLOPE, PairBlock, SingleBlock
from wavenet import two_dimensional

WINDOW = 4
SPLINE_BINS = 10
SPLINE_EDGE = 5.0
LEAST_BIN = 1e-3

MEDIUM = dict(symbols=256, inter=192, hidden=192, filter=768, heads=2, layers=6, kernel=3, resblock="2", residual_kernels=(3, 5, 7),
              dilations=((1, 2), (2, 6), (3, 12)), rates=(8, 8, 4), kernels=(16, 16, 8), channels=256, speakers=1, gin=0, stochastic=True)
TINY = dict(symbols=256, inter=16, hidden=24, filter=40, heads=2, layers=2, kernel=3, resblock="2", residual_kernels=(3, 5),
            dilations=((1, 3), (1, 2)), rates=(4, 2, 2), kernels=(8, 4, 4), channels=32, speakers=3, gin=18, stochastic=True)
TINY_PAIRS = dict(TINY, symbols=60, resblock="1", dilations=((1, 3, 5), (1, 2, 3)), rates=(4, 2), kernels=(8, 4), channels=20, speakers=1, gin=0,
                  stochastic=False)


def valid(lengths, most):
    """1 where a position is of its row, [B, 1, T]."""
    return (torch.arange(most, device=lengths.device)[None] < lengths[:, None]).unsqueeze(1).float()


class ChannelNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.shape = (channels,)
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.layer_norm(x.transpose(1, 2), self.shape, self.gamma, self.beta, 1e-5).transpose(1, 2)


class RelativeAttention(nn.Module):
    """Attention with learnt vectors for the distances -4 to 4, which all heads share."""

    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.width = channels // heads
        self.conv_q = nn.Conv1d(channels, channels, 1)
        self.conv_k = nn.Conv1d(channels, channels, 1)
        self.conv_v = nn.Conv1d(channels, channels, 1)
        self.conv_o = nn.Conv1d(channels, channels, 1)
        self.emb_rel_k = nn.Parameter(torch.zeros(1, 2 * WINDOW + 1, self.width))
        self.emb_rel_v = nn.Parameter(torch.zeros(1, 2 * WINDOW + 1, self.width))

    def forward(self, x, mask):
        batch, channels, length = x.shape
        q, k, v = (conv(x).view(batch, self.heads, self.width, length).transpose(2, 3) for conv in (self.conv_q, self.conv_k, self.conv_v))
        q = q / math.sqrt(self.width)
        scores = q @ k.transpose(2, 3)
        scores = scores + self.by_position(q @ self.distances(self.emb_rel_k, length).unsqueeze(0).transpose(2, 3), length)
        scores = scores.masked_fill(mask == 0, -1e4)
        shares = torch.softmax(scores, dim=-1)
        out = shares @ v + self.by_distance(shares, length) @ self.distances(self.emb_rel_v, length).unsqueeze(0)
        return self.conv_o(out.transpose(2, 3).contiguous().view(batch, channels, length))

    @staticmethod
    def distances(vectors, length):
        """The vectors of the distances 1 - T to T - 1, zeros beyond the window."""
        beyond = max(length - (WINDOW + 1), 0)
        first = max(WINDOW + 1 - length, 0)
        return F.pad(vectors, (0, 0, beyond, beyond, 0, 0))[:, first:first + 2 * length - 1]

    @staticmethod
    def by_position(x, length):
        """[.., T, 2T - 1] by distance as [.., T, T] by position: a row longer by one shifts each row by one when read as rows of 2T - 1."""
        batch, heads = x.shape[:2]
        flat = F.pad(x, (0, 1)).view(batch, heads, length * 2 * length)
        return F.pad(flat, (0, length - 1)).view(batch, heads, length + 1, 2 * length - 1)[:, :, :length, length - 1:]

    @staticmethod
    def by_distance(x, length):
        """The reverse, zeros where a distance leaves the row."""
        batch, heads = x.shape[:2]
        flat = F.pad(x, (0, length - 1)).view(batch, heads, length * (2 * length - 1))
        return F.pad(flat, (length, 0)).view(batch, heads, length, 2 * length)[:, :, :, 1:]


class FeedForward(nn.Module):
    def __init__(self, channels, inner, kernel):
        super().__init__()
        self.padding = ((kernel - 1) // 2, kernel // 2)
        self.conv_1 = nn.Conv1d(channels, inner, kernel)
        self.conv_2 = nn.Conv1d(inner, channels, kernel)

    def forward(self, x, mask):
        x = torch.relu(self.conv_1(F.pad(x * mask, self.padding)))
        return self.conv_2(F.pad(x * mask, self.padding)) * mask


class Transformer(nn.Module):
    def __init__(self, c):
        super().__init__()
        layers = range(c["layers"])
        self.attn_layers = nn.ModuleList(RelativeAttention(c["hidden"], c["heads"]) for _ in layers)
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(c["hidden"]) for _ in layers)
        self.ffn_layers = nn.ModuleList(FeedForward(c["hidden"], c["filter"], c["kernel"]) for _ in layers)
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(c["hidden"]) for _ in layers)

    def forward(self, x, mask):
        pairs = mask.unsqueeze(2) * mask.unsqueeze(-1)
        x = x * mask
        for attention, norm1, feed, norm2 in zip(self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2):
            x = norm1(x + attention(x, pairs))
            x = norm2(x + feed(x, mask))
        return x * mask


class TextEncoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.scale = math.sqrt(c["hidden"])
        self.inter = c["inter"]
        self.emb = nn.Embedding(c["symbols"], c["hidden"])
        self.encoder = Transformer(c)
        self.proj = nn.Conv1d(c["hidden"], 2 * c["inter"], 1)

    def forward(self, ids, mask):
        x = self.encoder((self.emb(ids) * self.scale).transpose(1, 2) * mask, mask)
        means, logs = torch.split(self.proj(x) * mask, self.inter, dim=1)
        return x, means, logs


class DilatedSeparable(nn.Module):
    """Three depth-separable convolutions with dilations 1, 3, 9 and a residual around each."""

    def __init__(self, channels, kernel=3, layers=3):
        super().__init__()
        reach = [kernel ** i for i in range(layers)]
        self.convs_sep = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel, groups=channels, dilation=d, padding=d * (kernel - 1) // 2) for d in reach)
        self.convs_1x1 = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in reach)
        self.norms_1 = nn.ModuleList(ChannelNorm(channels) for _ in reach)
        self.norms_2 = nn.ModuleList(ChannelNorm(channels) for _ in reach)

    def forward(self, x, mask, condition=None):
        x = x if condition is None else x + condition
        for separable, pointwise, norm1, norm2 in zip(self.convs_sep, self.convs_1x1, self.norms_1, self.norms_2):
            y = F.gelu(norm1(separable(x * mask)))
            x = x + F.gelu(norm2(pointwise(y)))
        return x * mask


def knots(shares):
    """Bins of the spline, [.., K], as their K + 1 edges."""
    shares = LEAST_BIN + (1 - LEAST_BIN * SPLINE_BINS) * torch.softmax(shares, dim=-1)
    edges = 2 * SPLINE_EDGE * F.pad(torch.cumsum(shares, dim=-1), (1, 0)) - SPLINE_EDGE
    return torch.cat([torch.full_like(edges[..., :1], -SPLINE_EDGE), edges[..., 1:-1], torch.full_like(edges[..., :1], SPLINE_EDGE)], dim=-1)


def spline_inverse(y, widths, heights, slopes):
    """The inverse of the monotonic rational-quadratic spline (arXiv:1906.04032); the identity beyond its edges."""
    xs, ys = knots(widths), knots(heights)
    slopes = LEAST_BIN + F.softplus(F.pad(slopes, (1, 1), value=math.log(math.exp(1 - LEAST_BIN) - 1)))
    inside = y.clamp(-SPLINE_EDGE, SPLINE_EDGE)
    index = ((inside[..., None] >= ys).long().sum(dim=-1) - 1).clamp(0, SPLINE_BINS - 1)[..., None]

    def at(values, offset=0):
        return torch.gather(values, -1, index + offset)[..., 0]

    dx, dy = at(xs, 1) - at(xs), at(ys, 1) - at(ys)
    s, d0, d1, t = dy / dx, at(slopes), at(slopes, 1), inside - at(ys)
    u = d0 + d1 - 2 * s
    a, b, c = dy * (s - d0) + t * u, dy * d0 - t * u, -s * t
    root = 2 * c / (-b - torch.sqrt((b * b - 4 * a * c).clamp(min=0)))
    return torch.where((y >= -SPLINE_EDGE) & (y <= SPLINE_EDGE), root * dx + at(xs), y)


class SplineFlow(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.channels = channels
        self.pre = nn.Conv1d(1, channels, 1)
        self.convs = DilatedSeparable(channels)
        self.proj = nn.Conv1d(channels, 3 * SPLINE_BINS - 1, 1)

    def forward(self, z, mask, condition):
        first, second = torch.split(z, 1, dim=1)
        h = self.proj(self.convs(self.pre(first), mask, condition)) * mask
        batch, _, length = first.shape
        h = h.reshape(batch, 1, -1, length).permute(0, 1, 3, 2)
        scale = math.sqrt(self.channels)
        second = spline_inverse(second, h[..., :SPLINE_BINS] / scale, h[..., SPLINE_BINS:2 * SPLINE_BINS] / scale, h[..., 2 * SPLINE_BINS:])
        return torch.cat([first, second], dim=1) * mask


class AffineFlow(nn.Module):
    def __init__(self):
        super().__init__()
        self.m = nn.Parameter(torch.zeros(2, 1))
        self.logs = nn.Parameter(torch.zeros(2, 1))

    def forward(self, z, mask):
        return (z - self.m) * torch.exp(-self.logs) * mask


class StochasticDurations(nn.Module):
    def __init__(self, c):
        super().__init__()
        channels = c["hidden"]
        self.pre = nn.Conv1d(channels, channels, 1)
        self.convs = DilatedSeparable(channels)
        self.proj = nn.Conv1d(channels, channels, 1)
        self.flows = nn.ModuleList(AffineFlow() if i == 0 else SplineFlow(channels) if i in (3, 5, 7) else nn.Identity() for i in range(9))
        if c["gin"] > 0:
            self.cond = nn.Conv1d(c["gin"], channels, 1)

    def forward(self, x, mask, noise_scale, speaker=None):
        x = self.pre(x)
        if speaker is not None:
            x = x + self.cond(speaker)
        x = self.proj(self.convs(x, mask)) * mask
        z = torch.randn(x.size(0), 2, x.size(2)) * noise_scale
        for i in (7, 5, 3):
            z = self.flows[i](torch.flip(z, [1]), mask, x)
        z = self.flows[0](torch.flip(z, [1]), mask)
        return z[:, :1]


class PlainDurations(nn.Module):
    def __init__(self, c):
        super().__init__()
        channels, inner = c["hidden"], 256
        self.conv_1 = nn.Conv1d(channels, inner, 3, padding=1)
        self.norm_1 = ChannelNorm(inner)
        self.conv_2 = nn.Conv1d(inner, inner, 3, padding=1)
        self.norm_2 = ChannelNorm(inner)
        self.proj = nn.Conv1d(inner, 1, 1)
        if c["gin"] > 0:
            self.cond = nn.Conv1d(c["gin"], channels, 1)

    def forward(self, x, mask, noise_scale, speaker=None):
        x = x if speaker is None else x + self.cond(speaker)
        x = self.norm_1(torch.relu(self.conv_1(x * mask)))
        x = self.norm_2(torch.relu(self.conv_2(x * mask)))
        return self.proj(x * mask) * mask


class WaveNet(nn.Module):
    def __init__(self, channels, gin, kernel=5, layers=4):
        super().__init__()
        self.channels = channels
        self.in_layers = nn.ModuleList(weight_norm(nn.Conv1d(channels, 2 * channels, kernel, padding=kernel // 2)) for _ in range(layers))
        self.res_skip_layers = nn.ModuleList(
            weight_norm(nn.Conv1d(channels, channels if i == layers - 1 else 2 * channels, 1)) for i in range(layers))
        if gin > 0:
            self.cond_layer = weight_norm(nn.Conv1d(gin, 2 * channels * layers, 1))

    def forward(self, x, mask, speaker=None):
        total = torch.zeros_like(x)
        condition = None if speaker is None else self.cond_layer(speaker)
        for i, (layer, split) in enumerate(zip(self.in_layers, self.res_skip_layers)):
            h = layer(x)
            if condition is not None:
                h = h + condition[:, 2 * self.channels * i:2 * self.channels * (i + 1)]
            h = split(torch.tanh(h[:, :self.channels]) * torch.sigmoid(h[:, self.channels:]))
            if i + 1 < len(self.in_layers):
                x = (x + h[:, :self.channels]) * mask
                h = h[:, self.channels:]
            total = total + h
        return total * mask


class Coupling(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.half = c["inter"] // 2
        self.pre = nn.Conv1d(self.half, c["hidden"], 1)
        self.enc = WaveNet(c["hidden"], c["gin"])
        self.post = nn.Conv1d(c["hidden"], self.half, 1)

    def forward(self, z, mask, speaker):
        a, b = torch.split(z, self.half, dim=1)
        mean = self.post(self.enc(self.pre(a) * mask, mask, speaker)) * mask
        return torch.cat([a, (b - mean) * mask], dim=1)


class Flow(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.flows = nn.ModuleList(Coupling(c) if i % 2 == 0 else nn.Identity() for i in range(8))

    def forward(self, z, mask, speaker):
        for i in (6, 4, 2, 0):
            z = self.flows[i](torch.flip(z, [1]), mask, speaker)
        return z


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        block = PairBlock if c["resblock"] == "1" else SingleBlock
        channels = c["channels"]
        self.per_stage = len(c["residual_kernels"])
        self.conv_pre = nn.Conv1d(c["inter"], channels, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        if c["gin"] > 0:
            self.cond = nn.Conv1d(c["gin"], channels, 1)
        for rate, kernel in zip(c["rates"], c["kernels"]):
            self.ups.append(weight_norm(nn.ConvTranspose1d(channels, channels // 2, kernel, rate, padding=(kernel - rate) // 2)))
            channels //= 2
            self.resblocks.extend(block(channels, k, d) for k, d in zip(c["residual_kernels"], c["dilations"]))
        self.conv_post = nn.Conv1d(channels, 1, 7, padding=3, bias=False)

    def forward(self, z, speaker):
        x = self.conv_pre(z)
        if speaker is not None:
            x = x + self.cond(speaker)
        for stage, up in enumerate(self.ups):
            x = up(F.leaky_relu(x, SLOPE))
            blocks = self.resblocks[stage * self.per_stage:(stage + 1) * self.per_stage]
            x = sum(block(x) for block in blocks) / self.per_stage
        return torch.tanh(self.conv_post(F.leaky_relu(x, 0.01)))


class Voice(nn.Module):
    """The whole network with the inputs and the output of a Piper voice."""

    def __init__(self, c):
        super().__init__()
        self.enc_p = TextEncoder(c)
        self.dp = StochasticDurations(c) if c["stochastic"] else PlainDurations(c)
        self.flow = Flow(c)
        self.dec = Decoder(c)
        if c["speakers"] > 1:
            self.emb_g = nn.Embedding(c["speakers"], c["gin"])

    def forward(self, input, input_lengths, scales, sid=None):
        """input [B, T], input_lengths [B], scales [3]: noise, length, duration noise; -> output [B, 1, 1, N]."""
        speaker = None if sid is None else self.emb_g(sid).unsqueeze(-1)
        mask = valid(input_lengths, input.shape[1])
        x, means, logs = self.enc_p(input, mask)
        durations = torch.ceil(torch.exp(self.dp(x, mask, scales[2], speaker)) * mask * scales[1])
        path, frame_mask = alignment(durations, mask)
        means, logs = means @ path, logs @ path
        z = means + torch.randn_like(means) * torch.exp(logs) * scales[0]
        z = self.flow(z, frame_mask, speaker)
        return self.dec(z * frame_mask, speaker).unsqueeze(1)

    def example(self, tokens):
        """Inputs by name for the exporter, and the sizes that may change."""
        inputs = {"input": torch.ones(1, tokens, dtype=torch.int64), "input_lengths": torch.tensor([tokens]), "scales": torch.tensor([0.667, 1, 0.8])}
        if hasattr(self, "emb_g"):
            inputs["sid"] = torch.tensor([0])
        axes = {"input": {0: "batch_size", 1: "phonemes"}, "input_lengths": {0: "batch_size"}, "output": {0: "batch_size", 1: "time"}}
        return inputs, axes

    def fold_decoder(self):
        for module in self.dec.modules():
            if hasattr(module, "weight_g"):
                remove_weight_norm(module)
        return self


class DecoderHeightOne(nn.Module):
    """A folded decoder with every convolution as a 2-d one of height 1, for which ONNX Runtime has its fast channel layout."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder
        for owner in list(decoder.modules()):
            for name, conv in list(owner.named_children()):
                if isinstance(conv, nn.Conv1d):
                    setattr(owner, name, two_dimensional(conv))
                elif isinstance(conv, nn.ConvTranspose1d):
                    wide = nn.ConvTranspose2d(conv.in_channels, conv.out_channels, (1, conv.kernel_size[0]), (1, conv.stride[0]), (0, conv.padding[0]))
                    wide.weight.data, wide.bias.data = conv.weight.data.unsqueeze(2), conv.bias.data
                    setattr(owner, name, wide)

    def forward(self, z, speaker):
        return self.decoder(z.unsqueeze(2), None if speaker is None else speaker.unsqueeze(2)).squeeze(2)


def alignment(durations, mask):
    """Which frames a token fills, [B, T, F], and which frames are of their row, [B, 1, F]."""
    ends = torch.cumsum(durations, dim=-1)
    lengths = ends[:, 0, -1].clamp(min=1).long()
    frames = torch.arange(lengths.max())
    filled = (frames[None, None] < ends.transpose(1, 2)).float()
    path = filled - F.pad(filled, (0, 0, 1, 0))[:, :-1]
    return path * mask.transpose(1, 2), valid(lengths, lengths.max())
