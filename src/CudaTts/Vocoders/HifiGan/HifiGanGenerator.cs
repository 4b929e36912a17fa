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

    // Frames of one row that go through the network at once. This bounds memory (V1: four activations of 32 kilobytes a frame, or eight of 16 where
    // residual blocks are fused in half precision); the context that each chunk computes again is about a twentieth of it.
    private const int ChunkFrames = 512;

    // The workspace's rooms.
    private const int Input = 0;
    private const int Mean = 1;
    private const int First = 2;
    private const int Second = 3;

    private readonly HifiGanConfig _config;
    private readonly ComputeDevice _device;
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
    {
        HifiGanGeometry.Check(config, weights.Source);
        (_config, _device) = (config, device);
        SamplesPerFrame = config.UpsampleRates.Aggregate(1, (product, rate) => product * rate);
        ContextFrames = HifiGanGeometry.ContextFrames(config);
        ElementsPerFrame = HifiGanGeometry.ElementsPerFrame(config);

        var shapes = HifiGanTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        Tensor Take(string name) => weights.Take(name, shapes[name]);
        Conv1dWeights Convolution(string name, int dilation, bool isFirst = false)
        {
            var weight = Take($"{name}.weight");
            Func<Tensor, Tensor?, int, int, Conv1dWeights> pack = isFirst ? device.PackFirstConv1d : device.PackConv1d;
            return pack(weight, Take($"{name}.bias"), dilation, dilation * (weight[2] - 1) / 2);
        }

        _first = Convolution("conv_pre", 1, isFirst: true);
        _stages = new Stage[config.UpsampleRates.Length];
        for (var stage = 0; stage < _stages.Length; stage++)
        {
            var (rate, kernel) = (config.UpsampleRates[stage], config.UpsampleKernels[stage]);
            var upsample = device.PackConvTranspose1d(Take($"ups.{stage}.weight"), Take($"ups.{stage}.bias"), rate, (kernel - rate) / 2);
            var blocks = new ResidualLayer[config.ResidualKernels.Length][];
            for (var branch = 0; branch < blocks.Length; branch++)
            {
                var name = $"resblocks.{(stage * blocks.Length) + branch}";
                blocks[branch] = ResidualBlock(config, branch, name, (convolution, dilation) => Convolution(convolution, dilation));
            }

            _stages[stage] = new Stage(upsample, device.PackResidualBlocks(blocks, Slope));
        }

        _last = Convolution("conv_post", 1);
        _bufferSequences = _stages.Max(stage => stage.Blocks.BufferSequences);
        _workspace = new Workspace.Kept(device, [1, 1, _bufferSequences, _bufferSequences]);
    }

    /// <summary>Samples that one mel frame becomes: the hop.</summary>
    public int SamplesPerFrame { get; }

    /// <summary>Frames on each side that can influence a frame's samples.</summary>
    public int ContextFrames { get; }

    // The widest activation's numbers for one frame.
    private long ElementsPerFrame { get; }

    /// <summary>Turns mel spectrograms into waveforms.</summary>
    /// <param name="mels">Log-mels under the config's contract, each [1, bands, F] with an F of its own.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>For each a waveform in [-1, 1], [1, N], N = F * <see cref="SamplesPerFrame"/>.</returns>
    /// <exception cref="ArgumentException">A mel has another shape.</exception>
    public Tensor[] Generate(IReadOnlyList<Tensor> mels, CancellationToken cancellation = default) => Generate(mels, ChunkFrames, cancellation);

    /// <summary>Turns mel spectrograms of one length into waveforms.</summary>
    /// <param name="mel">Log-mel under the config's contract, [B, bands, F].</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>Waveforms in [-1, 1], [B, N], N = F * <see cref="SamplesPerFrame"/>.</returns>
    /// <exception cref="ArgumentException">The mel has another shape.</exception>
    public Tensor Generate(Tensor mel, CancellationToken cancellation = default) => Generate(mel, ChunkFrames, cancellation);

    internal Tensor Generate(Tensor mel, int chunkFrames, CancellationToken cancellation)
    {
        if (mel.Rank != 3)
        {
            throw new ArgumentException($"A mel [B, {_config.Mel.MelBands}, F] was expected; found {mel}.");
        }

        var rows = Generate([.. Enumerable.Range(0, mel[0]).Select(row => mel.Slice(row, 1))], chunkFrames, cancellation);
        return MelChunk.Stack(rows, mel[2] * SamplesPerFrame);
    }

    private Tensor[] Generate(IReadOnlyList<Tensor> mels, int chunkFrames, CancellationToken cancellation)
    {
        foreach (var mel in mels)
        {
            if (mel.Rank != 3 || mel[0] != 1 || mel[1] != _config.Mel.MelBands)
            {
                throw new ArgumentException($"A mel [1, {_config.Mel.MelBands}, F] was expected; found {mel}.");
            }
        }

        return MelChunk.Generate(
            mels, SamplesPerFrame, (chunkFrames, ContextFrames), _device, _bufferSequences * ElementsPerFrame,
            chunks => GenerateChunks(mels, chunks, cancellation));
    }

    private Tensor GenerateChunks(IReadOnlyList<Tensor> mels, List<MelChunk> chunks, CancellationToken cancellation)
    {
        var rows = _device.Rows([.. chunks.Select(chunk => chunk.Frames)]);
        var workspace = _workspace.Take((long)rows.Count * rows.Longest * ElementsPerFrame);
        var mel = workspace.Float32Sequence(Input, rows, _config.Mel.MelBands);
        _device.Upload(MelChunk.Gather(mels, chunks), mel);
        var audio = _device.Download(Run(mel, workspace, cancellation));
        _workspace.Return(workspace);
        return audio.Reshape(rows.Count, rows.Longest * SamplesPerFrame);
    }

    /// <summary>The network: mel [B, bands, F] to audio [B, 1, F * <see cref="SamplesPerFrame"/>].</summary>
    private Tensor Run(Tensor mel, Workspace workspace, CancellationToken cancellation)
    {
        var rows = mel.Rows!;
        var (channels, steps) = (_config.InitialChannels, 1);
        var mean = workspace.Sequence(Mean, rows, channels);
        _device.Conv1d(mel, _first, mean);
        foreach (var stage in _stages)
        {
            (channels, steps) = (channels / 2, steps * stage.Upsample.Stride);
            var x = workspace.Sequence(Input, rows, channels, steps);
            _device.Conv1d(mean, stage.Upsample, x, new ConvFusion { InputSlope = Slope });
            mean = workspace.Sequence(Mean, rows, channels, steps);
            _device.ResidualBlocks(x, stage.Blocks, mean, workspace.Room(First), workspace.Room(Second), cancellation);
        }

        var audio = workspace.Sequence(Input, rows, channels: 1, steps);
        _device.Conv1d(mean, _last, audio, new ConvFusion { InputSlope = _config.FinalSlope, Activation = Activation.Tanh });
        return audio;
    }

    /// <summary>Block "1" follows each dilated convolution with an undilated one; block "2" does not.</summary>
    private static ResidualLayer[] ResidualBlock(HifiGanConfig config, int branch, string name, Func<string, int, Conv1dWeights> convolution) =>
        [.. config.ResidualDilations[branch].Select((dilation, i) => config.ResidualBlock == "1"
            ? new ResidualLayer(convolution($"{name}.convs1.{i}", dilation), convolution($"{name}.convs2.{i}", 1))
            : new ResidualLayer(convolution($"{name}.convs.{i}", dilation), Plain: null))];

    private sealed record Stage(Conv1dWeights Upsample, ResidualBlockWeights Blocks);
}
