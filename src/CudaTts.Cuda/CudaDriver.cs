using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>Which implementation of the driver's functions a process uses.</summary>
public enum DriverKind
{
    /// <summary>NVIDIA's driver: <c>libcuda.so.1</c> or <c>nvcuda.dll</c>.</summary>
    Hardware,

    /// <summary>This project's own library with the same functions, which runs the kernels on the CPU.</summary>
    Emulated,
}

/// <summary>
/// The driver that this process uses, chosen once. Everything else in this namespace calls the same functions either way.
/// </summary>
public static unsafe class CudaDriver
{
    /// <summary>The environment variable that names the emulated library, where it is not beside the program.</summary>
    public const string EmulatedLibraryVariable = "CUDATTS_EMULATED_LIBRARY";

    /// <summary>The oldest CUDA version whose driver has every function used here (the last to come was cuGraphExecUpdate_v2).</summary>
    public static readonly Version OldestVersion = new(12, 0);

    // Tests give an isolated copy of this assembly a library of its own.
    internal static string? EmulatedLibraryOverride { get; set; }

    private static readonly Lock s_lock = new();
    private static DriverProbe? s_used;

    /// <summary>What this process uses; null until it has been chosen.</summary>
    public static DriverProbe? Used => s_used;

    /// <summary>The kind of what this process uses; null until it has been chosen.</summary>
    public static DriverKind? Kind => s_used?.Kind;

    internal static bool IsEmulated => s_used?.Kind == DriverKind.Emulated;

    /// <summary>Where the emulated library is expected.</summary>
    public static string EmulatedLibraryPath
    {
        get
        {
            var named = EmulatedLibraryOverride ?? Environment.GetEnvironmentVariable(EmulatedLibraryVariable);
            return string.IsNullOrEmpty(named) ? Path.Combine(AppContext.BaseDirectory, "kernels", "libcudatts_emulated.so")
                : Path.GetFullPath(named);
        }
    }

    /// <summary>Settles which driver this process uses, and initialises it. Repeating the same choice does nothing.</summary>
    /// <exception cref="CudaException">It is not here (the message says why), or this process already uses the other one.</exception>
    public static void Use(DriverKind kind)
    {
        if (WhyNot(kind) is { } problem)
        {
            throw new CudaException(problem);
        }
    }

    /// <summary>Settles which driver this process uses, if it can be used.</summary>
    /// <returns>Null when <paramref name="kind"/> is used from now on; else why not and what to do, in one line.</returns>
    public static string? WhyNot(DriverKind kind)
    {
        lock (s_lock)
        {
            if (s_used is not null)
            {
                return s_used.Kind == kind ? null
                    : $"this process already uses the {Describe(s_used.Kind)}; the {Describe(kind)} needs a process of its own.";
            }

            var probe = Find(kind);
            if (!probe.IsUsable)
            {
                return probe.Problem;
            }

            // The runtime asks once for every function and keeps the answer, which is why the choice can't be changed later.
            NativeLibraries.UseDriver(probe.Library);
            s_used = probe;
            return null;
        }
    }

    /// <summary>Checks whether a driver is here and has a device, without settling on it.</summary>
    public static DriverProbe Find(DriverKind kind)
    {
        var library = NativeLibraries.TryLoad(kind == DriverKind.Hardware ? NativeLibraries.HardwareNames : [EmulatedLibraryPath], out var file);
        if (library == 0)
        {
            return Unusable(kind, kind == DriverKind.Hardware
                ? $"there is no NVIDIA driver here: {NativeLibraries.HardwareNames[0]} was not found; "
                + "install the display driver, or in a container pass the GPU through."
                : MissingEmulation());
        }

        try
        {
            return Ask(kind, library, file);
        }
        catch (EntryPointNotFoundException missing)
        {
            return Unusable(kind, $"{file} lacks a function of the CUDA driver API: {OneLine(missing.Message)}");
        }
    }

    internal static string Describe(DriverKind kind) => kind == DriverKind.Hardware ? "NVIDIA driver" : "emulated device";

    /// <summary>A result's name and its meaning, as the driver in use gives them.</summary>
    internal static string Describe(CUresult result)
    {
        byte* text = null;
        var known = DriverApi.cuGetErrorString(result, &text) == CUresult.Success && text != null;
        return known ? $"{NameOf(result)} ({Marshal.PtrToStringUTF8((nint)text)})" : NameOf(result);
    }

    /// <summary>What the emulated device says of the last failed launch; empty on a GPU.</summary>
    internal static string EmulatedReport() =>
        IsEmulated ? OneLine(Marshal.PtrToStringUTF8((nint)DriverApi.cudatts_emulated_report()) ?? "") : "";

    private static string NameOf(CUresult result)
    {
        byte* name = null;
        return DriverApi.cuGetErrorName(result, &name) == CUresult.Success && name != null
            ? Marshal.PtrToStringUTF8((nint)name)!
            : Enum.IsDefined(result) ? result.ToString() : $"CUDA error {(int)result}";
    }

    private static string MissingEmulation()
    {
        var path = EmulatedLibraryPath;
        return File.Exists(path)
            ? $"the emulated device's library {path} is here but can't be loaded; build it again on this machine."
            : $"the emulated device's library is not here: {path} was not found; ./build.sh build makes it where g++ is installed, "
            + $"or set {EmulatedLibraryVariable} to it.";
    }

    // By function pointers, since an import would settle the choice.
    private static DriverProbe Ask(DriverKind kind, nint library, string file)
    {
        var getVersion = (delegate* unmanaged<int*, CUresult>)NativeLibrary.GetExport(library, nameof(DriverApi.cuDriverGetVersion));
        var init = (delegate* unmanaged<uint, CUresult>)NativeLibrary.GetExport(library, nameof(DriverApi.cuInit));
        var getCount = (delegate* unmanaged<int*, CUresult>)NativeLibrary.GetExport(library, nameof(DriverApi.cuDeviceGetCount));
        int number = 0, count = 0;
        _ = getVersion(&number);
        var version = new Version(number / 1000, number % 1000 / 10);
        var result = init(0);
        if (result == CUresult.Success)
        {
            result = getCount(&count);
        }

        var problem = kind == DriverKind.Emulated && result != CUresult.Success ? ReportOf(library) : ProblemOf(result, count, version, file);
        var devices = problem.Length == 0 ? Devices(library, count) : [];
        return new DriverProbe(kind, problem, file, version, devices) { Library = library };
    }

    // The emulated device knows better than its result says why it does not start.
    private static string ReportOf(nint library)
    {
        var report = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, nameof(DriverApi.cudatts_emulated_report));
        return OneLine(Marshal.PtrToStringUTF8((nint)report()) ?? "") + ".";
    }

    private static string ProblemOf(CUresult result, int devices, Version version, string file) => result switch
    {
        CUresult.NoDevice => "the NVIDIA driver is installed, but no GPU is visible "
            + "(CUDA_VISIBLE_DEVICES, or a container without the GPU passed through, can hide it).",
        CUresult.StubLibrary => $"{file} is the toolkit's stub and not a driver; put the display driver's own before it in the library path.",
        CUresult.SystemDriverMismatch =>
            "the NVIDIA kernel module and the driver library are of different versions; restart the machine after the driver's update.",
        CUresult.Success when devices == 0 => "the NVIDIA driver is installed, but it has no GPU.",
        CUresult.Success when version < OldestVersion =>
            $"the NVIDIA driver is too old: it supports CUDA {version}, and {OldestVersion} or newer is needed; install driver version 525 or newer.",
        CUresult.Success => "",
        _ => $"the NVIDIA driver does not start: {(Enum.IsDefined(result) ? result.ToString() : $"CUDA error {(int)result}")}.",
    };

    private static List<DriverDevice> Devices(nint library, int count)
    {
        var get = (delegate* unmanaged<CUdevice*, int, CUresult>)NativeLibrary.GetExport(library, nameof(DriverApi.cuDeviceGet));
        var getName = (delegate* unmanaged<byte*, int, CUdevice, CUresult>)NativeLibrary.GetExport(library, nameof(DriverApi.cuDeviceGetName));
        var getAttribute = (delegate* unmanaged<int*, DeviceAttribute, CUdevice, CUresult>)NativeLibrary.GetExport(
            library, nameof(DriverApi.cuDeviceGetAttribute));
        var getMemory = (delegate* unmanaged<nuint*, CUdevice, CUresult>)NativeLibrary.GetExport(library, nameof(DriverApi.cuDeviceTotalMem_v2));
        var getBusId = (delegate* unmanaged<byte*, int, CUdevice, CUresult>)(
            NativeLibrary.TryGetExport(library, "cuDeviceGetPCIBusId", out var export) ? export : 0);
        var devices = new List<DriverDevice>();
        const int longestName = 256;
        var name = stackalloc byte[longestName];
        for (var i = 0; i < count; i++)
        {
            CUdevice device;
            int major = 0, minor = 0;
            nuint memory = 0;
            if (get(&device, i) != CUresult.Success || getName(name, longestName, device) != CUresult.Success)
            {
                continue;
            }

            _ = getAttribute(&major, DeviceAttribute.ComputeCapabilityMajor, device);
            _ = getAttribute(&minor, DeviceAttribute.ComputeCapabilityMinor, device);
            _ = getMemory(&memory, device);
            var text = Marshal.PtrToStringUTF8((nint)name)!;
            var bus = getBusId != null && getBusId(name, longestName, device) == CUresult.Success ? Marshal.PtrToStringUTF8((nint)name)! : "";
            devices.Add(new DriverDevice(i, text, new Version(major, minor), (long)memory, bus));
        }

        return devices;
    }

    private static DriverProbe Unusable(DriverKind kind, string problem) => new(kind, problem, "", new Version(0, 0), []);

    internal static string OneLine(string text)
    {
        var line = new StringBuilder();
        foreach (var part in text.Split(['\r', '\n', '\t', '\0'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            line.Append(line.Length > 0 ? "; " : "").Append(part);
        }

        return line.ToString();
    }
}

/// <summary>What was found of a driver.</summary>
/// <param name="Kind">Which one was searched for.</param>
/// <param name="Problem">One line that says why it can't be used and what to do; empty when it can.</param>
/// <param name="File">The library's file as it was found.</param>
/// <param name="Version">The newest CUDA version that the driver supports.</param>
/// <param name="Devices">What can be computed on.</param>
public sealed record DriverProbe(DriverKind Kind, string Problem, string File, Version Version, IReadOnlyList<DriverDevice> Devices)
{
    /// <summary>Whether there is a device to compute on.</summary>
    public bool IsUsable => Problem.Length == 0;

    internal nint Library { get; init; }
}

/// <summary>A device as the driver lists it.</summary>
/// <param name="Index">Its number, as in <c>cuda:N</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="ComputeCapability">What its instruction set is called, as 9.0.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="BusId">Where it is on the PCI bus, as <c>0000:3b:00.0</c>; empty where it is on none.</param>
public sealed record DriverDevice(int Index, string Name, Version ComputeCapability, long MemoryBytes, string BusId);
