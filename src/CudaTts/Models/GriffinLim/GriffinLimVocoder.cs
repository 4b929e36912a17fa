using System.Runtime.ExceptionServices;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.GriffinLim;

/// <summary>
/// The Griffin-Lim algorithm as a vocoder: it has no weights, runs on the host, and remembers what it made of a mel's earlier parts.
/// </summary>
/// <param name="mel">The mel that it reads.</param>
/// <param name="device">Whose threads it uses.</param>
/// <param name="magnitudeContext">Frames on each side that a frame's magnitudes depend on.</param>
internal sealed class GriffinLimVocoder(MelContract mel, ComputeDevice device, int magnitudeContext = 0)
    : Vocoder(GriffinLimName, "Griffin-Lim", mel, device)
{
    private readonly GriffinLimAlgorithm _algorithm = new(mel);

    /// <inheritdoc/>
    internal override int ContextFrames => PhaseReconstruction.ContextFrames(Mel.FftLength, Mel.HopLength) + magnitudeContext;

    /// <inheritdoc/>
    internal override int ChunkMultiple => PhaseReconstruction.BlockFrames;

    /// <inheritdoc/>
    private protected override bool HasBias => false;

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderNoise> noise, CancellationToken cancellation)
    {
        // The parts of one mel one after the other, different utterances side by side.
        int[][] utterances = [.. Enumerable.Range(0, mels.Count).GroupBy(row => noise[row].Stream ?? (object)row).Select(rows => rows.ToArray())];
        var states = Array.ConvertAll(utterances, rows =>
            (noise[rows[0]].Stream?.State as PhaseReconstruction)?.Copy() ?? _algorithm.Begin(noise[rows[0]].Seed));
        var audio = new Tensor[mels.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Device.Threads, CancellationToken = cancellation };
        try
        {
            Parallel.For(0, utterances.Length, parallel, utterance =>
            {
                foreach (var row in utterances[utterance])
                {
                    audio[row] = Generate(mels[row], noise[row], states[utterance], cancellation);
                }
            });
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }

        for (var utterance = 0; utterance < utterances.Length; utterance++)
        {
            if (noise[utterances[utterance][0]].Stream is { } stream)
            {
                stream.State = states[utterance];
            }
        }

        return audio;
    }

    /// <inheritdoc/>
    private protected override StageScope BeginStage() => Device.BeginHostStage(Stage.Vocoder);

    private Tensor Generate(Tensor mel, VocoderNoise noise, PhaseReconstruction state, CancellationToken cancellation) =>
        _algorithm.Generate(mel, noise.FirstFrame, noise.IsEnd ? null : magnitudeContext, state, cancellation);
}
