using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.HifiGan;

/// <summary>
/// The HiFi-GAN generator (arXiv:2010.05646, section 2.2; jik876/hifi-gan models.py): transposed convolutions raise the mel's rate to
/// the sample rate step by step, and after each the mean of several residual blocks sees patterns of several lengths.
/// </summary>
public sealed class HifiGanGenerator : Vocoder
{
    internal const float Slope = 0.1f;

    // Frames of one row that go through the network at once. This bounds memory (V1: four activations of 32 kilobytes a frame, or eight of 16 where
    // residual blocks are fused in half precision); the context that each chunk computes again is about a twentieth of it.
    private const int UsualChunkFrames = 512;

    // The workspace's buffers.
    private const int Input = 0;
    private const int Mean = 1;
    private const int First = 2;
    private const int Second = 3;

    private readonly HifiGanConfig _config;
    private readonly Conv1dWeights _first;
    private readonly Stage[] _stages;
    private readonly Conv1dWeights _last;
    private readonly int _bufferSequences;
    private readonly Workspace.Kept _workspace;

    /// <summary>Prepares the network.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="HifiGanTensors.Expected"/>.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public HifiGanGenerator(HifiGanConfig config, ModelWeights weights, ComputeDevice device)
        : base(HifiGanConfig.TypeName, HifiGanWork.Title(HifiGanFormat.Instance.Check(config, weights.Source)), config.Mel, device,
            MelStatistics.Named(config.Mel, weights))
    {
        (_config, ChunkFrames) = (config, UsualChunkFrames);
        ContextFrames = HifiGanGeometry.ContextFrames(config);
        ElementsPerFrame = HifiGanGeometry.ElementsPerFrame(config);

        try
        {
            var shapes = HifiGanTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            Tensor Take(string name) => weights.Take(name, shapes[name]);
            _first = Convolution(Take, "conv_pre", 1, Memory.PackFirstConv1d);
            _stages = [.. Enumerable.Range(0, config.UpsampleRates.Length).Select(stage => PackStage(stage, Take))];
            _last = Convolution(Take, "conv_post", 1, Memory.PackConv1d);
            _bufferSequences = _stages.Max(stage => stage.Blocks.BufferSequences);
            _workspace = Memory.KeepWorkspace([1, 1, _bufferSequences, _bufferSequences]);
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override int ContextFrames { get; }

    // The widest activation's numbers for one frame.
    private long ElementsPerFrame { get; }

    /// <inheritdoc/>
    public override StageWork? WorkOf(long frames) => HifiGanWork.Of(_config, frames, Device.ElementBytes);

    /// <summary>Turns mel spectrograms of one length into waveforms.</summary>
    /// <param name="mel">Log-mels under the config's contract, [B, bands, F].</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>Waveforms within -1 and 1, [B, N], N = F * hop.</returns>
    /// <exception cref="ArgumentException">The mel has another shape.</exception>
    public Tensor Generate(Tensor mel, CancellationToken cancellation = default) => Generate(mel, new VocoderOptions(), cancellation);

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation) => MelChunk.Generate(
        mels, Mel.HopLength, (ChunkFrames, ContextFrames), Device, _bufferSequences * ElementsPerFrame,
        chunks => GenerateChunks(mels, chunks, cancellation));

    private Tensor GenerateChunks(IReadOnlyList<Tensor> mels, List<MelChunk> chunks, CancellationToken cancellation)
    {
        using var rows = Device.Rows([.. chunks.Select(chunk => chunk.Frames)]);
        using var workspace = _workspace.Take((long)rows.Count * rows.Longest * ElementsPerFrame);
        var mel = workspace.Float32Sequence(Input, rows, _config.Mel.MelBands);
        Device.Upload(MelChunk.Gather(mels, chunks), mel);
        var audio = Device.Download(Run(mel, workspace, cancellation));
        return audio.Reshape(rows.Count, rows.Longest * Mel.HopLength);
    }

    /// <summary>The network: mel [B, bands, F] to audio [B, 1, F * hop].</summary>
    private Tensor Run(Tensor mel, Workspace workspace, CancellationToken cancellation)
    {
        var rows = mel.Rows!;
        var (channels, steps) = (_config.InitialChannels, 1);
        var mean = workspace.Sequence(Mean, rows, channels);
        Device.Conv1d(mel, _first, mean);
        foreach (var stage in _stages)
        {
            (channels, steps) = (channels / 2, steps * stage.Upsample.Stride);
            var x = workspace.Sequence(Input, rows, channels, steps);
            Device.Conv1d(mean, stage.Upsample, x, new ConvFusion { InputSlope = Slope });
            mean = workspace.Sequence(Mean, rows, channels, steps);
            Device.ResidualBlocks(x, stage.Blocks, mean, workspace.Buffer(First), workspace.Buffer(Second), cancellation);
        }

        var audio = workspace.Sequence(Input, rows, channels: 1, steps);
        Device.Conv1d(mean, _last, audio, new ConvFusion { InputSlope = _config.FinalSlope, Activation = Activation.Tanh });
        return audio;
    }

    private Stage PackStage(int stage, Func<string, Tensor> take)
    {
        var (rate, kernel) = (_config.UpsampleRates[stage], _config.UpsampleKernels[stage]);
        var upsample = Memory.PackConvTranspose1d(
            take($"ups.{stage}.weight"), take($"ups.{stage}.bias"), rate, padding: (kernel - rate + 1) / 2, outputPadding: (kernel - rate) % 2);
        var count = _config.ResidualKernels.Length;
        ResidualLayer[][] blocks =
            [.. Enumerable.Range(0, count).Select(branch => ResidualBlock(branch, $"resblocks.{(stage * count) + branch}", take))];
        return new Stage(upsample, Memory.PackResidualBlocks(blocks, Slope));
    }

    /// <summary>Block "1" follows each dilated convolution with an undilated one; block "2" does not.</summary>
    private ResidualLayer[] ResidualBlock(int branch, string name, Func<string, Tensor> take)
    {
        Conv1dWeights Layer(string layer, int dilation) => Convolution(take, $"{name}.{layer}", dilation, Memory.PackConv1d);
        return [.. _config.ResidualDilations[branch].Select((dilation, i) => _config.ResidualBlock == "1"
            ? new ResidualLayer(Layer($"convs1.{i}", dilation), Layer($"convs2.{i}", 1))
            : new ResidualLayer(Layer($"convs.{i}", dilation), Plain: null))];
    }

    /// <summary>A convolution that keeps the length.</summary>
    private static Conv1dWeights Convolution(
        Func<string, Tensor> take, string name, int dilation, Func<Tensor, Tensor?, int, int, Conv1dWeights> pack)
    {
        var weight = take($"{name}.weight");
        return pack(weight, take($"{name}.bias"), dilation, dilation * (weight[2] - 1) / 2);
    }

    private sealed record Stage(Conv1dWeights Upsample, ResidualBlockWeights Blocks);
}
