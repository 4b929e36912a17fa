using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.GriffinLim;

/// <summary>
/// The Griffin-Lim algorithm as a vocoder. Without a spectrogram network it needs no weights. The network runs on the device, the algorithm on the
/// host, and it remembers what it made of a mel's earlier parts.
/// </summary>
internal sealed class GriffinLimVocoder : Vocoder
{
    private readonly GriffinLimAlgorithm _algorithm;
    private readonly SpectrogramNetwork? _network;

    /// <summary>The algorithm alone.</summary>
    /// <param name="mel">The mel that it reads.</param>
    /// <param name="device">Whose threads it uses.</param>
    public GriffinLimVocoder(MelContract mel, ComputeDevice device)
        : base(GriffinLimName, "Griffin-Lim", mel, device)
    {
        try
        {
            _algorithm = new GriffinLimAlgorithm(mel);
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <summary>The algorithm on what a network makes of mels.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="GriffinLimTensors.Expected"/>.</param>
    /// <param name="device">Where the network runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public GriffinLimVocoder(GriffinLimConfig config, ModelWeights weights, ComputeDevice device)
        : base(GriffinLimConfig.TypeName, GriffinLimFormat.Instance.Title, GriffinLimFormat.Instance.Check(config, weights.Source).Mel, device)
    {
        try
        {
            _algorithm = new GriffinLimAlgorithm(config.Mel);
            _network = new SpectrogramNetwork(config, weights, device, Memory);
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override int ContextFrames => PhaseReconstruction.ContextFrames(Mel.FftLength, Mel.HopLength) + MagnitudeContext;

    /// <inheritdoc/>
    internal override int ChunkMultiple => PhaseReconstruction.BlockFrames;

    /// <inheritdoc/>
    private protected override bool HasBias => false;

    // Frames on each side that a frame's magnitudes depend on.
    private int MagnitudeContext => _network?.ContextFrames ?? 0;

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation)
    {
        foreach (var mel in mels)
        {
            _algorithm.Check(mel);
        }

        var magnitudes = _network?.LogMagnitudes(mels, cancellation);

        // The parts of one mel one after the other, different utterances side by side.
        int[][] utterances = [.. Enumerable.Range(0, mels.Count).GroupBy(row => noise[row].Stream ?? (object)row).Select(rows => rows.ToArray())];
        var states = Array.ConvertAll(utterances, rows =>
            (noise[rows[0]].Stream?.State as PhaseReconstruction)?.Copy() ?? _algorithm.Begin(noise[rows[0]].Seed));
        var audio = new Tensor[mels.Count];
        Device.Team.RunTasks(utterances.Length, utterance =>
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var row in utterances[utterance])
            {
                audio[row] = Generate(mels[row], magnitudes?[row], noise[row], states[utterance], cancellation);
            }
        });

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

    private Tensor Generate(
        Tensor mel, Tensor? logMagnitudes, VocoderOptions noise, PhaseReconstruction state, CancellationToken cancellation) =>
        _algorithm.Generate(mel, logMagnitudes, noise.FirstFrame, noise.IsEnd ? null : MagnitudeContext, state, cancellation);
}
