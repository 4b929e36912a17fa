"""The mels that an acoustic model makes of the clips it knows: python3 teacher_forced.py DATA WEIGHTS [--limit N] [--seed N]

Writes DATA/aligned/ID.pt, half precision [80, F] with the F frames of the clip itself. The model is fed the clip's own frames, so that its mel lies
over the recording frame by frame, and the prenet's dropout is on, as it is in synthesis. A vocoder that learns from these mels
(train_spectrogram.py, train_hifigan.py) hears what it will get: the fine-tuning of HiFi-GAN (arXiv:2010.05646, its experiment with end-to-end
synthesis). WEIGHTS is a .pt of train_tacotron2.py or train_gpu.py, or a model folder; the widths and the frames a step are those of its config, else
those of the small model.
Files that are there are written anew.
"""
import argparse, os, time
import torch
import data, graph_tacotron, weights
from cpu import multiplies_bfloat16
from model import Config, Tacotron2
from train_tacotron2 import collate


@torch.no_grad()
def aligned_mels(model, items):
    """[80, F] in half precision of each (token ids, mel [80, F])."""
    x, n, y, f = collate(items, model.c.n_frames_per_step)
    post = graph_tacotron.forward(model, x, n, y, f, train=False)[1]
    return [post[k, :, :frames].half().clone() for k, frames in enumerate(f.tolist())]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data'); p.add_argument('weights')
    p.add_argument('--limit', type=int, help='only the first N sentences of the list')
    p.add_argument('--seed', type=int, default=1, help='of the dropout')
    p.add_argument('--batch', type=int, default=16); p.add_argument('--threads', type=int, default=1)
    a = p.parse_args()
    torch.manual_seed(a.seed); torch.set_num_threads(a.threads); graph_tacotron.half = multiplies_bfloat16()
    model = Tacotron2(weights.config_of(a.weights) or Config.small()); weights.init_model(model, a.weights); model.eval()

    folder, items = os.path.join(a.data, 'aligned'), []; os.makedirs(folder, exist_ok=True)
    listed = data.read_list(os.path.join(a.data, 'sents.txt'))[:a.limit]
    for name, ids in listed:
        path = os.path.join(a.data, 'wav', name + '.wav')
        if os.path.exists(path): items.append((os.path.getsize(path), name, ids))
    items.sort()  # a batch of clips of one length wastes nothing on padding
    begun = said = time.time(); done = 0
    for at in range(0, len(items), a.batch):
        part = [(name, ids, data.read_wav(os.path.join(a.data, 'wav', name + '.wav'))) for _, name, ids in items[at:at + a.batch]]
        part = [(name, ids, data.features(x)) for name, ids, x in part if x is not None and len(x) > 1024]
        mels = aligned_mels(model, [(ids, mel) for _, ids, mel in part]) if part else []
        for (name, _, _), mel in zip(part, mels): weights.write(os.path.join(folder, name + '.pt'), mel)
        done += len(part)
        if time.time() - said > 20: print(f'{done} of {len(items)} clips, {time.time() - begun:.0f} s', flush=True); said = time.time()
    print(f'{done} of {len(listed)} sentences have an aligned mel', flush=True)


if __name__ == '__main__':
    main()
