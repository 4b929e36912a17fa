using CudaTts.Cuda;

namespace CudaTts.Benchmarks.Probe;

/// <summary>The kernels of kernels/probe on a device, and how their launches are timed.</summary>
internal sealed class ProbeKernels(CudaContext context, IReadOnlyList<CudaModule> modules, int rounds) : IDisposable
{
    private const string Everywhere = "probe";
    private const string FromHopperOn = "probe_sm90";
    private static readonly Version s_hopper = new(9, 0);

    // The first launch of a kernel loads it; of the others the fastest is the one that nothing else took time from.
    private const int Launches = 4;
    private readonly CudaEvent _start = new(context);
    private readonly CudaEvent _end = new(context);

    /// <summary>Where the emulated device has them.</summary>
    public static string EmulatedLibrary => FileOf("libcudatts_emulated_probe.so");

    /// <summary>The device.</summary>
    public CudaContext Context => context;

    /// <summary>All work is queued here.</summary>
    public CudaStream Stream { get; } = new(context);

    /// <summary>Rounds of a launch.</summary>
    public int Rounds => rounds;

    /// <summary>The kernel of a name.</summary>
    public CudaKernel this[string name] => modules.First(module => module.KernelNames.Contains(name)).Kernel(name);

    /// <summary>Whether the device has clusters of blocks.</summary>
    public bool HasClusters => context.ComputeCapability >= s_hopper;

    /// <summary>Those that the device runs.</summary>
    /// <exception cref="CudaException">They are not beside this program, or the driver refuses them.</exception>
    public static IReadOnlyList<CudaModule> LoadAll(CudaContext context) => context.IsEmulated ? [CudaModule.Emulated(context)]
        : context.ComputeCapability >= s_hopper ? [Load(context), Load(context, FromHopperOn)] : [Load(context)];

    /// <summary>Loads one file: as machine code where there is some for the device, else as PTX.</summary>
    /// <exception cref="CudaException">They are not beside this program, or the driver refuses them.</exception>
    public static CudaModule Load(CudaContext context, string name = Everywhere)
    {
        if (context.IsEmulated)
        {
            return CudaModule.Emulated(context);
        }

        var path = FileOf($"{name}.ptx");
        if (!File.Exists(path))
        {
            throw new CudaException(
                $"expected the probe's kernels at {path}; found none, because nvcc was not found when this was built: ./build.sh toolchain.");
        }

        var ptx = File.ReadAllText(path);
        try
        {
            return new CudaModule(context, $"{name}.fatbin", File.ReadAllBytes(FileOf($"{name}.fatbin")), PtxSignature.Parse(ptx));
        }
        catch (CudaException error) when (error.Result is CUresult.NoBinaryForGpu or CUresult.InvalidImage)
        {
            return new CudaModule(context, $"{name}.ptx", ptx);
        }
    }

    /// <summary>The fastest of some launches, in microseconds on the device.</summary>
    /// <param name="prepare">What comes before each, outside of the time.</param>
    /// <param name="launch">Queues work on <see cref="Stream"/>.</param>
    public double Microseconds(Action prepare, Action launch)
    {
        var least = double.PositiveInfinity;
        for (var i = 0; i < Launches; i++)
        {
            prepare();
            _start.Record(Stream);
            launch();
            _end.Record(Stream);
            Stream.Synchronize();
            if (i > 0)
            {
                least = Math.Min(least, _end.Since(_start).TotalMicroseconds);
            }
        }

        return least;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _start.Dispose();
        _end.Dispose();
        Stream.Dispose();
    }

    private static string FileOf(string name) => Path.Combine(AppContext.BaseDirectory, "kernels", name);
}
