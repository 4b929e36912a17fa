using System.Globalization;
using System.Text;

namespace CudaTts.Server.Observability;

/// <summary>The values of one metric under one set of labels. Many threads measure while one writes it out.</summary>
internal sealed class MetricSeries
{
    private readonly Lock _lock = new();
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private readonly string _labels;
    private double _value;
    private double _sum;

    /// <summary>Makes a series without a value.</summary>
    /// <param name="hash">What <see cref="HashOf"/> says of the labels.</param>
    /// <param name="tags">The labels as they are measured with.</param>
    /// <param name="bounds">Upper bounds of a histogram's buckets, ascending; empty for the others.</param>
    public MetricSeries(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags, double[] bounds)
    {
        Hash = hash;
        _tags = tags.ToArray();
        _bounds = bounds;
        _buckets = new long[bounds.Length + 1];
        _labels = Labels(_tags);
    }

    /// <summary>A number that other labels rarely have.</summary>
    public int Hash { get; }

    /// <summary>In which collection it was last measured: what an observed instrument no longer reports is no longer written.</summary>
    public int Collection { get; set; }

    /// <summary>A hash of labels that does not depend on their order.</summary>
    public static int HashOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = tags.Length;
        foreach (var (key, value) in tags)
        {
            hash += HashCode.Combine(key, value);
        }

        return hash;
    }

    /// <summary>Whether these are its labels.</summary>
    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length)
        {
            return false;
        }

        foreach (var (key, value) in tags)
        {
            if (!Has(key, value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes a measurement in.</summary>
    public void Record(double value, MeasurementUse use)
    {
        if (use == MeasurementUse.Counts)
        {
            Count(value);
            return;
        }

        lock (_lock)
        {
            _value = use == MeasurementUse.Adds ? _value + value : value;
        }
    }

    /// <summary>Writes the lines of this series.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="name">The metric's name.</param>
    /// <param name="kind">The metric's kind.</param>
    public void Write(StringBuilder text, string name, MetricKind kind)
    {
        if (kind != MetricKind.Histogram)
        {
            double value;
            lock (_lock)
            {
                value = _value;
            }

            Line(text, name, "", _labels, value);
            return;
        }

        var counts = new long[_buckets.Length];
        double sum;
        lock (_lock)
        {
            _buckets.CopyTo(counts, 0);
            sum = _sum;
        }

        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < _bounds.Length ? Number(_bounds[i]) : "+Inf";
            Line(text, name, "_bucket", _labels.Length == 0 ? $"le=\"{bound}\"" : $"{_labels},le=\"{bound}\"", total);
        }

        Line(text, name, "_sum", _labels, sum);
        Line(text, name, "_count", _labels, total);
    }

    private void Count(double value)
    {
        // A bucket holds what is not above its bound; what is no number is above all of them.
        var bucket = 0;
        while (bucket < _bounds.Length && !(value <= _bounds[bucket]))
        {
            bucket++;
        }

        lock (_lock)
        {
            _buckets[bucket]++;
            _sum += value;
        }
    }

    private bool Has(string key, object? value)
    {
        foreach (var tag in _tags)
        {
            if (tag.Key == key)
            {
                return Equals(tag.Value, value);
            }
        }

        return false;
    }

    private static void Line(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Labels(KeyValuePair<string, object?>[] tags) => string.Join(',', tags
        .OrderBy(tag => tag.Key, StringComparer.Ordinal)
        .Select(tag => $"{PrometheusNames.Clean(tag.Key)}=\"{Escape(ValueOf(tag.Value))}\""));

    private static string ValueOf(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
