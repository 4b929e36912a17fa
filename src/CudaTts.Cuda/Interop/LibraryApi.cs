using System.Runtime.InteropServices;

namespace CudaTts.Cuda.Interop;

/// <summary>
/// What is used of the optional libraries. Call only where <see cref="NativeLibraries.IsPresent"/>; results other than 0 are failures.
/// </summary>
internal static unsafe partial class LibraryApi
{
    [LibraryImport(NativeLibraries.Management)]
    internal static partial int nvmlInit_v2();

    [LibraryImport(NativeLibraries.Management)]
    internal static partial int nvmlShutdown();

    [LibraryImport(NativeLibraries.Management, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nvmlDeviceGetHandleByPciBusId_v2(string busId, nint* device);

    [LibraryImport(NativeLibraries.Management)]
    internal static partial int nvmlDeviceGetMemoryInfo(nint device, Memory* memory);

    [LibraryImport(NativeLibraries.Management)]
    internal static partial int nvmlDeviceGetUtilizationRates(nint device, Utilization* utilization);

    [LibraryImport(NativeLibraries.CublasLt)]
    internal static partial nuint cublasLtGetVersion();

    [LibraryImport(NativeLibraries.Cudnn)]
    internal static partial nuint cudnnGetVersion();

    /// <summary><c>nvmlMemory_t</c>, in bytes.</summary>
    internal struct Memory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }

    /// <summary><c>nvmlUtilization_t</c>, in percent of the last sampling period.</summary>
    internal struct Utilization
    {
        public uint Gpu;
        public uint Memory;
    }
}
