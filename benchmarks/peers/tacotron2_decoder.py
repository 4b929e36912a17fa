"""One Tacotron 2 decoder step (arXiv:1712.05884) at NVIDIA's full size in PyTorch, with the public checkpoint's tensor names, for export to ONNX."""

import torch
import torch.nn.functional as F
from torch import nn

MEL, MEMORY, PRENET, RNN, ATTENTION, FILTERS, TAPS = 80, 512, 256, 1024, 128, 32, 31


class LinearLayer(nn.Module):
    def __init__(self, inputs, outputs, bias):
        super().__init__()
        self.linear_layer = nn.Linear(inputs, outputs, bias=bias)

    def forward(self, x):
        return self.linear_layer(x)


class LocationConv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, FILTERS, TAPS, padding=(TAPS - 1) // 2, bias=False)

    def forward(self, x):
        return self.conv(x)


class LocationLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.location_conv = LocationConv()
        self.location_dense = LinearLayer(FILTERS, ATTENTION, False)

    def forward(self, weights, cumulative):
        return self.location_dense(self.location_conv(torch.stack((weights, cumulative), 1)).transpose(1, 2))


class AttentionLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query_layer = LinearLayer(RNN, ATTENTION, False)
        self.memory_layer = LinearLayer(MEMORY, ATTENTION, False)
        self.v = LinearLayer(ATTENTION, 1, False)
        self.location_layer = LocationLayer()

    def forward(self, query, memory, keys, weights, cumulative):
        energies = self.v(torch.tanh(self.query_layer(query).unsqueeze(1) + self.location_layer(weights, cumulative) + keys))
        weights = F.softmax(energies.squeeze(2), 1)
        return torch.bmm(weights.unsqueeze(1), memory).squeeze(1), weights


class Prenet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList((LinearLayer(MEL, PRENET, False), LinearLayer(PRENET, PRENET, False)))


class DecoderStep(nn.Module):
    """Inputs and outputs are batch 1; a keep mask holds 0 or 2 a unit (dropout of one half, always on).

    `form` is how the two LSTM cells reach ONNX: "cells" (two Gemm each and pointwise nodes), "merged" (one Gemm each over [x, h]),
    "lstm" (ONNX's LSTM operator over a sequence of one).
    """

    def __init__(self, form):
        super().__init__()
        self.form = form
        self.prenet = Prenet()
        self.attention_rnn = nn.LSTMCell(PRENET + MEMORY, RNN)
        self.attention_layer = AttentionLayer()
        self.decoder_rnn = nn.LSTMCell(RNN + MEMORY, RNN)
        self.linear_projection = LinearLayer(RNN + MEMORY, MEL, True)
        self.gate_layer = LinearLayer(RNN + MEMORY, 1, True)

    def prepare(self):
        """Derives, from the filled weights, what the chosen form needs."""
        self.forms = nn.ModuleDict({name: self._form(getattr(self, name)) for name in ("attention_rnn", "decoder_rnn")})
        return self

    @torch.no_grad()
    def _form(self, cell):
        if self.form == "lstm":
            layer = nn.LSTM(cell.input_size, cell.hidden_size)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(layer, name + "_l0").copy_(getattr(cell, name))
            return layer
        if self.form == "merged":
            layer = nn.Linear(cell.input_size + cell.hidden_size, 4 * cell.hidden_size)
            layer.weight.copy_(torch.cat((cell.weight_ih, cell.weight_hh), 1))
            layer.bias.copy_(cell.bias_ih + cell.bias_hh)
            return layer
        return cell

    def _lstm(self, name, x, hidden, cell):
        layer = self.forms[name]
        if self.form == "lstm":
            _, (hidden, cell) = layer(x.unsqueeze(0), (hidden.unsqueeze(0), cell.unsqueeze(0)))
            return hidden.squeeze(0), cell.squeeze(0)
        if self.form == "merged":
            i, f, g, o = layer(torch.cat((x, hidden), 1)).chunk(4, 1)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
            return torch.sigmoid(o) * torch.tanh(cell), cell
        return layer(x, (hidden, cell))

    def forward(self, frame, keep0, keep1, attention_hidden, attention_cell, decoder_hidden, decoder_cell, context,
                weights, cumulative, memory, keys):
        x = F.relu(self.prenet.layers[0](frame)) * keep0
        x = F.relu(self.prenet.layers[1](x)) * keep1
        attention_hidden, attention_cell = self._lstm("attention_rnn", torch.cat((x, context), 1), attention_hidden, attention_cell)
        context, weights = self.attention_layer(attention_hidden, memory, keys, weights, cumulative)
        cumulative = cumulative + weights
        decoder_hidden, decoder_cell = self._lstm("decoder_rnn", torch.cat((attention_hidden, context), 1), decoder_hidden, decoder_cell)
        features = torch.cat((decoder_hidden, context), 1)
        return (self.linear_projection(features), self.gate_layer(features), attention_hidden, attention_cell,
                decoder_hidden, decoder_cell, context, weights, cumulative)
