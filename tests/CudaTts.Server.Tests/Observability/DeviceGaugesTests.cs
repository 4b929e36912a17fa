using System.Diagnostics.Metrics;
using CudaTts.Cuda;
using CudaTts.Server.Observability;
using Microsoft.Extensions.DependencyInjection;

namespace CudaTts.Server.Tests.Observability;

/// <summary>The device's gauges, with a management library and without one.</summary>
[TestFixture]
internal sealed class DeviceGaugesTests
{
    [TestCase("cpu")]
    [TestCase("emulated")]
    [TestCase("cuda:63")]
    public void Without_a_gpu_there_is_nothing_to_say(string device) => Assert.That(DeviceGauges.Of(device).Now(), Is.Null);

    [Test]
    public void An_absent_library_means_no_series()
    {
        var text = Exposed(new DeviceGauges(() => null));
        Assert.That(text.Samples.Where(sample => sample.Name == "cudatts_memory_bytes").Select(sample => sample.Labels["kind"]),
            Is.EqualTo(["managed", "working_set"]));
        Assert.That(text.Has("cudatts_device_utilization_ratio"), Is.False);
    }

    [Test]
    public void A_devices_memory_and_utilisation_are_exposed()
    {
        var text = Exposed(new DeviceGauges(() => new DeviceUse(UsedBytes: 3L << 30, TotalBytes: 80L << 30, BusyPercent: 25)), bound: 5L << 30);
        Assert.That(text["cudatts_memory_bytes", ("kind", "device_used")], Is.EqualTo(3L << 30));
        Assert.That(text["cudatts_memory_bytes", ("kind", "device_total")], Is.EqualTo(80L << 30));
        Assert.That(text["cudatts_memory_bytes", ("kind", "bound")], Is.EqualTo(5L << 30));
        Assert.That(text["cudatts_device_utilization_ratio"], Is.EqualTo(0.25));
    }

    [Test]
    public void The_library_is_asked_once_a_collection()
    {
        var asked = 0;
        var clock = new SetClock();
        var gauges = new DeviceGauges(
            () =>
            {
                asked++;
                return new DeviceUse(1, 2, 3);
            },
            clock);
        Exposed(gauges);
        Assert.That(asked, Is.EqualTo(1));
        clock.Ticks += clock.TimestampFrequency;
        Exposed(gauges);
        Assert.That(asked, Is.EqualTo(2));
    }

    private sealed class SetClock : TimeProvider
    {
        public long Ticks { get; set; } = 1;

        public override long GetTimestamp() => Ticks;
    }

    private static PrometheusText Exposed(DeviceGauges device, long? bound = null)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var exposition = new PrometheusExposition(factory);
        _ = new ServerGauges(factory, () => new ServerState(IsReady: true, 1, 2, 3, bound), () => [], device);
        return PrometheusText.Parse(exposition.Text());
    }
}
