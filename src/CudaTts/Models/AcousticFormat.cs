using CudaTts.Compute;

namespace CudaTts.Models;

/// <summary>A format of networks of which each is an acoustic model.</summary>
/// <typeparam name="TConfig">The network's config.</typeparam>
internal abstract class AcousticFormat<TConfig> : ModelFormat<TConfig>
    where TConfig : class, new()
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<Type> Kinds { get; } = [typeof(AcousticModel)];

    /// <inheritdoc cref="ModelFormat.Load(Type, ModelFolder, ComputeDevice)"/>
    protected abstract Model Load(ModelFolder folder, ComputeDevice device);

    /// <inheritdoc/>
    private protected sealed override Model Load(Type kind, ModelFolder folder, ComputeDevice device) => Load(folder, device);
}
