namespace CudaTts.Quality.Signals;

/// <summary>A filter of second order, y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].</summary>
/// <param name="B0">Weight of the newest sample.</param>
/// <param name="B1">Weight of the sample before it.</param>
/// <param name="B2">Weight of the one before that.</param>
/// <param name="A1">Weight of the last result.</param>
/// <param name="A2">Weight of the result before it.</param>
internal readonly record struct Biquad(double B0, double B1, double B2, double A1, double A2)
{
    /// <summary>Filters samples in place, beginning at rest.</summary>
    public void Apply(Span<double> samples)
    {
        double w1 = 0, w2 = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            var w = samples[i] - (A1 * w1) - (A2 * w2);
            samples[i] = (B0 * w) + (B1 * w1) + (B2 * w2);
            (w1, w2) = (w, w1);
        }
    }
}
