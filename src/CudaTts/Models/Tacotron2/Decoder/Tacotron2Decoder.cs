using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2.Decoder.Cpu;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2.Decoder;

/// <summary>
/// The autoregressive decoder (arXiv:1712.05884, section 2.2): one operation for the whole loop, because dispatching layer by layer costs more
/// than the layers do.
/// </summary>
internal abstract class Tacotron2Decoder : IDisposable
{
    private const int FramesPerToken = 10;
    private const int MoreFrames = 200;

    /// <summary>The decoder for a model's device; it ends with the model's memory there.</summary>
    /// <exception cref="CudaTtsException">The persistent kernel is asked for and cannot be had.</exception>
    public static Tacotron2Decoder Create(Tacotron2Config config, ModelWeights weights, ModelMemory memory) => memory.Own(
        memory.ForDevice<Tacotron2Decoder>(
            cpu => CreateOnCpu(config, weights, cpu.Compute),
            gpu => CudaTacotron2Decoder.Create(config, weights, gpu, DecoderChoice.Read())));

    /// <summary>Bytes of a weight as it is read in every step.</summary>
    public abstract int WeightBytes { get; }

    /// <summary>How it has decoded last, or will: for statistics.</summary>
    public virtual string Way => "stepwise";

    /// <summary>Decodes every row until its gate opens, its steps run out or the caller cancels.</summary>
    /// <param name="encoded">The encoder's output, in groups of rows.</param>
    /// <param name="options">Thresholds, limits and dropout of each row of all groups.</param>
    /// <param name="cancellation">Ends decoding after the steps under way; rows that wait for their turn have none.</param>
    public abstract IReadOnlyList<DecoderOutput> Decode(
        IReadOnlyList<EncodedRows> encoded, IReadOnlyList<Tacotron2Options> options, CancellationToken cancellation);

    /// <summary>Decodes one group: the encoder's output [B, T, E] of rows with these numbers of tokens.</summary>
    public IReadOnlyList<DecoderOutput> Decode(
        Tensor memory, RowLengths tokens, IReadOnlyList<Tacotron2Options> options, CancellationToken cancellation) =>
        Decode([new EncodedRows(memory, tokens)], options, cancellation);

    /// <summary>Rows that come and go; to be disposed of before the decoder.</summary>
    public abstract DecoderBatch CreateBatch();

    /// <summary>Frees what is kept between runs, of which none may be under way.</summary>
    public abstract void Dispose();

    private static CpuTacotron2Decoder CreateOnCpu(Tacotron2Config config, ModelWeights weights, CpuCompute cpu)
    {
        var kernels = DecoderKernels.For(cpu.Level);
        return new CpuTacotron2Decoder(config, new DecoderWeights(config, weights, kernels), kernels, cpu.Team);
    }

    /// <summary>A row before its first step.</summary>
    /// <exception cref="CudaTtsException">The caller's masks are not whole steps.</exception>
    internal static DecoderRow RowOf(Tacotron2Config config, Tacotron2Options options, int tokens)
    {
        var dropout = new PrenetDropout(config, options);
        return new DecoderRow(config, options, dropout, tokens, StepLimit(config, options, dropout, tokens));
    }

    /// <summary>The most steps of a row: what the caller allows, but no more than there are masks.</summary>
    private static int StepLimit(Tacotron2Config config, Tacotron2Options options, PrenetDropout dropout, int tokens)
    {
        var enough = Ceiling.Of((FramesPerToken * tokens) + MoreFrames, config.FramesPerStep);
        var steps = options.MaxSteps ?? dropout.Steps ?? enough;
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1, nameof(options));
        return Math.Min(steps, dropout.Steps ?? steps);
    }
}

/// <summary>What the encoder has made of some rows.</summary>
/// <param name="Memory">[B, T, E], in the device's memory.</param>
/// <param name="Tokens">Of each row.</param>
internal readonly record struct EncodedRows(Tensor Memory, RowLengths Tokens);

/// <summary>One row's decoding.</summary>
internal readonly record struct DecoderOutput(DecoderRecord Record, StopReason Stop);
