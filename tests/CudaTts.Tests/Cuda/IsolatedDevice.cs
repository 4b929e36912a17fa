using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using CudaTts.Cuda;

namespace CudaTts.Tests.Cuda;

/// <summary>
/// Runs a test's body in a second copy of the assemblies, on an emulated library of its own: that of the kernels written for tests, some of them wrong on
/// purpose, or a copy of the engine's. A process binds one library, and a kernel that fails breaks it for all; so it must not be the engine's itself.
/// </summary>
internal static class IsolatedDevice
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, AssemblyLoadContext> s_copies = [];

    /// <summary>Runs a static method in the copy, on a device just reset; its failures are the test's.</summary>
    public static void Run(Action body) => Run(body, "libcudatts_emulated_faults.so");

    /// <summary>The same with the engine's kernels. The body knows CudaTts.Cuda only.</summary>
    public static void RunEngineKernels(Action body) => Run(body, "libcudatts_emulated.so");

    private static void Run(Action body, string library)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "kernels", library);
        if (!File.Exists(path))
        {
            Assert.Ignore($"the emulated library has not been built: kernels/{library} is not beside the tests; it needs g++");
        }

        lock (s_lock)
        {
            if (!s_copies.TryGetValue(library, out var copy))
            {
                copy = s_copies[library] = new Copy();
            }

            var here = copy.LoadFromAssemblyPath(typeof(IsolatedDevice).Assembly.Location).GetType(typeof(IsolatedDevice).FullName!)!;
            var entry = here.GetMethod(nameof(RunInCopy), BindingFlags.NonPublic | BindingFlags.Static)!;
            try
            {
                entry.Invoke(null, [body.Method.DeclaringType!.FullName, body.Method.Name, path]);
            }
            catch (TargetInvocationException error)
            {
                ExceptionDispatchInfo.Throw(error.InnerException!);
            }
        }
    }

    private static void RunInCopy(string type, string method, string path)
    {
        UseCopyOf(path);

        // What earlier tests left behind would be freed in the midst of this one, and by then mean something else.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Reset();
        var found = typeof(IsolatedDevice).Assembly.GetType(type)!.GetMethod(method, BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static)!;
        found.CreateDelegate<Action>()();
    }

    // A file that is loaded twice is one library; so it is another file.
    private static void UseCopyOf(string path)
    {
        if (CudaDriver.Used is not null)
        {
            return;
        }

        var copy = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".so");
        File.Copy(path, copy);
        try
        {
            CudaDriver.EmulatedLibraryOverride = copy;
            CudaDriver.Use(DriverKind.Emulated);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static unsafe void Reset() =>
        ((delegate* unmanaged<void>)NativeLibrary.GetExport(CudaDriver.Used!.Library, "cudatts_emulated_reset"))();

    /// <summary>Device and host allocations that are alive in the emulated library.</summary>
    public static unsafe int LiveAllocations() =>
        (int)((delegate* unmanaged<nuint>)NativeLibrary.GetExport(CudaDriver.Used!.Library, "cudatts_emulated_live_allocations"))();

    /// <summary>Streams, events, modules and graphs that are alive in the emulated library.</summary>
    public static unsafe int LiveObjects() =>
        (int)((delegate* unmanaged<nuint>)NativeLibrary.GetExport(CudaDriver.Used!.Library, "cudatts_emulated_live_objects"))();

    // Only these two are copied: a second NUnit would not take part in the test that runs.
    private sealed class Copy() : AssemblyLoadContext("isolated emulated device")
    {
        protected override Assembly? Load(AssemblyName name) =>
            name.Name is "CudaTts.Cuda" ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "CudaTts.Cuda.dll")) : null;
    }
}
