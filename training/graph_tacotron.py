"""Tacotron 2's training step in a form that a CUDA graph can hold: fixed shapes, masks in place of packing, nothing read back to the host.

Same weights and same function as model.py. Two things differ on purpose from the plain forward pass: padding is zero before every
convolution and does not count in BatchNorm's statistics (`plain=True` gives the old behaviour, for the test), so a row comes out the
same however long its bucket is. B batch, T tokens, F frames, S decoder steps, A attention width.
"""
import torch
from torch.nn import functional as F

fused = False  # `probe_fused` sets it on a GPU


def lstm_cell(gates, c):
    """(h, c) of the next step from the sum of the gates [B, 4 H] and c [B, H]."""
    i, f, g, o = gates.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def cell(x, h, c):
    """LSTM cell from its two halves of gates."""
    if fused: return torch._thnn_fused_lstm_cell(x, h, c)[:2]
    return lstm_cell(x + h, c)


def probe_fused(device):
    """Use the one-kernel cell where it exists and agrees with the plain one, forward and backward."""
    global fused
    fused = False
    if device.type != 'cuda': return False
    try:
        torch.manual_seed(0)
        x, h, c, u, v = (torch.randn(4, n, device=device) for n in (64, 64, 16, 16, 16))
        sides = []
        for f in (lambda *t: lstm_cell(t[0] + t[1], t[2]), lambda *t: torch._thnn_fused_lstm_cell(*t)[:2]):
            t = [q.clone().requires_grad_() for q in (x, h, c)]
            a, b = f(*t); ((a * u).sum() + (b * v).sum()).backward()
            sides.append([a.detach(), b.detach()] + [q.grad for q in t])
        fused = all(torch.allclose(p, q, atol=1e-4) for p, q in zip(*sides))
    except Exception as e:
        print(f'no fused LSTM cell ({e})', flush=True)
    return fused


half = False  # `train_tacotron2.py` sets it on a processor that multiplies bfloat16 faster than float32; a GPU has autocast


class Shared:
    """Products with one weight in every decoder step. Their weight gradients are one product after the backward pass, not one a step."""

    def __init__(self, weight, bias=None):  # weight [in, out]; either may be a function of parameters
        self.full, self.full_bias = weight, bias
        self.weight, self.bias = weight.detach(), None if bias is None else bias.detach()
        self.across = self.weight.t()
        if half:
            self.across = self.across.bfloat16().contiguous(); self.weight = self.weight.bfloat16().contiguous()
        self.calls = []

    def __call__(self, x):
        if half: return _HalfProduct.apply(x, self)
        return _Product.apply(x, self.weight, self.bias, self.calls)

    def gradients(self):
        x, g = (torch.cat(t) for t in zip(*self.calls)); self.calls.clear()
        yield self.full, (x.t() @ g).to(self.full.dtype)
        if self.full_bias is not None: yield self.full_bias, g.sum(0, dtype=self.full_bias.dtype)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, calls):
        ctx.save_for_backward(x, weight); ctx.calls = calls
        return x @ weight if bias is None else torch.addmm(bias, x, weight)

    @staticmethod
    def backward(ctx, g):
        x, weight = ctx.saved_tensors
        ctx.calls.append((x.detach(), g.detach()))
        return g @ weight.t(), None, None, None


class _HalfProduct(torch.autograd.Function):
    """The same in bfloat16, summed in float32 by the processor."""

    @staticmethod
    def forward(ctx, x, shared):
        ctx.shared, ctx.x = shared, x.detach().bfloat16()
        y = (ctx.x @ shared.weight).float()
        return y if shared.bias is None else y + shared.bias

    @staticmethod
    def backward(ctx, g):
        g = g.bfloat16()
        ctx.shared.calls.append((ctx.x, g))
        return (g @ ctx.shared.across).float(), None


class SharedMemory:
    """sum_t w[b, t] memory[b, t] in every decoder step; the gradient of the memory is one product at the end."""

    def __init__(self, memory):
        self.memory, self.calls = memory.detach(), []

    def __call__(self, w):
        return _Context.apply(w, self.memory, self.calls)

    def gradient(self):
        w, g = (torch.stack(t, 1) for t in zip(*self.calls)); self.calls.clear()
        return torch.bmm(w.transpose(1, 2), g)


class _Context(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, memory, calls):
        ctx.save_for_backward(w, memory); ctx.calls = calls
        return torch.bmm(w.unsqueeze(1), memory).squeeze(1)

    @staticmethod
    def backward(ctx, g):
        w, memory = ctx.saved_tensors
        ctx.calls.append((w.detach(), g.detach()))
        return torch.bmm(memory, g.unsqueeze(2)).squeeze(2), None, None


def batch_norm(bn, x, mask, train, plain):
    """BatchNorm1d over the unmasked positions; mask [B, 1, L]."""
    if plain and train: return bn(x)
    if train:
        count = mask.sum()
        mean = (x * mask).sum((0, 2)) / count
        var = (((x - mean[None, :, None]) * mask) ** 2).sum((0, 2)) / count
        with torch.no_grad():
            bn.running_mean.lerp_(mean, bn.momentum); bn.running_var.lerp_(var * (count / (count - 1)), bn.momentum)
    else:
        mean, var = bn.running_mean, bn.running_var
    scale = torch.rsqrt(var + bn.eps) * bn.weight
    return x * scale[None, :, None] + (bn.bias - mean * scale)[None, :, None]


def bilstm(lstm, x, n):
    """A bidirectional LSTM over rows of different lengths, equal to the packed one: the backward direction reads each row reversed within its length."""
    B, T, _ = x.shape; H = lstm.hidden_size
    at = torch.arange(T, device=x.device)[None]
    back = n[:, None] - 1 - at; back = torch.where(back < 0, at.expand_as(back), back)[..., None]
    both = torch.stack((x, x.gather(1, back.expand_as(x)))).reshape(2, B * T, -1)
    w_ih = torch.stack((lstm.weight_ih_l0, lstm.weight_ih_l0_reverse)).transpose(1, 2)
    w_hh = torch.stack((lstm.weight_hh_l0, lstm.weight_hh_l0_reverse)).transpose(1, 2)
    bias = torch.stack((lstm.bias_ih_l0 + lstm.bias_hh_l0, lstm.bias_ih_l0_reverse + lstm.bias_hh_l0_reverse))
    gates = torch.baddbmm(bias[:, None], both, w_ih).reshape(2, B, T, 4 * H).permute(2, 0, 1, 3).reshape(T, 2 * B, 4 * H)
    h = x.new_zeros(2 * B, H); c = h; hs = []
    for g in gates.unbind(0):
        h, c = cell(g, torch.bmm(h.view(2, B, H), w_hh).view(2 * B, 4 * H), c)
        hs.append(h)
    y = torch.stack(hs, 1).view(2, B, T, H)
    return torch.cat((y[0], y[1].gather(1, back.expand(B, T, H))), 2) * (at < n[:, None])[..., None]


def encode(model, x, n, train, plain):
    live = (torch.arange(x.size(1), device=x.device)[None] < n[:, None])[:, None].float()
    spell = (x[..., None] == torch.arange(model.c.n_symbols, device=x.device)).to(model.embedding.weight.dtype)
    h = (spell @ model.embedding.weight).transpose(1, 2)  # an embedding's own gradient may sort, and wait for the host
    for conv, bn in model.encoder.convolutions:
        h = F.dropout(F.relu(batch_norm(bn, conv(h if plain else h * live), live, train, plain)), model.c.encoder_dropout, train)
    return bilstm(model.encoder.lstm, h.transpose(1, 2), n)


def postnet(model, x, keep, train, plain):
    last = len(model.postnet.convolutions) - 1
    for i, (conv, bn) in enumerate(model.postnet.convolutions):
        x = batch_norm(bn, conv(x if plain else x * keep), keep, train, plain)
        x = F.dropout(torch.tanh(x) if i < last else x, model.c.postnet_dropout, train)
    return x


def forward(model, x, n, y, f, train=True, plain=False):
    """(mel, mel after the postnet, gate logits [B, S], alignment [B, S, T], finish): `finish` is to be called right after backward()."""
    d, c = model.decoder, model.c
    B, T = x.shape; S = y.size(2) // c.n_frames_per_step; P = c.prenet_dim
    encoded = encode(model, x, n, train, plain)
    memory = encoded.detach().requires_grad_(train)  # the decoder's gradient goes on into the encoder in `finish`
    at = torch.arange(T, device=x.device)[None]
    bias = memory.new_zeros(B, T).masked_fill(at >= n[:, None], float('-inf'))
    frames = y.transpose(1, 2).reshape(B, S, -1).transpose(0, 1)
    p = d.prenet(torch.cat((torch.zeros_like(frames[:1]), frames[:-1])))
    r1, r2, att = d.attention_rnn, d.decoder_rnn, d.attention_layer
    gates = F.linear(p, r1.weight_ih[:, :P], r1.bias_ih + r1.bias_hh)
    one = Shared(torch.cat((r1.weight_ih[:, P:], r1.weight_hh), 1).t())
    two = Shared(torch.cat((r2.weight_ih, r2.weight_hh), 1).t(), r2.bias_ih + r2.bias_hh)
    query = Shared(att.query_layer.linear_layer.weight.t())
    look = SharedMemory(encoded)
    kernel = att.location_layer.location_conv.conv.weight; K = kernel.size(2)  # the location convolution and the layer behind it are one product
    place = (att.location_layer.location_dense.linear_layer.weight @ kernel.flatten(1)).t()
    place = Shared(place); v = att.v.linear_layer.weight[0]; A = v.size(0)
    keys = att.memory_layer(memory)
    zeros = lambda n: memory.new_zeros(B, n)
    h1, c1, h2, c2 = zeros(c.attention_rnn_dim), zeros(c.attention_rnn_dim), zeros(c.decoder_rnn_dim), zeros(c.decoder_rnn_dim)
    w, total, context, nothing = zeros(T), zeros(T), zeros(c.encoder_embedding_dim), zeros(4 * c.decoder_rnn_dim)
    drop = c.p_dropout if train else 0
    if drop:
        keep1 = F.dropout(memory.new_ones(S, B, c.attention_rnn_dim), drop).unbind(0)
        keep2 = F.dropout(memory.new_ones(S, B, c.decoder_rnn_dim), drop).unbind(0)
    hs, cs, ws = [], [], []
    for s, g in enumerate(gates.unbind(0)):
        h1, c1 = cell(g, one(torch.cat((context, h1), 1)), c1)
        if drop: h1 = h1 * keep1[s]
        near = F.pad(torch.stack((w, total), 1), (K // 2, K // 2)).unfold(2, K, 1).permute(0, 2, 1, 3).reshape(B * T, 2 * K)
        e = torch.tanh(place(near).view(B, T, A) + (keys + query(h1)[:, None])).view(B * T, A) @ v
        w = torch.softmax(e.view(B, T) + bias, 1)
        context, total = look(w), total + w
        h2, c2 = cell(two(torch.cat((h1, context, h2), 1)), nothing, c2)
        if drop: h2 = h2 * keep2[s]
        hs.append(h2); cs.append(context); ws.append(w)
    out = torch.cat((torch.stack(hs, 1), torch.stack(cs, 1)), 2)
    mel = d.linear_projection(out).reshape(B, -1, c.n_mel_channels).transpose(1, 2)
    keep = (torch.arange(y.size(2), device=x.device)[None] < f[:, None])[:, None].float()
    post = mel + postnet(model, mel, keep, train, plain)

    def finish():
        pairs = [q for shared in (one, two, query, place) for q in shared.gradients()]
        pairs.append((encoded, look.gradient() + memory.grad))
        torch.autograd.backward(*zip(*pairs))

    return mel, post, d.gate_layer(out).squeeze(-1), torch.stack(ws, 1), finish


def loss_of(out, x, n, y, f, r, guide_weight):
    """(loss, [recon, gate, guide, focus] without gradient), by masks.

    Squared and absolute error of both mels; the gate's cross-entropy up to six steps past the end; guided attention (arXiv:1710.08969).
    `focus` is no loss: the mean of the largest attention weight, near 1 for a model that reads.
    """
    mel, post, gate, al, _ = out
    keep = (torch.arange(y.size(2), device=x.device)[None] < f[:, None])[:, None].float()
    count = keep.sum() * y.size(1)
    recon = sum((d * d + d.abs()).sum() for d in ((mel - y) * keep, (post - y) * keep)) / count
    steps = torch.div(f + r - 1, r, rounding_mode='floor'); at = torch.arange(gate.size(1), device=x.device)[None]
    near = (at < steps[:, None] + 6).float()
    g = (F.binary_cross_entropy_with_logits(gate, (at >= steps[:, None] - 1).float(), reduction='none') * near).sum() / near.sum()
    live = (at < steps[:, None]).float(); spoken = torch.arange(x.size(1), device=x.device)[None]
    t, s = spoken / n[:, None], at / steps[:, None]
    off = (1 - torch.exp(-(t[:, None] - s[:, :, None]) ** 2 / (2 * 0.25 ** 2))) * (live[:, :, None] * (spoken < n[:, None])[:, None])
    ga = (al * off).sum() / live.sum()
    focus = (al.detach().amax(2) * live).sum() / live.sum()
    return recon + g + guide_weight * ga, torch.stack((recon.detach(), g.detach(), ga.detach(), focus))
