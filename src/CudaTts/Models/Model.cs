using CudaTts.Audio;
using CudaTts.Compute;

namespace CudaTts.Models;

/// <summary>
/// A network with its weights on a device: an <see cref="AcousticModel"/> or a <see cref="Vocoder"/>. It owns its weights, the device stays its
/// maker's. Weights are immutable and all that a run changes is its own, so several threads may use one instance.
/// </summary>
public abstract class Model : IDisposable
{
    private protected Model(string name, string title, MelContract mel, ComputeDevice device)
    {
        (Name, Title, Mel, Device) = (name, title, mel, device);
        Memory = device.CreateModelMemory();
        Memory.Owner = GetType().Name;
    }

    /// <summary>The network's <c>model_type</c> in config.json, such as <c>hifigan</c>.</summary>
    public string Name { get; }

    /// <summary>The network with its size, as <c>HiFi-GAN V1</c>.</summary>
    public string Title { get; }

    /// <summary>What the mel means that the network makes or reads.</summary>
    public MelContract Mel { get; }

    /// <summary>Where the network runs.</summary>
    private protected ComputeDevice Device { get; }

    /// <summary>All that the network has in the device's memory. A constructor that fails disposes of it.</summary>
    private protected ModelMemory Memory { get; }

    /// <summary>
    /// Waits for the runs under way and frees all that the network has on its device, which stays open. A second time nothing happens.
    /// </summary>
    public void Dispose()
    {
        Memory.Dispose();
        ReleaseOthers();
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes of another network that this one owns, once no run of this one is under way.</summary>
    private protected virtual void ReleaseOthers()
    {
    }
}
