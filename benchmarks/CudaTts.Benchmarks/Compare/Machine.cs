using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace CudaTts.Benchmarks.Compare;

/// <summary>What a figure must be read with: the processor, the versions, and how busy the machine was.</summary>
internal static class Machine
{
    /// <summary>The processor's own name for itself.</summary>
    public static string Processor =>
        CpuInfo("model name") ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? $"{RuntimeInformation.ProcessArchitecture}";

    /// <summary>The processor's name as a folder name.</summary>
    public static string Folder =>
        string.Join('-', Processor.ToLowerInvariant().Split([' ', '(', ')', '@', ',', '/', '\\', ':'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Processor, family and model, cores, vector instructions.</summary>
    public static string Description
    {
        get
        {
            var identity = CpuInfo("cpu family") is { } family ? $" (family {family}, model {CpuInfo("model")})" : "";
            var vectors = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2";
            return $"{Processor}{identity}, {Environment.ProcessorCount} cores, {vectors}, {RuntimeInformation.OSDescription}";
        }
    }

    /// <summary>Our version with the commit it was built from.</summary>
    public static string Build =>
        typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Processes that wanted a core in the last minute, on average; null where the system does not say.</summary>
    public static double? LoadAverage =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : null;

    private static string? CpuInfo(string key) =>
        !File.Exists("/proc/cpuinfo")
            ? null
            : File.ReadLines("/proc/cpuinfo")
                .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
                .FirstOrDefault(pair => pair.Length == 2 && pair[0] == key)?[1];
}
