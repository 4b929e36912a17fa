using CudaTts.Quality.Levels;
using CudaTts.Quality.Pesq;

namespace CudaTts.Quality;

/// <summary>
/// Everything that can be measured of a sound against its reference; the names in snake case are the keys of <c>cudatts evaluate --json</c>. A
/// measure that does not apply is null, and a note says why: there is no number for what cannot be measured.
/// </summary>
public sealed record PairScores
{
    /// <summary>PESQ of wide-band speech, mapped by P.862.2, MOS-LQO 1.04 to 4.64; null at 8 kHz.</summary>
    public double? PesqWb { get; init; }

    /// <summary>PESQ of telephone speech, mapped by P.862.1, MOS-LQO 1.02 to 4.55.</summary>
    public double? PesqNb { get; init; }

    /// <summary>The same before the mapping, -0.5 to 4.5.</summary>
    public double? PesqNbRaw { get; init; }

    /// <summary>Short-time objective intelligibility, nominally 0 to 1.</summary>
    public double? Stoi { get; init; }

    /// <summary>Extended short-time objective intelligibility, nominally 0 to 1.</summary>
    public double? Estoi { get; init; }

    /// <summary>Mel-cepstral distortion of c1 to cM over the path of an exact dynamic time warping, dB.</summary>
    public double? McdDb { get; init; }

    /// <summary>The same of c0 to cM, dB: the level counts.</summary>
    public double? McdC0Db { get; init; }

    /// <summary>Mel-cepstral distortion of c1 to cM frame by frame, dB.</summary>
    public double? McdUnalignedDb { get; init; }

    /// <summary>Mel-cepstral distortion of c0 to cM frame by frame, dB.</summary>
    public double? McdC0UnalignedDb { get; init; }

    /// <summary>Root mean square difference of the natural logarithms of the pitch, along the path of <see cref="McdDb"/>.</summary>
    public double? LogF0Rmse { get; init; }

    /// <summary>Share of the frames voiced in both whose pitch is off by more than a fifth, along the path.</summary>
    public double? GrossPitchError { get; init; }

    /// <summary>Share of all frames that are voiced in one sound only, along the path.</summary>
    public double? VoicingError { get; init; }

    /// <summary>Share of all frames with either error, along the path.</summary>
    public double? F0FrameError { get; init; }

    /// <summary>Root mean square difference of the pitch, Hz, along the path.</summary>
    public double? F0RmseHz { get; init; }

    /// <summary>Correlation of the pitch over frames voiced in both, along the path.</summary>
    public double? F0Correlation { get; init; }

    /// <summary>As <see cref="LogF0Rmse"/>, frame by frame.</summary>
    public double? LogF0RmseUnaligned { get; init; }

    /// <summary>As <see cref="GrossPitchError"/>, frame by frame.</summary>
    public double? GrossPitchErrorUnaligned { get; init; }

    /// <summary>As <see cref="VoicingError"/>, frame by frame.</summary>
    public double? VoicingErrorUnaligned { get; init; }

    /// <summary>As <see cref="F0FrameError"/>, frame by frame.</summary>
    public double? F0FrameErrorUnaligned { get; init; }

    /// <summary>As <see cref="F0RmseHz"/>, frame by frame.</summary>
    public double? F0RmseHzUnaligned { get; init; }

    /// <summary>As <see cref="F0Correlation"/>, frame by frame.</summary>
    public double? F0CorrelationUnaligned { get; init; }

    /// <summary>Scale-invariant ratio of signal to distortion, dB.</summary>
    public double? SiSdrDb { get; init; }

    /// <summary>Mean absolute difference of natural log-mels.</summary>
    public double? LogMelL1 { get; init; }

    /// <summary>Log-spectral distance, dB.</summary>
    public double? LogSpectralDistanceDb { get; init; }

    /// <summary>Integrated loudness of the reference, LUFS.</summary>
    public double? LoudnessLufsReference { get; init; }

    /// <summary>Integrated loudness of the degraded sound, LUFS.</summary>
    public double? LoudnessLufsDegraded { get; init; }

    /// <summary>Clicks in the reference.</summary>
    public int ClickCountReference { get; init; }

    /// <summary>Clicks in the degraded sound.</summary>
    public int ClickCountDegraded { get; init; }

    /// <summary>Levels of the reference.</summary>
    public required SignalLevels LevelsReference { get; init; }

    /// <summary>Levels of the degraded sound.</summary>
    public required SignalLevels LevelsDegraded { get; init; }

    /// <summary>Utterances as PESQ divided the reference, in wide mode where there is one.</summary>
    public IReadOnlyList<AlignedUtterance> Utterances { get; init; } = [];

    /// <summary>The reference's rate as read, Hz: what the measures go by.</summary>
    public int SampleRate { get; init; }

    /// <summary>Samples of the reference as read.</summary>
    public int SamplesReference { get; init; }

    /// <summary>Samples of the degraded sound as read.</summary>
    public int SamplesDegraded { get; init; }

    /// <summary>By which conventions the figures were made.</summary>
    public required MeasureConventions Conventions { get; init; }

    /// <summary>What was done to the signals, and why a measure is null.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>A stretch of the reference, and how much later it stands in the degraded sound.</summary>
/// <param name="StartMs">Where it begins in the reference, ms.</param>
/// <param name="EndMs">Where it ends, ms.</param>
/// <param name="DelaySamples">The delay in samples of the rate that PESQ works at.</param>
public sealed record AlignedUtterance(double StartMs, double EndMs, int DelaySamples)
{
    // PESQ counts frames of 4 ms from 300 ms before the signal.
    private const double FrameMs = 4;
    private const double GuardMs = 300;

    internal static AlignedUtterance Of(PesqUtterance utterance) =>
        new((FrameMs * utterance.StartFrame) - GuardMs, (FrameMs * utterance.EndFrame) - GuardMs, utterance.Delay);
}

/// <summary>The conventions by which figures were made: with others they would be other figures.</summary>
/// <param name="Pesq">The version of PESQ.</param>
/// <param name="Stoi">The version of STOI.</param>
/// <param name="Mcd">Order, warping, frames and alignment of the mel-cepstral distortion; null where there is none.</param>
/// <param name="F0">The pitch tracker.</param>
/// <param name="Spectra">The framing of log-mels and spectra.</param>
/// <param name="Loudness">The version of loudness.</param>
public sealed record MeasureConventions(string Pesq, string Stoi, string? Mcd, string F0, string Spectra, string Loudness);
