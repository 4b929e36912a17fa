using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Intelligibility;

/// <summary>
/// Short-time objective intelligibility (STOI: Taal, Hendriks, Heusdens, Jensen, IEEE TASLP 19(7), 2011) and its extended form (ESTOI: Jensen, Taal,
/// IEEE/ACM TASLP 24(11), 2016), with the constants and the order of operations of the public package pystoi 0.4.1. No delay is removed.
/// </summary>
public static class Stoi
{
    /// <summary>What a signal scores that has fewer than 30 frames of speech, by definition.</summary>
    public const double TooShort = 1e-5;

    internal const int SampleRate = 10000;
    internal const int SegmentFrames = 30;
    private const double LowerBound = -15;

    // The reference implementation adds the spacing of float64 at 1 to every norm that it divides by.
    private const double Epsilon = 2.220446049250313e-16;

    private static readonly double s_clip = 1 + Math.Pow(10, -LowerBound / 20);

    /// <summary>Compares two signals of one rate; the longer one is cut.</summary>
    /// <param name="reference">Clean speech.</param>
    /// <param name="degraded">What became of it, sample by sample in step.</param>
    /// <exception cref="ArgumentException">The rates differ.</exception>
    public static StoiScores Measure(Signal reference, Signal degraded)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(degraded);
        if (reference.SampleRate != degraded.SampleRate)
        {
            throw new ArgumentException(
                $"Expected {reference.SampleRate} Hz, the reference's rate, found {degraded.SampleRate} Hz.", nameof(degraded));
        }

        var count = Math.Min(reference.Samples.Length, degraded.Samples.Length);
        var (clean, processed) = StoiBands.Of(
            reference.Truncate(count).Resample(SampleRate).Samples, degraded.Truncate(count).Resample(SampleRate).Samples);
        var frames = clean.GetLength(1);
        return frames < SegmentFrames
            ? new StoiScores(TooShort, TooShort, frames)
            : new StoiScores(Standard(clean, processed), Extended(clean, processed), frames);
    }

    /// <summary>The mean over bands and segments of the correlation of envelopes, the processed one scaled and clipped.</summary>
    private static double Standard(double[,] clean, double[,] processed)
    {
        var segments = clean.GetLength(1) - SegmentFrames + 1;
        Span<double> x = stackalloc double[SegmentFrames];
        Span<double> y = stackalloc double[SegmentFrames];
        double sum = 0;
        for (var segment = 0; segment < segments; segment++)
        {
            for (var band = 0; band < StoiBands.Count; band++)
            {
                for (var i = 0; i < SegmentFrames; i++)
                {
                    (x[i], y[i]) = (clean[band, segment + i], processed[band, segment + i]);
                }

                var scale = Norm(x) / (Norm(y) + Epsilon);
                for (var i = 0; i < SegmentFrames; i++)
                {
                    y[i] = Math.Min(y[i] * scale, x[i] * s_clip);
                }

                Centre(x);
                Centre(y);
                var norms = (Norm(x) + Epsilon) * (Norm(y) + Epsilon);
                for (var i = 0; i < SegmentFrames; i++)
                {
                    sum += x[i] * y[i] / norms;
                }
            }
        }

        return sum / (segments * StoiBands.Count);
    }

    /// <summary>The mean over segments of the correlation of frames, after every band and then every frame has mean 0 and norm 1.</summary>
    private static double Extended(double[,] clean, double[,] processed)
    {
        var segments = clean.GetLength(1) - SegmentFrames + 1;
        var x = new double[StoiBands.Count * SegmentFrames];
        var y = new double[StoiBands.Count * SegmentFrames];
        double sum = 0;
        for (var segment = 0; segment < segments; segment++)
        {
            Normalise(clean, segment, x);
            Normalise(processed, segment, y);
            for (var i = 0; i < x.Length; i++)
            {
                sum += x[i] * y[i];
            }
        }

        return sum / (segments * SegmentFrames);
    }

    // The original keeps constant rows from dividing by zero with noise of 2e-16; here they stay zero, which is the same to 1e-12.
    private static void Normalise(double[,] envelopes, int segment, double[] block)
    {
        for (var band = 0; band < StoiBands.Count; band++)
        {
            var row = block.AsSpan(band * SegmentFrames, SegmentFrames);
            for (var i = 0; i < SegmentFrames; i++)
            {
                row[i] = envelopes[band, segment + i];
            }

            Centre(row);
            Divide(row, Norm(row));
        }

        Span<double> column = stackalloc double[StoiBands.Count];
        for (var i = 0; i < SegmentFrames; i++)
        {
            for (var band = 0; band < StoiBands.Count; band++)
            {
                column[band] = block[(band * SegmentFrames) + i];
            }

            Centre(column);
            Divide(column, Norm(column));
            for (var band = 0; band < StoiBands.Count; band++)
            {
                block[(band * SegmentFrames) + i] = column[band];
            }
        }
    }

    private static void Centre(Span<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        var mean = sum / values.Length;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] -= mean;
        }
    }

    private static double Norm(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value * value;
        }

        return Math.Sqrt(sum);
    }

    private static void Divide(Span<double> values, double norm)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = norm == 0 ? 0 : values[i] / norm;
        }
    }
}

/// <summary>Scores of intelligibility.</summary>
/// <param name="Standard">STOI, nominally 0 to 1.</param>
/// <param name="Extended">ESTOI, nominally 0 to 1.</param>
/// <param name="Frames">Frames of speech, of 12.8 ms each; with fewer than 30 both scores are <see cref="Stoi.TooShort"/>.</param>
public readonly record struct StoiScores(double Standard, double Extended, int Frames);
