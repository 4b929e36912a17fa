"""Train the acoustic model of the default voice on a CPU: python3 train_tacotron2.py DATA OUT [--init WEIGHTS] [--steps N] [--minutes N]

DATA holds sents.txt (id|text|{ARPAbet}...) and wav/ID.wav (22.05 kHz mono 16 bit); clips that appear later are taken in.
OUT/last.pt resumes; OUT/tacotron2.pt is the model as trained and OUT/ema.pt its moving average, which is what ships (NVIDIA layout).
The learning rate falls as a cosine over --steps or over --minutes, whichever is done first. On a GPU: train_gpu.py.
"""
import argparse, math, os, random, signal, time
import torch
import data as clips_of, graph_tacotron, weights
from allocator import keep_memory
from cpu import multiplies_bfloat16
from model import Config, Tacotron2
from options import dropout_times


def collate(items, r):
    """Padded batch of (token ids, mel [80, F]): ids, their counts, mel, frame counts."""
    n = torch.tensor([len(i) for i, _ in items]); f = torch.tensor([m.size(1) for _, m in items])
    x = torch.zeros(len(items), int(n.max()), dtype=torch.long)
    y = torch.full((len(items), 80, -(-int(f.max()) // r) * r), clips_of.PAD)
    for k, (i, m) in enumerate(items):
        x[k, :n[k]] = torch.as_tensor(i, dtype=torch.long); y[k, :, :f[k]] = m.float()
    return x, n, y, f


def main():
    p = argparse.ArgumentParser()
    p.add_argument('data'); p.add_argument('out')
    p.add_argument('--init', help='weights to begin with when OUT has no last.pt: .pt, .safetensors or a model folder')
    p.add_argument('--full', action='store_true'); p.add_argument('--minutes', type=float, default=60)
    p.add_argument('--batch', type=int, default=16); p.add_argument('--threads', type=int, default=1)
    p.add_argument('--lr', type=float, default=5e-4); p.add_argument('--min-lr', type=float, default=1e-5)
    p.add_argument('--warm', type=int, default=200); p.add_argument('--steps', type=int, default=8000, help='length of the cosine; then --min-lr')
    p.add_argument('--guide-steps', type=int, default=3000, help='steps of strong attention guidance, for a model from random weights')
    p.add_argument('--decay', type=float, default=0.999, help='of the moving average')
    p.add_argument('--max-frames', type=int, default=420, help='of an utterance; a second has 86')
    p.add_argument('--join', type=float, default=0, help='share of utterances that are two or three clips')
    p.add_argument('--dropout', type=dropout_times, default=1, help='times the published dropout of encoder, LSTM cells and postnet; the prenet keeps its own')
    a = p.parse_args()
    torch.manual_seed(1); random.seed(1); torch.set_num_threads(a.threads); graph_tacotron.half = multiplies_bfloat16()
    os.makedirs(a.out, exist_ok=True); keep_memory()

    listed = clips_of.read_list(os.path.join(a.data, 'sents.txt')); held = {i for i, _ in listed[:32]}
    cache = os.path.join(a.data, 'mels.pt'); known = weights.load_file(cache) if os.path.exists(cache) else {}
    if not isinstance(next(iter(known.values()), None), (torch.Tensor, type(None))): known = {}
    ids, stored, told = dict(listed), [len(known)], [-1]

    def take_in():
        for i, _ in listed:
            if i in known: continue
            x = clips_of.read_wav(os.path.join(a.data, 'wav', i + '.wav'))
            if x is not None and len(x) > 4000: known[i] = clips_of.features(x)
        if len(known) > stored[0]: weights.write(cache, known); stored[0] = len(known)
        ks = [i for i in known if i in ids and i not in held and clips_of.MIN_FRAMES <= known[i].size(1) <= a.max_frames]
        if len(ks) != told[0]:
            print(f'{len(ks)} clips, {sum(known[k].size(1) for k in ks) * 256 / 22050 / 3600:.2f} h', flush=True); told[0] = len(ks)
        return ks

    def batches(r):
        while True:
            ks = take_in(); random.shuffle(ks); items = []
            while ks:
                part = [ks.pop()]
                if random.random() < a.join:
                    while ks and len(part) < 3 and sum(known[k].size(1) for k in part + ks[-1:]) <= a.max_frames: part.append(ks.pop())
                items.append(part)
            items = items[:a.batch * 256]  # then look for new clips
            size = lambda part: sum(known[k].size(1) for k in part)
            pool = [sorted(items[i:i + a.batch * 16], key=size) for i in range(0, len(items), a.batch * 16)]
            bs = [q[i:i + a.batch] for q in pool for i in range(0, len(q) - a.batch + 1, a.batch)]
            if not bs:
                raise SystemExit(f'{a.data}: found {len(items)} utterances to learn from, expected --batch {a.batch}; add clips or lower --batch')
            random.shuffle(bs)
            for b in bs:
                yield collate([(clips_of.join_ids([ids[k] for k in part], random), torch.cat([known[k] for k in part], 1)) for part in b], r)

    model = Tacotron2((Config() if a.full else Config.small()).with_dropout(a.dropout))
    opt = torch.optim.Adam(model.parameters(), a.lr, betas=(0.9, 0.99), eps=1e-6, weight_decay=1e-6)
    step, last = 0, os.path.join(a.out, 'last.pt')
    if os.path.exists(last):
        s = weights.load_file(last); model.load_state_dict(s['model']); opt.load_state_dict(s['opt']); step = s['step']
    elif a.init:
        weights.init_model(model, a.init)
    ema = weights.Average(model, a.decay)
    if os.path.exists(last) and 'ema' in s: ema.restore(s['ema'], s['ema_steps'])

    def save():
        weights.write(last, {'model': model.state_dict(), 'opt': opt.state_dict(), 'step': step, 'ema': ema.state, 'ema_steps': ema.steps})
        for name, state in ('tacotron2.pt', model.state_dict()), ('ema.pt', ema.state):
            weights.write(os.path.join(a.out, name), {'state_dict': state, 'iteration': step, 'config': model.c.to_dict()})

    stop, r = [], model.c.n_frames_per_step
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))  # finish the step, save, leave
    start = saved = time.time(); sums = None
    for batch in batches(r):
        if stop or time.time() - start > a.minutes * 60: break
        step += 1
        done = min(max(step / a.steps, (time.time() - start) / 60 / a.minutes), 1)
        lr = a.min_lr + (a.lr - a.min_lr) * 0.5 * (1 + math.cos(math.pi * done))
        for g in opt.param_groups: g['lr'] = lr * min(step / a.warm, 1)
        model.train(); opt.zero_grad(); out = graph_tacotron.forward(model, *batch)
        loss, parts = graph_tacotron.loss_of(out, *batch, r, 10.0 if step < a.guide_steps else 2.0)
        loss.backward(); out[-1]()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); opt.step(); ema.update(model)
        sums = parts if sums is None else 0.95 * sums + 0.05 * parts  # a running mean: single batches differ a lot in length
        if step % 20 == 0:
            recon, gate, guide, focus = sums.tolist()
            print(f'{step} {time.time() - start:.0f}s lr {lr:.1e} recon {recon:.3f} gate {gate:.4f} guide {guide:.4f} focus {focus:.3f} norm {norm:.2f}', flush=True)
        if time.time() - saved > 300:
            save(); saved = time.time()
    save()


if __name__ == '__main__':
    main()
