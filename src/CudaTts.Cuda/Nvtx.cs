using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>
/// Names for a profiler's timeline (NVTX, <see href="https://github.com/NVIDIA/NVTX"/>), through the library that the profiler names in the
/// environment. Where none does, nothing is loaded and a call costs a comparison.
/// </summary>
public static class Nvtx
{
    /// <summary>The environment variable with which a profiler names its library.</summary>
    public const string InjectionVariable = "NVTX_INJECTION64_PATH";

    private static readonly NvtxInjection? s_injection = NvtxInjection.Load(Environment.GetEnvironmentVariable(InjectionVariable));

    /// <summary>Whether a profiler listens.</summary>
    public static bool IsPresent => s_injection is not null;

    /// <summary>Opens a range on this thread, within the one that is open.</summary>
    /// <param name="name">UTF-8, with a zero behind it, as <c>"name\0"u8</c> has.</param>
    public static void Push(ReadOnlySpan<byte> name) => s_injection?.Push(name);

    /// <summary>Closes the range that was opened last on this thread.</summary>
    public static void Pop() => s_injection?.Pop();

    /// <summary>Gives a stream a name in the profiler's report.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">UTF-8, with a zero behind it.</param>
    public static void NameStream(CudaStream stream, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        s_injection?.NameStream(stream.Stream, name);
    }
}
