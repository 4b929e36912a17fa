using CudaTts.Quality.Pesq;
using CudaTts.Quality.Signals;
using CudaTts.Quality.Statistics;

namespace CudaTts.Tests.Quality;

/// <summary>The parts of PESQ that are computed in another way than they are defined, against their definitions.</summary>
[TestFixture]
internal sealed class PesqPartTests
{
    [Test]
    public void A_cascade_gives_what_its_filters_give_one_after_the_other([Range(1, 13)] int filters, [Values(0, 1, 11, 12, 300)] int count)
    {
        var uniform = new UniformSequence("filters");
        var sections = Enumerable.Range(0, filters).Select(i => 5 * i).Select(i => new Biquad(
            uniform[i], uniform[i + 1], uniform[i + 2], uniform[i + 3] - 0.5, 0.5 * uniform[i + 4])).ToArray();
        var expected = TestSignals.Noise("cascade", 1, count, 16000).Samples;
        var actual = expected[..];
        Array.ForEach(sections, section => section.Apply(expected));
        new BiquadCascade(sections).Apply(actual);
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public void Silence_after_sound_leaves_no_subnormal_numbers()
    {
        double[] samples = [1000, .. new double[100000]];
        ModelRate.At16000Hertz.Emphasis.Apply(samples);
        Assert.That(samples[1], Is.Not.Zero);
        Assert.That(samples, Has.None.Matches<double>(double.IsSubnormal));
    }

    [TestCase(100, 100, 10, 60, 5)]
    [TestCase(100, 70, 10, 90, 5)]
    [TestCase(100, 100, 0, 50, -20)]
    [TestCase(100, 100, 40, 41, 3)]
    [TestCase(60, 100, 20, 90, 30)]
    [TestCase(100, 100, 10, 60, 300)]
    [TestCase(100, 100, -30, 60, 0)]
    public void The_lag_of_a_stretch_is_that_of_the_greatest_sum(int reference, int degraded, int start, int end, int shift)
    {
        var (lr, ld) = (Activity("reference", reference), Activity("degraded", degraded));
        var expected = DirectLag(lr, ld, start, end, shift);
        Assert.That(ActivityCorrelation.Lag(lr, ld, start, end, shift), Is.EqualTo(expected));
        var growing = new ActivityCorrelation(lr, ld);
        for (var middle = start + 1; middle < end; middle += 7)
        {
            growing.Cover(start, middle, shift);
            Assert.That(growing.Lag(shift), Is.EqualTo(DirectLag(lr, ld, start, middle, shift)), $"to {middle}");
        }

        growing.Cover(start, end, shift);
        Assert.That(growing.Lag(shift), Is.EqualTo(expected));
        var shrinking = new ActivityCorrelation(lr, ld);
        for (var middle = end - 1; middle > start; middle -= 7)
        {
            shrinking.Cover(middle, end, shift);
            Assert.That(shrinking.Lag(shift), Is.EqualTo(DirectLag(lr, ld, middle, end, shift)), $"from {middle}");
        }
    }

    [Test]
    public void Activities_without_sound_have_no_lag()
    {
        Assert.That(ActivityCorrelation.Lag(new double[50], Activity("degraded", 50)), Is.Zero);
        Assert.That(ActivityCorrelation.Lag(Activity("reference", 50), new double[50]), Is.Zero);
        Assert.That(ActivityCorrelation.Lag([1.0], [0, 1.0]), Is.Zero);
    }

    [TestCase(0, 0)]
    [TestCase(3, 700)]
    [TestCase(-200, 100)]
    [TestCase(5000, -300)]
    public void Frames_two_at_a_time_show_the_delays_that_each_shows_alone(int first, int delay)
    {
        var rate = ModelRate.At16000Hertz;
        var reference = Padded("frames", 1, rate);
        var degraded = Padded("frames", 1e-6, rate);
        var frames = new FrameCorrelation(reference, degraded);
        frames.Prepare(first, 5, 256, delay);
        for (var i = 0; i < 5; i++)
        {
            var (weight, delays) = DirectPeaks(reference.Samples, degraded.Samples, first + (i * 256), delay, rate.AlignmentWindow);
            var actual = frames.Peaks(first + (i * 256), delay);
            Assert.That(actual.Delays, Is.EqualTo(delays));
            Assert.That(actual.Weight, Is.EqualTo(weight * Math.Sqrt(Math.Sqrt(Math.Sqrt(4.0 * rate.AlignmentWindow)))).Within(1e-9).Percent);
        }
    }

    [Test]
    public void A_silent_frame_shows_no_delay()
    {
        var rate = ModelRate.At16000Hertz;
        var frames = new FrameCorrelation(Padded("frames", 1, rate), PaddedSignal.Silence(4000, rate));
        frames.Prepare(4800, 3, 256, 0);
        Assert.That(frames.Peaks(4800 + 256, 0).Delays, Is.Empty);
        Assert.That(frames.Peaks(4800 + 256, 0).Weight, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-1000)]
    [TestCase(2047)]
    public void An_interval_is_moved_by_the_delay_of_its_envelope(int delay)
    {
        var rate = ModelRate.At16000Hertz;
        var reference = Padded("envelope", 1000, rate, 30000);
        var degraded = PaddedSignal.Silence(30000, rate);
        for (var i = 3000; i < degraded.Samples.Length - 3000; i++)
        {
            degraded.Samples[i] = reference.Samples[i - delay];
        }

        var utterance = new Utterance(ModelRate.GuardFrames, 500, default);
        var signals = new ModelSignals(reference, degraded, new DelayMap([utterance], rate));
        var alignment = new EnvelopeAlignment(signals, signals.Degraded);
        Assert.That(alignment.Delay(10000, 12560), Is.EqualTo(delay));
        Assert.That(alignment.Delay(9000, 26000), Is.EqualTo(delay), "more pieces than one");
        Assert.That(new EnvelopeAlignment(signals, new double[signals.Degraded.Length]).Delay(10000, 12560), Is.Zero, "silence");
    }

    [Test]
    public void The_delay_is_that_of_the_last_utterance_that_has_begun()
    {
        var rate = ModelRate.At16000Hertz;
        Utterance At(int start, int delay) => new(start, start + 10, new DelayEstimate(0, delay, 1));
        var map = new DelayMap([At(75, 1), At(200, 2), At(150, 3), At(300, 4)], rate);
        int[] samples = [0, (75 * 64) - 1, 75 * 64, (150 * 64) - 1, 150 * 64, 250 * 64, 300 * 64, 9000 * 64];
        Assert.That(samples.Select(map.At), Is.EqualTo((int[])[1, 1, 1, 1, 3, 3, 4, 4]));
        var pieces = map.Between(0, 9001 * 64).Where(piece => piece.Start < piece.End).ToList();
        Assert.That(pieces.Sum(piece => piece.End - piece.Start), Is.EqualTo(9001 * 64));
        Assert.That(pieces, Has.All.Matches<(int Start, int End, int Delay)>(
            piece => map.At(piece.Start) == piece.Delay && map.At(piece.End - 1) == piece.Delay));
    }

    [TestCase(8)]
    [TestCase(1024)]
    public void Roots_of_unity_are_as_defined(int order)
    {
        var roots = new UnitRoots(order);
        for (var k = 0; k < order; k++)
        {
            Assert.That(roots[k].Re, Is.EqualTo(Math.Cos(2 * Math.PI * k / order)).Within(1e-15));
            Assert.That(roots[k].Im, Is.EqualTo(-Math.Sin(2 * Math.PI * k / order)).Within(1e-15));
        }
    }

    private static double[] Activity(string name, int count)
    {
        var uniform = new UniformSequence(name);
        return [.. Enumerable.Range(0, count).Select(i => Math.Max(0, uniform[i] - 0.4))];
    }

    private static PaddedSignal Padded(string name, double amplitude, ModelRate rate, int count = 4000)
    {
        var padded = PaddedSignal.Silence(count, rate);
        TestSignals.Noise(name, amplitude, count, rate.SampleRate).Samples.CopyTo(padded.Signal);
        return padded;
    }

    private static int DirectLag(double[] lr, double[] ld, int start, int end, int shift)
    {
        var r0 = Math.Max(start, -shift);
        var (nr, nd) = (end - r0, Math.Min(end - r0, ld.Length - r0 - shift));
        double At(double[] values, int i) => i >= 0 && i < values.Length ? values[i] : 0;
        var (greatest, lag) = (0.0, 0);
        for (var k = 1 - nr; k < nd && nr > 1 && nd > 1; k++)
        {
            double sum = 0;
            for (var j = Math.Max(0, -k); j < nr && j + k < nd; j++)
            {
                sum += At(lr, r0 + j) * At(ld, r0 + shift + j + k);
            }

            (greatest, lag) = sum > greatest * (1 + 1e-10) ? (sum, k) : (greatest, lag);
        }

        return lag;
    }

    /// <summary>The circular correlation of two windowed frames, as the sum that defines it.</summary>
    private static (double Weight, int[] Delays) DirectPeaks(double[] reference, double[] degraded, int start, int delay, int length)
    {
        var window = Windows.Hann(length);
        double[] Frame(double[] signal, int at) =>
            [.. Enumerable.Range(0, length).Select(i => at + i >= 0 && at + i < signal.Length ? signal[at + i] * window[i] : 0)];
        var (x, y) = (Frame(reference, start), Frame(degraded, start + delay));
        var correlation = Enumerable.Range(0, length)
            .Select(k => Math.Abs(Enumerable.Range(0, length).Sum(i => x[i] * y[(i + k) & (length - 1)]))).ToArray();
        var limit = 0.99 * correlation.Max();
        return (Math.Pow(limit, 0.125), [.. Enumerable.Range(0, length).Where(k => correlation[k] > limit)]);
    }
}
