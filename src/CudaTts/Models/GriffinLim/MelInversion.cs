using System.Runtime.CompilerServices;
using CudaTts.Audio;

namespace CudaTts.Models.GriffinLim;

/// <summary>
/// Linear magnitudes whose mel bands are those given: the pseudo-inverse B^T (B B^T)^-1 of the filter bank, then
/// multiplicative updates that keep every magnitude positive (Lee and Seung 2001, generalised Kullback-Leibler divergence).
/// </summary>
internal sealed class MelInversion
{
    private const int Updates = 8;

    // Relative to a frame's largest bin: what the pseudo-inverse makes negative starts the updates from here.
    private const float SmallestStart = 1e-3f;

    private readonly MelFilterBank _filterBank;

    /// <summary>Factors of B B^T = L D L^T. Triangles overlap only their neighbours, so L has one diagonal below its ones.</summary>
    private readonly double[] _diagonal;
    private readonly double[] _below;
    private readonly float[] _columnSums;

    /// <summary>Factors the filter bank's Gram matrix.</summary>
    public MelInversion(MelFilterBank filterBank)
    {
        _filterBank = filterBank;
        _diagonal = new double[filterBank.Bands];
        _below = new double[filterBank.Bands];
        _columnSums = new float[filterBank.Bins];
        for (var band = 0; band < filterBank.Bands; band++)
        {
            // A filter between two bins reads nothing; the small term keeps its row from dividing by zero.
            _diagonal[band] = Product(band, band) + 1e-12;
            if (band > 0)
            {
                var overlap = Product(band - 1, band);
                _below[band] = overlap / _diagonal[band - 1];
                _diagonal[band] -= overlap * _below[band];
            }

            Scatter(band, 1, _columnSums);
        }
    }

    /// <summary>Inverts one frame.</summary>
    /// <param name="mel">Mel magnitudes [bands], not logarithms.</param>
    /// <param name="magnitudes">Receives magnitudes [bins].</param>
    public void Invert(ReadOnlySpan<float> mel, Span<float> magnitudes)
    {
        Span<double> solution = stackalloc double[mel.Length];
        for (var band = 0; band < mel.Length; band++)
        {
            solution[band] = mel[band] - (band > 0 ? _below[band] * solution[band - 1] : 0);
        }

        magnitudes.Clear();
        for (var band = mel.Length - 1; band >= 0; band--)
        {
            solution[band] = (solution[band] / _diagonal[band]) - (band + 1 < mel.Length ? _below[band + 1] * solution[band + 1] : 0);
            Scatter(band, (float)solution[band], magnitudes);
        }

        float largest = 0;
        foreach (var magnitude in magnitudes)
        {
            largest = Math.Max(largest, magnitude);
        }

        for (var k = 0; k < magnitudes.Length; k++)
        {
            magnitudes[k] = _columnSums[k] > 0 ? Math.Max(magnitudes[k], largest * SmallestStart) : 0;
        }

        Refine(mel, magnitudes);
    }

    /// <summary>Brings magnitudes to agree with a frame's mel; those that no band sees stay as they are.</summary>
    /// <param name="mel">Mel magnitudes [bands], not logarithms.</param>
    /// <param name="magnitudes">Positive magnitudes [bins] to begin with, and what becomes of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Refine(ReadOnlySpan<float> mel, Span<float> magnitudes)
    {
        Span<float> bands = stackalloc float[mel.Length];
        Span<float> ratios = stackalloc float[magnitudes.Length];
        for (var update = 0; update < Updates; update++)
        {
            _filterBank.Apply(magnitudes, bands);
            ratios.Clear();
            for (var band = 0; band < bands.Length; band++)
            {
                Scatter(band, mel[band] / Math.Max(bands[band], 1e-30f), ratios);
            }

            for (var k = 0; k < magnitudes.Length; k++)
            {
                magnitudes[k] *= _columnSums[k] > 0 ? ratios[k] / _columnSums[k] : 1;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(int band, float value, Span<float> bins)
    {
        var weights = _filterBank.Weights(band);
        var part = bins.Slice(_filterBank.Start(band), weights.Length);
        for (var i = 0; i < weights.Length; i++)
        {
            part[i] += value * weights[i];
        }
    }

    private double Product(int first, int second)
    {
        var offset = _filterBank.Start(second) - _filterBank.Start(first);
        var a = _filterBank.Weights(first);
        var b = _filterBank.Weights(second);
        double sum = 0;
        for (var i = Math.Max(0, -offset); i < b.Length && i + offset < a.Length; i++)
        {
            sum += (double)a[i + offset] * b[i];
        }

        return sum;
    }
}
