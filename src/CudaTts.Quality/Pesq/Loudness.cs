namespace CudaTts.Quality.Pesq;

/// <summary>Loudness in sone of a band's power after Zwicker: Sl (th / 0.5)^z ((0.5 + 0.5 p / th)^z - 1) above the threshold th, 0 below.</summary>
internal sealed class Loudness
{
    private const double Scale = 0.1866055;
    private const double Exponent = 0.23;
    private const double LowestUnchangedBark = 4;

    private readonly double[] _thresholds;
    private readonly double[] _exponents;
    private readonly double[] _scales;

    /// <summary>Prepares the constants of each band.</summary>
    public Loudness(BarkBand[] bands)
    {
        _thresholds = Array.ConvertAll(bands, band => band.Threshold);
        _exponents = Array.ConvertAll(bands, band => Exponent * Math.Pow(Steepening(band.Centre), 0.15));
        _scales = [.. bands.Select((band, b) => Scale * Math.Pow(band.Threshold / 0.5, _exponents[b]))];
    }

    /// <summary>The sum of the powers above a multiple of the threshold; the lowest band does not count.</summary>
    public static double Audible(ReadOnlySpan<double> powers, BarkBand[] bands, double multiple)
    {
        double sum = 0;
        for (var b = 1; b < powers.Length; b++)
        {
            sum += powers[b] > multiple * bands[b].Threshold ? powers[b] : 0;
        }

        return sum;
    }

    /// <summary>The loudness of a power in a band.</summary>
    public double Of(double power, int band)
    {
        var threshold = _thresholds[band];
        return power <= threshold ? 0 : _scales[band] * (Math.Pow(0.5 + (0.5 * power / threshold), _exponents[band]) - 1);
    }

    // At low frequencies loudness grows faster.
    private static double Steepening(double bark) => bark >= LowestUnchangedBark ? 1 : Math.Min(2, 6 / (bark + 2));
}
