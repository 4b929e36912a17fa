using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>
/// The decoder on the CPU. Every thread runs all steps on its share of the rows, because a step is bound by reading the weights once, and
/// whatever stands between two layers is felt a thousand times an utterance.
/// </summary>
internal sealed class CpuTacotron2Decoder(Tacotron2Config config, DecoderWeights weights, DecoderKernels kernels, int threads) : Tacotron2Decoder
{
    private int _idleHelpers = threads - 1;

    /// <inheritdoc/>
    /// <remarks>Halves stay halves and are widened as they are multiplied.</remarks>
    public override int WeightBytes => weights.AttentionLstm.IsHalf ? sizeof(ushort) : sizeof(float);

    /// <inheritdoc/>
    public override IReadOnlyList<DecoderOutput> Decode(
        IReadOnlyList<EncodedRows> encoded, IReadOnlyList<Tacotron2Options> options, CancellationToken cancellation) =>
        [Decode(encoded.Single().Memory, options.Single(), cancellation)];

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
        // Members of a team wait for each other, so more of them than cores would be slower than one; a run that overlaps another gets no helpers.
        var helpers = ThreadTeam.WorksAlone ? 0 : Interlocked.Exchange(ref _idleHelpers, 0);
        try
        {
            return Decode(memory, options, new DecoderTeam(1 + helpers), cancellation);
        }
        finally
        {
            Interlocked.Add(ref _idleHelpers, helpers);
        }
    }

    private DecoderOutput Decode(Tensor memory, Tacotron2Options options, DecoderTeam team, CancellationToken cancellation)
    {
        var state = new DecoderState(config, weights, memory, team.Members);
        var record = new DecoderRecord(config.MelBands, config.FramesPerStep, state.Tokens) { Sink = options.Frames };
        var dropout = new PrenetDropout(config, options);
        var limit = StepLimit(config, options, dropout, state.Tokens);
        var lastStep = limit - 1;
        var gateOpened = false;
        var workers = new DecoderWorker[team.Members];
        for (var member = 0; member < workers.Length; member++)
        {
            workers[member] = new DecoderWorker(config, weights, kernels, state, dropout, options.Window, team, member);
        }

        team.Run((member, step) =>
        {
            // The others look at this only after the step's barriers, so that all leave the loop at the same step.
            if (member == 0 && cancellation.IsCancellationRequested)
            {
                lastStep = step;
            }

            workers[member].Step(step);
            var isOpen = 1 / (1 + Math.Exp(-GateLogit(state))) > options.GateThreshold;
            if (member == 0)
            {
                record.Append(state.Frame.Span[..config.StepWidth], GateLogit(state), state.Weights.Span[..state.Tokens]);
                options.Progress?.Report(record.Steps * config.FramesPerStep);
                gateOpened = isOpen;
            }

            return isOpen || step == lastStep;
        });
        return new DecoderOutput(record, gateOpened ? StopReason.Gate : record.Steps < limit ? StopReason.Cancelled : StopReason.FrameLimit);
    }

    private float GateLogit(DecoderState state) => state.Frame.Span[config.StepWidth];
}
