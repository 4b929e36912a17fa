using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>
/// The decoder on the CPU. Every thread runs all steps on its share of the weights' rows, because a step is bound by reading the weights once, and
/// whatever stands between two layers is felt a thousand times an utterance.
/// </summary>
internal sealed class CpuTacotron2Decoder(Tacotron2Config config, DecoderWeights weights, DecoderKernels kernels, ThreadTeam team) : Tacotron2Decoder
{
    /// <inheritdoc/>
    /// <remarks>Halves stay halves and are widened as they are multiplied.</remarks>
    public override int WeightBytes => weights.AttentionLstm.IsHalf ? sizeof(ushort) : sizeof(float);

    /// <inheritdoc/>
    public override IReadOnlyList<DecoderOutput> Decode(
        IReadOnlyList<EncodedRows> encoded, IReadOnlyList<Tacotron2Options> options, CancellationToken cancellation) =>
        [Decode(encoded.Single().Memory, options.Single(), cancellation)];

    /// <inheritdoc/>
    public override DecoderBatch CreateBatch() => new CpuDecoderBatch(this, config);

    /// <summary>Does nothing: what a run uses the collector frees.</summary>
    public override void Dispose()
    {
    }

    /// <summary>Decodes until the gate opens, the steps run out or the caller cancels.</summary>
    /// <param name="memory">The encoder's output [1, T, E].</param>
    /// <param name="options">Thresholds, limits, dropout.</param>
    /// <param name="cancellation">Looked at in every step; the step is finished.</param>
    public DecoderOutput Decode(Tensor memory, Tacotron2Options options, CancellationToken cancellation)
    {
        var row = RowOf(config, options, memory[1]);
        Advance([new CpuDecoderRow(row, StateOf(memory))], () => cancellation.IsCancellationRequested);
        return row.Output;
    }

    /// <summary>The state of a row before its first step.</summary>
    /// <param name="memory">The encoder's output [1, T, E], which is copied.</param>
    public DecoderState StateOf(Tensor memory) => new(config, weights, memory, team.Count);

    /// <summary>Decodes rows until one of them is done, or the caller is to look up: after one step at least.</summary>
    public void Advance(CpuDecoderRow[] rows, Func<bool> isInterrupted)
    {
        using var steps = team.Gather();
        var run = new CpuDecoderRun(config, weights, kernels, rows, steps);
        var lastOffset = int.MaxValue;
        steps.Run((member, offset) =>
        {
            // The others look at this only after a barrier of the step, so that all leave the loop at the same step.
            if (member == 0 && (isInterrupted() || Array.Exists(rows, row => row.Row.Failure is not null)))
            {
                lastOffset = offset;
            }

            return run.Step(member, offset) || offset == lastOffset;
        });
    }
}
