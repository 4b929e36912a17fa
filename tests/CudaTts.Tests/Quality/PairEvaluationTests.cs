using System.Text.Json;
using CudaTts.Cli;
using CudaTts.Quality;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Intelligibility;
using CudaTts.Quality.Signals;

namespace CudaTts.Tests.Quality;

/// <summary>A pair as a whole: what is null and why, and that nothing makes up a number.</summary>
[TestFixture]
internal sealed class PairEvaluationTests
{
    [Test]
    public void Hostile_pairs_give_finite_numbers_or_none([Values(3000, 8000, 22050)] int rate)
    {
        var speech = TestSignals.Chirp().Resample(rate);
        foreach (var (name, signal) in TestSignals.Hostile(rate))
        {
            foreach (var (reference, degraded) in (IEnumerable<(Signal, Signal)>)[(speech, signal), (signal, speech), (signal, signal)])
            {
                var scores = PairEvaluation.Measure(reference, degraded);
                var measures = PairMeasures.Of(scores).Where(measure => measure.Value is { } value && !double.IsFinite(value)).ToList();
                Assert.That(measures, Is.Empty, name);

                // The writer of JSON refuses what is not finite.
                Assert.That(() => JsonSerializer.Serialize(scores, CliJson.Instance.PairScores), Throws.Nothing, name);
            }
        }
    }

    [Test]
    public void A_null_has_a_note_that_says_why()
    {
        var scores = PairEvaluation.Measure(TestSignals.Silence(100, 16000), TestSignals.Noise("short", 0.1, 100, 16000));
        Assert.That(scores.McdDb, Is.Null);
        Assert.That(scores.Stoi, Is.Null);
        Assert.That(scores.SiSdrDb, Is.Null);
        Assert.That(scores.LogMelL1, Is.Null);
        foreach (var about in (string[])["digital silence", "stoi", "mcd", "si_sdr_db", "log_mel_l1", "f0"])
        {
            Assert.That(scores.Notes, Has.Some.Contains(about));
        }
    }

    [Test]
    public void Another_rate_is_resampled_and_said_so()
    {
        var chirp = TestSignals.Chirp();
        var scores = PairEvaluation.Measure(chirp, chirp.Resample(48000));
        Assert.That(scores.Notes, Has.Some.Contains("resampled from 48000 to 16000 Hz"));
        Assert.That((scores.SampleRate, scores.SamplesReference, scores.SamplesDegraded), Is.EqualTo((16000, 32000, 96000)));
        Assert.That(scores.Stoi, Is.GreaterThan(0.99));
    }

    [Test]
    public void A_rate_below_8_kHz_has_no_cepstra()
    {
        var low = TestSignals.Sine(200, 0.3, 1, 6000);
        var scores = PairEvaluation.Measure(low, low);
        Assert.That(scores.McdDb, Is.Null);
        Assert.That(scores.LogF0Rmse, Is.Null);
        Assert.That(scores.LogF0RmseUnaligned, Is.Zero);
        Assert.That(scores.Notes, Has.Some.Contains("8000 Hz"));
    }

    [Test]
    public void Speech_of_fewer_than_30_frames_has_the_score_of_the_definition()
    {
        var chirp = TestSignals.Chirp().Truncate(4000);
        var scores = PairEvaluation.Measure(chirp, chirp);
        Assert.That((scores.Stoi, scores.Estoi), Is.EqualTo((Stoi.TooShort, Stoi.TooShort)));
        Assert.That(scores.Notes, Has.Some.Contains("fewer than 30"));
    }

    [Test]
    public void A_worse_sound_scores_worse_by_every_measure_with_a_better_side()
    {
        var (reference, good) = QualityPairs.Make("r22_white_20db");
        var worse = new Signal([.. good.Samples.Zip(TestSignals.Noise("worse", 0.2, good.Samples.Length, 22050).Samples, (a, b) => a + b)], 22050);
        var (better, badly) = (PairMeasures.Of(PairEvaluation.Measure(reference, good)), PairMeasures.Of(PairEvaluation.Measure(reference, worse)));
        string[] silent = ["clipped_samples", "gross_pitch_error"];
        foreach (var measure in Measure.OfPairs.Where(measure => measure.Better != BetterValue.Neither && !silent.Contains(measure.Key)))
        {
            var difference = badly[measure.Key] - better[measure.Key];
            Assert.That(difference, measure.Better == BetterValue.Higher ? Is.LessThan(0) : Is.GreaterThan(0), measure.Key);
        }
    }

    [Test]
    public void Every_measure_of_a_pair_is_in_the_report_and_in_the_json()
    {
        var chirp = TestSignals.Chirp();
        var scores = PairEvaluation.Measure(chirp, chirp);
        Assert.That(PairMeasures.Of(scores).Keys, Is.EquivalentTo(Measure.OfPairs.Select(measure => measure.Key)));
        var json = JsonSerializer.SerializeToElement(scores, CliJson.Instance.PairScores);
        string[] elsewhere = ["loudness_difference_lu", "click_difference", "clipped_samples"];
        foreach (var measure in Measure.OfPairs.Where(measure => !elsewhere.Contains(measure.Key)))
        {
            Assert.That(json.TryGetProperty(measure.Key, out var value), measure.Key);
            Assert.That(value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble(), Is.EqualTo(PairMeasures.Of(scores)[measure.Key]));
        }
    }

    [Test]
    public void Samples_that_are_not_finite_are_refused() =>
        Assert.That(() => new Signal([0, double.NaN], 16000), Throws.ArgumentException);
}
