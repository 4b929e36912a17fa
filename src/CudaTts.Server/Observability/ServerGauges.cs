using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CudaTts.Server.Observability;

/// <summary>What the server is and does at the moment at which somebody asks: gauges, all observed, so that they cost nothing in between.</summary>
internal sealed class ServerGauges
{
    private readonly Func<ServerState> _state;
    private readonly DeviceGauges _device;

    /// <summary>Makes the instruments.</summary>
    /// <param name="factory">Whoever listens to the meters of this factory gets the measurements.</param>
    /// <param name="state">Tells what the server is doing.</param>
    /// <param name="voices">Tells which voices are loaded.</param>
    /// <param name="device">Tells what the GPU is doing.</param>
    public ServerGauges(IMeterFactory factory, Func<ServerState> state, Func<IEnumerable<VoiceDescription>> voices, DeviceGauges device)
    {
        (_state, _device) = (state, device);
        var meter = factory.Create(SpeechMetrics.MeterName);
        meter.CreateObservableGauge("cudatts.ready", () => state().IsReady ? 1 : 0, null, "1 while the server takes work.");
        meter.CreateObservableGauge("cudatts.sentences_waiting", () => state().SentencesWaiting, "{sentence}", "Sentences admitted and not begun.");
        meter.CreateObservableGauge("cudatts.decoder_rows", () => state().DecoderRows, "{sentence}", "Sentences that are being decoded together.");
        meter.CreateObservableGauge(
            "cudatts.waiting_work", () => state().WaitingWorkSeconds, "s", "The device's time that admitted work is predicted to take.");
        meter.CreateObservableGauge("cudatts.memory", Memory, "By", "Memory of the process and of its device.");
        meter.CreateObservableGauge("cudatts.device_utilization", Utilization, "1", "Share of the last moments in which the device ran a kernel.");
        meter.CreateObservableGauge("cudatts.voice_info", () => voices().Select(Info), null, "1 for each voice that is loaded.");
        meter.CreateObservableGauge("cudatts.build_info", BuildInfo, null, "1, with the build of the program as labels.");
        var started = StartSeconds();
        meter.CreateObservableGauge("process.start_time", () => started, "s", "When the process was started, seconds after the beginning of 1970.");
    }

    private IEnumerable<Measurement<long>> Memory()
    {
        yield return Kind(GC.GetTotalMemory(forceFullCollection: false), "managed");
        yield return Kind(Environment.WorkingSet, "working_set");
        if (_state().BoundBytes is { } bound)
        {
            yield return Kind(bound, "bound");
        }

        if (_device.Now() is { } use)
        {
            yield return Kind(use.UsedBytes, "device_used");
            yield return Kind(use.TotalBytes, "device_total");
        }
    }

    private IEnumerable<Measurement<double>> Utilization()
    {
        if (_device.Now() is { } use)
        {
            yield return new Measurement<double>(use.BusyPercent / 100.0);
        }
    }

    private static Measurement<long> Kind(long bytes, string kind) => new(bytes, new KeyValuePair<string, object?>("kind", kind));

    private static Measurement<int> Info(VoiceDescription voice) => new(1,
        new KeyValuePair<string, object?>("voice", voice.Voice),
        new KeyValuePair<string, object?>("acoustic", voice.Acoustic),
        new KeyValuePair<string, object?>("vocoder", voice.Vocoder),
        new KeyValuePair<string, object?>("sample_rate", voice.SampleRate));

    private static Measurement<int> BuildInfo()
    {
        var version = typeof(ServerGauges).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var (number, commit) = version.Split('+', 2) is [var first, var second] ? (first, second) : (version, "unknown");
        var runtime = RuntimeInformation.FrameworkDescription + (RuntimeFeature.IsDynamicCodeSupported ? "" : " NativeAOT");
        return new Measurement<int>(1,
            new KeyValuePair<string, object?>("version", number),
            new KeyValuePair<string, object?>("commit", commit),
            new KeyValuePair<string, object?>("runtime", runtime));
    }

    private static double StartSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
