using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// Brings a mel to the sample rate, a range of samples at a time: so that a long utterance needs no more memory than a short one, and on the host,
/// because it is a hundredth of the work. A number depends on its place alone and not on the range in which it is asked for.
/// </summary>
internal abstract class ConditionNetwork
{
    private protected ConditionNetwork(WaveNetConfig config) => Config = config;

    /// <summary>Frames on each side of a frame that its conditions depend on.</summary>
    public abstract int ReachFrames { get; }

    private protected WaveNetConfig Config { get; }

    /// <summary>The network of a config.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="take">Takes a tensor by its name.</param>
    public static ConditionNetwork Create(WaveNetConfig config, Func<string, Tensor> take) => config.Upsampling == Upsampling.Transposed
        ? new TransposedConditions(config, take("upsample.weight"), take("upsample.bias"))
        : new SteppedConditions(config, take);

    /// <summary>Makes the conditions of samples.</summary>
    /// <param name="mel">[1, bands, F].</param>
    /// <param name="samples">Which samples, counted from the mel's first on.</param>
    /// <returns>[samples, bands].</returns>
    public abstract Tensor Conditions(Tensor mel, Range samples);
}
