using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.GriffinLim;

/// <summary>
/// Linear log magnitudes of a log-mel: the place of the post-processing net of Tacotron (Wang et al. 2017, arXiv:1703.10135, section 3.4), here of
/// HiFi-GAN's residual blocks at the mel's own rate. It knows what a mel leaves out: where harmonics lie between two bands, and what is above them.
/// </summary>
internal sealed class SpectrogramNetwork
{
    private const float Slope = 0.1f;
    private const int ChunkFrames = 512;

    // The workspace's buffers.
    private const int Input = 0;
    private const int Output = 1;
    private const int First = 2;
    private const int Second = 3;

    private readonly GriffinLimConfig _config;
    private readonly ComputeDevice _device;
    private readonly Conv1dWeights _first;
    private readonly ResidualBlockWeights[] _blocks;
    private readonly Conv1dWeights _last;
    private readonly Workspace.Kept _workspace;
    private readonly float _silence;

    /// <summary>Packs the weights.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="GriffinLimTensors.Expected"/>.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="memory">Where its weights are, the vocoder's to dispose of.</param>
    /// <exception cref="WeightsException">A tensor is missing or of another shape.</exception>
    public SpectrogramNetwork(GriffinLimConfig config, ModelWeights weights, ComputeDevice device, ModelMemory memory)
    {
        (_config, _device) = (config, device);
        _silence = (float)(config.Mel.Log == MelLog.Log10 ? Math.Log10(config.Mel.Floor) : Math.Log(config.Mel.Floor));
        var shapes = GriffinLimTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        Conv1dWeights Convolution(string name, int dilation, Func<Tensor, Tensor?, int, int, Conv1dWeights> pack)
        {
            var weight = weights.Take($"{name}.weight", shapes[$"{name}.weight"]);
            return pack(weight, weights.Take($"{name}.bias", shapes[$"{name}.bias"]), dilation, dilation * (weight[2] / 2));
        }

        ResidualLayer Layer(int block, int layer) => new(
            Convolution($"resblocks.{block}.convs1.{layer}", config.ResidualDilations[block][layer], memory.PackConv1d),
            Convolution($"resblocks.{block}.convs2.{layer}", 1, memory.PackConv1d));

        _first = Convolution("conv_pre", 1, memory.PackFirstConv1d);
        _blocks =
        [
            .. config.ResidualDilations.Select((dilations, block) =>
                memory.PackResidualBlocks([[.. dilations.Select((_, layer) => Layer(block, layer))]], Slope)),
        ];
        _last = Convolution("conv_post", 1, memory.PackConv1d);
        var sequences = _blocks.Max(block => block.BufferSequences);
        _workspace = memory.KeepWorkspace([1, 1, sequences, sequences]);
        ContextFrames = ContextOf(config);
    }

    /// <summary>Frames on each side that a frame's magnitudes depend on.</summary>
    public int ContextFrames { get; }

    // The widest activation's numbers for one frame, the mel included, which may take as much as twice as many.
    private long ElementsPerFrame => Math.Max(Math.Max(_config.Channels, _config.Bins), 2 * _config.Mel.MelBands);

    /// <summary>Natural logarithms of the magnitudes of mels.</summary>
    /// <param name="mels">Log-mels, each [1, bands, F] with an F of its own.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>For each [1, F * bins], frame by frame.</returns>
    public Tensor[] LogMagnitudes(IReadOnlyList<Tensor> mels, CancellationToken cancellation) => MelChunk.Generate(
        mels, _config.Bins, (ChunkFrames, ContextFrames), _device, ElementsPerFrame,
        chunks => Run(MelChunk.Gather(mels, chunks), chunks, cancellation));

    private static int ContextOf(GriffinLimConfig config)
    {
        var layers = config.ResidualDilations.SelectMany(dilations => dilations).Sum(dilation => (long)dilation + 1);
        return (int)Math.Min(
            int.MaxValue / 4, (GriffinLimTensors.FirstKernel / 2) + ((layers + 1) * (GriffinLimTensors.Kernel / 2)));
    }

    /// <summary>The network: mels [B, bands, F] to [B, F * bins].</summary>
    private Tensor Run(Tensor mel, List<MelChunk> chunks, CancellationToken cancellation)
    {
        foreach (ref var value in mel.Span)
        {
            // Silence becomes zero, and so it is what the convolutions see beyond the ends.
            value = float.IsFinite(value) ? value - _silence : 0;
        }

        using var rows = _device.Rows([.. chunks.Select(chunk => chunk.Frames)]);
        using var workspace = _workspace.Take((long)rows.Count * rows.Longest * ElementsPerFrame);
        var input = workspace.Float32Sequence(Input, rows, _config.Mel.MelBands);
        _device.Upload(mel, input);
        var (x, next) = (workspace.Sequence(Output, rows, _config.Channels), workspace.Sequence(Input, rows, _config.Channels));
        _device.Conv1d(input, _first, x);
        foreach (var block in _blocks)
        {
            _device.ResidualBlocks(x, block, next, workspace.Buffer(First), workspace.Buffer(Second), cancellation);
            (x, next) = (next, x);
        }

        var magnitudes = workspace.Sequence(First, rows, _config.Bins);
        _device.Conv1d(x, _last, magnitudes, new ConvFusion { InputSlope = Slope });
        return FrameByFrame(_device.Download(magnitudes));
    }

    /// <summary>[B, bins, F] as [B, F * bins].</summary>
    private static Tensor FrameByFrame(Tensor spectrograms)
    {
        var (rows, bins, frames) = (spectrograms[0], spectrograms[1], spectrograms[2]);
        var turned = new Tensor(rows, frames * bins);
        for (var row = 0; row < rows; row++)
        {
            var from = spectrograms.Slice(row, 1).Span;
            var to = turned.Slice(row, 1).Span;
            for (var bin = 0; bin < bins; bin++)
            {
                for (var frame = 0; frame < frames; frame++)
                {
                    to[(frame * bins) + bin] = from[(bin * frames) + frame];
                }
            }
        }

        return turned;
    }
}
