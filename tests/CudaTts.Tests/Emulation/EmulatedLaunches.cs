using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Emulation;

/// <summary>How often the emulated device has been asked to run kernels.</summary>
internal static unsafe class EmulatedLaunches
{
    /// <summary>Launches of a kernel since the process began.</summary>
    public static ulong Of(string kernel)
    {
        var library = NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "kernels", "libcudatts_emulated.so"));
        var count = (delegate* unmanaged<byte*, ulong>)NativeLibrary.GetExport(library, "cudatts_emulated_launches");
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel + "\0"))
        {
            return count(name);
        }
    }

    /// <summary>Launches of all kernels of which a run consists.</summary>
    public static ulong In(CudaCompute device, Action run)
    {
        string[] names = [.. CudaModule.Emulated(device.Context).Signatures.Select(signature => signature.Name)];
        ulong Count() => names.Aggregate(0UL, (sum, name) => sum + Of(name));
        var before = Count();
        run();
        return Count() - before;
    }
}
