"""Writes what the engine's tests hold its spectrogram network to: python3 make_golden.py

../tests/golden/spectrogram_network.safetensors: the network in float64 on a mel, both from the formula of tests/golden/README.md.
../tests/checkpoints/spectrogram.pt: a network of four channels as train_spectrogram.py saves one, its weights from the same formula.
"""
import json, os, struct
import numpy as np, torch
import spectrogram, weights

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests')
FRAMES = 24


def uniform(name, count):
    """u(name, 0..count) of tests/golden/README.md, float32."""
    mask, key = (1 << 64) - 1, 0xcbf29ce484222325
    for octet in name.encode(): key = ((key ^ octet) * 0x100000001b3) & mask
    z = np.uint64(key) + np.arange(count, dtype=np.uint64) + np.uint64(0x9e3779b97f4a7c15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2 ** 24).astype(np.float32)


def values(name, shape):
    """A tensor of the formula, all arithmetic in float32."""
    one, u = np.float32(1), uniform(name, int(np.prod(shape)))
    bound = np.float32(0.1) if len(shape) == 1 else np.sqrt(np.float32(3) / np.float32(np.prod(shape[1:])))
    return torch.from_numpy((bound * (np.float32(2) * u - one)).reshape(shape))


def procedural(network):
    network.load_state_dict({k: values(k, tuple(v.shape)) for k, v in network.state_dict().items()})
    return network


def write_safetensors(path, tensors, metadata):
    head, data = {'__metadata__': metadata}, b''
    for name, tensor in tensors.items():
        octets = tensor.contiguous().numpy().astype('<f4').tobytes()
        head[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [len(data), len(data) + len(octets)]}; data += octets
    text = json.dumps(head).encode(); text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f: f.write(struct.pack('<Q', len(text)) + text + data)


@torch.no_grad()
def main():
    network = procedural(spectrogram.SpectrogramNetwork())
    mel = torch.from_numpy((spectrogram.SILENCE + 12 * uniform('mel', 80 * FRAMES)).astype(np.float32).reshape(1, 80, FRAMES))
    single, exact = network(mel), network.double()(mel.double())
    error = float(((exact.double() - single.double()) ** 2).sum() / (exact.double() ** 2).sum())
    write_safetensors(os.path.join(TESTS, 'golden', 'spectrogram_network.safetensors'), {'mel': mel, 'log_magnitudes': exact},
                      {'torch_f32_nmse.log_magnitudes': repr(error)})
    small = procedural(spectrogram.SpectrogramNetwork(channels=4, dilations=[[1, 2], [4]]))
    weights.write(os.path.join(TESTS, 'checkpoints', 'spectrogram.pt'), {'generator': small.state_dict(), 'steps': 1, 'config': small.config()})


if __name__ == '__main__':
    main()
