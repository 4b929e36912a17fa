"""Tests of the spectrogram network, of its trainer, and of the clips and the memory that the vocoders' trainers share; test_train.py runs them."""
import os, subprocess, sys
import torch
from testing import HERE, clips_in, distance, new_folder, stopped_and_resumed, trainer, voice_folder
import audio, data, segments, spectrogram, train_spectrogram, weights


def test_network():
    """Names, shapes, that a frame comes of 21 on each side too, and that padding the mel is silence."""
    network = spectrogram.SpectrogramNetwork(16); mel = torch.randn(2, 80, 50) * 2 - 4
    want = {'conv_pre.weight': (16, 80, 5), 'conv_pre.bias': (16,), 'conv_post.weight': (513, 16, 3), 'conv_post.bias': (513,)}
    for n in range(3):
        for k in ('convs1.0', 'convs1.1', 'convs2.0', 'convs2.1'):
            want[f'resblocks.{n}.{k}.weight'], want[f'resblocks.{n}.{k}.bias'] = (16, 16, 3), (16,)
    assert {k: tuple(v.shape) for k, v in network.state_dict().items()} == want
    assert network.config() == {'model_type': 'spectrogram-network', 'channels': 16, 'resblock_dilation_sizes': [[1, 3], [1, 3], [1, 3]]}
    assert spectrogram.SpectrogramNetwork(8, [[1, 2, 4], [5]]).config()['resblock_dilation_sizes'] == [[1, 2, 4], [5]]
    network.double(); mel = mel.double().requires_grad_(); y = network(mel); assert y.shape == (2, 513, 50)
    touched = torch.autograd.grad(y[:, :, 25].sum(), mel)[0].abs().amax((0, 1)).nonzero()[:, 0].tolist()
    assert touched == list(range(4, 47)), touched
    plain = spectrogram.SpectrogramNetwork(8, []).double(); silence = torch.full((2, 80, 5), spectrogram.SILENCE, dtype=torch.double)
    assert torch.allclose(plain(torch.cat([silence, mel], 2))[:, :, 6:], plain(mel)[:, :, 1:], atol=1e-12)  # the first is conv_post's


def test_network_in_bfloat16():
    """Logarithms within 0.1 on average and the gradient within 5 % of float32; with two kernels the wrong way round it is further off."""
    network = spectrogram.SpectrogramNetwork(64); mel, u = torch.randn(2, 80, 40) * 2 - 5, torch.randn(2, 513, 40)
    sides = []
    for half, wrong in ((False, False), (True, False), (True, True)):
        if wrong: w = network.resblocks[1].convs1[1].weight.data; w.copy_(w.flip(2))
        network.half = half; network.zero_grad(set_to_none=True); y = network(mel); (y * u).sum().backward()
        assert y.dtype == torch.float
        sides.append((y.detach(), torch.cat([q.grad.flatten() for q in network.parameters()])))
    near, far = ([(side[0] - sides[0][0]).abs().mean().item(), distance(side[1], sides[0][1])] for side in sides[1:])
    assert near[0] < 0.1 and near[1] < 0.05 and far[0] > 3 * near[0] and far[1] > 3 * near[1], (near, far)


def test_magnitudes_are_those_of_the_mel():
    """Of true magnitudes there is no loss, and their mel is the clip's own where it is above the floor; a gain is its logarithm."""
    folder = new_folder(); clips_in(folder, 9); x = segments.Clips(folder, 2048, 0, 'cpu').held[0][1]
    own = data.features(x.numpy()).float(); target = spectrogram.log_magnitudes(segments.cut(x, -audio.EDGE, len(x) + audio.EDGE)[None])
    assert target.shape == (1, 513, own.size(1))
    assert [v.item() for v in spectrogram.losses(target, target)] == [0, 0]
    made, loud = audio.log_mel_of(target.exp())[0], own > -5
    assert loud.float().mean() > 0.2 and (made - own)[loud].abs().max() < 0.02 and (made >= own - 0.01).all()
    for gain in (-0.5, 0.25): assert all(abs(v.item() - abs(gain)) < 1e-3 for v in spectrogram.losses(target + gain, target)), gain


def test_segments():
    """A segment's samples with what lies around it, mirrored at the clip's ends, have the mel that is given beside."""
    folder = new_folder(); clips_in(folder, 10); clips = segments.Clips(folder, 2048, 0, 'cpu')
    clips.clips = [(name, x[3000:3000 + 10 * 256]) for name, x in clips.clips[:1]]; begins = set(); short = clips.clips[0][1]
    whole = audio.log_mel(short[None].float() / 32768)[0]
    for _ in range(12):
        mel, x = clips.batch(2); assert mel.shape == (2, 80, 8) and x.shape == (2, 384 + 2048 + 384)
        for row, sound in zip(mel, x):
            i, = (i for i in range(3) if torch.equal(sound[384:-384], segments.cut(short, i * 256, i * 256 + 2048))); begins.add(i)
            assert torch.allclose(row, whole[:, i:i + 8], atol=1e-4)
    assert begins == {0, 1, 2}  # both ends have had their turn
    sound = torch.arange(6).short() * 1024
    assert torch.equal(segments.cut(sound, -2, 8) * 32, torch.tensor([2.0, 1, 0, 1, 2, 3, 4, 5, 4, 3]))
    assert torch.equal(segments.cut(sound, 1, 3) * 32, torch.tensor([1.0, 2]))


def test_aligned_mels_are_taken_in():
    """With the clip's own samples beside them; one that is of another recording is not."""
    folder = new_folder(); clips_in(folder, 12); clips = segments.Clips(folder, 2048, 1.0, 'cpu')
    assert len(clips.held) == 8 and len(clips.clips) == 4 and not clips.aligned
    assert train_spectrogram.held_out_errors(spectrogram.SpectrogramNetwork(4), clips)[1] is None
    os.makedirs(os.path.join(folder, 'aligned'))
    for k, (name, x) in enumerate(clips.clips):  # the last is of another recording: a frame more
        weights.write(os.path.join(folder, 'aligned', name + '.pt'), torch.full((80, len(x) // 256 + (k == 3)), float(k + 1)).half())
    clips.take_in(); seen, own = set(), 0
    for _ in range(60):
        mel, x = clips.batch(2); assert mel.shape == (2, 80, 8) and x.shape == (2, 384 + 2048 + 384) and x.abs().max() <= 1
        for row, sound in zip(mel, x):
            if not (row == row[0, 0]).all(): own += 1; continue
            seen.add(row[0, 0].item()); whole = clips.clips[int(row[0, 0]) - 1][1]
            assert any(torch.equal(sound[384:-384], segments.cut(whole, i, i + 2048)) for i in range(0, len(whole) - 2047, audio.HOP))
    assert seen == {1.0, 2.0, 3.0} and own, (seen, own)
    clips.share = 0.0; assert not any((row == row[0, 0]).all() for row in clips.batch(16)[0])
    # held-out clips have theirs too
    name, x = clips.held[0]; weights.write(os.path.join(folder, 'aligned', name + '.pt'), torch.zeros(80, len(x) // 256)); clips.take_in()
    own, aligned = train_spectrogram.held_out_errors(spectrogram.SpectrogramNetwork(4), clips); assert aligned[0] != own[0]


def test_learning():
    """Eighty steps on one batch bring the losses well down."""
    folder = new_folder(); clips_in(folder, 10); mel, x = segments.Clips(folder, 4096, 0, 'cpu').batch(2)
    network = spectrogram.SpectrogramNetwork(48); opt = torch.optim.Adam(network.parameters(), 3e-3)
    target = spectrogram.log_magnitudes(x); seen = []
    for _ in range(80):
        parts = spectrogram.losses(network(mel), target); opt.zero_grad(); (parts[0] + 0.3 * parts[1]).backward(); opt.step()
        seen.append([q.item() for q in parts])
    assert seen[-1][0] < 0.65 * seen[0][0] and seen[-1][1] < 0.45 * seen[0][1], (seen[0], seen[-1])


def test_train_spectrogram_stops_and_resumes():
    folder = voice_folder(12); out = os.path.join(folder, 'out'); arguments = [folder, out, '--channels', 16, '--segment', 2048, '--batch', 2]
    s, text = stopped_and_resumed('train_spectrogram.py', 4, out, arguments)
    assert 'held-out log-magnitude L1' in text and 'aligned mels' in text and s['mean_steps'] == s['step'] == s['opt']['state'][0]['step']
    held = weights.load_file(os.path.join(out, 'spectrogram.pt')); network = spectrogram.SpectrogramNetwork(16)
    assert set(held) == {'generator', 'steps', 'config'} and held['config'] == network.config() and held['steps'] == s['step']
    network.load_state_dict(held['generator']); assert all(torch.equal(v, s['mean'][k]) for k, v in network.state_dict().items())
    # another run begins with these weights, at a learning rate of nothing
    begin = ['--init', os.path.join(out, 'spectrogram.pt'), '--lr', 1e-9, '--min-lr', 0, '--minutes', 0.01]
    more = trainer('train_spectrogram.py', folder, out + '2', *arguments[2:], *begin)
    text = more.communicate(timeout=120)[0]; assert more.returncode == 0, text
    again = weights.load_file(os.path.join(out + '2', 'spectrogram.pt'))['generator']
    assert all(torch.allclose(v, held['generator'][k], atol=1e-5) for k, v in again.items())
    few = trainer('train_spectrogram.py', *arguments, '--segment', 256 * 10000); text = few.communicate(timeout=120)[0]
    assert few.returncode == 1 and 'found 0 clips' in text.splitlines()[-1], text


def test_memory_is_kept():
    """Where glibc can be told, a training step finds the memory of the one before, and makes less than half of the page faults."""
    code = ('import resource, sys; sys.path.insert(0, sys.argv[1]); import torch, allocator, spectrogram; torch.set_num_threads(1)\n'
            'kept = sys.argv[2] == "1" and allocator.keep_memory(); network = spectrogram.SpectrogramNetwork(32); seen = []\n'
            'for _ in range(14):\n'
            '    y = network(torch.zeros(16, 80, 96)); sum(spectrogram.losses(y, torch.zeros_like(y))).backward(); y = None\n'
            '    seen.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)\n'
            'print(int(kept), seen[-1] - seen[-6])')
    environment = {k: v for k, v in os.environ.items() if not k.startswith('MALLOC_') and k != 'GLIBC_TUNABLES'}
    plain, kept = ([int(v) for v in subprocess.check_output([sys.executable, '-c', code, HERE, k], env=environment, text=True).split()] for k in '01')
    if not kept[0]: print('no glibc here: its memory stays as it is'); return
    assert kept[1] * 2 < plain[1], (plain, kept)
