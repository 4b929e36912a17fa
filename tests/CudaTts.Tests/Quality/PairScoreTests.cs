using System.Text.Json;
using CudaTts.Quality;
using CudaTts.Quality.Cepstra;

namespace CudaTts.Tests.Quality;

/// <summary>
/// Every measure but PESQ, which has tests of its own, against the scores that the original programs gave the pairs of <c>golden/quality</c>.
/// </summary>
[TestFixture]
internal sealed class PairScoreTests
{
    // The original adds random noise of 2e-16 before it divides by a norm. Where the degraded sound is digitally silent for a whole segment that
    // noise is all there is, and the score differs from run to run: by 0.0005 (standard deviation of 40 runs of this pair, 0.1067 to 0.1090).
    private static readonly Dictionary<string, double> s_estoiOfNoise = new() { ["longer_by_start"] = 2e-3 };

    private static readonly (string Measure, double Tolerance)[] s_measures =
    [
        ("stoi", 1e-5), ("mcd_db", 1e-3), ("mcd_c0_db", 1e-3), ("mcd_unaligned_db", 1e-3), ("mcd_c0_unaligned_db", 1e-3),
        ("log_f0_rmse", 0.005), ("gross_pitch_error", 0.005), ("voicing_error", 0.005), ("f0_frame_error", 0.005), ("f0_rmse_hz", 0.5),
        ("f0_correlation", 0.005),
        ("log_f0_rmse_unaligned", 0.005), ("gross_pitch_error_unaligned", 0.005), ("voicing_error_unaligned", 0.005),
        ("f0_frame_error_unaligned", 0.005), ("f0_rmse_hz_unaligned", 0.5), ("f0_correlation_unaligned", 0.005),
        ("si_sdr_db", 0.001), ("log_mel_l1", 1e-5), ("log_spectral_distance_db", 1e-4),
        ("loudness_lufs_reference", 1e-6), ("loudness_lufs_degraded", 1e-6),
    ];

    [TestCaseSource(typeof(QualityPairs), nameof(QualityPairs.Names))]
    public void A_pair_scores_as_the_original_programs_say(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var scores = JsonSerializer.SerializeToElement(PairEvaluation.Measure(reference, degraded), s_json);
        foreach (var (measure, tolerance) in s_measures)
        {
            Check(name, measure, scores, tolerance);
        }

        Check(name, "estoi", scores, s_estoiOfNoise.GetValueOrDefault(name, 1e-5));
    }

    [TestCaseSource(typeof(QualityPairs), nameof(QualityPairs.Names))]
    public void Time_is_warped_along_a_path_of_the_original_length(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var distortion = new CepstralDistortion(reference, degraded, CepstralConvention.For(reference.SampleRate)!);
        Assert.That(distortion.Path.Steps, Has.Length.EqualTo(QualityPairs.Tool(name).GetProperty("dtw_path_length").GetInt32()));
    }

    // That the comparison above can fail, measure by measure.
    [Test]
    public void Another_pair_has_other_scores_by_every_measure()
    {
        var (reference, degraded) = QualityPairs.Make("lj2_mulaw_lowpass");
        var scores = JsonSerializer.SerializeToElement(PairEvaluation.Measure(reference, degraded), s_json);
        foreach (var (measure, tolerance) in s_measures.Append(("estoi", 1e-5)))
        {
            var other = QualityPairs.Score("reversed", measure)!.Value;
            Assert.That(scores.GetProperty(measure).GetDouble(), Is.Not.EqualTo(other).Within(tolerance), measure);
        }
    }

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static void Check(string name, string measure, JsonElement scores, double tolerance)
    {
        var actual = scores.GetProperty(measure);
        if (QualityPairs.Score(name, measure) is { } expected)
        {
            Assert.That(actual.ValueKind, Is.EqualTo(JsonValueKind.Number), $"{name} {measure}");
            Golden.IsNear($"{name} {measure}", actual.GetDouble(), expected, tolerance);
        }
        else
        {
            Assert.That(actual.ValueKind, Is.EqualTo(JsonValueKind.Null), $"{name} {measure}");
        }
    }
}
