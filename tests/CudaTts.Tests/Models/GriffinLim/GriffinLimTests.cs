using CudaTts.Audio;
using CudaTts.Models.GriffinLim;
using CudaTts.Tensors;

namespace CudaTts.Tests.Models.GriffinLim;

public sealed class GriffinLimTests
{
    private static readonly MelContract Mel = new();

    [Test]
    public void Speech_keeps_its_mel()
    {
        var expected = Analyze(LogMelAnalyzerTests.Clip("LJ001-0012"));

        var actual = Analyze(new GriffinLimAlgorithm(Mel).Generate(expected, seed: 1).Span);

        Assert.That(MeanAbsoluteDifference(actual, expected), Is.LessThan(0.15));
    }

    [Test]
    public void Mel_measure_fails_for_other_speech()
    {
        var expected = Analyze(LogMelAnalyzerTests.Clip("LJ001-0012"));
        var other = Analyze(LogMelAnalyzerTests.Clip("LJ030-0031"));

        Assert.That(MeanAbsoluteDifference(other, expected), Is.GreaterThan(1));
    }

    [Test]
    public void Iterations_improve_the_mel()
    {
        var expected = Analyze(LogMelAnalyzerTests.Clip("LJ001-0012").AsSpan(0, 22050));
        double Difference(int iterations) => MeanAbsoluteDifference(
            Analyze(new GriffinLimAlgorithm(Mel) { Iterations = iterations }.Generate(expected, seed: 1).Span), expected);

        Assert.That(Difference(32), Is.LessThan(0.8 * Difference(0)));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(31)]
    [TestCase(33)]
    [TestCase(65)]
    public void Samples_depend_on_the_seed(int frames)
    {
        var mel = Tensor.From([.. ProceduralWeights.Values("mel", [80 * frames, 1]).Select(value => value - 3)], 1, 80, frames);
        var one = new GriffinLimAlgorithm(Mel) { Iterations = 3 }.Generate(mel, seed: 5);
        var again = new GriffinLimAlgorithm(Mel) { Iterations = 3 }.Generate(mel, seed: 5);
        var other = new GriffinLimAlgorithm(Mel) { Iterations = 3 }.Generate(mel, seed: 6);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(one.Shape, Is.EqualTo(new[] { 1, frames * 256 }));
            Assert.That(one.Span.SequenceEqual(again.Span), Is.True);
            Assert.That(one.Span.SequenceEqual(other.Span), Is.False);
            Assert.That(one.Span.ToArray(), Is.All.Matches<float>(float.IsFinite));
        }
    }

    [Test]
    public void Silence_stays_silent()
    {
        var mel = new Tensor(1, 80, 20);
        mel.Span.Fill(MathF.Log(1e-5f));

        Assert.That(new GriffinLimAlgorithm(Mel).Generate(mel, seed: 1).Span.ToArray(), Is.All.EqualTo(0).Within(1e-4));
    }

    [Test]
    public void No_frames_make_no_samples() => Assert.That(new GriffinLimAlgorithm(Mel).Generate(new Tensor(1, 80, 0), seed: 1).Length, Is.Zero);

    [Test]
    public void Mel_bands_are_inverted()
    {
        var filterBank = new MelFilterBank(Mel);
        var mel = new float[80];
        var (magnitudes, again) = (new float[513], new float[80]);
        filterBank.Apply([.. ProceduralWeights.Values("magnitudes", [513, 1]).Select(Math.Abs)], mel);

        new MelInversion(filterBank).Invert(mel, magnitudes);
        filterBank.Apply(magnitudes, again);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Nmse.Of(again, mel), Is.LessThan(1e-3));
            Assert.That(magnitudes, Is.All.GreaterThanOrEqualTo(0));
        }
    }

    [TestCase(1, 79, 4)]
    [TestCase(2, 80, 4)]
    public void Other_shapes_are_refused(int batch, int bands, int frames) => Assert.That(
        () => new GriffinLimAlgorithm(Mel).Generate(new Tensor(batch, bands, frames), seed: 1),
        Throws.TypeOf<AudioException>().With.Message.Contains("[1, 80, F]"));

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(30)]
    public void Impossible_values_are_refused(float value)
    {
        var mel = new Tensor(1, 80, 4);
        mel.Span[7] = value;

        Assert.That(() => new GriffinLimAlgorithm(Mel).Generate(mel, seed: 1), Throws.TypeOf<AudioException>());
    }

    [Test]
    public void Cancellation_ends_it() => Assert.That(
        () => new GriffinLimAlgorithm(Mel).Generate(new Tensor(1, 80, 4), seed: 1, new CancellationToken(canceled: true)),
        Throws.TypeOf<OperationCanceledException>());

    private static Tensor Analyze(ReadOnlySpan<float> samples) => new LogMelAnalyzer(Mel, MelFraming.HifiGan).Analyze(samples);

    private static double MeanAbsoluteDifference(Tensor actual, Tensor expected)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        double sum = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            sum += Math.Abs(actual.Span[i] - expected.Span[i]);
        }

        return sum / actual.Length;
    }
}
