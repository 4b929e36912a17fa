using System.Globalization;
using CudaTts.Quality.Cepstra;
using CudaTts.Quality.Intelligibility;
using CudaTts.Quality.Levels;
using CudaTts.Quality.Pesq;
using CudaTts.Quality.Pitch;
using CudaTts.Quality.Signals;
using CudaTts.Quality.Spectra;

namespace CudaTts.Quality;

/// <summary>Compares a sound with its reference by every measure of this library.</summary>
public sealed class PairEvaluation
{
    private readonly Signal _reference;
    private readonly Signal _degraded;
    private readonly List<string> _notes = [];
    private readonly PitchTrack _referencePitch;
    private readonly PitchTrack _degradedPitch;

    private PairEvaluation(Signal reference, Signal degraded)
    {
        _reference = reference;
        if (degraded.SampleRate != reference.SampleRate)
        {
            _notes.Add($"the degraded sound was resampled from {degraded.SampleRate} to {reference.SampleRate} Hz, the rate of the reference");
        }

        _degraded = degraded.Resample(reference.SampleRate);
        (_referencePitch, _degradedPitch) = (PitchTrack.Of(_reference), PitchTrack.Of(_degraded));
    }

    /// <summary>Measures a pair.</summary>
    /// <param name="reference">What it should sound like.</param>
    /// <param name="degraded">What it sounds like; resampled where its rate is another one.</param>
    public static PairScores Measure(Signal reference, Signal degraded) => MeasureWithPitch(reference, degraded).Scores;

    /// <summary>Measures a pair, and gives the pitch that was found on the way, of which pictures are drawn.</summary>
    internal static (PairScores Scores, PitchTrack Reference, PitchTrack Degraded) MeasureWithPitch(Signal reference, Signal degraded)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(degraded);
        var evaluation = new PairEvaluation(reference, degraded);
        return (evaluation.Measure(degraded.Samples.Length), evaluation._referencePitch, evaluation._degradedPitch);
    }

    private PairScores Measure(int samplesRead)
    {
        var (levelsReference, levelsDegraded) = (LevelsOf("reference", _reference), LevelsOf("degraded sound", _degraded));
        NoteLengths();
        var pesq = Perception();
        var stoi = Intelligibility(levelsReference);
        var distortion = Distortion();
        var (aligned, inStep) = PitchDifferences(distortion);
        var spectra = Spectra();
        return new PairScores
        {
            PesqWb = pesq.WideBand?.Mos,
            PesqNb = pesq.NarrowBand.Mos,
            PesqNbRaw = pesq.NarrowBand.Raw,
            Stoi = stoi?.Standard,
            Estoi = stoi?.Extended,
            McdDb = distortion?.Aligned,
            McdC0Db = distortion?.AlignedWithC0,
            McdUnalignedDb = distortion?.Unaligned,
            McdC0UnalignedDb = distortion?.UnalignedWithC0,
            LogF0Rmse = aligned.LogRmse,
            GrossPitchError = aligned.GrossError,
            VoicingError = aligned.VoicingError,
            F0FrameError = aligned.FrameError,
            F0RmseHz = aligned.RmseHertz,
            F0Correlation = aligned.Correlation,
            LogF0RmseUnaligned = inStep.LogRmse,
            GrossPitchErrorUnaligned = inStep.GrossError,
            VoicingErrorUnaligned = inStep.VoicingError,
            F0FrameErrorUnaligned = inStep.FrameError,
            F0RmseHzUnaligned = inStep.RmseHertz,
            F0CorrelationUnaligned = inStep.Correlation,
            SiSdrDb = SiSdr(),
            LogMelL1 = spectra?.LogMelL1,
            LogSpectralDistanceDb = spectra?.LogSpectralDistanceDb,
            LoudnessLufsReference = levelsReference.LoudnessLufs,
            LoudnessLufsDegraded = levelsDegraded.LoudnessLufs,
            ClickCountReference = levelsReference.Clicks,
            ClickCountDegraded = levelsDegraded.Clicks,
            LevelsReference = levelsReference,
            LevelsDegraded = levelsDegraded,
            Utterances = [.. (pesq.WideBand ?? pesq.NarrowBand).Utterances.Select(AlignedUtterance.Of)],
            SampleRate = _reference.SampleRate,
            SamplesReference = _reference.Samples.Length,
            SamplesDegraded = samplesRead,
            Conventions = Conventions(distortion),
            Notes = _notes,
        };
    }

    private SignalLevels LevelsOf(string name, Signal signal)
    {
        var levels = SignalLevels.Of(signal);
        if (signal.Samples.Length > 0 && levels.PeakDbfs is null)
        {
            _notes.Add($"the {name} is digital silence");
        }
        else if (levels.LoudnessLufs is null)
        {
            _notes.Add($"the {name} has no loudness: it is shorter than 0.4 s, nowhere above -70 LUFS, or of a rate below 4 kHz");
        }

        return levels;
    }

    private void NoteLengths()
    {
        if (_reference.Samples.Length != _degraded.Samples.Length)
        {
            _notes.Add(
                "the sounds are not of one length: STOI, SI-SDR and what is compared frame by frame end with the shorter one");
        }
    }

    private PesqResults Perception()
    {
        var results = PerceptualQuality.MeasureBoth(_reference, _degraded);
        if (results.WideBand is null)
        {
            _notes.Add("pesq_wb: there is no wide-band mode at 8000 Hz");
        }
        else if (_reference.SampleRate != PitchTrack.SampleRate)
        {
            _notes.Add("pesq: both sounds were resampled to 16000 Hz");
        }

        if (results.NarrowBand.Fault != PesqFault.None || results.WideBand is { Fault: not PesqFault.None })
        {
            _notes.Add(results.NarrowBand.Fault == PesqFault.TooShort
                ? "pesq: too short: a sound lasts less than 0.25 s"
                : "pesq: no utterance: a sound is silent, or nothing in the reference is long enough for speech");
        }

        return results;
    }

    private StoiScores? Intelligibility(SignalLevels reference)
    {
        if (reference.PeakDbfs is null)
        {
            _notes.Add("stoi, estoi: the reference has no speech");
            return null;
        }

        var scores = Stoi.Measure(_reference, _degraded);
        if (scores.Frames < Stoi.SegmentFrames)
        {
            _notes.Add($"stoi, estoi: {scores.Frames} frames of speech, fewer than {Stoi.SegmentFrames}: 1e-5 by definition");
        }

        return scores;
    }

    private CepstralDistortion? Distortion()
    {
        var convention = CepstralConvention.For(_reference.SampleRate);
        if (convention is null)
        {
            _notes.Add($"mcd and aligned f0: a rate of 8000 Hz or more is needed, found {_reference.SampleRate} Hz");
            return null;
        }

        if (Math.Min(FramesOf(_reference, convention), FramesOf(_degraded, convention)) == 0)
        {
            _notes.Add($"mcd and aligned f0: too short, less than a frame of {1000 * convention.FrameLength / convention.SampleRate} ms");
            return null;
        }

        if (TimeWarping.IsTooLong(FramesOf(_reference, convention), FramesOf(_degraded, convention)))
        {
            _notes.Add("mcd and aligned f0: too long to be warped in time, more than about seven minutes; divide the recordings");
            return null;
        }

        if (convention.SampleRate != _reference.SampleRate)
        {
            _notes.Add($"mcd: both sounds were resampled to {convention.SampleRate} Hz");
        }

        var distortion = new CepstralDistortion(_reference, _degraded, convention);
        if (distortion.Path.IsBanded)
        {
            _notes.Add("mcd: the sounds are so long that time was warped within a band around the diagonal");
        }

        return distortion;
    }

    private static int FramesOf(Signal signal, CepstralConvention convention) =>
        convention.FramesOf((int)((long)signal.Samples.Length * convention.SampleRate / signal.SampleRate));

    private (PitchDifference Aligned, PitchDifference InStep) PitchDifferences(CepstralDistortion? distortion)
    {
        var (reference, degraded) = (_referencePitch, _degradedPitch);
        if (reference.Voiced == 0 || degraded.Voiced == 0)
        {
            _notes.Add($"f0: no voiced frame in the {(reference.Voiced == 0 ? "reference" : "degraded sound")}");
        }

        var inStep = PitchDifference.Of([.. reference.Hertz.Zip(degraded.Hertz)]);
        if (distortion is null)
        {
            return (default, inStep);
        }

        var (hop, centre, rate) = (distortion.Convention.Hop, distortion.Convention.FrameLength / 2, (double)distortion.Convention.SampleRate);
        double At(PitchTrack track, int frame) => track.Hertz[track.FrameAt(((frame * hop) + centre) / rate)];
        return (PitchDifference.Of([.. distortion.Path.Steps.Select(step => (At(reference, step.First), At(degraded, step.Second)))]), inStep);
    }

    private double? SiSdr()
    {
        var ratio = SignalToDistortion.Measure(_reference, _degraded);
        if (ratio is null)
        {
            _notes.Add("si_sdr_db: a sound is constant or empty");
        }

        return ratio;
    }

    private SpectralDistances? Spectra()
    {
        var distances = SpectralDistances.Measure(_reference, _degraded);
        if (distances is null)
        {
            _notes.Add("log_mel_l1, log_spectral_distance_db: a sound is too short, 384 samples or less");
        }

        return distances;
    }

    private static MeasureConventions Conventions(CepstralDistortion? distortion) => new(
        "P.862 with P.862.1 and P.862.2, reference software 2.0 of October 2005; an independent implementation, not certified by the ITU",
        "as pystoi 0.4.1, 10 kHz",
        distortion?.Convention is not { } cepstra ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"SPTK mcep, order {cepstra.Order}, alpha {cepstra.Alpha}, Hamming {cepstra.FrameLength} every {cepstra.Hop} at {cepstra.SampleRate} Hz, "
            + $"int16 scale, {(distortion.Path.IsBanded ? "banded" : "exact")} time warping, mean over the path"),
        "WORLD DIO and StoneMask at 16 kHz, 71 to 800 Hz, every 5 ms; gross error above 20 %",
        "HiFi-GAN front end: 1024 samples every 256 at the files' own rate, 80 Slaney mels up to 8 kHz",
        "ITU-R BS.1770-4, mono");
}
