using System.Reflection;
using System.Runtime.InteropServices;

namespace CudaTts.Tests.Emulation;

/// <summary>An argument of a kernel: eight bytes, of which the kernel takes what it needs.</summary>
internal readonly record struct Word(ulong Bits)
{
    public static implicit operator Word(ulong value) => new(value);

    public static implicit operator Word(uint value) => new(value);

    public static implicit operator Word(int value) => new((uint)value);

    public static implicit operator Word(float value) => new(BitConverter.SingleToUInt32Bits(value));
}

/// <summary>
/// The emulated device with the kernels of kernels/emulation/tests, called as C does. The bindings of CudaTts.Cuda are not used: they serve one
/// library a process, and that is the one with the real kernels.
/// </summary>
internal sealed unsafe class EmulatedDevice : IDisposable
{
    public const int InvalidValue = 1;
    public const int OutOfMemory = 2;
    public const int InvalidHandle = 400;
    public const int NotFound = 500;
    public const int IllegalAddress = 700;
    public const int LaunchTimeout = 702;
    public const int Assert = 710;
    public const int MisalignedAddress = 716;
    public const int LaunchFailed = 719;
    public const int CooperativeLaunchTooLarge = 720;
    public const int NotSupported = 801;
    public const int StreamCaptureUnsupported = 900;
    public const int StreamCaptureInvalidated = 901;
    public const int StreamCaptureUnjoined = 904;
    public const int GraphUpdateFailure = 910;
    public const int InvalidClusterSize = 912;

    private static readonly Lazy<nint> Library = new(Load);
    private readonly nint _module;

    /// <summary>A device as after a reset. Ends the test as skipped where the library has not been built.</summary>
    public EmulatedDevice()
    {
        if (Library.Value == 0)
        {
            NUnit.Framework.Assert.Ignore("libcudatts_emulated_faults.so has not been built: it needs g++ on Linux");
        }

        ((delegate* unmanaged<void>)Function("cudatts_emulated_reset"))();
        Check(((delegate* unmanaged<uint, int>)Function("cuInit"))(0));
        nint context, module;
        Check(((delegate* unmanaged<nint*, int, int>)Function("cuDevicePrimaryCtxRetain"))(&context, 0));
        Check(((delegate* unmanaged<nint*, byte*, uint, nint, nint, int>)Function("cuModuleLoadDataEx"))(
            &module, ((delegate* unmanaged<byte*>)Function("cudatts_emulated_image"))(), 0, 0, 0));
        _module = module;
    }

    public static string Image => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Function("cudatts_emulated_image"))())!;

    public static string Report => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Function("cudatts_emulated_report"))())!;

    public static long LiveAllocations => (long)((delegate* unmanaged<nuint>)Function("cudatts_emulated_live_allocations"))();

    public static long LiveObjects => (long)((delegate* unmanaged<nuint>)Function("cudatts_emulated_live_objects"))();

    /// <summary>How long a launch in which nothing gets on is waited for, in seconds.</summary>
    public static void SetPatience(double seconds) => ((delegate* unmanaged<double, void>)Function("cudatts_emulated_set_patience"))(seconds);

    public static void Check(int result) => NUnit.Framework.Assert.That(result, Is.Zero, () => $"result {result}: {Report}");

    public static nint Function(string name) => NativeLibrary.GetExport(Library.Value, name);

    public static long CountPoison(ulong address, int bytes) =>
        (long)((delegate* unmanaged<ulong, nuint, nuint>)Function("cudatts_emulated_count_poison"))(address, (nuint)bytes);

    public static ulong Allocate(int bytes)
    {
        ulong address;
        Check(((delegate* unmanaged<ulong*, nuint, int>)Function("cuMemAlloc_v2"))(&address, (nuint)bytes));
        return address;
    }

    public static ulong Allocate<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var address = Allocate(Math.Max(1, values.Length * sizeof(T)));
        Write(address, values);
        return address;
    }

    public static ulong Allocate<T>(T[] values)
        where T : unmanaged => Allocate((ReadOnlySpan<T>)values);

    public static int Free(ulong address) => ((delegate* unmanaged<ulong, int>)Function("cuMemFree_v2"))(address);

    public static void Write<T>(ulong address, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        fixed (T* source = values)
        {
            Check(((delegate* unmanaged<ulong, void*, nuint, nint, int>)Function("cuMemcpyHtoDAsync_v2"))(
                address, source, (nuint)(values.Length * sizeof(T)), 0));
        }
    }

    public static T[] Read<T>(ulong address, int count)
        where T : unmanaged
    {
        var values = new T[count];
        fixed (T* destination = values)
        {
            Check(((delegate* unmanaged<void*, ulong, nuint, nint, int>)Function("cuMemcpyDtoHAsync_v2"))(
                destination, address, (nuint)(count * sizeof(T)), 0));
        }

        return values;
    }

    public static int Synchronize() => ((delegate* unmanaged<int>)Function("cuCtxSynchronize"))();

    public static int LaunchFunction(nint function, (int X, int Y, int Z) grid, (int X, int Y, int Z) block, int sharedBytes, nint stream,
        bool isCooperative, params Word[] arguments)
    {
        var pointers = stackalloc void*[arguments.Length + 1];
        fixed (Word* words = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                pointers[i] = words + i;
            }

            pointers[arguments.Length] = null;
            return isCooperative
                ? ((delegate* unmanaged<nint, int, int, int, int, int, int, int, nint, void**, int>)Function("cuLaunchCooperativeKernel"))(
                    function, grid.X, grid.Y, grid.Z, block.X, block.Y, block.Z, sharedBytes, stream, pointers)
                : ((delegate* unmanaged<nint, int, int, int, int, int, int, int, nint, void**, void**, int>)Function("cuLaunchKernel"))(
                    function, grid.X, grid.Y, grid.Z, block.X, block.Y, block.Z, sharedBytes, stream, pointers, null);
        }
    }

    public nint Kernel(string name)
    {
        nint function;
        Check(FindKernel(name, &function));
        return function;
    }

    public int TryKernel(string name)
    {
        nint function;
        return FindKernel(name, &function);
    }

    /// <summary>Launches a one-dimensional grid of one-dimensional blocks and gives the result back.</summary>
    public int Launch(string kernel, int grid, int block, params Word[] arguments) =>
        LaunchFunction(Kernel(kernel), (grid, 1, 1), (block, 1, 1), 0, 0, false, arguments);

    public int LaunchShared(string kernel, int grid, int block, int sharedBytes, params Word[] arguments) =>
        LaunchFunction(Kernel(kernel), (grid, 1, 1), (block, 1, 1), sharedBytes, 0, false, arguments);

    public int LaunchCooperative(string kernel, int grid, int block, params Word[] arguments) =>
        LaunchFunction(Kernel(kernel), (grid, 1, 1), (block, 1, 1), 0, 0, true, arguments);

    /// <summary>Launches in clusters of (x, y, z) blocks, as cuLaunchKernelEx has them.</summary>
    public int LaunchClusters(
        string kernel, (int X, int Y, int Z) cluster, int grid, int block, bool isCooperative, int sharedBytes, nint stream, params Word[] arguments)
    {
        var attributes = stackalloc Attribute[2] { new(4, cluster.X, cluster.Y, cluster.Z), new(2, isCooperative ? 1 : 0, 0, 0) };
        var config = new Config(grid, 1, 1, block, 1, 1, sharedBytes, stream, attributes, 2);
        var pointers = stackalloc void*[arguments.Length + 1];
        fixed (Word* words = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                pointers[i] = words + i;
            }

            pointers[arguments.Length] = null;
            return ((delegate* unmanaged<Config*, nint, void**, void**, int>)Function("cuLaunchKernelEx"))(&config, Kernel(kernel), pointers, null);
        }
    }

    /// <summary>How many clusters of (x, 1, 1) blocks the device holds at a time; its result where that is not told.</summary>
    public (int Result, int Clusters) MostClusters(string kernel, int clusterBlocks, int block, int sharedBytes)
    {
        var attribute = new Attribute(4, clusterBlocks, 1, 1);
        var config = new Config(clusterBlocks, 1, 1, block, 1, 1, sharedBytes, 0, &attribute, 1);
        int clusters;
        var result = ((delegate* unmanaged<int*, nint, Config*, int>)Function("cuOccupancyMaxActiveClusters"))(&clusters, Kernel(kernel), &config);
        return (result, result == 0 ? clusters : 0);
    }

    public void Dispose() => ((delegate* unmanaged<void>)Function("cudatts_emulated_reset"))();

    private int FindKernel(string name, nint* function)
    {
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + "\0"))
        {
            return ((delegate* unmanaged<nint*, nint, byte*, int>)Function("cuModuleGetFunction"))(function, _module, text);
        }
    }

    [StructLayout(LayoutKind.Explicit, Size = 72)]
    private readonly struct Attribute(int id, int x, int y, int z)
    {
        [FieldOffset(0)]
        private readonly int _id = id;

        [FieldOffset(8)]
        private readonly int _x = x;

        [FieldOffset(12)]
        private readonly int _y = y;

        [FieldOffset(16)]
        private readonly int _z = z;
    }

    private readonly struct Config(
        int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ, int sharedBytes, nint stream, Attribute* attributes, int count)
    {
        private readonly int _gridX = gridX;
        private readonly int _gridY = gridY;
        private readonly int _gridZ = gridZ;
        private readonly int _blockX = blockX;
        private readonly int _blockY = blockY;
        private readonly int _blockZ = blockZ;
        private readonly int _sharedBytes = sharedBytes;
        private readonly nint _stream = stream;
        private readonly Attribute* _attributes = attributes;
        private readonly int _count = count;
    }

    private static nint Load()
    {
        const string name = "libcudatts_emulated_faults.so";
        var beside = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;
        var candidates = new List<string> { Path.Combine(beside, "kernels", name), Path.Combine(beside, name) };
        for (var folder = new DirectoryInfo(beside); folder is not null; folder = folder.Parent)
        {
            candidates.Add(Path.Combine(folder.FullName, "artifacts", "kernel-build", name));
            candidates.Add(Path.Combine(folder.FullName, "artifacts", "kernels", name));
        }

        return candidates.Where(File.Exists).Select(NativeLibrary.Load).FirstOrDefault();
    }
}
