using System.Runtime.Intrinsics;

namespace CudaTts.Quality.Pesq;

/// <summary>The amplitude response of a filter, in dB, straight between points in Hz; 0 dB is its response at 1 kHz.</summary>
internal sealed class ResponseCurve
{
    private const double ReferenceHertz = 1000;
    private const double NepersOfDecibel = 0.11512925464970229;
    private readonly (double Hertz, double Decibels)[] _points;

    private ResponseCurve(params (double Hertz, double Decibels)[] points) => _points = points;

    /// <summary>The band of 350 to 3250 Hz in which levels are measured.</summary>
    public static ResponseCurve LevelBand { get; } = new((0, -500), (300, -500), (350, 0), (3250, 0), (3500, -500), (8000, -500));

    /// <summary>A telephone's receiver: the intermediate reference system (IRS) of Recommendation P.862.</summary>
    public static ResponseCurve Receiver { get; } = new(
        (0, -200), (50, -40), (100, -20), (125, -12), (160, -6), (200, 0), (250, 4), (300, 6), (350, 8), (400, 10), (500, 11), (600, 12),
        (3250, 12), (3500, 4), (4000, -200), (8000, -200));

    /// <summary>The factors of amplitude at the bins of a spectrum.</summary>
    /// <param name="bins">Number of bins; the first one is 0 Hz, the last one half of the sample rate.</param>
    /// <param name="sampleRate">Samples a second, Hz, at most 16000.</param>
    public double[] Factors(int bins, int sampleRate)
    {
        var hertzOfBin = sampleRate / 2.0 / (bins - 1);
        var atReference = Decibels(ReferenceHertz, Array.FindIndex(_points, point => point.Hertz >= ReferenceHertz));
        var exponents = new double[bins];
        var point = 1;
        for (var k = 0; k < bins; k++)
        {
            while (k * hertzOfBin > _points[point].Hertz)
            {
                point++;
            }

            exponents[k] = (Decibels(k * hertzOfBin, point) - atReference) * NepersOfDecibel;
        }

        Exponentiate(exponents);
        return exponents;
    }

    /// <summary>The response on the straight line that ends at a point.</summary>
    private double Decibels(double hertz, int point)
    {
        var (x0, y0) = _points[point - 1];
        var (x1, y1) = _points[point];
        return y0 + ((hertz - x0) * ((y1 - y0) / (x1 - x0)));
    }

    private static void Exponentiate(Span<double> x)
    {
        var k = 0;
        for (; k <= x.Length - Vector256<double>.Count; k += Vector256<double>.Count)
        {
            Vector256.Exp(Vector256.Create<double>(x[k..])).CopyTo(x[k..]);
        }

        for (; k < x.Length; k++)
        {
            x[k] = Math.Exp(x[k]);
        }
    }
}
