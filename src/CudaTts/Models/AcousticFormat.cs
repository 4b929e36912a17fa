namespace CudaTts.Models;

/// <summary>A format of networks of which each is an acoustic model.</summary>
/// <typeparam name="TConfig">The network's config.</typeparam>
internal abstract class AcousticFormat<TConfig> : ModelFormat<TConfig>
    where TConfig : class, new()
{
    /// <inheritdoc/>
    public sealed override Type Kind => typeof(AcousticModel);

    /// <inheritdoc/>
    public sealed override string KindName => "an acoustic model";
}
