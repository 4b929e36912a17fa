using System.Reflection;
using System.Runtime.InteropServices;

namespace CudaTts.Cuda.Interop;

/// <summary>Finds the native libraries: the one place where the names used in the imports become files.</summary>
internal static class NativeLibraries
{
    /// <summary>The CUDA driver, or the emulated library that has the same functions.</summary>
    internal const string Driver = "cuda";

    /// <summary>NVIDIA's management library, part of the display driver.</summary>
    internal const string Management = "nvidia-ml";

    /// <summary>cuBLASLt, part of the CUDA toolkit.</summary>
    internal const string CublasLt = "cublasLt";

    /// <summary>cuDNN, a package of its own.</summary>
    internal const string Cudnn = "cudnn";

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, nint> s_loaded = [];

    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>The driver's file names, in the order in which they are tried.</summary>
    internal static IReadOnlyList<string> HardwareNames =>
        OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so", "/usr/lib/wsl/lib/libcuda.so.1"];

    /// <summary>Loads the first of some files; zero when there is none.</summary>
    internal static nint TryLoad(IEnumerable<string> names, out string found)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                found = name;
                return handle;
            }
        }

        found = "";
        return 0;
    }

    /// <summary>Makes <see cref="Driver"/> stand for a loaded library. It stays so: the runtime asks once for each function.</summary>
    internal static void UseDriver(nint library)
    {
        lock (s_lock)
        {
            s_loaded[Driver] = library;
        }
    }

    /// <summary>Whether an optional library is here, loading it the first time.</summary>
    internal static bool IsPresent(string library) => Find(library) != 0;

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath) => Find(library);

    private static nint Find(string library)
    {
        lock (s_lock)
        {
            if (!s_loaded.TryGetValue(library, out var handle))
            {
                handle = TryLoad(NamesOf(library), out _);
                s_loaded[library] = handle;
            }

            return handle;
        }
    }

    // The newest first. A file name without a version belongs to a development package, and may be absent where the library is not.
    private static IEnumerable<string> NamesOf(string library)
    {
        var windows = OperatingSystem.IsWindows();
        return library switch
        {
            Management => windows ? ["nvml.dll"] : ["libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"],
            CublasLt => Versions(13, 11).Select(v => windows ? $"cublasLt64_{v}.dll" : $"libcublasLt.so.{v}")
                .Append(windows ? "cublasLt.dll" : "libcublasLt.so"),
            Cudnn => Versions(10, 8).Select(v => windows ? $"cudnn64_{v}.dll" : $"libcudnn.so.{v}").Append(windows ? "cudnn.dll" : "libcudnn.so"),
            _ => [],
        };
    }

    private static IEnumerable<int> Versions(int newest, int oldest) => Enumerable.Range(oldest, newest - oldest + 1).Reverse();
}
