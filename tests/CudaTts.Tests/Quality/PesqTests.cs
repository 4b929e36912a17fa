using System.Text.Json;
using CudaTts.Quality.Pesq;

namespace CudaTts.Tests.Quality;

/// <summary>PESQ against the scores and alignments of the original program, and with signals that it was not made for.</summary>
[TestFixture]
internal sealed class PesqTests
{
    [TestCaseSource(typeof(QualityPairs), nameof(QualityPairs.Names))]
    public void A_pair_scores_and_aligns_as_in_the_original(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var results = PerceptualQuality.MeasureBoth(reference, degraded);
        Check(name, "pesq_nb", "utterances_nb", results.NarrowBand);
        if (results.WideBand is { } wideBand)
        {
            Check(name, "pesq_wb", "utterances_wb", wideBand);
        }
        else
        {
            Assert.That(QualityPairs.Score(name, "pesq_wb"), Is.Null);
        }
    }

    private static void Check(string name, string measure, string utterances, PesqResult result)
    {
        Golden.IsNear($"{name} {measure}", result.Mos!.Value, QualityPairs.Score(name, measure)!.Value, 1e-3);
        Golden.IsNear($"{name} {measure}_raw", result.Raw!.Value, QualityPairs.Score(name, $"{measure}_raw")!.Value, 1e-3);
        var expected = QualityPairs.Tool(name).GetProperty(utterances).EnumerateArray().Select(Row).ToArray();
        Golden.AreEqual($"{name} {utterances}", result.Utterances.Select(u => u with { Confidence = Math.Round(u.Confidence, 4) }), expected);
    }

    private static PesqUtterance Row(JsonElement row) =>
        new(row[0].GetInt32(), row[1].GetInt32(), row[2].GetInt32(), Math.Round(row[3].GetDouble(), 4));
}
