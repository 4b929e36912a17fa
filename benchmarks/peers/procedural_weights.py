"""The procedural weights of the golden files, vectorised: the same formula as tests/CudaTts.Tests/ProceduralWeights.cs."""

import numpy as np
import torch

U64 = np.uint64
MASK = (1 << 64) - 1


def fnv1a64(name):
    value = 0xCBF29CE484222325
    for octet in name.encode("utf-8"):
        value = ((value ^ octet) * 0x100000001B3) & MASK
    return value


def uniform(name, count):
    """u(name, 0..count-1) in [0, 1), float32 (24 random bits, so the division is exact)."""
    with np.errstate(over="ignore"):
        z = U64(fnv1a64(name)) + np.arange(count, dtype=U64) + U64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> U64(30))) * U64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> U64(27))) * U64(0x94D049BB133111EB)
        z ^= z >> U64(31)
    return (z >> U64(40)).astype(np.float32) / np.float32(1 << 24)


def gain(name):
    last = name.rsplit(".", 1)[-1]
    if last in ("emb_rel_k", "emb_rel_v"):
        return np.float32(5)
    if name.endswith(("conv_q.weight", "conv_k.weight")) or (name.startswith("dp.flows.") and name.endswith("proj.weight")):
        return np.float32(1.5)
    if name.startswith("enc_p.proj.") or name == "dec.conv_post.weight":
        return np.float32(0.5)
    if name == "emb_g.weight":
        return np.float32(8)
    if ".v." in name:
        return np.float32(10)
    if any(part in name for part in ("query_layer", "memory_layer", "location")):
        return np.float32(1.5)
    return np.float32(0.3) if ".end." in name else np.float32(1)


def values(name, shape):
    """One tensor of the state dict by its name, all arithmetic in float32."""
    u = uniform(name, int(np.prod(shape, dtype=np.int64))).reshape(shape)
    last = name.rsplit(".", 1)[-1]
    one = np.float32(1)
    two = np.float32(2)
    if last in ("running_var", "weight_g", "gamma") or (last == "weight" and len(shape) == 1):
        return np.float32(0.5) + u
    if len(shape) == 1:
        value = np.float32(0.1) * gain(name) * (two * u - one)
        # Without stochastic durations this bias keeps them from being all of one frame.
        return value + one if name == "dp.proj.bias" and shape == (1,) else value
    fan_in = np.float32(np.prod(shape[1:], dtype=np.int64))
    value = gain(name) * np.sqrt(np.float32(3) / fan_in) * (two * u - one)
    if name in ("dp.flows.0.m", "dp.flows.0.logs"):
        return np.float32(0.1) * value + np.float32(-1.5 if last == "m" else 0.4)
    if name.startswith("convinv."):
        # An invertible 1x1 convolution is near the identity, so that its inverse is well conditioned.
        return np.eye(shape[0], dtype=np.float32)[:, :, None] + np.float32(0.2) * value
    return value


@torch.no_grad()
def fill(module, prefix=""):
    """Overwrites every float tensor of the module's state dict, named with the prefix in front."""
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.from_numpy(values(prefix + name, tuple(tensor.shape))))
