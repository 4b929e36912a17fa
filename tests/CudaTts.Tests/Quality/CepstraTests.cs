using CudaTts.Quality.Cepstra;
using CudaTts.Quality.Signals;

namespace CudaTts.Tests.Quality;

/// <summary>Mel-cepstra, time warping and the distortion made of them.</summary>
[TestFixture]
internal sealed class CepstraTests
{
    private static readonly CepstralConvention s_at16000 = CepstralConvention.For(16000)!;

    [Test]
    public void A_sine_has_the_cepstrum_that_the_original_gives()
    {
        var sine = TestSignals.Sine(200, 1000 / Signal.Int16Scale, 1024.0 / 16000, 16000);
        var cepstrum = MelCepstrum.Analyze(sine, s_at16000).Single();
        double[] expected = [2.07120373, 1.84413804, 0.77087683, 0.64451513, 0.45055457, 0.32946904];
        foreach (var (m, value) in expected.Index())
        {
            Golden.IsNear($"c{m}", cepstrum[m], value, 1e-7);
        }
    }

    [Test]
    public void Digital_silence_has_the_cepstrum_of_the_floor()
    {
        var cepstrum = MelCepstrum.Analyze(TestSignals.Silence(1024, 16000), s_at16000).Single();
        Assert.That(cepstrum[0], Is.EqualTo(Math.Log(1e-6) / 2).Within(1e-9));
        Assert.That(cepstrum[1..], Has.All.EqualTo(0).Within(1e-9));
    }

    [TestCase(0, 0)]
    [TestCase(1023, 0)]
    [TestCase(1024, 1)]
    [TestCase(1279, 1)]
    [TestCase(1280, 2)]
    public void Frames_are_whole(int samples, int frames) =>
        Assert.That(MelCepstrum.Analyze(TestSignals.Silence(samples, 16000), s_at16000), Has.Length.EqualTo(frames));

    [TestCase(7999, null)]
    [TestCase(8000, 8000)]
    [TestCase(11025, 8000)]
    [TestCase(22050, 22050)]
    [TestCase(32000, 24000)]
    [TestCase(44100, 44100)]
    [TestCase(96000, 48000)]
    public void A_rate_has_the_convention_of_the_next_lower_one(int rate, int? convention) =>
        Assert.That(CepstralConvention.For(rate)?.SampleRate, Is.EqualTo(convention));

    [Test]
    public void A_matrix_of_warping_is_its_own_inverse_at_the_opposite_constant()
    {
        var (there, back) = (FrequencyTransform.Warp(4, 200, 0.42), FrequencyTransform.Warp(200, 4, -0.42));
        for (var row = 0; row <= 4; row++)
        {
            for (var column = 0; column <= 4; column++)
            {
                var product = Enumerable.Range(0, 201).Sum(k => back[row][k] * there[k][column]);
                Assert.That(product, Is.EqualTo(row == column ? 1 : 0).Within(1e-9));
            }
        }
    }

    [Test]
    public void The_path_is_the_cheapest_of_all([Range(1, 5)] int m, [Range(1, 5)] int n)
    {
        var noise = TestSignals.Noise("warping", 1, 200, 1).Samples;
        var first = Enumerable.Range(0, m).Select(i => noise[(i * 3)..((i * 3) + 3)]).ToArray();
        var second = Enumerable.Range(0, n).Select(i => noise[(100 + (i * 3))..(103 + (i * 3))]).ToArray();
        var path = TimeWarping.Align(first, second, from: 1);
        Assert.That(path.Steps[0], Is.EqualTo((0, 0)));
        Assert.That(path.Steps[^1], Is.EqualTo((m - 1, n - 1)));
        Assert.That(CostOf(path.Steps), Is.EqualTo(Cheapest(0, 0)).Within(1e-12));

        double CostOf((int First, int Second)[] steps) => steps.Sum(step => TimeWarping.Distance(first[step.First], second[step.Second], 1));

        double Cheapest(int i, int j) => TimeWarping.Distance(first[i], second[j], 1) + (
            (i, j) == (m - 1, n - 1) ? 0 : new[] { (i + 1, j + 1), (i + 1, j), (i, j + 1) }
                .Where(next => next.Item1 < m && next.Item2 < n).Min(next => Cheapest(next.Item1, next.Item2)));
    }

    [Test]
    public void Of_steps_that_cost_the_same_the_diagonal_is_taken()
    {
        double[][] same = [[0, 1], [0, 1], [0, 1]];
        Assert.That(TimeWarping.Align(same, same, 0).Steps, Is.EqualTo(((int, int)[])[(0, 0), (1, 1), (2, 2)]));
        Assert.That(TimeWarping.Align(same, same[..1], 0).Steps, Is.EqualTo(((int, int)[])[(0, 0), (1, 0), (2, 0)]));
    }

    [Test]
    public void Long_sounds_are_warped_within_a_band()
    {
        var noise = TestSignals.Noise("band", 1, 6000, 1).Samples;
        double[][] Vectors(int count) => [.. Enumerable.Range(0, count).Select(i => (double[])[0, noise[i]])];
        var path = TimeWarping.Align(Vectors(6000), Vectors(5000), from: 1);
        Assert.That(path.IsBanded);
        Assert.That(path.Steps[^1], Is.EqualTo((5999, 4999)));
        Assert.That(path.Steps.Select(step => Math.Abs(step.Second - (step.First * 5000.0 / 6000))), Has.All.LessThanOrEqualTo(600));
    }

    [TestCase(5_000, 6_000)]
    [TestCase(30, 1_000_000)]
    [TestCase(1_000_000, 30)]
    public void A_band_reaches_both_ends_however_the_lengths_differ(int m, int n)
    {
        double[] vector = [0, 1];
        var path = TimeWarping.Align([.. Enumerable.Repeat(vector, m)], [.. Enumerable.Repeat(vector, n)], from: 1);
        Assert.That((path.Steps[0], path.Steps[^1]), Is.EqualTo(((0, 0), (m - 1, n - 1))));
    }

    [Test]
    public void A_louder_sound_differs_in_c0_alone()
    {
        var noise = TestSignals.Noise("gain", 0.2, 8000, 16000);
        var louder = new Signal(Array.ConvertAll(noise.Samples, sample => sample * Math.Pow(10, 1 / 20.0)), 16000);
        var distortion = new CepstralDistortion(noise, louder, s_at16000);
        Assert.That(distortion.Aligned, Is.EqualTo(0).Within(1e-3));
        Assert.That(distortion.AlignedWithC0, Is.EqualTo(0.71).Within(0.01));
    }
}
