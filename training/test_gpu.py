"""Tests of train_gpu.py and of what its captured steps stand on, on a CPU; test_train.py runs them."""
import json, os, random, subprocess, sys, time, wave
import torch
from torch import nn
from torch.nn import functional as F
from testing import HERE, TINY, clips_in, engine, new_folder
import audio, data, flat, hifigan, train_gpu, weights
from model import Config, Tacotron2


def args_for(folder, *more):
    old = sys.argv; sys.argv = ['train_gpu.py', folder, os.path.join(folder, 'out'), '--device', 'cpu', '--child', *more]
    try: return train_gpu.arguments()
    finally: sys.argv = old


def store_of(a, folder, count=20):
    clips_in(folder, count)
    listed = data.read_list(os.path.join(HERE, 'sentences.txt'))[:count]
    return train_gpu.Store(folder, torch.device('cpu'), listed, [i for i, _ in listed[:2]], 20000)


def test_step_has_no_operation_that_waits_for_the_host():
    """Every ATen operation of both training steps, backward and optimiser included, against those that a stream capture forbids."""
    from torch.utils._python_dispatch import TorchDispatchMode
    names, bools = set(), []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            name = func.__name__.split('.')[0]; names.add(name)
            if name in ('index', 'index_put', 'index_put_') and any(i is not None and i.dtype == torch.bool for i in args[1]): bools.append(name)
            return func(*args, **(kwargs or {}))
    folder = new_folder(); a = args_for(folder, '--batch', '2', '--gan-batch', '2', '--segment', '2048', '--part', '32'); store = store_of(a, folder)
    T, V = train_gpu.Tacotron(a, store), train_gpu.Vocoder(a, store)
    b = train_gpu.Bucket(2, 16, 24, store.device); b.n.fill_(9); b.f.fill_(17)
    with Watch(): T.train_step(b); T.write_step(b); V.step(False); V.step(True)
    store.stop.set()
    forbidden = {'_local_scalar_dense', 'item', 'is_nonzero', 'nonzero', 'masked_select', 'unique_consecutive', '_unique2', 'unique_dim', '_pack_padded_sequence', 'equal',
                 'lift_fresh', 'lift', 'randperm', 'multinomial', 'bincount', 'repeat_interleave', 'embedding_dense_backward', 'sort', 'topk', 'stft', '_fft_r2c', 'lstm', '_cudnn_rnn'}
    assert 'convolution_backward' in names and not names & forbidden and not bools, (names & forbidden, bools)


def test_every_tensor_of_a_step_is_on_the_models_device():
    """Both steps on PyTorch's `meta` device, which has shapes and no values: a tensor left on the CPU, or a value asked for, is an error there."""
    from types import SimpleNamespace as Space
    meta, size = torch.device('meta'), lambda n, k, s, p, d=1: (n + 2 * p - d * (k - 1) - 1) // s + 1
    one = lambda v: v[0] if isinstance(v, tuple) else v; flatly = lambda x, w, b, *shape: (x.mean() + w.mean() + (0 if b is None else b.mean())).expand(*shape).clone()

    def unfold(x, d, k, s):  # what `meta` cannot do in old releases, by what it can
        n = (x.size(d) - k) // s + 1
        return torch.stack([x.narrow(d, j, n) for j in range(k)], -1) if s == 1 else x.mean().expand(*x.shape[:d], n, k).clone()
    stand_ins = [(F, 'conv1d', lambda x, w, b, s, p, d, g: flatly(x, w, b, x.size(0), w.size(0), size(x.size(2), w.size(2), one(s), one(p), one(d)))),
                 (F, 'conv2d', lambda x, w, b, s, p, d, g: flatly(x, w, b, x.size(0), w.size(0), size(x.size(2), w.size(2), s[0], p[0]), size(x.size(3), w.size(3), s[1], p[1]))),
                 (F, 'conv_transpose1d', lambda x, w, b, s, p, *_: flatly(x, w, b, x.size(0), w.size(1), (x.size(2) - 1) * one(s) - 2 * one(p) + w.size(2))),
                 (hifigan, 'normed', lambda v, g: v * (g / v.flatten(1).norm(dim=1).view_as(g))), (torch, 'autocast', lambda *a, **k: train_gpu.contextlib.nullcontext()), (torch.Tensor, 'unfold', unfold)]
    kept = [(o, k, getattr(o, k)) for o, k, _ in stand_ins]
    model, G, D = Tacotron2(Config.small()).to(meta), hifigan.Generator(hifigan.V2, normed=True).to(meta), hifigan.Discriminators(32).to(meta)
    spectrogram = train_gpu.Spectrogram(torch.device('cpu')); spectrogram.waves, spectrogram.basis = spectrogram.waves.to(meta), spectrogram.basis.to(meta)
    z = lambda *s, **k: torch.zeros(s, device=meta, **k)
    T = Space(flat=flat.Flat(model, (0.9, 0.99), 1e-6, 1e-6), model=model, guide=z(), told=z(), stats=z(5), store=Space(rows=100, mel=z(200, 80, dtype=torch.half)))
    V = Space(G=G, D=D, flat=flat.Flat(G, (0.8, 0.99), 1e-8, 0.01, decoupled=True), flat_d=flat.Flat(D, (0.8, 0.99), 1e-8, 0.01, decoupled=True, keep_average=False), x=z(2, 2048), mel=z(2, 80, 8),
              stats=z(4), told=z(), cast=lambda wanted=True: train_gpu.contextlib.nullcontext(), a=Space(version='v2'), spectrogram=spectrogram)
    try:
        for o, k, f in stand_ins: setattr(o, k, f)
        b = train_gpu.Bucket(2, 16, 24, meta)
        train_gpu.Tacotron.train_step(T, b); train_gpu.Tacotron.write_step(T, b); train_gpu.Vocoder.step(V, False); train_gpu.Vocoder.step(V, True)
    finally:
        for o, k, f in kept: setattr(o, k, f)


def test_flat_adam_equals_torch():
    for decoupled in (False, True):
        torch.manual_seed(5)
        mine = nn.Sequential(nn.Linear(5, 7, bias=False), nn.BatchNorm1d(7), nn.Linear(7, 3)); other = nn.Sequential(nn.Linear(5, 7, bias=False), nn.BatchNorm1d(7), nn.Linear(7, 3)); other.load_state_dict(mine.state_dict())
        f = flat.Flat(mine, (0.9, 0.99), 1e-6, 0.01, decoupled=decoupled, average=0.9, clip=0.5)
        opt = (torch.optim.AdamW if decoupled else torch.optim.Adam)(other.parameters(), 1e-2, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.01)
        average = weights.Average(other, 0.9)
        for _ in range(20):
            x = torch.randn(8, 5); f.zero_grad(); f.lr.fill_(1e-2)
            mine(x).pow(2).sum().backward(); f.step()
            opt.zero_grad(); other(x).pow(2).sum().backward(); nn.utils.clip_grad_norm_(other.parameters(), 0.5); opt.step(); average.update(other)
        for (k, p), q in zip(mine.named_parameters(), other.parameters()): assert torch.allclose(p, q, atol=2e-5), (k, (p - q).abs().max())
        for k, v in f.named(f.e).items(): assert torch.allclose(v, average.state[k], atol=2e-5), k
        before = f.p.clone(); f.g.fill_(float('nan')); f.step()  # a broken gradient changes little and is counted
        assert f.skipped.item() == 1 and torch.isfinite(f.p).all() and (f.p - before).abs().max() < 0.02


def test_spectrogram_equals_fft():
    x = torch.randn(3, 4096) * 0.1
    assert torch.allclose(train_gpu.Spectrogram(torch.device('cpu'))(x), audio.log_mel(x), atol=2e-3)


def test_buckets_never_cut_a_clip():
    folder = new_folder(); a = args_for(folder); store = store_of(a, folder); end = time.time() + 30
    while len(store.order) + len(store.held) < 20 and time.time() < end: store.take_in(); time.sleep(0.05)
    store.stop.set(); assert len(store.order) == 18 and len(store.held) == 2
    sizes = sorted(n for _, n in store.clips.values()); buckets = [train_gpu.Bucket(3, 40, sizes[len(sizes) // 2], store.device), train_gpu.Bucket(3, 60, sizes[-3], store.device)]
    s = train_gpu.Sampler(store, buckets, 0.5, random.Random(1)); fit = lambda k: len(store.ids[k]) <= 60 and store.clips[k][1] <= sizes[-3]
    for _ in range(40):
        i, items = s.next(); b = buckets[i]; assert len(items) == b.batch
        train_gpu.fill(b, items, store)
        for k, (parts, ids, frames) in enumerate(items):
            assert all(map(fit, parts)) and b.n[k] == len(ids) and b.f[k] == frames == sum(store.clips[p][1] for p in parts)
            assert b.x[k, :len(ids)].tolist() == ids and not b.x[k, len(ids):].any() and (b.y[k, :, frames:] < -11.4).all()
            mel = torch.cat([data.features(data.read_wav(os.path.join(folder, 'wav', p + '.wav'))) for p in parts], 1)
            assert mel.size(1) == frames and (b.y[k, :, :frames] - mel.float()).abs().max() < 0.05
    assert s.too_long > 0  # counted, not cut


def test_checkpoints_load_back():
    folder = new_folder(); a = args_for(folder, '--part', '32', '--batch', '2', '--gan-batch', '2', '--segment', '2048'); os.makedirs(a.out); store = store_of(a, folder, 2)
    store.stop.set(); torch.manual_seed(1)
    T, V = train_gpu.Tacotron(a, store), train_gpu.Vocoder(a, store)
    for q in (T, V): q.flat.g.normal_(); q.flat.lr.fill_(1e-3); q.flat.step(); q.steps = 7
    train_gpu.save(a, [f for q in (T, V) for f in q.files()])
    names = os.listdir(a.out); assert 'state-tacotron.pt.1' in names and all(os.path.getsize(os.path.join(a.out, n)) < 16 << 20 for n in names), names
    T2, V2 = train_gpu.Tacotron(a, store), train_gpu.Vocoder(a, store)
    for q, p in ((T, T2), (V, V2)):
        assert train_gpu.load_state(p, a.out) and torch.equal(p.flat.all, q.flat.all) and p.flat.t == 1 and torch.allclose(p.flat.m, q.flat.m, rtol=1e-2)
    weights.init_model(T2.model, os.path.join(a.out, 'tacotron2.pt')); weights.init_model(V2.G, os.path.join(a.out, 'generator.pt'))
    assert torch.allclose(T2.flat.p, T.flat.e[:T.flat.trained], atol=2e-3) and torch.allclose(V2.flat.p, V.flat.e[:V.flat.trained], atol=2e-2)


def test_host_loop_with_a_stand_in_for_cuda():
    """The branches that a GPU takes (streams, events, capture, restore, shares, mixed batches), with a torch.cuda that does nothing. What CUDA itself refuses is not seen here."""
    import contextlib
    calls = []

    class Stream:
        def __init__(self, priority=0): pass
        def synchronize(self): calls.append('sync')
        def wait_event(self, e): assert isinstance(e, Event); calls.append('wait')

    class Event:
        def record(self, s): assert isinstance(s, Stream)
        def query(self): calls.append('query'); return len(calls) % 3 > 0

    class Graph:
        made = 0
        def replay(self): calls.append('replay'); self.function()

    @contextlib.contextmanager
    def capture(g, pool=None, stream=None):
        assert pool and isinstance(stream, Stream); Graph.made += 1; yield

    def do_capture(self, stream, pool, warm=1):
        real(self, stream, pool, warm); self.graph.function = self.function
    fake = dict(Stream=Stream, Event=Event, CUDAGraph=Graph, graph=capture, synchronize=lambda: None, stream=lambda s: contextlib.nullcontext(), graph_pool_handle=lambda: (0, 1),
                get_device_name=lambda: 'stand-in', memory_reserved=lambda: 0)
    folder = new_folder(); clips_in(folder, 12); out = os.path.join(folder, 'out'); os.makedirs(out)
    a = args_for(folder, '--limit', '12', '--batch', '2', '--gan-batch', '2', '--segment', '2048', '--part', '32', '--mix-from', '0.3', '--mel-share', '0.1', '--save-every', '5', '--join', '0')
    a.end = time.time() + 150; kept = {k: getattr(torch.cuda, k) for k in fake}; real = train_gpu.Step.capture
    old = train_gpu.gpu, train_gpu.BUCKETS, train_gpu.upload, train_gpu.Shares.measure, train_gpu.Vocoder.cast, os._exit, train_gpu.signal.signal, Config.small, hifigan.V2
    measured, handlers = [], []

    def measure(self, now):
        before = self.auto; old[3](self, now + 4.7 if self.phase is not None and self.phase >= 0 else now); measured.append(before and not self.auto)
        if any(measured) and all(q.steps > 5 for q in self.lanes) and handlers: handlers[0]()  # as SIGTERM would

    def leave(code): raise SystemExit(code)
    try:
        for k, v in fake.items(): setattr(torch.cuda, k, v)
        train_gpu.gpu, train_gpu.BUCKETS, train_gpu.upload = lambda d: True, [144, 240], lambda x, d: torch.from_numpy(x)
        train_gpu.Step.capture, train_gpu.Shares.measure, train_gpu.Vocoder.cast = do_capture, measure, lambda self, wanted=True: contextlib.nullcontext()
        os._exit, train_gpu.signal.signal, Config.small = leave, lambda n, h: handlers.append(h), staticmethod(lambda: Config(n_frames_per_step=2, **TINY))
        hifigan.V2 = dict(hifigan.V2, upsample_initial_channel=16); voc_gan = train_gpu.Vocoder.submit

        def quick(self, t, mix): self.gan_steps += 20; return voc_gan(self, t, mix)  # the shares are measured after 50 GAN steps

        train_gpu.Vocoder.submit = quick
        try: train_gpu.train(a)
        except SystemExit as e: assert e.code == 0, e.code
    finally:
        for k, v in kept.items(): setattr(torch.cuda, k, v)
        train_gpu.gpu, train_gpu.BUCKETS, train_gpu.upload, train_gpu.Shares.measure, train_gpu.Vocoder.cast, os._exit, train_gpu.signal.signal, Config.small, hifigan.V2 = old
        train_gpu.Step.capture, train_gpu.Vocoder.submit = real, voc_gan
    s = json.load(open(os.path.join(out, 'summary.json')))
    assert Graph.made == 6 and calls.count('replay') > 10 and 'wait' in calls and any(measured) and len(s['rates']) == 3, (Graph.made, len(calls), s['rates'])
    assert s['lanes']['tacotron']['graphs'] and s['lanes']['tacotron']['steps'] > 3 and s['lanes']['vocoder']['steps'] > 3 and 'samples' in s
    assert {'tacotron2.pt', 'generator.pt', 'samples.tar', 'summary.json'} <= set(os.listdir(out))


def test_gpu_small_run():
    """A minute of the whole program: both losses fall, and the engine speaks with what comes out."""
    folder = new_folder(); out = os.path.join(folder, 'out'); clips_in(folder, 42)
    command = [sys.executable, os.path.join(HERE, 'train_gpu.py'), folder, out, '--device', 'cpu', '--no-speak', '--limit', '42', '--minutes', os.environ.get('MINUTES', '0.9'), '--batch', '4',
               '--gan-batch', '2', '--segment', '2048', '--part', '32', '--warm', '3', '--lr', '3e-3', '--gan-lr', '2e-3', '--mel-share', '0.8', '--join', '0.1', '--dropout', '0.2', '--save-every', '25', '--average', '0.7']
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400); print(done.stdout)
    assert done.returncode == 0
    s = json.load(open(os.path.join(out, 'summary.json'))); h = s['history']; pick = lambda line, word: float(line.split(word + ' ')[1].split()[0])
    for lane, word in ('tacotron', 'recon'), ('vocoder', 'mel'): assert pick(s['lanes'][lane]['last'], word) < pick(h[0], word), (h, s['lanes'])
    assert {'tacotron2.pt', 'generator.pt', 'summary.json', 'samples.tar', 'log.txt'} <= set(os.listdir(out)) and len(os.listdir(out)) <= 8
    assert weights.config_of(os.path.join(out, 'tacotron2.pt')) == Config.small().with_dropout(0.2)
    command = engine()
    if not command: print('no cudatts: what it reads is not tested'); return
    voice = os.path.join(folder, 'voice')
    subprocess.run([command, 'convert', os.path.join(out, 'tacotron2.pt'), '-o', os.path.join(voice, 'acoustic'), '--half'], check=True)
    subprocess.run([command, 'convert', os.path.join(out, 'generator.pt'), '-o', os.path.join(voice, 'vocoder'), '--half'], check=True)
    with open(os.path.join(voice, 'voice.json'), 'w') as f:
        json.dump({'name': 'test', 'language': 'en-US', 'licence': 'MIT', 'origin': 'test', 'front_end': 'english', 'symbols': 'nvidia-148', 'acoustic': 'acoustic',
                   'vocoder': 'vocoder', 'defaults': {'gate_threshold': 0.5, 'max_seconds': 2, 'pause_seconds': 0.2, 'attempts': 1, 'seed': 0}}, f)
    said = subprocess.run([command, 'say', 'A short test.', '--voice', voice, '--device', 'cpu', '-o', os.path.join(folder, 'said.wav')])
    assert said.returncode in (0, 3)  # 3: it doubts that this is what was written, and it is right
    with wave.open(os.path.join(folder, 'said.wav')) as w: assert w.getframerate() == audio.SR and w.getnframes() > 256
