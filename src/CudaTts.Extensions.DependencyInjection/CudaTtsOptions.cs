using CudaTts.Compute;

namespace CudaTts.Extensions.DependencyInjection;

/// <summary>Which voice speaks, and where.</summary>
public sealed class CudaTtsOptions
{
    /// <summary>The voice's folder; null for the default voice (<see cref="Voice.FindDefault"/>).</summary>
    public string? VoiceFolder { get; set; }

    /// <summary>Folder of another vocoder than the voice's own, or <c>griffin-lim</c>.</summary>
    public string? Vocoder { get; set; }

    /// <summary>Where to compute: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c> or <c>emulated</c>.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>CPU threads that share one operation; 0 for one a core.</summary>
    public int Threads { get; set; }

    /// <summary>Arithmetic on a GPU; the CPU always uses float32.</summary>
    public Precision Precision { get; set; } = Precision.Half;
}
