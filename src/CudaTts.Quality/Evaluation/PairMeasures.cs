namespace CudaTts.Quality.Evaluation;

/// <summary>The scores of a pair as the measures of a report.</summary>
public static class PairMeasures
{
    /// <summary>Each measure of <see cref="Measure.OfPairs"/> by its key.</summary>
    /// <param name="scores">The scores of a pair.</param>
    public static IReadOnlyDictionary<string, double?> Of(PairScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return new Dictionary<string, double?>
        {
            ["pesq_wb"] = scores.PesqWb,
            ["pesq_nb"] = scores.PesqNb,
            ["stoi"] = scores.Stoi,
            ["estoi"] = scores.Estoi,
            ["mcd_db"] = scores.McdDb,
            ["mcd_c0_db"] = scores.McdC0Db,
            ["mcd_unaligned_db"] = scores.McdUnalignedDb,
            ["mcd_c0_unaligned_db"] = scores.McdC0UnalignedDb,
            ["log_f0_rmse"] = scores.LogF0Rmse,
            ["f0_rmse_hz"] = scores.F0RmseHz,
            ["f0_correlation"] = scores.F0Correlation,
            ["gross_pitch_error"] = scores.GrossPitchError,
            ["voicing_error"] = scores.VoicingError,
            ["f0_frame_error"] = scores.F0FrameError,
            ["log_mel_l1"] = scores.LogMelL1,
            ["log_spectral_distance_db"] = scores.LogSpectralDistanceDb,
            ["si_sdr_db"] = scores.SiSdrDb,
            ["loudness_difference_lu"] = scores.LoudnessLufsDegraded - scores.LoudnessLufsReference,
            ["click_difference"] = scores.ClickCountDegraded - scores.ClickCountReference,
            ["clipped_samples"] = scores.LevelsDegraded.ClippedSamples,
        };
    }
}
