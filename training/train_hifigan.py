"""Train the vocoder of a voice, the plain way: python3 train_hifigan.py DATA OUT [--version v3] [--channels N] [--minutes N] [--device cuda]

DATA/wav holds 22.05 kHz mono 16-bit clips. Losses: log-mel L1 (45, as HiFi-GAN, arXiv:2010.05646) and spectra of five resolutions (as Parallel
WaveGAN, arXiv:1910.11480) from the first step on; after --alone steps also least-squares GAN and feature matching (2) over small discriminators:
multi-period ones, `--part` times narrower than the paper's, and spectrograms of three resolutions in place of the multi-scale ones, whose grouped
convolutions a CPU has no time for. DATA/aligned/ID.pt, where teacher_forced.py has left them, are mels as an acoustic model makes them; they take
the place of the clip's own in --aligned of the batch. For a GPU: a CPU does not bring it far, and has train_spectrogram.py.
OUT/last.pt resumes; OUT/generator.pt is the moving average of the weights, in the public key layout with weight norm folded, and OUT/config.json
its layout. SIGTERM finishes the step and saves.
"""
import argparse, json, math, os, random, signal, time
import torch
from torch.nn import functional as F
import audio, data, hifigan, weights
from allocator import keep_memory
from cpu import multiplies_bfloat16
from segments import Clips

RESOLUTIONS = [(128, 32), (256, 64), (512, 128), (1024, 256), (2048, 512)]  # (window, hop) of the spectral losses


def spectral_loss(y, x):
    """Spectral convergence and log-magnitude L1, the mean over the resolutions. y is made, x is real, both [B, N]."""
    total = 0
    for window, hop in RESOLUTIONS:
        a, b = audio.spectrum(y, window, hop), audio.spectrum(x, window, hop)
        total = total + torch.linalg.vector_norm(a - b) / torch.linalg.vector_norm(b) + (a.log() - b.log()).abs().mean()
    return total / len(RESOLUTIONS)


@torch.no_grad()
def held_out_error(generator, clips):
    """Log-mel L1 of the held-out clips."""
    errors = []
    for _, x in clips.held:
        mel = data.features(x.numpy())
        again = audio.log_mel(generator(mel[None].float().to(clips.device))[:, 0].float())
        n = min(mel.size(1), again.size(2)); errors.append((mel[:, :n].to(again) - again[0, :, :n]).abs().mean().item())
    return sum(errors) / len(errors)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('data'); p.add_argument('out')
    p.add_argument('--version', default='v3', choices=['v1', 'v2', 'v3'])
    p.add_argument('--channels', type=int, help='upsample_initial_channel, if not the version\'s own')
    p.add_argument('--minutes', type=float, default=60); p.add_argument('--device', default='cpu'); p.add_argument('--threads', type=int, default=1)
    p.add_argument('--batch', type=int, default=16); p.add_argument('--segment', type=int, default=8192)
    p.add_argument('--lr', type=float, default=1e-3); p.add_argument('--min-lr', type=float, default=2e-5)
    p.add_argument('--warm', type=int, default=100); p.add_argument('--steps', type=int, default=20000, help='length of the cosine; then --min-lr')
    p.add_argument('--alone', type=int, default=8000, help='steps without discriminators')
    p.add_argument('--part', type=int, default=8, help='how many times narrower than the paper\'s the period discriminators are')
    p.add_argument('--aligned', type=float, default=0.5, help='share of the mels that an acoustic model made, where there are any')
    p.add_argument('--decay', type=float, default=0.999, help='of the moving average')
    a = p.parse_args()
    torch.manual_seed(1); random.seed(1); torch.set_num_threads(a.threads); os.makedirs(a.out, exist_ok=True)
    if a.device == 'cpu': keep_memory()
    layout = dict(getattr(hifigan, a.version.upper()))
    if a.channels: layout['upsample_initial_channel'] = a.channels
    with open(os.path.join(a.out, 'config.json'), 'w') as f: json.dump(layout, f, indent=2)

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    clips = Clips(a.data, a.segment, a.aligned, a.device)
    if not clips.clips:
        raise SystemExit(f'{a.data}/wav: found {len(clips.held)} clips of a segment or more, expected over 8; add clips or lower --segment')
    print(f'{len(clips.clips)} clips, {clips.hours():.2f} h, {len(clips.aligned)} aligned mels', flush=True)
    G, D = hifigan.Generator(layout, normed=True).to(a.device), hifigan.SmallDiscriminators(a.part).to(a.device)
    G.half = D.half = a.device == 'cpu' and multiplies_bfloat16()
    og = torch.optim.AdamW(G.parameters(), a.lr, betas=(0.8, 0.99)); od = torch.optim.AdamW(D.parameters(), a.lr, betas=(0.8, 0.99))
    step, last, G_mean = 0, os.path.join(a.out, 'last.pt'), weights.Average(G, a.decay)
    if os.path.exists(last):
        s = weights.load_file(last); step = s['step']; G_mean.restore(s['mean'], s['mean_steps'])
        G.load_state_dict(s['G']); og.load_state_dict(s['og'])
        if {k: v.shape for k, v in s['D'].items()} == {k: v.shape for k, v in D.state_dict().items()}:  # else they begin anew
            D.load_state_dict(s['D']); od.load_state_dict(s['od'])

    def averaged():
        g = hifigan.Generator(layout, normed=True); g.load_state_dict(G_mean.state)
        return g.fold().to(a.device)

    def save():
        g = averaged()
        print(f'{step}: held-out log-mel L1 {held_out_error(g, clips):.4f}', flush=True)
        weights.write(last, {'G': G.state_dict(), 'D': D.state_dict(), 'og': og.state_dict(), 'od': od.state_dict(),
                             'step': step, 'mean': G_mean.state, 'mean_steps': G_mean.steps})
        weights.write(os.path.join(a.out, 'generator.pt'), {'generator': g.cpu().state_dict(), 'steps': step})

    start = saved = time.time(); sums = None
    while not stop and time.time() - start < a.minutes * 60:
        step += 1
        lr = a.min_lr + (a.lr - a.min_lr) * 0.5 * (1 + math.cos(math.pi * min(step / a.steps, 1)))
        for g in og.param_groups + od.param_groups: g['lr'] = lr * min(step / a.warm, 1)
        for g in od.param_groups: g['lr'] = lr * min(max(step - a.alone, 0) / a.warm, 1)
        mel, x = clips.batch(a.batch); x = x[:, audio.EDGE:-audio.EDGE]
        y = G(mel); parts = [0.0, 0.0]
        if step > a.alone:
            loss = hifigan.discriminator_loss(D(x[:, None]), D(y.detach())); parts[0] = loss.item()
            od.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_norm_(D.parameters(), 10.0); od.step()
        near = F.l1_loss(audio.log_mel(y[:, 0]), audio.log_mel(x)); fine = spectral_loss(y[:, 0], x); loss = 45 * near + 10 * fine
        if step > a.alone:
            D.requires_grad_(False)
            with torch.no_grad(): real = D(x[:, None])
            adversarial = hifigan.adversarial_loss(real, D(y)); loss = loss + adversarial; parts[1] = adversarial.item()
            D.requires_grad_(True)
        og.zero_grad(); loss.backward(); norm = torch.nn.utils.clip_grad_norm_(G.parameters(), 100.0); og.step(); G_mean.update(G)
        parts = [near.item(), fine.item()] + parts
        sums = parts if sums is None else [0.98 * s + 0.02 * q for s, q in zip(sums, parts)]
        if step % 100 == 0:
            mean = 'mel {:.4f} spectra {:.4f} D {:.3f} G {:.2f}'.format(*sums)
            print(f'{step} {time.time() - start:.0f}s lr {lr:.1e} {mean} norm {norm:.1f}', flush=True)
        if time.time() - saved > 240: save(); clips.take_in(); saved = time.time()
    save()


if __name__ == '__main__':
    main()
