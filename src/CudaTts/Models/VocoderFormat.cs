namespace CudaTts.Models;

/// <summary>A format of networks of which each is a vocoder.</summary>
/// <typeparam name="TConfig">The network's config.</typeparam>
internal abstract class VocoderFormat<TConfig> : ModelFormat<TConfig>
    where TConfig : class, new()
{
    /// <inheritdoc/>
    public sealed override Type Kind => typeof(Vocoder);

    /// <inheritdoc/>
    public sealed override string KindName => "a vocoder";
}
