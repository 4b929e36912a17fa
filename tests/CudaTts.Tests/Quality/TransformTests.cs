using CudaTts.Quality.Signals;
using CudaTts.Quality.Statistics;

namespace CudaTts.Tests.Quality;

/// <summary>The float64 transforms, windows and the resampler that every measure stands on.</summary>
[TestFixture]
internal sealed class TransformTests
{
    [Test]
    public void A_complex_transform_is_the_sum_that_defines_it([Values(16, 32, 64, 128, 512, 1024)] int length)
    {
        var (re, im) = (Noise("re", length), Noise("im", length));
        var (expectedRe, expectedIm) = Direct(re, im);
        new DoubleFourierTransform(length).Forward(re, im);
        Assert.That(re, Is.EqualTo(expectedRe).Within(1e-11));
        Assert.That(im, Is.EqualTo(expectedIm).Within(1e-11));
    }

    [Test]
    public void An_inverse_gives_back_what_was_transformed([Values(16, 2048, 1 << 17)] int length)
    {
        var (re, im) = (Noise("re", length), Noise("im", length));
        var (wasRe, wasIm) = (re[..], im[..]);
        var transform = new DoubleFourierTransform(length);
        transform.Forward(re, im);
        transform.Inverse(re, im);
        Assert.That(re, Is.EqualTo(wasRe).Within(1e-12));
        Assert.That(im, Is.EqualTo(wasIm).Within(1e-12));
    }

    [Test]
    public void A_real_transform_is_the_sum_that_defines_it([Values(32, 64, 1024)] int length, [Values(0, 5)] int missing)
    {
        var samples = Noise("real", length - missing);
        double[] padded = [.. samples, .. new double[missing]];
        var (expectedRe, expectedIm) = Direct(padded, new double[length]);
        var transform = new RealFourierTransform(length);
        var (re, im, back) = (new double[transform.Bins], new double[transform.Bins], new double[length]);
        transform.Forward(samples, re, im);
        Assert.That(re, Is.EqualTo(expectedRe[..transform.Bins]).Within(1e-11));
        Assert.That(im, Is.EqualTo(expectedIm[..transform.Bins]).Within(1e-11));
        transform.Inverse(re, im, back);
        Assert.That(back, Is.EqualTo(padded).Within(1e-13));
    }

    [TestCase(0)]
    [TestCase(8)]
    [TestCase(24)]
    public void A_length_that_cannot_be_transformed_is_refused(int length) =>
        Assert.That(() => new DoubleFourierTransform(length), Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase(22050, 16000)]
    [TestCase(16000, 10000)]
    [TestCase(8000, 16000)]
    [TestCase(16000, 48000)]
    public void A_resampled_signal_is_the_sum_that_defines_it(int from, int to)
    {
        var divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(from, to);
        var (p, q) = (to / divisor, from / divisor);
        var samples = Noise("resample", 300);
        var (taps, reach) = RationalResampler.Filter(p, q);
        var actual = RationalResampler.Apply(samples, from, to);
        Assert.That(actual, Has.Length.EqualTo((int)Math.Ceiling(300.0 * p / q)));
        for (var m = 0; m < actual.Length; m++)
        {
            var expected = Enumerable.Range(0, samples.Length)
                .Select(n => (Sample: samples[n], At: (m * q) - (n * p)))
                .Where(term => Math.Abs(term.At) <= reach)
                .Sum(term => term.Sample * taps[term.At + reach]);
            Assert.That(actual[m], Is.EqualTo(expected).Within(1e-13), $"sample {m}");
        }
    }

    [Test]
    public void A_tone_keeps_its_pitch_and_level_at_another_rate()
    {
        var tone = Enumerable.Range(0, 22050).Select(n => Math.Sin(2 * Math.PI * 1000 * n / 22050)).ToArray();
        var resampled = RationalResampler.Apply(tone, 22050, 16000);
        for (var m = 1000; m < 15000; m++)
        {
            Assert.That(resampled[m], Is.EqualTo(Math.Sin(2 * Math.PI * 1000 * m / 16000)).Within(2e-3));
        }
    }

    [Test]
    public void Uniform_numbers_are_those_that_the_golden_data_names()
    {
        var uniform = new UniformSequence("mos.1");
        double[] numbers = [uniform[0], uniform[1], uniform[2]];
        Assert.That(numbers, Is.EqualTo((double[])[0.8259537220, 0.9468845725, 0.2429434657]).Within(1e-10));
    }

    private static double[] Noise(string name, int count)
    {
        var uniform = new UniformSequence(name);
        return [.. Enumerable.Range(0, count).Select(i => (2 * uniform[i]) - 1)];
    }

    private static (double[] Re, double[] Im) Direct(double[] re, double[] im)
    {
        var length = re.Length;
        var (sumRe, sumIm) = (new double[length], new double[length]);
        for (var k = 0; k < length; k++)
        {
            for (var n = 0; n < length; n++)
            {
                var (sin, cos) = Math.SinCos(-2 * Math.PI * ((long)k * n % length) / length);
                sumRe[k] += (re[n] * cos) - (im[n] * sin);
                sumIm[k] += (re[n] * sin) + (im[n] * cos);
            }
        }

        return (sumRe, sumIm);
    }
}
