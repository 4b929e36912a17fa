namespace CudaTts.Models.FastPitch;

/// <summary>
/// What a network calls the energy of a frame: the logarithm of one more than the norm of its bands. NVIDIA's networks have learnt that of the
/// log-mel, which is negative, so that what is louder has less; NeMo's that of the magnitudes, of which what is louder has more.
/// </summary>
/// <param name="IsOfSpectrum">Whether the norm is that of magnitudes.</param>
/// <param name="Bands">Bands of the log-mel.</param>
internal readonly record struct EnergyMeasure(bool IsOfSpectrum, int Bands)
{
    /// <summary>The energy of the same frame so many decibels louder; of a log-mel exactly so where all bands are equal.</summary>
    public float Raise(float energy, double decibels)
    {
        if (decibels == 0)
        {
            return energy;
        }

        var norm = Math.Exp(energy) - 1;
        var louder = IsOfSpectrum ? norm * Math.Pow(10, decibels / 20) : norm - (decibels * Math.Log(10) / 20 * Math.Sqrt(Bands));
        return (float)Math.Log(1 + Math.Max(louder, 0));
    }
}
