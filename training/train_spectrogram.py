"""Train a voice's spectrogram network, the vocoder for a CPU: python3 train_spectrogram.py DATA OUT [--minutes N] [--steps N] [--channels N]

DATA/wav holds 22.05 kHz mono 16-bit clips. From a mel the network predicts the log magnitudes of the spectra that the mel was made of
(spectrogram.py); the loss is their L1 and 0.3 of the L1 of the log-mels they have. DATA/aligned/ID.pt, where teacher_forced.py has left them, are
mels as an acoustic model makes them; in --aligned of the batch they take the place of the clip's own, and what is to be predicted stays the clip's.
OUT/last.pt resumes; OUT/spectrogram.pt is the moving average of the weights with its config, for `cudatts convert`. Clips that appear later are
taken in. SIGTERM finishes the step and saves.
"""
import argparse, math, os, random, signal, time
import torch
import audio, data, weights
from allocator import keep_memory
from cpu import multiplies_bfloat16
from segments import Clips, cut
from spectrogram import SpectrogramNetwork, log_magnitudes, losses


@torch.no_grad()
def held_out_errors(network, clips):
    """(log-magnitude L1, log-mel L1) over the held-out clips from their own mels, and from the aligned ones; None where there are none."""
    errors = {'own': [], 'aligned': []}
    for name, x in clips.held:
        target = log_magnitudes(cut(x, -audio.EDGE, len(x) + audio.EDGE)[None].to(clips.device))
        for kind, m in ('own', data.features(x.numpy())), ('aligned', clips.aligned_mel(name, x)):
            if m is not None: errors[kind].append(torch.stack(losses(network(m[None].float().to(clips.device)), target)))
    return [torch.stack(e).mean(0).tolist() if e else None for e in errors.values()]


def main():
    p = argparse.ArgumentParser()
    p.add_argument('data'); p.add_argument('out')
    p.add_argument('--init', help='weights to begin with when OUT has no last.pt: .pt, .safetensors or a model folder')
    p.add_argument('--channels', type=int, default=192)
    p.add_argument('--minutes', type=float, default=60); p.add_argument('--device', default='cpu'); p.add_argument('--threads', type=int, default=1)
    p.add_argument('--batch', type=int, default=16); p.add_argument('--segment', type=int, default=96 * audio.HOP, help='samples')
    p.add_argument('--lr', type=float, default=1e-3); p.add_argument('--min-lr', type=float, default=1e-5)
    p.add_argument('--warm', type=int, default=100); p.add_argument('--steps', type=int, default=8000, help='length of the cosine; then --min-lr')
    p.add_argument('--mel-weight', type=float, default=0.3, help='of the log-mel loss')
    p.add_argument('--aligned', type=float, default=0.5, help='share of the mels that an acoustic model made, where there are any')
    p.add_argument('--decay', type=float, default=0.999, help='of the moving average')
    a = p.parse_args()
    torch.manual_seed(1); random.seed(1); torch.set_num_threads(a.threads); os.makedirs(a.out, exist_ok=True)
    if a.device == 'cpu': keep_memory()

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    clips = Clips(a.data, a.segment, a.aligned, a.device)
    if not clips.clips:
        raise SystemExit(f'{a.data}/wav: found {len(clips.held)} clips of a segment or more, expected over 8; add clips or lower --segment')
    print(f'{len(clips.clips)} clips, {clips.hours():.2f} h, {len(clips.aligned)} aligned mels', flush=True)
    network = SpectrogramNetwork(a.channels).to(a.device); network.half = a.device == 'cpu' and multiplies_bfloat16()
    opt = torch.optim.Adam(network.parameters(), a.lr, betas=(0.9, 0.99))
    step, last = 0, os.path.join(a.out, 'last.pt')
    if os.path.exists(last):
        s = weights.load_file(last); network.load_state_dict(s['model']); opt.load_state_dict(s['opt']); step = s['step']
    elif a.init:
        weights.init_model(network, a.init)
    mean = weights.Average(network, a.decay)
    if os.path.exists(last): mean.restore(s['mean'], s['mean_steps'])

    def save():
        n = SpectrogramNetwork(a.channels); n.load_state_dict(mean.state)
        own, aligned = held_out_errors(n.to(a.device), clips)
        more = '; of aligned mels {:.4f} and {:.4f}'.format(*aligned) if aligned else ''
        print('{}: held-out log-magnitude L1 {:.4f}, log-mel L1 {:.4f}'.format(step, *own) + more, flush=True)
        weights.write(last, {'model': network.state_dict(), 'opt': opt.state_dict(), 'step': step, 'mean': mean.state, 'mean_steps': mean.steps})
        weights.write(os.path.join(a.out, 'spectrogram.pt'), {'generator': n.cpu().state_dict(), 'steps': step, 'config': n.config()})

    start = saved = time.time(); sums = None
    while not stop and time.time() - start < a.minutes * 60:
        step += 1
        lr = a.min_lr + (a.lr - a.min_lr) * 0.5 * (1 + math.cos(math.pi * min(step / a.steps, 1)))
        for g in opt.param_groups: g['lr'] = lr * min(step / a.warm, 1)
        mel, x = clips.batch(a.batch)
        with torch.no_grad(): target = log_magnitudes(x)
        parts = losses(network(mel), target); loss = parts[0] + a.mel_weight * parts[1]
        opt.zero_grad(); loss.backward(); norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0); opt.step(); mean.update(network)
        parts = [q.item() for q in parts]
        sums = parts if sums is None else [0.98 * s + 0.02 * q for s, q in zip(sums, parts)]
        if step % 100 == 0:
            line = '{} {:.0f}s lr {:.1e} log-magnitude {:.4f} log-mel {:.4f} norm {:.2f}'
            print(line.format(step, time.time() - start, lr, *sums, norm), flush=True)
        if time.time() - saved > 240: save(); clips.take_in(); saved = time.time()
    save()


if __name__ == '__main__':
    main()
