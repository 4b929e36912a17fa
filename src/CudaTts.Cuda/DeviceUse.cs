using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>What a GPU is doing now, by all processes, as NVIDIA's management library (NVML, part of the display driver) has it.</summary>
/// <param name="UsedBytes">Memory in use.</param>
/// <param name="TotalBytes">Memory of the device.</param>
/// <param name="BusyPercent">Share of the last sampling period in which a kernel ran; 0 where the device does not tell.</param>
public sealed record DeviceUse(long UsedBytes, long TotalBytes, int BusyPercent)
{
    private const int Success = 0;

    /// <summary>Asks for the use of a device.</summary>
    /// <param name="device">As the driver listed it.</param>
    /// <returns>Null where the library is absent or does not answer: it is never needed.</returns>
    public static unsafe DeviceUse? Of(DriverDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.BusId.Length == 0 || !NativeLibraries.IsPresent(NativeLibraries.Management))
        {
            return null;
        }

        try
        {
            return LibraryApi.nvmlInit_v2() == Success ? Ask(device.BusId) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static unsafe DeviceUse? Ask(string busId)
    {
        nint handle = 0;
        LibraryApi.Memory memory = default;
        LibraryApi.Utilization utilization = default;
        var isKnown = LibraryApi.nvmlDeviceGetHandleByPciBusId_v2(busId, &handle) == Success
            && LibraryApi.nvmlDeviceGetMemoryInfo(handle, &memory) == Success;

        // A device that is divided into instances does not tell its utilisation; then it stays 0.
        _ = isKnown ? LibraryApi.nvmlDeviceGetUtilizationRates(handle, &utilization) : Success;
        var use = isKnown ? new DeviceUse((long)memory.Used, (long)memory.Total, (int)utilization.Gpu) : null;
        _ = LibraryApi.nvmlShutdown();
        return use;
    }
}
