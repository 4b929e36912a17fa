using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using CudaTts.Cuda;

namespace CudaTts.Tests.Cuda;

/// <summary>
/// Runs a test's body in a second copy of the assemblies, on an emulated library of its own: that of the
/// kernels written for tests, some of them wrong on purpose, or the engine's once more. A process binds
/// one library, and a kernel that fails breaks it for all; so it must not be that of the other tests.
/// </summary>
internal static class IsolatedDevice
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, Copy> s_copies = [];

    /// <summary>Runs a static method in a copy, on a device just reset that has the kernels written for tests; its failures are the test's.</summary>
    public static void Run(Action body) => Run(body, "libcudatts_emulated_faults.so");

    /// <summary>The same on a device that has the engine's kernels.</summary>
    public static void RunEngine(Action body) => Run(body, "libcudatts_emulated.so");

    private static void Run(Action body, string library)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "kernels", library);
        if (!File.Exists(path))
        {
            Assert.Ignore($"the emulated device has not been built: kernels/{library} is not beside the tests; it needs g++");
        }

        lock (s_lock)
        {
            if (!s_copies.TryGetValue(library, out var copy))
            {
                s_copies.Add(library, copy = new Copy(path));
            }

            var here = copy.LoadFromAssemblyPath(typeof(IsolatedDevice).Assembly.Location).GetType(typeof(IsolatedDevice).FullName!)!;
            var entry = here.GetMethod(nameof(RunInCopy), BindingFlags.NonPublic | BindingFlags.Static)!;
            try
            {
                entry.Invoke(null, [copy.Library, body.Method.DeclaringType!.FullName, body.Method.Name]);
            }
            catch (TargetInvocationException error)
            {
                ExceptionDispatchInfo.Throw(error.InnerException!);
            }
        }
    }

    private static void RunInCopy(string library, string type, string method)
    {
        CudaDriver.EmulatedLibraryOverride = library;
        CudaDriver.Use(DriverKind.Emulated);

        // What earlier tests left behind would be freed in the midst of this one, and by then mean something else.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Reset();
        var found = typeof(IsolatedDevice).Assembly.GetType(type)!.GetMethod(
            method, BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static)!;
        found.CreateDelegate<Action>()();
    }

    private static unsafe void Reset() =>
        ((delegate* unmanaged<void>)NativeLibrary.GetExport(CudaDriver.Used!.Library, "cudatts_emulated_reset"))();

    /// <summary>Device and host allocations that are alive in the emulated library.</summary>
    public static unsafe int LiveAllocations() =>
        (int)((delegate* unmanaged<nuint>)NativeLibrary.GetExport(CudaDriver.Used!.Library, "cudatts_emulated_live_allocations"))();

    /// <summary>Streams, events, modules and graphs that are alive in the emulated library.</summary>
    public static unsafe int LiveObjects() =>
        (int)((delegate* unmanaged<nuint>)NativeLibrary.GetExport(CudaDriver.Used!.Library, "cudatts_emulated_live_objects"))();

    // Only these are copied: a second NUnit would not take part in the test that runs.
    private sealed class Copy(string original) : AssemblyLoadContext("isolated emulated device")
    {
        /// <summary>A file of its own, because the same file is loaded only once.</summary>
        public string Library { get; } = CopyOf(original);

        protected override Assembly? Load(AssemblyName name) =>
            name.Name is "CudaTts.Cuda" or "CudaTts" or "CudaTts.Cli"
                ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll")) : null;

        private static string CopyOf(string original)
        {
            var copy = Path.Combine(Path.GetTempPath(), $"cudatts-{Environment.ProcessId}-{Path.GetFileName(original)}");
            File.Copy(original, copy, overwrite: true);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(copy);
            return copy;
        }
    }
}
