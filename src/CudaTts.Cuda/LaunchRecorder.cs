namespace CudaTts.Cuda;

/// <summary>One launch of a kernel.</summary>
/// <param name="Kernel">Which.</param>
/// <param name="Grid">Blocks.</param>
/// <param name="Block">Threads of a block.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
/// <param name="Stream">The stream, as a number that tells it from others.</param>
/// <param name="Start">When it began, counted from the clock's origin.</param>
/// <param name="Time">How long it took on the device, with the two events around it.</param>
public sealed record LaunchTime(CudaKernel Kernel, Dim3 Grid, Dim3 Block, int SharedBytes, nint Stream, TimeSpan Start, TimeSpan Time);

/// <summary>
/// Times every kernel launched on a device by two events while it is attached; without one a launch costs nothing more. Launches that a graph records
/// are not seen: who wants to see them launches them outside of graphs while <see cref="CudaContext.RecordsLaunches"/>.
/// </summary>
public sealed class LaunchRecorder : IDisposable
{
    private readonly DeviceClock _clock;
    private readonly Lock _lock = new();
    private List<Launch> _launches = [];

    /// <summary>Attaches to the clock's device, which has one recorder at a time.</summary>
    public LaunchRecorder(DeviceClock clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
        if (clock.Context.Launches is not null)
        {
            throw new InvalidOperationException($"The launches of {clock.Context.Name} are being recorded already.");
        }

        clock.Context.Launches = this;
    }

    /// <summary>Waits for the device and returns the launches since the last time, in the order of their calls.</summary>
    public IReadOnlyList<LaunchTime> Take()
    {
        List<Launch> taken;
        lock (_lock)
        {
            (taken, _launches) = (_launches, []);
        }

        return taken.ConvertAll(launch =>
        {
            var (start, time) = _clock.Read(launch.Start, launch.End);
            return new LaunchTime(launch.Kernel, launch.Grid, launch.Block, launch.SharedBytes, launch.Stream, start, time);
        });
    }

    /// <summary>Lets the device's launches go unseen again; the clock stays its owner's.</summary>
    public void Dispose()
    {
        _clock.Context.Launches = null;
        lock (_lock)
        {
            foreach (var launch in _launches)
            {
                _clock.Return(launch.Start);
                _clock.Return(launch.End);
            }

            _launches = [];
        }
    }

    internal CudaEvent Mark(CudaStream stream) => _clock.Mark(stream);

    internal void Add(CudaKernel kernel, CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, CudaEvent start)
    {
        var launch = new Launch(kernel, grid, block, sharedBytes, stream.Stream.Value, start, _clock.Mark(stream));
        lock (_lock)
        {
            _launches.Add(launch);
        }
    }

    private sealed record Launch(CudaKernel Kernel, Dim3 Grid, Dim3 Block, int SharedBytes, nint Stream, CudaEvent Start, CudaEvent End);
}
