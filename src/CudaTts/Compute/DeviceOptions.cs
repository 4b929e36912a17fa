namespace CudaTts.Compute;

/// <summary>Which device to compute on, and how.</summary>
public sealed record DeviceOptions
{
    /// <summary>
    /// <c>auto</c>: the first GPU, or the CPU where there is none; <c>cpu</c>; <c>cuda</c> or <c>cuda:N</c>: a GPU; <c>emulated</c>: the GPU's
    /// kernels run on the CPU, for tests.
    /// </summary>
    public string Name { get; init; } = "auto";

    /// <summary>CPU threads that share one operation; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Arithmetic on a GPU; the CPU always uses float32.</summary>
    public Precision Precision { get; init; } = Precision.Half;
}

/// <summary>The type of weights and activations on a GPU; sums are float32 in both.</summary>
public enum Precision
{
    /// <summary>IEEE 754 binary16, on tensor cores where they pay.</summary>
    Half,

    /// <summary>IEEE 754 binary32.</summary>
    Full,
}

/// <summary>A kind of device.</summary>
public enum DeviceKind
{
    /// <summary>The processor's own cores.</summary>
    Processor,

    /// <summary>A GPU by CUDA.</summary>
    Gpu,

    /// <summary>A GPU that the CPU plays, for tests: its times are no GPU's.</summary>
    EmulatedGpu,
}
