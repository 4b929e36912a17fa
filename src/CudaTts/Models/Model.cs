using CudaTts.Audio;
using CudaTts.Compute;

namespace CudaTts.Models;

/// <summary>
/// A network with its weights on a device: an <see cref="AcousticModel"/> or a <see cref="Vocoder"/>. It owns its weights, the device stays its maker's.
/// Weights are immutable and all that a run changes is its own, so several threads may use one instance.
/// </summary>
public abstract class Model : IDisposable
{
    private protected Model(string name, string title, MelContract mel, ComputeDevice device) => (Name, Title, Mel, Device) = (name, title, mel, device);

    /// <summary>The network's <c>model_type</c> in config.json, such as <c>hifigan</c>.</summary>
    public string Name { get; }

    /// <summary>The network with its size, as <c>HiFi-GAN V1</c>.</summary>
    public string Title { get; }

    /// <summary>What the mel means that the network makes or reads.</summary>
    public MelContract Mel { get; }

    /// <summary>Where the network runs.</summary>
    private protected ComputeDevice Device { get; }

    /// <summary>Releases the weights. Runs must have ended; the device stays open.</summary>
    public void Dispose()
    {
        ReleaseWeights();
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the weights where a network has any to release; a second time nothing happens.</summary>
    private protected virtual void ReleaseWeights()
    {
    }
}
