using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Vocoders.HifiGan;

/// <summary>
/// The HiFi-GAN generator (arXiv:2010.05646, section 2.2; jik876/hifi-gan models.py): transposed convolutions raise the mel's rate to
/// the sample rate step by step, and after each the mean of several residual blocks sees patterns of several lengths.
/// </summary>
public sealed class HifiGanGenerator
{
    internal const float Slope = 0.1f;

    // Frames of one row that go through the network at once. This bounds memory (V1: four activations of 32 kilobytes a frame); the
    // context that each chunk computes again is about a twentieth of it.
    private const int ChunkFrames = 512;

    private readonly HifiGanConfig _config;
    private readonly CpuCompute _compute;
    private readonly Conv1dWeights _first;
    private readonly Stage[] _stages;
    private readonly Conv1dWeights _last;
    private Workspace? _workspace;

    /// <summary>Prepares the network.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="HifiGanTensors.Expected"/>.</param>
    /// <param name="compute">Where to compute.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public HifiGanGenerator(HifiGanConfig config, ModelWeights weights, CpuCompute compute)
    {
        HifiGanGeometry.Check(config, weights.Source);
        (_config, _compute) = (config, compute);
        SamplesPerFrame = config.UpsampleRates.Aggregate(1, (product, rate) => product * rate);
        ContextFrames = HifiGanGeometry.ContextFrames(config);

        var shapes = HifiGanTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        Tensor Take(string name) => weights.Take(name, shapes[name]);
        Conv1dWeights Convolution(string name, int dilation)
        {
            var weight = Take($"{name}.weight");
            return compute.PackConv1d(weight, Take($"{name}.bias"), dilation, padding: dilation * (weight[2] - 1) / 2);
        }

        _first = Convolution("conv_pre", 1);
        _stages = new Stage[config.UpsampleRates.Length];
        for (var stage = 0; stage < _stages.Length; stage++)
        {
            var (rate, kernel) = (config.UpsampleRates[stage], config.UpsampleKernels[stage]);
            var upsample = compute.PackConvTranspose1d(Take($"ups.{stage}.weight"), Take($"ups.{stage}.bias"), rate, (kernel - rate) / 2);
            var blocks = new ResidualBlock[config.ResidualKernels.Length];
            for (var branch = 0; branch < blocks.Length; branch++)
            {
                var name = $"resblocks.{(stage * blocks.Length) + branch}";
                blocks[branch] = new ResidualBlock(config, branch, (list, index, dilation) => Convolution($"{name}.{list}.{index}", dilation));
            }

            _stages[stage] = new Stage(upsample, blocks);
        }

        _last = Convolution("conv_post", 1);
    }

    /// <summary>Samples that one mel frame becomes: the hop.</summary>
    public int SamplesPerFrame { get; }

    /// <summary>Frames on each side that can influence a frame's samples.</summary>
    public int ContextFrames { get; }

    /// <summary>Turns mel spectrograms into waveforms.</summary>
    /// <param name="mel">Log-mel under the config's contract, [B, bands, F].</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>Waveforms in [-1, 1], [B, N], N = F * <see cref="SamplesPerFrame"/>.</returns>
    /// <exception cref="ArgumentException">The mel has another shape.</exception>
    public Tensor Generate(Tensor mel, CancellationToken cancellation = default) => Generate(mel, ChunkFrames, cancellation);

    internal Tensor Generate(Tensor mel, int chunkFrames, CancellationToken cancellation)
    {
        if (mel.Rank != 3 || mel[1] != _config.Mel.MelBands)
        {
            throw new ArgumentException($"A mel [B, {_config.Mel.MelBands}, F] was expected; found {mel}.");
        }

        var (batch, frames) = (mel[0], mel[2]);
        var audio = new Tensor(batch, frames * SamplesPerFrame);
        var workspace = TakeWorkspace(Math.Min(frames, chunkFrames + (2 * ContextFrames)));
        for (var row = 0; row < batch; row++)
        {
            for (var start = 0; start < frames; start += chunkFrames)
            {
                var count = Math.Min(chunkFrames, frames - start);
                var from = Math.Max(0, start - ContextFrames);
                var to = Math.Min(frames, start + count + ContextFrames);
                var chunk = GenerateChunk(Frames(mel, row, from, to), workspace, cancellation);
                chunk.Span.Slice((start - from) * SamplesPerFrame, count * SamplesPerFrame)
                    .CopyTo(audio.Slice(row, 1).Span[(start * SamplesPerFrame)..]);
            }
        }

        _workspace = workspace;
        return audio;
    }

    /// <summary>The frames [from, to) of one row, [1, bands, to - from].</summary>
    private static Tensor Frames(Tensor mel, int row, int from, int to)
    {
        var part = new Tensor(1, mel[1], to - from);
        for (var band = 0; band < mel[1]; band++)
        {
            mel.Span.Slice((((row * mel[1]) + band) * mel[2]) + from, to - from).CopyTo(part.Span[(band * (to - from))..]);
        }

        return part;
    }

    // Calls that overlap find none and make their own; the last to end leaves its own behind.
    private Workspace TakeWorkspace(int frames)
    {
        var (channels, steps) = (_config.InitialChannels, 1);
        var widest = channels;
        foreach (var rate in _config.UpsampleRates)
        {
            (channels, steps) = (channels / 2, steps * rate);
            widest = Math.Max(widest, channels * steps);
        }

        var floats = checked(widest * frames);
        var kept = Interlocked.Exchange(ref _workspace, null);
        return kept is not null && kept.Floats >= floats ? kept : new Workspace(floats);
    }

    private Tensor GenerateChunk(Tensor mel, Workspace workspace, CancellationToken cancellation)
    {
        var (channels, steps) = (_config.InitialChannels, mel[2]);
        var mean = workspace.Mean(channels, steps);
        _compute.Conv1d(mel, _first, mean);
        foreach (var stage in _stages)
        {
            (channels, steps) = (channels / 2, steps * stage.Upsample.Stride);
            var x = workspace.Input(channels, steps);
            _compute.Conv1d(mean, stage.Upsample, x, new ConvFusion { InputSlope = Slope });
            mean = workspace.Mean(channels, steps);
            var (first, second) = (workspace.First(channels, steps), workspace.Second(channels, steps));
            for (var branch = 0; branch < stage.Blocks.Length; branch++)
            {
                cancellation.ThrowIfCancellationRequested();
                stage.Blocks[branch].Run(_compute, x, mean, first, second, scale: 1f / stage.Blocks.Length, accumulate: branch > 0);
            }
        }

        return _compute.Conv1d(mean, _last, new ConvFusion { InputSlope = _config.FinalSlope, Activation = Activation.Tanh })
            .Reshape(steps);
    }

    private sealed record Stage(Conv1dWeights Upsample, ResidualBlock[] Blocks);

    /// <summary>
    /// Room for a chunk's activations. Kept from one call to the next, because fresh memory costs as much as the narrow layers' arithmetic.
    /// </summary>
    private sealed class Workspace(int floats)
    {
        private readonly Tensor[] _rooms = [new(floats), new(floats), new(floats), new(floats)];

        public int Floats => floats;

        public Tensor Input(int channels, int steps) => View(0, channels, steps);

        public Tensor Mean(int channels, int steps) => View(1, channels, steps);

        public Tensor First(int channels, int steps) => View(2, channels, steps);

        public Tensor Second(int channels, int steps) => View(3, channels, steps);

        private Tensor View(int room, int channels, int steps) => _rooms[room].Slice(0, channels * steps).Reshape(1, channels, steps);
    }
}
