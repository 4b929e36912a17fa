using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// Perceptual evaluation of speech quality (PESQ): ITU-T P.862 (2001) in narrow-band mode with the mapping of P.862.1 (2003), and P.862.2 (2007) in
/// wide-band mode, with the results of the reference software of October 2005. Corrigendum 2 (2018), which changes some of them, is not followed.
/// </summary>
/// <remarks>
/// This is an independent implementation, not certified by the ITU; P.862 may be subject to third-party rights. P.862 has been superseded by P.863. A
/// score is a number to watch for regressions, not anybody's opinion: it was fitted to telephone networks, and does not know synthetic voices.
/// </remarks>
public static class PerceptualQuality
{
    /// <summary>Measures a pair of signals in one mode. Signals at other rates than 8 and 16 kHz are resampled to 16 kHz.</summary>
    /// <param name="reference">Clean speech, of any level.</param>
    /// <param name="degraded">What became of it, of any level and length; delays are found.</param>
    /// <param name="mode">Narrow-band or wide-band.</param>
    /// <exception cref="ArgumentException">The rates differ, or wide-band mode is asked for at 8 kHz.</exception>
    public static PesqResult Measure(Signal reference, Signal degraded, PesqMode mode)
    {
        var rate = Rate(reference, degraded);
        if (mode == PesqMode.WideBand && rate != ModelRate.At16000Hertz)
        {
            throw new ArgumentException("Expected more than 8000 Hz for wide-band PESQ, found 8000 Hz; measure in narrow-band mode.", nameof(mode));
        }

        return Level(reference, degraded, rate, out var fault) is var (levelReference, levelDegraded)
            ? Measure(levelReference, levelDegraded, mode)
            : Refuse(mode, fault);
    }

    /// <summary>Measures a pair of signals in both modes, which share the levelling of the signals; in narrow-band mode only at 8 kHz.</summary>
    /// <param name="reference">Clean speech, of any level.</param>
    /// <param name="degraded">What became of it, of any level and length; delays are found.</param>
    /// <exception cref="ArgumentException">The rates differ.</exception>
    public static PesqResults MeasureBoth(Signal reference, Signal degraded)
    {
        var rate = Rate(reference, degraded);
        var levels = Level(reference, degraded, rate, out var fault);
        PesqResult In(PesqMode mode) => levels is var (levelReference, levelDegraded)
            ? Measure(levelReference, levelDegraded, mode)
            : Refuse(mode, fault);
        return new PesqResults(In(PesqMode.NarrowBand), rate == ModelRate.At16000Hertz ? In(PesqMode.WideBand) : null);
    }

    private static PesqResult Measure(LevelAlignment levelReference, LevelAlignment levelDegraded, PesqMode mode)
    {
        var (reference, degraded) = (InputFilter.Apply(levelReference, mode), InputFilter.Apply(levelDegraded, mode));
        var utterances = new AlignmentPair(reference, degraded).FindUtterances();
        if (utterances.Count == 0)
        {
            return Refuse(mode, PesqFault.NoUtterance);
        }

        var signals = new ModelSignals(reference, degraded, new DelayMap(utterances, reference.Rate));
        var raw = Aggregation.Raw(Disturbances.Of(signals, utterances), signals);
        PesqUtterance[] aligned = [.. utterances.Select(u => new PesqUtterance(u.Start, u.End, u.Delay, u.Alignment.Confidence))];
        return new PesqResult(mode, raw, OpinionMapping.Apply(raw, mode), aligned, PesqFault.None);
    }

    private static PesqResult Refuse(PesqMode mode, PesqFault fault) => new(mode, null, null, [], fault);

    private static ModelRate Rate(Signal reference, Signal degraded)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(degraded);
        if (reference.SampleRate != degraded.SampleRate)
        {
            throw new ArgumentException(
                $"Expected {reference.SampleRate} Hz, the reference's rate, found {degraded.SampleRate} Hz.", nameof(degraded));
        }

        return reference.SampleRate == ModelRate.At8000Hertz.SampleRate ? ModelRate.At8000Hertz : ModelRate.At16000Hertz;
    }

    private static (LevelAlignment Reference, LevelAlignment Degraded)? Level(Signal reference, Signal degraded, ModelRate rate, out PesqFault fault)
    {
        var samples = reference.Resample(rate.SampleRate).Samples;
        var degradedSamples = degraded.Resample(rate.SampleRate).Samples;
        fault = Math.Min(samples.Length, degradedSamples.Length) < rate.LeastSamples ? PesqFault.TooShort
            : IsSilent(samples) || IsSilent(degradedSamples) ? PesqFault.NoUtterance : PesqFault.None;
        if (fault != PesqFault.None)
        {
            return null;
        }

        var longest = Math.Max(samples.Length, degradedSamples.Length);
        var filter = new SpectralFilter(samples.Length + rate.Padding, rate);
        var degradedCount = degradedSamples.Length + rate.Padding;
        var degradedFilter = filter.Suits(degradedCount) ? filter : new SpectralFilter(degradedCount, rate);
        var levels = (
            Reference: new LevelAlignment(samples, longest, rate, filter),
            Degraded: new LevelAlignment(degradedSamples, longest, rate, degradedFilter));
        fault = levels.Reference.HasPower && levels.Degraded.HasPower ? PesqFault.None : PesqFault.NoUtterance;
        return fault == PesqFault.None ? levels : null;
    }

    private static bool IsSilent(double[] samples) => Array.TrueForAll(samples, sample => sample == 0);
}
