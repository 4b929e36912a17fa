using CudaTts.Quality.Cepstra;
using CudaTts.Quality.Intelligibility;

namespace CudaTts.Tests.Quality;

/// <summary>Every measure against the scores that the original programs gave the pairs of <c>golden/quality</c>.</summary>
[TestFixture]
internal sealed class PairScoreTests
{
    [TestCaseSource(typeof(QualityPairs), nameof(QualityPairs.Names))]
    public void Intelligibility_is_as_measured(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var scores = Stoi.Measure(reference, degraded);
        Check(name, "stoi", scores.Standard, 1e-5);
        Check(name, "estoi", scores.Extended, 1e-5);
    }

    [TestCaseSource(typeof(QualityPairs), nameof(QualityPairs.Names))]
    public void Mel_cepstral_distortion_is_as_measured(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var distortion = new CepstralDistortion(reference, degraded, CepstralConvention.For(reference.SampleRate)!);
        Check(name, "mcd_db", distortion.Aligned, 0.02);
        Check(name, "mcd_c0_db", distortion.AlignedWithC0, 0.02);
        Check(name, "mcd_unaligned_db", distortion.Unaligned, 0.02);
        Check(name, "mcd_c0_unaligned_db", distortion.UnalignedWithC0, 0.02);
        Assert.That(distortion.Path.Steps, Has.Length.EqualTo(QualityPairs.Tool(name).GetProperty("dtw_path_length").GetInt32()).Within(2));
    }

    private static void Check(string name, string measure, double actual, double tolerance)
    {
        var expected = QualityPairs.Score(name, measure);
        Assert.That(expected, Is.Not.Null, measure);
        Golden.IsNear($"{name} {measure}", actual, expected!.Value, tolerance);
    }
}
