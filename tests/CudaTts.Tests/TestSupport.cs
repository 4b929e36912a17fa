namespace CudaTts.Tests;

/// <summary>The parity measure of the design: sum (a-b)^2 / sum b^2.</summary>
internal static class Nmse
{
    /// <summary>
    /// Normalised mean squared error of <paramref name="actual"/> against <paramref name="expected"/>; infinite when a value is not finite.
    /// </summary>
    public static double Of(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), "number of values");
        double error = 0, power = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (!float.IsFinite(actual[i]))
            {
                return double.PositiveInfinity;
            }

            double difference = actual[i] - expected[i];
            error += difference * difference;
            power += (double)expected[i] * expected[i];
        }

        return power > 0 ? error / power : error > 0 ? double.PositiveInfinity : 0;
    }

    /// <summary>The limit for float32 paths: 100 times PyTorch's own float32 error, kept within 1e-11 and 1e-3.</summary>
    public static double Limit(double torchFloat32) => Math.Clamp(100 * torchFloat32, 1e-11, 1e-3);
}
