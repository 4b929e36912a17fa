using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.GriffinLim;

/// <summary>
/// The Griffin-Lim algorithm as a vocoder. Without a spectrogram network it needs no weights. The network runs on the device, the algorithm on the
/// host; it depends on all of a mel at once.
/// </summary>
internal sealed class GriffinLimVocoder : Vocoder
{
    private readonly GriffinLimAlgorithm _algorithm;
    private readonly GriffinLimConfig? _config;
    private readonly SpectrogramNetwork? _network;

    /// <summary>The algorithm alone.</summary>
    public GriffinLimVocoder(MelContract mel, ComputeDevice device)
        : base(GriffinLimName, "Griffin-Lim", mel, device) => _algorithm = new GriffinLimAlgorithm(mel, device.Threads);

    /// <summary>The algorithm on what a network makes of mels.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="GriffinLimTensors.Expected"/>.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public GriffinLimVocoder(GriffinLimConfig config, ModelWeights weights, ComputeDevice device)
        : base(GriffinLimName, GriffinLimFormat.Instance.Title, GriffinLimFormat.Instance.Check(config, weights.Source).Mel, device)
    {
        try
        {
            (_config, _algorithm) = (config, new GriffinLimAlgorithm(config.Mel, device.Threads));
            _network = new SpectrogramNetwork(config, weights, device, Memory);
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override int? ContextFrames => null;

    /// <inheritdoc/>
    private protected override bool HasBias => false;

    /// <inheritdoc/>
    public override StageWork? WorkOf(long frames) => _config is null ? null : GriffinLimWork.Of(_config, frames, Device.ElementBytes);

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderNoise> noise, CancellationToken cancellation)
    {
        var magnitudes = _network?.LogMagnitudes(mels, cancellation);
        return [.. mels.Select((mel, row) => _algorithm.Generate(mel, noise[row].Seed, magnitudes?[row], cancellation))];
    }

    /// <inheritdoc/>
    private protected override StageScope BeginStage() => Device.BeginHostStage(Stage.Vocoder);
}
