using CudaTts.Cuda;

namespace CudaTts.Server.Observability;

/// <summary>What the GPU that speaks is doing. Where there is none, or no management library, there is nothing to say.</summary>
internal sealed class DeviceGauges
{
    // All gauges of one collection share one question to the library.
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly Func<DeviceUse?> _ask;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private DeviceUse? _use;
    private long _asked;

    /// <summary>Makes the gauges of a device.</summary>
    /// <param name="ask">Asks the management library; null for an answer that it does not give.</param>
    /// <param name="clock">Tells how old an answer is.</param>
    public DeviceGauges(Func<DeviceUse?> ask, TimeProvider? clock = null) => (_ask, _clock) = (ask, clock ?? TimeProvider.System);

    /// <summary>The gauges of a device that the engine has opened.</summary>
    /// <param name="name">What <c>--device</c> calls it: <c>cuda:0</c>; any other has no gauges.</param>
    public static DeviceGauges Of(string name)
    {
        var device = CudaDriver.Kind == DriverKind.Hardware && name.StartsWith("cuda", StringComparison.Ordinal)
            ? CudaDriver.Used!.Devices.FirstOrDefault(one => name.Split(':') is not [_, var index] || $"{one.Index}" == index)
            : null;
        return new DeviceGauges(() => device is null ? null : DeviceUse.Of(device));
    }

    /// <summary>What the device does now, as of a second ago at most; null where nobody says.</summary>
    public DeviceUse? Now()
    {
        lock (_lock)
        {
            if (_asked == 0 || _clock.GetElapsedTime(_asked) >= s_fresh)
            {
                _use = _ask();
                _asked = _clock.GetTimestamp();
            }

            return _use;
        }
    }
}
