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

    // Frames that go through the network at once. The widest activations are a few hundred kilobytes a frame, so this bounds memory;
    // the context that each chunk computes again is about a twentieth of it.
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
        var workspace = TakeWorkspace(checked(batch * Math.Min(frames, chunkFrames + (2 * ContextFrames)) * FloatsPerFrame()));
        for (var start = 0; start < frames; start += chunkFrames)
        {
            var count = Math.Min(chunkFrames, frames - start);
            var from = Math.Max(0, start - ContextFrames);
            var to = Math.Min(frames, start + count + ContextFrames);
            var chunk = GenerateChunk(Frames(mel, from, to), workspace, cancellation);
            for (var row = 0; row < batch; row++)
            {
                chunk.Slice(row, 1).Span
                    .Slice((start - from) * SamplesPerFrame, count * SamplesPerFrame)
                    .CopyTo(audio.Slice(row, 1).Span[(start * SamplesPerFrame)..]);
            }
        }

        _workspace = workspace;
        return audio;
    }

    // Calls that overlap find none and make their own; the last to end leaves its own behind.
    private Workspace TakeWorkspace(int floats)
    {
        var kept = Interlocked.Exchange(ref _workspace, null);
        return kept is not null && kept.Floats >= floats ? kept : new Workspace(floats);
    }

    /// <summary>Size of the largest activation that a frame becomes.</summary>
    private int FloatsPerFrame()
    {
        var (channels, steps) = (_config.InitialChannels, 1);
        var most = channels;
        foreach (var rate in _config.UpsampleRates)
        {
            (channels, steps) = (channels / 2, steps * rate);
            most = Math.Max(most, channels * steps);
        }

        return most;
    }

    private static Tensor Frames(Tensor mel, int from, int to)
    {
        if (from == 0 && to == mel[2])
        {
            return mel;
        }

        var part = new Tensor(mel[0], mel[1], to - from);
        for (var row = 0; row < mel[0] * mel[1]; row++)
        {
            mel.Span.Slice((row * mel[2]) + from, to - from).CopyTo(part.Span[(row * (to - from))..]);
        }

        return part;
    }

    private Tensor GenerateChunk(Tensor mel, Workspace workspace, CancellationToken cancellation)
    {
        var (batch, channels, steps) = (mel[0], _config.InitialChannels, mel[2]);
        var mean = workspace.Mean(batch, channels, steps);
        _compute.Conv1d(mel, _first, mean);
        foreach (var stage in _stages)
        {
            (channels, steps) = (channels / 2, steps * stage.Upsample.Stride);
            var x = workspace.Input(batch, channels, steps);
            _compute.Conv1d(mean, stage.Upsample, x, new ConvFusion { InputSlope = Slope });
            mean = workspace.Mean(batch, channels, steps);
            var (first, second) = (workspace.First(batch, channels, steps), workspace.Second(batch, channels, steps));
            for (var branch = 0; branch < stage.Blocks.Length; branch++)
            {
                cancellation.ThrowIfCancellationRequested();
                stage.Blocks[branch].Run(_compute, x, mean, first, second, scale: 1f / stage.Blocks.Length, accumulate: branch > 0);
            }
        }

        return _compute.Conv1d(mean, _last, new ConvFusion { InputSlope = _config.FinalSlope, Activation = Activation.Tanh })
            .Reshape(batch, steps);
    }

    private sealed record Stage(Conv1dWeights Upsample, ResidualBlock[] Blocks);

    /// <summary>
    /// Room for a chunk's activations. Kept from one call to the next, because fresh memory costs as much as the narrow layers' arithmetic.
    /// </summary>
    private sealed class Workspace(int floats)
    {
        private readonly Tensor[] _rooms = [new(floats), new(floats), new(floats), new(floats)];

        public int Floats => floats;

        public Tensor Input(params ReadOnlySpan<int> shape) => View(0, shape);

        public Tensor Mean(params ReadOnlySpan<int> shape) => View(1, shape);

        public Tensor First(params ReadOnlySpan<int> shape) => View(2, shape);

        public Tensor Second(params ReadOnlySpan<int> shape) => View(3, shape);

        private Tensor View(int room, ReadOnlySpan<int> shape) => _rooms[room].Slice(0, shape[0] * shape[1] * shape[2]).Reshape(shape);
    }
}
