using System.Diagnostics.Metrics;
using System.Text;

namespace CudaTts.Server.Observability;

/// <summary>
/// All metrics of this process in Prometheus's text format, version 0.0.4: those of the server's own meter, of ASP.NET and of the .NET runtime.
/// Measuring takes a lock of one series for some nanoseconds and allocates nothing.
/// </summary>
internal sealed class PrometheusExposition : IDisposable
{
    /// <summary>The media type of what <see cref="Text"/> gives.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] s_meters =
    [
        SpeechMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime",
    ];

    private readonly IMeterFactory _factory;
    private readonly MeterListener _listener = new();
    private readonly Lock _collecting = new();
    private readonly Lock _adding = new();
    private volatile MetricFamily[] _families = [];

    /// <summary>Listens from now on: what was measured before is not counted.</summary>
    /// <param name="factory">Whose meters are listened to, beside those of no factory: two servers in one process keep apart.</param>
    public PrometheusExposition(IMeterFactory factory)
    {
        _factory = factory;
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => ((MetricFamily)family!).Record((double)value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Names of all metrics that are listened to, measured or not.</summary>
    public IReadOnlyList<string> Names => [.. _families.Select(family => family.Name)];

    /// <summary>Asks every observed instrument, and writes all metrics, sorted by name.</summary>
    public string Text()
    {
        // One at a time, because a collection decides which observed series are still there.
        lock (_collecting)
        {
            foreach (var family in _families)
            {
                family.BeginCollection();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // Instruments that could not be observed are absent this time; the others have been.
            }

            var text = new StringBuilder(1 << 16);
            foreach (var family in _families)
            {
                family.Write(text);
            }

            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Listen(Instrument instrument, MeterListener listener)
    {
        var isOurs = instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, _factory);
        if (!isOurs || !s_meters.Contains(instrument.Meter.Name) || InstrumentKinds.Of(instrument) is not var (kind, use))
        {
            return;
        }

        if (FamilyOf(instrument, kind, use) is { } family)
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    // Two instruments may have one name in Prometheus; as long as they are of one kind they are one metric.
    private MetricFamily? FamilyOf(Instrument instrument, MetricKind kind, MeasurementUse use)
    {
        var name = PrometheusNames.Of(instrument, kind);
        lock (_adding)
        {
            if (_families.FirstOrDefault(family => family.Name == name) is { } known)
            {
                return known.Kind == kind ? known : null;
            }

            var added = new MetricFamily(name, instrument, kind, use);
            _families = [.. _families.Append(added).OrderBy(family => family.Name, StringComparer.Ordinal)];
            return added;
        }
    }
}
