using CudaTts.Compute;

namespace CudaTts.Models;

/// <summary>
/// A format of networks that go from text to samples at once. Each is loaded as two models of one folder that the pipeline drives as it drives any
/// pair: an acoustic model whose frames are the network's latent ones, and a vocoder that makes samples of these.
/// </summary>
/// <typeparam name="TConfig">The network's config.</typeparam>
internal abstract class SpeechFormat<TConfig> : ModelFormat<TConfig>
    where TConfig : class, new()
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<Type> Kinds { get; } = [typeof(AcousticModel), typeof(Vocoder)];

    /// <summary>Loads what goes from tokens to latent frames.</summary>
    /// <inheritdoc cref="ModelFormat.Load(Type, ModelFolder, ComputeDevice)"/>
    protected abstract AcousticModel LoadAcoustic(ModelFolder folder, ComputeDevice device);

    /// <summary>Loads what goes from latent frames to samples.</summary>
    /// <inheritdoc cref="ModelFormat.Load(Type, ModelFolder, ComputeDevice)"/>
    protected abstract Vocoder LoadVocoder(ModelFolder folder, ComputeDevice device);

    /// <summary>How a text becomes the ids that the network was taught with.</summary>
    /// <param name="config">A valid config.</param>
    /// <param name="whyNot">Why a voice cannot be made of it, where that is so.</param>
    protected abstract TaughtText TextOf(TConfig config, out string? whyNot);

    /// <inheritdoc/>
    private protected sealed override TaughtText TextOf(ModelFolder folder, out string? whyNot) => TextOf(folder.Config<TConfig>(), out whyNot);

    /// <inheritdoc/>
    private protected sealed override Model Load(Type kind, ModelFolder folder, ComputeDevice device) =>
        kind == typeof(Vocoder) ? LoadVocoder(folder, device) : LoadAcoustic(folder, device);
}
