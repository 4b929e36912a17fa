using System.Diagnostics.Metrics;
using System.Text;

namespace CudaTts.Server.Observability;

/// <summary>One metric with all of its series: at most so many, whatever is measured.</summary>
internal sealed class MetricFamily
{
    /// <summary>Most series of one metric. Labels beyond go into one series, so that sums stay right.</summary>
    public const int MostSeries = 256;

    // What a histogram has that brings no bounds of its own: OpenTelemetry's for seconds.
    private static readonly double[] s_secondsBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private static readonly KeyValuePair<string, object?>[] s_overflow = [new("otel_metric_overflow", true)];

    private readonly Lock _growing = new();
    private readonly MeasurementUse _use;
    private readonly bool _isObserved;
    private readonly string _help;
    private readonly double[] _bounds;
    private volatile MetricSeries[] _series = [];
    private int _collection;

    /// <summary>Makes a metric without a series.</summary>
    /// <param name="name">Its name in Prometheus.</param>
    /// <param name="instrument">The first instrument that it is measured by.</param>
    /// <param name="kind">What Prometheus calls it.</param>
    /// <param name="use">What a measurement does.</param>
    public MetricFamily(string name, Instrument instrument, MetricKind kind, MeasurementUse use)
    {
        Name = name;
        Kind = kind;
        _use = use;
        _isObserved = instrument.IsObservable;
        _help = (instrument.Description ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        _bounds = kind == MetricKind.Histogram ? BoundsOf(instrument) : [];
    }

    /// <summary>Its name in Prometheus.</summary>
    public string Name { get; }

    /// <summary>What Prometheus calls it.</summary>
    public MetricKind Kind { get; }

    /// <summary>Begins a collection: an observed series counts only when it is measured in it.</summary>
    public void BeginCollection() => _collection++;

    /// <summary>Takes a measurement in. Allocates only for labels that are new.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(MetricSeries.HashOf(tags), tags);
        series.Collection = _collection;
        series.Record(value, _use);
    }

    /// <summary>Writes the metric, with its help and type; nothing when nothing was measured.</summary>
    public void Write(StringBuilder text)
    {
        var series = _series.Where(one => !_isObserved || one.Collection == _collection).ToList();
        if (series.Count == 0)
        {
            return;
        }

        text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
        series.ForEach(one => one.Write(text, Name, Kind));
    }

    private MetricSeries Find(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Search(_series, hash, tags) is { } known)
        {
            return known;
        }

        lock (_growing)
        {
            if (Search(_series, hash, tags) is { } meanwhile)
            {
                return meanwhile;
            }

            if (_series.Length >= MostSeries && !tags.SequenceEqual(s_overflow))
            {
                return Overflow();
            }

            MetricSeries added = new(hash, tags, _bounds) { Collection = _collection };
            _series = [.. _series, added];
            return added;
        }
    }

    private MetricSeries Overflow()
    {
        var hash = MetricSeries.HashOf(s_overflow);
        if (Search(_series, hash, s_overflow) is { } known)
        {
            return known;
        }

        MetricSeries added = new(hash, s_overflow, _bounds);
        _series = [.. _series, added];
        return added;
    }

    private static MetricSeries? Search(MetricSeries[] all, int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in all)
        {
            if (series.Hash == hash && series.Has(tags))
            {
                return series;
            }
        }

        return null;
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => s_secondsBounds,
    };
}
