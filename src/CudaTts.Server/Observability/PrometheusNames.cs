using System.Diagnostics.Metrics;

namespace CudaTts.Server.Observability;

/// <summary>Names of .NET's meters as Prometheus writes them: the translation that OpenTelemetry lays down.</summary>
internal static class PrometheusNames
{
    /// <summary>The name of an instrument: <c>http.server.request.duration</c> in s becomes <c>http_server_request_duration_seconds</c>.</summary>
    /// <param name="instrument">Name and unit are read.</param>
    /// <param name="kind">What Prometheus calls it: counters end in _total, and a gauge of unit 1 is a ratio.</param>
    public static string Of(Instrument instrument, MetricKind kind)
    {
        var name = Clean(instrument.Name);
        var unit = instrument.Unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "%" => "percent",
            "1" when kind == MetricKind.Gauge => "ratio",
            _ => "",
        };
        name = unit.Length == 0 || name.EndsWith("_" + unit, StringComparison.Ordinal) ? name : $"{name}_{unit}";
        return kind != MetricKind.Counter || name.EndsWith("_total", StringComparison.Ordinal) ? name : name + "_total";
    }

    /// <summary>A name of letters, digits and underscores that begins with no digit.</summary>
    public static string Clean(string name)
    {
        var clean = string.Create(name.Length, name, (letters, from) =>
        {
            for (var i = 0; i < letters.Length; i++)
            {
                letters[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
            }
        });
        return clean.Length > 0 && char.IsAsciiDigit(clean[0]) ? "_" + clean : clean;
    }
}
