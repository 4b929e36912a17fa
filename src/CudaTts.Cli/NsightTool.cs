using System.Diagnostics;

namespace CudaTts.Cli;

/// <summary>One of NVIDIA's profilers, and how this program is run under it.</summary>
internal sealed class NsightTool
{
    /// <summary>The range that a profiler sees around every measured run.</summary>
    public static ReadOnlySpan<byte> RunRange => "run\0"u8;

    // Replaying a launch for its counters takes milliseconds, and a sentence has thousands.
    private const int MostLaunches = 200;
    private const int MostLaunchesOfKernel = 20;

    private readonly string _product;
    private readonly string _package;
    private readonly Func<string, string?, IEnumerable<string>> _options;

    private NsightTool(string name, string product, string package, Func<string, string?, IEnumerable<string>> options)
    {
        (Name, _product, _package, _options) = (name, product, package, options);
    }

    /// <summary>Nsight Systems: what ran when, on the host and the device.</summary>
    public static NsightTool Systems { get; } = new("nsys", "Nsight Systems", "nsight-systems", SystemsOptions);

    /// <summary>Nsight Compute: what bounds a kernel.</summary>
    public static NsightTool Compute { get; } = new("ncu", "Nsight Compute", "nsight-compute", ComputeOptions);

    /// <summary>The program's name.</summary>
    public string Name { get; }

    /// <summary>Where it comes from.</summary>
    public string Advice => $"it is part of the CUDA toolkit, a download of its own ({_product}), and on Debian the non-free package {_package}";

    /// <summary>Where it usually is, the newest version first.</summary>
    public IEnumerable<string> Folders()
    {
        var toolkit = Environment.GetEnvironmentVariable("CUDA_PATH");
        var versions = Versions("/opt/nvidia", _package).Concat(Versions("/usr/local/cuda", $"{_package}-*"))
            .Concat(Versions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "NVIDIA Corporation"), $"{_product}*"));
        return
        [
            .. SearchPath.Folders(), .. string.IsNullOrEmpty(toolkit) ? Array.Empty<string>() : [Path.Combine(toolkit, "bin")], "/usr/local/cuda/bin",
            .. versions.SelectMany(folder => (string[])[folder, Path.Combine(folder, "bin"), Path.Combine(folder, "target-windows-x64")]),
        ];
    }

    /// <summary>The command line that runs a command under this profiler.</summary>
    /// <param name="output">The report's file, without extension.</param>
    /// <param name="kernel">One kernel, by a regular expression; null for all.</param>
    /// <param name="command">What to run.</param>
    /// <param name="mustExist">Whether it will be run, and not only printed.</param>
    /// <exception cref="CudaTtsException">The profiler is not on this machine.</exception>
    public IReadOnlyList<string> CommandLine(string output, string? kernel, IEnumerable<string> command, bool mustExist)
    {
        var path = SearchPath.Find(Name, Folders());
        if (path is null && mustExist)
        {
            throw new CudaTtsException(
                $"{Name} is not on the PATH nor in its usual places: {Advice}. Without it, cudatts profile shows stages and kernels by itself.");
        }

        return [path ?? Name, .. _options(output, kernel), .. command];
    }

    /// <summary>Runs a command line with this process's streams.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> commandLine, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(commandLine[0], commandLine.Skip(1)))!;
        await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        return process.ExitCode;
    }

    /// <summary>A command line as a shell takes it.</summary>
    public static string Quoted(IEnumerable<string> commandLine) => string.Join(' ', commandLine.Select(word =>
        word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || "-_=/.,:+@%\\".Contains(character, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));

    // Samples of the host's stacks need rights that containers often lack, and tell
    // nothing of kernels. Graphs are taken apart, so that their kernels are seen.
    private static IEnumerable<string> SystemsOptions(string output, string? kernel) =>
        ["profile", "--trace=cuda,nvtx,osrt", "--sample=none", "--cpuctxsw=none", "--cuda-graph-trace=node", "--force-overwrite=true",
            $"--output={output}"];

    private static IEnumerable<string> ComputeOptions(string output, string? kernel)
    {
        string[] sections = ["SpeedOfLight", "LaunchStats", "Occupancy", "MemoryWorkloadAnalysis", "SchedulerStats", "WarpStateStats"];
        return
        [
            "--nvtx", "--nvtx-include", "run/", "--graph-profiling", "node", .. sections.SelectMany(section => (string[])["--section", section]),
            .. kernel is null ? Array.Empty<string>() : ["--kernel-name-base", "function", "--kernel-name", $"regex:{kernel}"],
            "--launch-count", $"{(kernel is null ? MostLaunches : MostLaunchesOfKernel)}", "--force-overwrite", "--export", output,
        ];
    }

    private static IEnumerable<string> Versions(string folder, string pattern)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var found = Directory.GetDirectories(folder, pattern);
        return found.Concat(found.SelectMany(Directory.GetDirectories)).OrderDescending(StringComparer.Ordinal);
    }
}
