using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CudaTts.Cuda.Interop;

/// <summary>
/// The application's side of NVTX version 3's injection, which a profiler answers: it is handed a table of slots and writes its functions into those
/// that it wants to be told of. Numbers and layouts are those of NVIDIA/NVTX, c/include/nvtx3/nvtxDetail: nvtxTypes.h (modules, callbacks, export
/// tables), nvtxInit.h (the environment variable, the entry point and its meaning), nvtxImpl.h (the tables' sizes).
/// </summary>
internal sealed unsafe class NvtxInjection
{
    private const string EntryPoint = "InitializeInjectionNvtx2";
    private const uint CallbacksTable = 1;
    private const uint VersionTable = 3;
    private const uint NvtxVersion = 3;
    private const int ModuleCore = 1;
    private const int ModuleCuda = 2;
    private const int CoreRangePushA = 9;
    private const int CoreRangePop = 11;
    private const int CudaNameStreamA = 5;

    // Callbacks of each module, with the unused number 0: CORE, CUDA, OPENCL, CUDART, CORE2, SYNC.
    private static readonly int[] s_sizes = [0, 16, 9, 15, 7, 16, 7];

    // The profiler keeps the tables' addresses, so they live as long as the process.
    private static readonly nint** s_modules = MakeModules();
    private static readonly Callbacks* s_callbacks = MakeCallbacks();
    private static readonly Version* s_version = MakeVersion();

    private readonly delegate* unmanaged[Cdecl]<byte*, int> _push;
    private readonly delegate* unmanaged[Cdecl]<int> _pop;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, void> _nameStream;

    private NvtxInjection()
    {
        _push = (delegate* unmanaged[Cdecl]<byte*, int>)Function(ModuleCore, CoreRangePushA);
        _pop = (delegate* unmanaged[Cdecl]<int>)Function(ModuleCore, CoreRangePop);
        _nameStream = (delegate* unmanaged[Cdecl]<nint, byte*, void>)Function(ModuleCuda, CudaNameStreamA);
    }

    /// <summary>Lets a profiler's library take part. Where it does not want to, or can't be loaded, the program runs as without it.</summary>
    /// <param name="library">Its file, from the environment; none is the usual case.</param>
    public static NvtxInjection? Load(string? library)
    {
        if (string.IsNullOrEmpty(library) || !NativeLibrary.TryLoad(library, out var handle))
        {
            return null;
        }

        if (!NativeLibrary.TryGetExport(handle, EntryPoint, out var entry)
            || ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<uint, void*>, int>)entry)(&GetExportTable) == 0)
        {
            NativeLibrary.Free(handle);
            return null;
        }

        return new NvtxInjection();
    }

    /// <summary>Opens a range on this thread.</summary>
    /// <param name="name">UTF-8, with a zero behind it.</param>
    public void Push(ReadOnlySpan<byte> name)
    {
        if (_push != null)
        {
            fixed (byte* text = name)
            {
                _ = _push(text);
            }
        }
    }

    /// <summary>Closes the range that was opened last on this thread.</summary>
    public void Pop()
    {
        if (_pop != null)
        {
            _ = _pop();
        }
    }

    /// <summary>Gives a stream a name in the profiler's report.</summary>
    public void NameStream(CUstream stream, ReadOnlySpan<byte> name)
    {
        if (_nameStream != null)
        {
            fixed (byte* text = name)
            {
                _nameStream(stream.Value, text);
            }
        }
    }

    private static nint Function(int module, int callback) => *(nint*)s_modules[module][callback];

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* GetExportTable(uint table) => table switch
    {
        CallbacksTable => s_callbacks,
        VersionTable => s_version,
        _ => null,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetModuleFunctionTable(int module, nint** table, uint* size)
    {
        if (module < 1 || module >= s_sizes.Length)
        {
            return 0;
        }

        if (size != null)
        {
            *size = (uint)s_sizes[module];
        }

        if (table != null)
        {
            *table = s_modules[module];
        }

        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void SetInjectionVersion(uint version)
    {
        // What the profiler was made for changes nothing here.
        _ = version;
    }

    /// <summary>For each module a list of addresses of slots, the first and one behind the last null; the slots are empty.</summary>
    private static nint** MakeModules()
    {
        var modules = (nint**)NativeMemory.AllocZeroed((nuint)s_sizes.Length, (nuint)sizeof(nint));
        for (var module = 1; module < s_sizes.Length; module++)
        {
            var count = s_sizes[module];
            var slots = (nint*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(nint));
            modules[module] = (nint*)NativeMemory.AllocZeroed((nuint)count + 1, (nuint)sizeof(nint));
            for (var callback = 1; callback < count; callback++)
            {
                modules[module][callback] = (nint)(slots + callback);
            }
        }

        return modules;
    }

    private static Callbacks* MakeCallbacks()
    {
        var table = (Callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(Callbacks));
        *table = new Callbacks { Size = (nuint)sizeof(Callbacks), GetModuleFunctionTable = &GetModuleFunctionTable };
        return table;
    }

    private static Version* MakeVersion()
    {
        var table = (Version*)NativeMemory.AllocZeroed((nuint)sizeof(Version));
        *table = new Version { Size = (nuint)sizeof(Version), Number = NvtxVersion, SetInjectionVersion = &SetInjectionVersion };
        return table;
    }

    /// <summary>The structure <c>NvtxExportTableCallbacks</c>.</summary>
    private struct Callbacks
    {
        public nuint Size;
        public delegate* unmanaged[Cdecl]<int, nint**, uint*, int> GetModuleFunctionTable;
    }

    /// <summary><c>NvtxExportTableVersionInfo</c>; four unused bytes follow the number.</summary>
    private struct Version
    {
        public nuint Size;
        public uint Number;
        public delegate* unmanaged[Cdecl]<uint, void> SetInjectionVersion;
    }
}
