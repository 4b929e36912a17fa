using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.GriffinLim;

/// <summary>The Griffin-Lim algorithm as a vocoder: it has no weights, runs on the host, and depends on all of a mel at once.</summary>
internal sealed class GriffinLimVocoder(MelContract mel, ComputeDevice device) : Vocoder(GriffinLimName, "Griffin-Lim", mel, device)
{
    private readonly GriffinLimAlgorithm _algorithm = new(mel, device.Threads);

    /// <inheritdoc/>
    internal override int? ContextFrames => null;

    /// <inheritdoc/>
    private protected override bool HasBias => false;

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderNoise> noise, CancellationToken cancellation) =>
        [.. mels.Zip(noise, (one, its) => _algorithm.Generate(one, its.Seed, cancellation))];

    /// <inheritdoc/>
    private protected override StageScope BeginStage() => Device.BeginHostStage(Stage.Vocoder);
}
