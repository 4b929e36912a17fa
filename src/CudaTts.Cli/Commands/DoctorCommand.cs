using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using CudaTts.Compute.Cpu;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Decoder;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts doctor</c>: what was found on this machine, and what to do about what was not.</summary>
internal sealed class DoctorCommand(TextWriter output)
{
    private const double Gibibyte = 1 << 30;

    public static Command Create(Terminal terminal)
    {
        var voice = SharedOptions.Voice();
        var command = new Command("doctor", "Says what was found on this machine, and what to do about what is missing.") { voice };
        command.SetAction(parsed => new DoctorCommand(terminal.Text).Run(parsed.GetValue(voice)));
        return command;
    }

    private int Run(string? voice)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gibibyte;
        Found("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        Found("runtime", RuntimeInformation.FrameworkDescription);
        Found("processor", $"{CpuCompute.ProcessorName}, {Environment.ProcessorCount} cores");
        Found("memory", string.Create(CultureInfo.InvariantCulture, $"{memory:F1} GiB"));
        ReportInstructions();
        ReportGpu();
        ReportKernels();
        ReportDecoder();
        ReportTool("nvcc", CompilerFolders(), "needed only to build kernels for a GPU; ./build.sh toolchain installs it");
        ReportTool("ffmpeg", SearchPath.Folders(), "install it to write formats other than WAV");
        ReportTool("espeak-ng", SearchPath.Folders(),
            "optional: it reads the text of voices whose front end is 'espeak' (Piper's other languages); apt install espeak-ng");
        foreach (var tool in (NsightTool[])[NsightTool.Systems, NsightTool.Compute])
        {
            ReportTool(tool.Name, tool.Folders(), $"only for cudatts profile --{tool.Name}; {tool.Advice}");
        }

        return ReportVoice(voice) ? ExitCode.Done : ExitCode.Failed;
    }

    private void ReportInstructions()
    {
        (string Name, bool IsSupported)[] sets =
            [("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-512", Avx512F.IsSupported), ("NEON", AdvSimd.IsSupported)];
        var names = string.Join(", ", sets.Where(set => set.IsSupported).Select(set => set.Name));
        if (names.Length > 0)
        {
            Found("vectors", names);
        }
        else
        {
            Missing("vectors", "no AVX2, FMA or NEON: speech works, several times slower");
        }
    }

    private void ReportGpu()
    {
        var driver = CudaDriver.Find(DriverKind.Hardware);
        if (!driver.IsUsable)
        {
            Missing("GPU", $"{driver.Problem} Speech works without one, on the CPU.");
            return;
        }

        Found("GPU driver", $"CUDA {driver.Version}, {driver.File}");
        foreach (var device in driver.Devices)
        {
            var use = DeviceUse.Of(device) is { } now
                ? string.Create(CultureInfo.InvariantCulture, $", {now.UsedBytes / Gibibyte:F1} in use, {now.BusyPercent} % busy") : "";
            Found($"cuda:{device.Index}", string.Create(CultureInfo.InvariantCulture,
                $"{device.Name}, compute capability {device.ComputeCapability}, {device.MemoryBytes / Gibibyte:F1} GiB{use}"));
        }

        foreach (var library in CudaLibrary.Find())
        {
            Found(library.Name, $"{library.Version}; not needed, the kernels are the engine's own");
        }
    }

    private void ReportKernels()
    {
        var resources = typeof(SpeechSynthesizer).Assembly.GetManifestResourceNames();
        var files = resources.Count(name => name.EndsWith(".ptx", StringComparison.Ordinal));
        if (files > 0)
        {
            Found("kernels", $"{files} PTX files in this build");
        }
        else
        {
            Missing("kernels", "this build has none for a GPU; run ./build.sh toolchain, then ./build.sh build");
        }

        var emulated = CudaDriver.Find(DriverKind.Emulated);
        if (emulated.IsUsable)
        {
            Found("emulated", emulated.File);
        }
        else
        {
            Missing("emulated", $"{emulated.Problem} It is for tests; speech works without it.");
        }
    }

    private void ReportDecoder()
    {
        try
        {
            Found("decoder", DecoderChoice.Description);
        }
        catch (CudaTtsException error)
        {
            Missing("decoder", error.Message);
        }
    }

    private void ReportTool(string name, IEnumerable<string> folders, string advice)
    {
        if (SearchPath.Find(name, folders) is { } path)
        {
            Found(name, path);
        }
        else
        {
            Missing(name, $"not found; {advice}");
        }
    }

    // The order of kernels/Kernels.targets and kernels/toolchain.sh.
    private static IEnumerable<string> CompilerFolders()
    {
        var toolkit = Environment.GetEnvironmentVariable("CUDA_PATH");
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return
        [
            .. string.IsNullOrEmpty(toolkit) ? Array.Empty<string>() : [Path.Combine(toolkit, "bin")],
            .. SearchPath.Folders(),
            "/usr/local/cuda/bin",
            Path.Combine(cache, "cudatts", "cuda", "bin"),
        ];
    }

    private bool ReportVoice(string? folder)
    {
        try
        {
            using var synthesizer = SpeechSynthesizer.Load(folder);
            var voice = synthesizer.Voice;
            var manifest = voice.Manifest;
            Found("voice", $"{manifest.Name} ({manifest.Language}, {manifest.Licence}), vocoder {voice.Vocoder.Name}, in {voice.Folder}");
            return true;
        }
        catch (CudaTtsException error)
        {
            Missing("voice", error.Message);
            return false;
        }
    }

    private void Found(string what, string detail) => output.WriteLine($"ok       {what,-11} {detail}");

    private void Missing(string what, string advice) => output.WriteLine($"missing  {what,-11} {advice}");
}
