using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// The network of HiFi-GAN's generator (arXiv:2010.05646, section 2.2; jik876/hifi-gan models.py), which others end with: transposed convolutions
/// raise the rate of frames to the sample rate step by step, and after each the mean of several residual blocks sees patterns of several lengths.
/// </summary>
internal sealed class UpsamplingStack
{
    /// <summary>The slope of every leaky ReLU but the last.</summary>
    public const float Slope = 0.1f;

    /// <summary>
    /// Frames of one row that go through the network at once. This bounds memory (V1: four activations of 32 kilobytes a frame, or eight of 16 where
    /// residual blocks are fused in half precision); the context that each chunk computes again is about a twentieth of it.
    /// </summary>
    public const int UsualChunkFrames = 512;

    // The workspace's buffers.
    private const int Input = 0;
    private const int Mean = 1;
    private const int First = 2;
    private const int Second = 3;

    private readonly UpsamplingSizes _sizes;
    private readonly ComputeDevice _device;
    private readonly Conv1dWeights _first;
    private readonly Stage[] _stages;
    private readonly Conv1dWeights _last;
    private readonly int _bufferSequences;
    private readonly long _elementsPerFrame;
    private readonly Workspace.Kept _workspace;

    /// <param name="sizes">Checked widths.</param>
    /// <param name="take">Takes a tensor of <see cref="UpsamplingTensors.Expected"/>.</param>
    /// <param name="memory">Where its weights go.</param>
    public UpsamplingStack(UpsamplingSizes sizes, Func<string, Tensor> take, ModelMemory memory)
    {
        (_sizes, _device) = (sizes, memory.Device);
        ContextFrames = sizes.ContextFrames();
        _elementsPerFrame = sizes.ElementsPerFrame();
        _first = Convolution(take, "conv_pre", 1, memory.PackFirstConv1d);
        _stages = [.. Enumerable.Range(0, sizes.UpsampleRates.Length).Select(stage => PackStage(stage, take, memory))];
        _last = Convolution(take, "conv_post", 1, memory.PackConv1d, sizes.HasFinalBias);
        _bufferSequences = _stages.Max(stage => stage.Blocks.BufferSequences);
        _workspace = memory.KeepWorkspace([1, 1, _bufferSequences, _bufferSequences]);
    }

    /// <summary>Frames on each side of a frame that its samples depend on.</summary>
    public int ContextFrames { get; }

    /// <summary>Turns frames into samples within -1 and 1.</summary>
    /// <param name="sequences">Each [1, inputs, F] with an F of its own.</param>
    /// <param name="chunkFrames">Frames of one row that go through the network at once.</param>
    /// <param name="vectors">What is added to each sequence after the first convolution, [rows, channels]; nothing where omitted.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>For each [1, F * hop].</returns>
    public Tensor[] Generate(IReadOnlyList<Tensor> sequences, int chunkFrames, Tensor? vectors, CancellationToken cancellation) => MelChunk.Generate(
        sequences, _sizes.Hop, (chunkFrames, ContextFrames), _device, _bufferSequences * _elementsPerFrame,
        chunks => GenerateChunks(sequences, chunks, vectors, cancellation));

    private Tensor GenerateChunks(IReadOnlyList<Tensor> sequences, List<MelChunk> chunks, Tensor? vectors, CancellationToken cancellation)
    {
        using var rows = _device.Rows([.. chunks.Select(chunk => chunk.Frames)]);
        using var workspace = _workspace.Take((long)rows.Count * rows.Longest * _elementsPerFrame);
        var input = workspace.Float32Sequence(Input, rows, _sizes.Inputs);
        _device.Upload(MelChunk.Gather(sequences, chunks), input);
        var added = vectors is null ? null : Tensor.From(
            [.. chunks.SelectMany(chunk => vectors.Slice(chunk.Row, 1).Span.ToArray())], chunks.Count, vectors[1]);
        var audio = _device.Download(Run(input, added, workspace, cancellation));
        return audio.Reshape(rows.Count, rows.Longest * _sizes.Hop);
    }

    /// <summary>The network: frames [B, inputs, F] to audio [B, 1, F * hop].</summary>
    private Tensor Run(Tensor input, Tensor? vectors, Workspace workspace, CancellationToken cancellation)
    {
        var rows = input.Rows!;
        var (channels, steps) = (_sizes.InitialChannels, 1);
        var mean = workspace.Sequence(Mean, rows, channels);
        _device.Conv1d(input, _first, mean);
        if (vectors is not null)
        {
            _device.AddRowVectors(mean, vectors);
        }

        foreach (var stage in _stages)
        {
            (channels, steps) = (channels / 2, steps * stage.Upsample.Stride);
            var x = workspace.Sequence(Input, rows, channels, steps);
            _device.Conv1d(mean, stage.Upsample, x, new ConvFusion { InputSlope = Slope });
            mean = workspace.Sequence(Mean, rows, channels, steps);
            _device.ResidualBlocks(x, stage.Blocks, mean, workspace.Buffer(First), workspace.Buffer(Second), cancellation);
        }

        var audio = workspace.Sequence(Input, rows, channels: 1, steps);
        _device.Conv1d(mean, _last, audio, new ConvFusion { InputSlope = _sizes.FinalSlope, Activation = Activation.Tanh });
        return audio;
    }

    private Stage PackStage(int stage, Func<string, Tensor> take, ModelMemory memory)
    {
        var (rate, kernel) = (_sizes.UpsampleRates[stage], _sizes.UpsampleKernels[stage]);
        var upsample = memory.PackConvTranspose1d(
            take($"ups.{stage}.weight"), take($"ups.{stage}.bias"), rate, padding: (kernel - rate + 1) / 2, outputPadding: (kernel - rate) % 2);
        var count = _sizes.ResidualKernels.Length;
        ResidualLayer[][] blocks =
            [.. Enumerable.Range(0, count).Select(branch => ResidualBlock(branch, $"resblocks.{(stage * count) + branch}", take, memory))];
        return new Stage(upsample, memory.PackResidualBlocks(blocks, Slope));
    }

    /// <summary>Block "1" follows each dilated convolution with an undilated one; block "2" does not.</summary>
    private ResidualLayer[] ResidualBlock(int branch, string name, Func<string, Tensor> take, ModelMemory memory)
    {
        Conv1dWeights Layer(string layer, int dilation) => Convolution(take, $"{name}.{layer}", dilation, memory.PackCostlyConv1d);
        return [.. _sizes.ResidualDilations[branch].Select((dilation, i) => _sizes.ResidualBlock == "1"
            ? new ResidualLayer(Layer($"convs1.{i}", dilation), Layer($"convs2.{i}", 1))
            : new ResidualLayer(Layer($"convs.{i}", dilation), Plain: null))];
    }

    /// <summary>A convolution that keeps the length.</summary>
    private static Conv1dWeights Convolution(
        Func<string, Tensor> take, string name, int dilation, Func<Tensor, Tensor?, int, int, Conv1dWeights> pack, bool hasBias = true)
    {
        var weight = take($"{name}.weight");
        return pack(weight, hasBias ? take($"{name}.bias") : null, dilation, dilation * (weight[2] - 1) / 2);
    }

    private sealed record Stage(Conv1dWeights Upsample, ResidualBlockWeights Blocks);
}
