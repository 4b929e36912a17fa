using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>Who answers the driver API's calls.</summary>
public enum DriverKind
{
    /// <summary>NVIDIA's driver.</summary>
    Hardware,

    /// <summary>This project's emulation: the same functions and the same kernels, on the CPU.</summary>
    Emulated,
}

/// <summary>
/// Chooses the library behind the driver API. The choice is the process's: the first use makes it, because a context, a stream or an address of
/// one library means nothing to the other.
/// </summary>
public static class CudaDriver
{
    /// <summary>Environment variable that names the emulated library when it is not in <c>kernels/</c> beside the program.</summary>
    public const string EmulatedLibraryVariable = "CUDATTS_EMULATED_LIBRARY";

    private static readonly Lock s_choosing = new();
    private static DriverKind? s_kind;

    static CudaDriver() => NativeLibrary.SetDllImportResolver(typeof(CudaDriver).Assembly, Resolve);

    /// <summary>Which library answers, once one has been chosen.</summary>
    public static DriverKind? Kind => s_kind;

    /// <summary>Where the emulated library is expected.</summary>
    public static string EmulatedLibraryPath => Environment.GetEnvironmentVariable(EmulatedLibraryVariable) is { Length: > 0 } named
        ? named
        : Path.Combine(AppContext.BaseDirectory, "kernels", "libcudatts_emulated.so");

    /// <summary>Chooses and initialises a library.</summary>
    /// <exception cref="CudaException">It is not there, finds no device, or the other one is in use.</exception>
    public static void Use(DriverKind kind)
    {
        if (WhyNot(kind) is { } reason)
        {
            throw new CudaException(reason);
        }
    }

    /// <summary>Tries to choose and initialise a library.</summary>
    /// <returns>Null when <paramref name="kind"/> can be used from now on; else why not, in one sentence.</returns>
    public static string? WhyNot(DriverKind kind)
    {
        lock (s_choosing)
        {
            if (s_kind is { } chosen)
            {
                return chosen == kind ? null : $"this process already uses the {Describe(chosen)}; the {Describe(kind)} needs a process of its own.";
            }

            if (!TryLoad(kind, out var library))
            {
                return kind == DriverKind.Hardware
                    ? "there is no NVIDIA driver: libcuda.so.1 (Windows: nvcuda.dll) was not found."
                    : $"the emulated device has not been built: {EmulatedLibraryPath} is missing; ./build.sh build makes it where g++ is installed.";
            }

            s_kind = kind;
            var problem = Initialise();
            if (problem is not null)
            {
                s_kind = null;
                NativeLibrary.Free(library);
            }

            return problem;
        }
    }

    /// <summary>The newest CUDA version that the driver knows, as 12.4 is 12040.</summary>
    public static int Version()
    {
        CudaException.Check(DriverApi.DriverGetVersion(out var version), "cuDriverGetVersion");
        return version;
    }

    /// <summary>Number of devices.</summary>
    public static int DeviceCount()
    {
        CudaException.Check(DriverApi.DeviceGetCount(out var count), "cuDeviceGetCount");
        return count;
    }

    private static string? Initialise()
    {
        var result = DriverApi.Init(0);
        if (result == CUresult.Success)
        {
            result = DriverApi.DeviceGetCount(out var count);
            result = result == CUresult.Success && count == 0 ? CUresult.NoDevice : result;
        }

        return result switch
        {
            CUresult.Success => null,
            CUresult.NoDevice => "there is an NVIDIA driver, but no GPU that it may use.",
            _ => $"the NVIDIA driver does not start: {CudaException.NameOf(result)}.",
        };
    }

    private static string Describe(DriverKind kind) => kind == DriverKind.Hardware ? "NVIDIA driver" : "emulated device";

    private static bool TryLoad(DriverKind kind, [MaybeNullWhen(false)] out nint library)
    {
        if (kind == DriverKind.Emulated)
        {
            return NativeLibrary.TryLoad(EmulatedLibraryPath, out library);
        }

        return NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out library);
    }

    // The runtime asks once for every function and keeps the answer, which is why the choice cannot be changed later.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != DriverApi.Library)
        {
            return 0;
        }

        var kind = s_kind ?? throw new CudaException("no CUDA driver has been chosen yet; call CudaDriver.Use first.");
        return TryLoad(kind, out var library) ? library : throw new CudaException($"the {Describe(kind)}'s library is gone.");
    }
}
