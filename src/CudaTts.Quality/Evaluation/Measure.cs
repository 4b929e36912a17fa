namespace CudaTts.Quality.Evaluation;

/// <summary>Which of two values of a measure is the better one.</summary>
public enum BetterValue
{
    /// <summary>The greater value is better.</summary>
    Higher,

    /// <summary>The smaller value is better.</summary>
    Lower,

    /// <summary>Neither: the measure describes.</summary>
    Neither,
}

/// <summary>What is measured of a clip: how it is called, written and judged.</summary>
/// <param name="Key">Its key in JSON, such as <c>mcd_db</c>.</param>
/// <param name="Label">What a table calls it.</param>
/// <param name="Unit">Its unit; empty for a pure number.</param>
/// <param name="Better">Which value is better.</param>
/// <param name="Decimals">Digits behind the point that mean something.</param>
/// <param name="Convention">By which convention it is made, in a few words.</param>
public sealed record Measure(string Key, string Label, string Unit, BetterValue Better, int Decimals, string Convention)
{
    private static readonly Measure s_clippedSamples = new("clipped_samples", "Clipped samples", "", BetterValue.Lower, 1, "at full scale, in runs");

    /// <summary>The measures of a sound against its reference, the most telling first.</summary>
    public static IReadOnlyList<Measure> OfPairs { get; } =
    [
        new("pesq_wb", "PESQ wide-band", "MOS-LQO", BetterValue.Higher, 2, "P.862.2"),
        new("pesq_nb", "PESQ narrow-band", "MOS-LQO", BetterValue.Higher, 2, "P.862.1"),
        new("stoi", "STOI", "", BetterValue.Higher, 4, "as pystoi"),
        new("estoi", "ESTOI", "", BetterValue.Higher, 4, "as pystoi"),
        new("mcd_db", "MCD", "dB", BetterValue.Lower, 2, "c1..cM, exact DTW"),
        new("mcd_c0_db", "MCD with c0", "dB", BetterValue.Lower, 2, "c0..cM, exact DTW"),
        new("mcd_unaligned_db", "MCD in step", "dB", BetterValue.Lower, 2, "c1..cM, frame by frame"),
        new("mcd_c0_unaligned_db", "MCD with c0 in step", "dB", BetterValue.Lower, 2, "c0..cM, frame by frame"),
        new("log_f0_rmse", "log F0 RMSE", "nepers", BetterValue.Lower, 3, "along the DTW path"),
        new("f0_rmse_hz", "F0 RMSE", "Hz", BetterValue.Lower, 1, "along the DTW path"),
        new("f0_correlation", "F0 correlation", "", BetterValue.Higher, 3, "along the DTW path"),
        new("gross_pitch_error", "Gross pitch error", "share", BetterValue.Lower, 4, "above 20 %, along the DTW path"),
        new("voicing_error", "Voicing error", "share", BetterValue.Lower, 4, "along the DTW path"),
        new("f0_frame_error", "F0 frame error", "share", BetterValue.Lower, 4, "along the DTW path"),
        new("log_mel_l1", "Log-mel L1", "nepers", BetterValue.Lower, 3, "80 mels, frame by frame"),
        new("log_spectral_distance_db", "Log-spectral distance", "dB", BetterValue.Lower, 2, "frame by frame"),
        new("si_sdr_db", "SI-SDR", "dB", BetterValue.Higher, 2, "sample by sample"),
        new("loudness_difference_lu", "Loudness difference", "LU", BetterValue.Neither, 2, "BS.1770, degraded less reference"),
        new("click_difference", "Click difference", "", BetterValue.Neither, 1, "degraded less reference"),
        s_clippedSamples,
    ];

    /// <summary>The measures of a text that a voice has spoken, the most telling first.</summary>
    public static IReadOnlyList<Measure> OfVoices { get; } =
    [
        new("word_error_rate", "Word error rate", "share", BetterValue.Lower, 4, "a recogniser's words against the text's, per clip"),
        new("attention_faults", "Attention faults", "", BetterValue.Lower, 3, "of the sentences, per clip"),
        new("attempts", "Attempts", "", BetterValue.Lower, 2, "mean of the sentences"),
        new("seconds", "Duration", "s", BetterValue.Neither, 2, ""),
        new("words_per_minute", "Words a minute", "1/min", BetterValue.Neither, 1, "without silence at both ends"),
        new("phones_per_second", "Phones a second", "1/s", BetterValue.Neither, 2, "without silence and pauses"),
        new("pause_share", "Pauses", "share", BetterValue.Neither, 3, "silence of 100 ms or more within, of the duration"),
        new("longest_pause_ms", "Longest pause", "ms", BetterValue.Neither, 0, "within the clip"),
        new("loudness_lufs", "Loudness", "LUFS", BetterValue.Neither, 2, "BS.1770"),
        new("true_peak_dbtp", "True peak", "dBTP", BetterValue.Neither, 2, "BS.1770 annex 2"),
        new("f0_mean_hz", "Mean F0", "Hz", BetterValue.Neither, 1, "DIO and StoneMask"),
        new("f0_deviation_semitones", "F0 deviation", "semitones", BetterValue.Neither, 2, "of the voiced frames"),
        new("voiced_share", "Voiced", "share", BetterValue.Neither, 3, "of the frames"),
        new("clicks", "Clicks", "", BetterValue.Neither, 1, "sharp pulses of a close voice among them"),
        s_clippedSamples,
    ];

    /// <summary>The measure of a key, of either list; null for none.</summary>
    /// <param name="key">A key of JSON.</param>
    public static Measure? Of(string key) => OfPairs.Concat(OfVoices).FirstOrDefault(measure => measure.Key == key);
}
