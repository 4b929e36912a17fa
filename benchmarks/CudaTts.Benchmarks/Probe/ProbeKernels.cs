using CudaTts.Cuda;

namespace CudaTts.Benchmarks.Probe;

/// <summary>The kernels of kernels/probe on a device, and how their launches are timed.</summary>
internal sealed class ProbeKernels(CudaContext context, CudaModule module, int rounds) : IDisposable
{
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
    public CudaKernel this[string name] => module.Kernel(name);

    /// <summary>Loads them: as machine code where there is some for the device, else as PTX.</summary>
    /// <exception cref="CudaException">They are not beside this program, or the driver refuses them.</exception>
    public static CudaModule Load(CudaContext context)
    {
        if (context.IsEmulated)
        {
            return CudaModule.Emulated(context);
        }

        if (!File.Exists(FileOf("probe.ptx")))
        {
            throw new CudaException($"expected the probe's kernels at {FileOf("probe.ptx")}; found none, because nvcc was not found when this was built: ./build.sh toolchain.");
        }

        var ptx = File.ReadAllText(FileOf("probe.ptx"));
        try
        {
            return new CudaModule(context, "probe.fatbin", File.ReadAllBytes(FileOf("probe.fatbin")), PtxSignature.Parse(ptx));
        }
        catch (CudaException error) when (error.Result is CUresult.NoBinaryForGpu or CUresult.InvalidImage)
        {
            return new CudaModule(context, "probe.ptx", ptx);
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
