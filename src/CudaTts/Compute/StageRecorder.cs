using System.Diagnostics;
using CudaTts.Cuda;

namespace CudaTts.Compute;

/// <summary>One run of a stage.</summary>
/// <param name="Stage">Which.</param>
/// <param name="Path">Its name behind those of the stages that it is a part of, as <c>vocoder/download</c>.</param>
/// <param name="Thread">The thread that ran it.</param>
/// <param name="HostStart">When it began on the host, counted from the recorder's beginning.</param>
/// <param name="HostTime">How long the host was in it. On a GPU the host may leave a stage whose work is only queued.</param>
/// <param name="DeviceStart">When the device began with it, counted from the same moment; null for work of the host.</param>
/// <param name="DeviceTime">From there to the end of its last work on the device, by events in its stream.</param>
public sealed record StageTime(
    Stage Stage, string Path, int Thread, TimeSpan HostStart, TimeSpan HostTime, TimeSpan? DeviceStart, TimeSpan? DeviceTime)
{
    /// <summary>What the stage took: on the device, or on the host where the host did it.</summary>
    public TimeSpan Time => DeviceTime ?? HostTime;
}

/// <summary>
/// Measures the stages of everything that runs on a device while it is attached, and on request every launch of a kernel. A device without one loses
/// no time. Stages of several threads are kept apart; those of one thread lie within each other.
/// </summary>
public sealed class StageRecorder : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly DeviceClock? _clock;
    private readonly LaunchRecorder? _launches;
    private readonly ThreadLocal<Open?> _open = new();
    private readonly Lock _lock = new();
    private readonly long _origin;
    private List<Closed> _closed = [];

    /// <summary>Attaches to a device, which has one recorder at a time.</summary>
    /// <param name="device">The device; stays the caller's to dispose, after this.</param>
    /// <param name="withLaunches">
    /// Whether to time every launch by itself. The decoder then queues its steps one by one, without
    /// graphs, and small kernels seem slower than they are: two events stand between each and the next.
    /// </param>
    public StageRecorder(ComputeDevice device, bool withLaunches = false)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Stages is not null)
        {
            throw new InvalidOperationException($"The stages of {device.Name} are being recorded already.");
        }

        _device = device;
        _clock = device.CreateClock();
        _launches = withLaunches && _clock is not null ? new LaunchRecorder(_clock) : null;
        _origin = _clock?.HostOrigin ?? Stopwatch.GetTimestamp();
        device.Stages = this;
    }

    /// <summary>Waits for the device and returns the stages that have ended since the last time, in the order of their ends.</summary>
    public IReadOnlyList<StageTime> TakeStages()
    {
        List<Closed> taken;
        lock (_lock)
        {
            (taken, _closed) = (_closed, []);
        }

        return taken.ConvertAll(stage =>
        {
            (TimeSpan Start, TimeSpan Time)? device = stage.Marks is var (start, end) ? _clock!.Read(start, end) : null;
            return new StageTime(
                stage.Stage, stage.Path, stage.Thread, Stopwatch.GetElapsedTime(_origin, stage.Start),
                    Stopwatch.GetElapsedTime(stage.Start, stage.End),
                device?.Start, device?.Time);
        });
    }

    /// <summary>Waits for the device and returns the launches since the last time; none unless they are being recorded.</summary>
    public IReadOnlyList<LaunchTime> TakeLaunches() => _launches?.Take() ?? [];

    /// <summary>Lets the device run unseen again; no stage may be under way.</summary>
    public void Dispose()
    {
        _device.Stages = null;
        _launches?.Dispose();
        lock (_lock)
        {
            foreach (var (start, end) in _closed.Select(stage => stage.Marks).OfType<(CudaEvent, CudaEvent)>())
            {
                _clock!.Return(start);
                _clock.Return(end);
            }

            _closed = [];
        }

        _clock?.Dispose();
        _open.Dispose();
    }

    internal void Begin(Stage stage, CudaStream? stream)
    {
        var within = _open.Value;
        var path = within is null ? StageNames.Of(stage) : $"{within.Path}/{StageNames.Of(stage)}";
        _open.Value = new Open(stage, path, within, Stopwatch.GetTimestamp())
        {
            Stream = stream,
            Start = stream is null ? null : _clock!.Mark(stream),
        };
    }

    /// <summary>Says that this thread's stage does its work on another stream, from now on. It began where it first did so.</summary>
    internal void MoveTo(CudaStream stream)
    {
        if (_open.Value is not { Start: { } earlier } stage)
        {
            return;
        }

        stage.Stream = stream;
        if (!stage.HasMoved)
        {
            (stage.HasMoved, stage.Start) = (true, _clock!.Mark(stream));
            _clock.Return(earlier);
        }
    }

    /// <summary>Ends this thread's stage; never throws, because it may end by an exception that should be heard of.</summary>
    internal void End()
    {
        var stage = _open.Value!;
        var end = Stopwatch.GetTimestamp();
        _open.Value = stage.Within;
        (CudaEvent, CudaEvent)? marks = null;
        try
        {
            marks = stage.Start is { } start ? (start, _clock!.Mark(stage.Stream!)) : null;
        }
        catch (Exception error) when (error is CudaException or ObjectDisposedException)
        {
            stage.Start!.Dispose();
        }

        lock (_lock)
        {
            _closed.Add(new Closed(stage.Stage, stage.Path, Environment.CurrentManagedThreadId, stage.Begin, end, marks));
        }
    }

    private sealed record Open(Stage Stage, string Path, Open? Within, long Begin)
    {
        public CudaStream? Stream { get; set; }

        public CudaEvent? Start { get; set; }

        public bool HasMoved { get; set; }
    }

    private sealed record Closed(Stage Stage, string Path, int Thread, long Start, long End, (CudaEvent Start, CudaEvent End)? Marks);
}
