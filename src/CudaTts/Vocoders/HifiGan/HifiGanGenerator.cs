using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Vocoders.HifiGan;

/// <summary>
/// The HiFi-GAN generator (arXiv:2010.05646, section 2.2; jik876/hifi-gan models.py): transposed convolutions raise the mel's rate to
/// the sample rate step by step, and after each the mean of several residual blocks sees patterns of several lengths.
/// </summary>
public sealed class HifiGanGenerator
{
    private const float Slope = 0.1f;

    // Frames that go through the network at once. The widest activations are a few hundred kilobytes a frame, so this bounds memory;
    // the context that each chunk computes again is about a twentieth of it.
    private const int ChunkFrames = 512;

    private readonly HifiGanConfig _config;
    private readonly CpuCompute _compute;
    private readonly Conv1dWeights _first;
    private readonly Stage[] _stages;
    private readonly Conv1dWeights _last;

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
        for (var start = 0; start < frames; start += chunkFrames)
        {
            var count = Math.Min(chunkFrames, frames - start);
            var from = Math.Max(0, start - ContextFrames);
            var to = Math.Min(frames, start + count + ContextFrames);
            var chunk = GenerateChunk(Frames(mel, from, to), cancellation);
            for (var row = 0; row < batch; row++)
            {
                chunk.Slice(row, 1).Span
                    .Slice((start - from) * SamplesPerFrame, count * SamplesPerFrame)
                    .CopyTo(audio.Slice(row, 1).Span[(start * SamplesPerFrame)..]);
            }
        }

        return audio;
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

    private Tensor GenerateChunk(Tensor mel, CancellationToken cancellation)
    {
        var x = _compute.Conv1d(mel, _first);
        foreach (var stage in _stages)
        {
            x = _compute.Conv1d(x, stage.Upsample, new ConvFusion { InputSlope = Slope });
            var mean = new Tensor(x.Shape);
            for (var branch = 0; branch < stage.Blocks.Length; branch++)
            {
                cancellation.ThrowIfCancellationRequested();
                stage.Blocks[branch].Run(_compute, x, mean, scale: 1f / stage.Blocks.Length, accumulate: branch > 0);
            }

            x = mean;
        }

        return _compute.Conv1d(x, _last, new ConvFusion { InputSlope = _config.FinalSlope, Activation = Activation.Tanh })
            .Reshape(mel[0], mel[2] * SamplesPerFrame);
    }

    private sealed record Stage(Conv1dWeights Upsample, ResidualBlock[] Blocks);

    /// <summary>
    /// Convolutions of growing dilation, each added to its own input. Block "1" follows each with an undilated one before the addition;
    /// block "2" does not.
    /// </summary>
    private sealed class ResidualBlock
    {
        private readonly (Conv1dWeights Dilated, Conv1dWeights? Plain)[] _layers;

        public ResidualBlock(HifiGanConfig config, int branch, Func<string, int, int, Conv1dWeights> convolution)
        {
            var pairs = config.ResidualBlock == "1";
            _layers = [.. config.ResidualDilations[branch].Select((dilation, i) => pairs
                ? (convolution("convs1", i, dilation), convolution("convs2", i, 1))
                : (convolution("convs", i, dilation), (Conv1dWeights?)null))];
        }

        /// <summary>Writes, or adds, <paramref name="scale"/> times the block's result to <paramref name="output"/>.</summary>
        public void Run(CpuCompute compute, Tensor input, Tensor output, float scale, bool accumulate)
        {
            var x = input;
            for (var layer = 0; layer < _layers.Length; layer++)
            {
                var (dilated, plain) = _layers[layer];
                var fusion = new ConvFusion { InputSlope = Slope, Residual = x };
                var to = output;
                if (layer == _layers.Length - 1)
                {
                    fusion = fusion with { Scale = scale, Accumulate = accumulate };
                }
                else
                {
                    to = new Tensor(input.Shape);
                }

                var inner = plain is null ? x : compute.Conv1d(x, dilated, new ConvFusion { InputSlope = Slope });
                compute.Conv1d(inner, plain ?? dilated, to, fusion);
                x = to;
            }
        }
    }
}
