namespace CudaTts.Server.Observability;

/// <summary>Upper bounds of the histograms' buckets: closest where a decision lies, wide beyond.</summary>
internal static class MetricBounds
{
    /// <summary>Whole requests, seconds: a short sentence to the longest that a request may take.</summary>
    public static double[] Request { get; } = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300];

    /// <summary>Waits that a listener hears, seconds.</summary>
    public static double[] Wait { get; } = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30];

    /// <summary>Stages, seconds: from the front end on the CPU to a long sentence's decoder without a GPU.</summary>
    public static double[] Stage { get; } = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>Real-time factors; above 1 a stream stutters.</summary>
    public static double[] RealTime { get; } = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5];

    /// <summary>Decoder steps; at one frame a step of 11.6 ms, 1,000 are the usual limit.</summary>
    public static long[] Steps { get; } = [25, 50, 100, 150, 200, 300, 400, 600, 800, 1000, 1500, 2000];
}
