using CudaTts.Audio;

namespace CudaTts.Quality.Spectra;

/// <summary>The natural log-mel of magnitude spectra: the engine's own filter bank at any rate, the magnitudes in float64.</summary>
internal sealed class SlaneyMel
{
    public const int Bands = 80;
    private const double HighestHertz = 8000;
    private const double Floor = 1e-5;

    private readonly MelFilterBank _bank;

    /// <summary>Computes the filters from 0 Hz to 8 kHz or half the rate.</summary>
    public SlaneyMel(int sampleRate, int frameLength) => _bank = new MelFilterBank(new MelContract
    {
        SampleRate = sampleRate,
        FftLength = frameLength,
        WindowLength = frameLength,
        HopLength = SpectralDistances.Hop,
        MelBands = Bands,
        LowestFrequency = 0,
        HighestFrequency = Math.Min(HighestHertz, sampleRate / 2.0),
    });

    /// <summary>The log-mel [80] of magnitudes [N / 2 + 1].</summary>
    public void Log(double[] magnitudes, double[] mel)
    {
        for (var band = 0; band < Bands; band++)
        {
            var weights = _bank.Weights(band);
            var start = _bank.Start(band);
            double sum = 0;
            for (var i = 0; i < weights.Length; i++)
            {
                sum += weights[i] * magnitudes[start + i];
            }

            mel[band] = Math.Log(Math.Max(sum, Floor));
        }
    }
}
