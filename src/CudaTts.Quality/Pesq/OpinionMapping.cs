namespace CudaTts.Quality.Pesq;

/// <summary>From the raw score to the scale of mean opinion scores (MOS-LQO): 0.999 + 4 / (1 + exp(offset - slope raw)).</summary>
internal static class OpinionMapping
{
    /// <summary>The mean opinion score of a raw score, by P.862.1 in narrow-band mode and by P.862.2 in wide-band mode.</summary>
    public static double Apply(double raw, PesqMode mode)
    {
        var (slope, offset) = mode == PesqMode.WideBand ? (1.3669, 3.8224) : (1.4945, 4.6607);
        return 0.999 + (4 / (1 + Math.Exp(offset - (slope * raw))));
    }
}
