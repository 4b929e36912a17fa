using System.Diagnostics.Metrics;

namespace CudaTts.Server.Observability;

/// <summary>The kinds of metric that Prometheus knows and we have.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value that comes and goes.</summary>
    Gauge,

    /// <summary>Counts of values up to each of some bounds.</summary>
    Histogram,
}

/// <summary>What a measurement does to the value that is kept.</summary>
internal enum MeasurementUse
{
    /// <summary>It is added to the sum.</summary>
    Adds,

    /// <summary>It takes the value's place.</summary>
    Replaces,

    /// <summary>It is counted in its bucket.</summary>
    Counts,
}

/// <summary>The instruments of .NET, told apart.</summary>
internal static class InstrumentKinds
{
    /// <summary>What Prometheus calls an instrument, and what its measurements do; null for a kind that came after this was written.</summary>
    public static (MetricKind Kind, MeasurementUse Use)? Of(Instrument instrument)
    {
        for (var type = instrument.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && Of(type.GetGenericTypeDefinition()) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static (MetricKind, MeasurementUse)? Of(Type definition) =>
        definition == typeof(Counter<>) ? (MetricKind.Counter, MeasurementUse.Adds)
        : definition == typeof(UpDownCounter<>) ? (MetricKind.Gauge, MeasurementUse.Adds)
        : definition == typeof(Gauge<>) ? (MetricKind.Gauge, MeasurementUse.Replaces)
        : definition == typeof(Histogram<>) ? (MetricKind.Histogram, MeasurementUse.Counts)
        : definition == typeof(ObservableCounter<>) ? (MetricKind.Counter, MeasurementUse.Replaces)
        : definition == typeof(ObservableUpDownCounter<>) ? (MetricKind.Gauge, MeasurementUse.Replaces)
        : definition == typeof(ObservableGauge<>) ? (MetricKind.Gauge, MeasurementUse.Replaces)
        : null;
}
