using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Cuda;

namespace CudaTts.Tests.Emulation;

/// <summary>What only the emulated driver does: it counts calls, and fails where a test wants it to.</summary>
internal static unsafe class EmulatedDriver
{
    /// <summary>Calls of a function of the driver since the process began.</summary>
    public static long Calls(string function)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(function + "\0"))
        {
            return (long)((delegate* unmanaged<byte*, ulong>)Function("cudatts_emulated_calls"))(name);
        }
    }

    /// <summary>Calls of functions of which a run consists, in their order.</summary>
    public static long[] CallsIn(Action run, params string[] functions)
    {
        // What earlier runs left to finalisers is none of this one's.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Array.ConvertAll(functions, Calls);
        run();
        return [.. functions.Select((function, i) => Calls(function) - before[i])];
    }

    /// <summary>
    /// Leaves cooperative launches some of the multiprocessors that the device says it has, as a limit of the multi-process service does; 0 for all.
    /// </summary>
    public static void LimitMultiprocessors(int count) =>
        ((delegate* unmanaged<uint, void>)Function("cudatts_emulated_limit_multiprocessors"))((uint)count);

    /// <summary>
    /// Lets a kernel trap when it is started, which breaks the device for this process: for <see cref="Cuda.IsolatedDevice"/> only.
    /// </summary>
    public static void TrapIn(string kernel)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel + "\0"))
        {
            ((delegate* unmanaged<byte*, void>)Function("cudatts_emulated_trap_in"))(name);
        }
    }

    // Ends the test as skipped on a GPU.
    private static nint Function(string name)
    {
        if (CudaDriver.Kind != DriverKind.Emulated)
        {
            Assert.Ignore($"{name} is a function of the emulated driver, and this test's is another");
        }

        return NativeLibrary.GetExport(CudaDriver.Used!.Library, name);
    }
}
