"""A FastPitch 1.1 (arXiv:2006.06873) in PyTorch, with the public checkpoints' tensor names, for export to ONNX: token ids to a log-mel."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import procedural_weights

WIDTH = 384
FILTER = 1536
HEAD = 64
LAYERS = 6
PREDICTOR = 256
SYMBOLS = 148
MEL = 80


def of_channels(layers, x):
    """Runs convolutions, 1-d or 2-d of height 1, on x [1, T, C]."""
    x = x.transpose(1, 2)
    if any(isinstance(module, nn.Conv2d) for module in layers.modules()):
        return layers(x.unsqueeze(2)).squeeze(2).transpose(1, 2)
    return layers(x).transpose(1, 2)


def two_dimensional(model):
    """Makes the blocks' and the predictors' convolutions 2-d ones of height 1, for which ONNX Runtime has its blocked channel layout."""
    for module in list(model.modules()):
        for name, conv in list(module.named_children()):
            if isinstance(conv, nn.Conv1d) and conv.in_channels > 1:
                wide = nn.Conv2d(conv.in_channels, conv.out_channels, (1, conv.kernel_size[0]), padding=(0, conv.padding[0]))
                wide.weight.data = conv.weight.data.unsqueeze(2)
                wide.bias.data = conv.bias.data
                setattr(module, name, wide)
    return model


# A script, because what is traced counts as far as the example's number and no further.
@torch.jit.script
def numbers(count: torch.Tensor):
    return torch.arange(int(count))


class Positions(nn.Module):
    """All sines before all cosines."""

    def __init__(self):
        super().__init__()
        self.register_buffer("inv_freq", 1 / (10000 ** (torch.arange(0.0, WIDTH, 2.0) / WIDTH)))

    def forward(self, steps):
        """steps [T] -> [1, T, H]."""
        angles = steps.unsqueeze(1) * self.inv_freq.unsqueeze(0)
        return torch.cat([angles.sin(), angles.cos()], dim=1).unsqueeze(0)


class Attention(nn.Module):
    """One head, post-norm."""

    def __init__(self):
        super().__init__()
        self.qkv_net = nn.Linear(WIDTH, 3 * HEAD)
        self.o_net = nn.Linear(HEAD, WIDTH, bias=False)
        self.layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, x, padding):
        query, key, value = self.qkv_net(x).chunk(3, dim=2)
        scores = torch.bmm(query, key.transpose(1, 2)) * HEAD ** -0.5
        if padding is not None:
            scores = scores.masked_fill(padding.unsqueeze(1), -float("inf"))
        return self.layer_norm(x + self.o_net(torch.bmm(scores.softmax(dim=2), value)))


class Convolutions(nn.Module):
    """Two convolutions with a ReLU between, post-norm."""

    def __init__(self):
        super().__init__()
        self.CoreNet = nn.Sequential(nn.Conv1d(WIDTH, FILTER, 3, padding=1), nn.ReLU(), nn.Conv1d(FILTER, WIDTH, 3, padding=1))
        self.layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, x):
        return self.layer_norm(x + of_channels(self.CoreNet, x))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.dec_attn = Attention()
        self.pos_ff = Convolutions()

    def forward(self, x, keep):
        padding = None if keep is None else keep.squeeze(2) == 0
        x = self.dec_attn(x, padding)
        x = self.pos_ff(x if keep is None else x * keep)
        return x if keep is None else x * keep


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos_emb = Positions()
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))

    def forward(self, x, keep=None):
        """x [1, T, H]; keep [1, T, 1], 0 for padding."""
        positions = self.pos_emb(torch.arange(x.shape[1], device=x.device).to(x.dtype))
        x = x + (positions if keep is None else positions * keep)
        for layer in self.layers:
            x = layer(x, keep)
        return x


class Encoder(Transformer):
    def __init__(self):
        super().__init__()
        self.word_emb = nn.Embedding(SYMBOLS, WIDTH, padding_idx=0)


class PredictorLayer(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv1d(channels, PREDICTOR, 3, padding=1)
        self.norm = nn.LayerNorm(PREDICTOR)

    def forward(self, x):
        return self.norm(F.relu(of_channels(self.conv, x)))


class Predictor(nn.Module):
    """One number a token."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(PredictorLayer(WIDTH), PredictorLayer(PREDICTOR))
        self.fc = nn.Linear(PREDICTOR, 1)

    def forward(self, x, keep):
        return (self.fc(self.layers(x * keep)) * keep).squeeze(2)


class FastPitch(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.duration_predictor = Predictor()
        self.pitch_predictor = Predictor()
        self.pitch_emb = nn.Conv1d(1, WIDTH, 3, padding=1)
        self.energy_predictor = Predictor()
        self.energy_emb = nn.Conv1d(1, WIDTH, 3, padding=1)
        self.decoder = Transformer()
        self.proj = nn.Linear(WIDTH, MEL)

    def forward(self, ids):
        """ids [1, T] -> mel [1, 80, F]."""
        return self.stages(ids)[-1]

    def stages(self, ids):
        """encoder_out, log_durations, pitch, energy, frames, mel."""
        keep = (ids != 0).unsqueeze(2).to(torch.get_default_dtype())
        encoded = self.encoder(self.encoder.word_emb(ids), keep)
        log_durations = self.duration_predictor(encoded, keep)
        pitch = self.pitch_predictor(encoded, keep)
        x = encoded + self.pitch_emb(pitch.unsqueeze(1)).transpose(1, 2)
        energy = self.energy_predictor(x, keep)
        x = x + self.energy_emb(energy.unsqueeze(1)).transpose(1, 2)
        frames = torch.floor(torch.clamp(torch.exp(log_durations) - 1, 0, 75) + 0.5)

        # A frame is of the token whose number is that of the tokens that have ended by then.
        ends = torch.cumsum(frames, dim=1)
        token = (numbers(ends[0, -1]).unsqueeze(1) >= ends).sum(dim=1)
        mel = self.proj(self.decoder(x.index_select(1, token)))
        return encoded, log_durations, pitch, energy, frames, mel.transpose(1, 2)


@torch.no_grad()
def fill(model):
    """The procedural weights of the golden files: the formula by name, but for what tests/golden/README.md says of FastPitch."""
    for name, tensor in model.state_dict().items():
        if name.endswith("inv_freq"):
            continue
        values = procedural_weights.values(name, tuple(tensor.shape))
        if name == "encoder.word_emb.weight":
            u = procedural_weights.uniform(name, tensor.numel()).reshape(tensor.shape)
            values = np.sqrt(np.float32(3)) * (np.float32(2) * u - np.float32(1))
        elif name.endswith("qkv_net.weight"):
            values = np.float32(1.5) * values
        elif name == "duration_predictor.fc.bias":
            values = values + np.float32(1.3)
        tensor.copy_(torch.from_numpy(values))
    return model
