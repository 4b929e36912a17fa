using CudaTts.Audio;

namespace CudaTts.Tests;

public sealed class FourierTransformTests
{
    [TestCase(32)]
    [TestCase(64)]
    [TestCase(128)]
    [TestCase(256)]
    [TestCase(512)]
    [TestCase(1024)]
    [TestCase(2048)]
    public void Agrees_with_the_definition(int length)
    {
        var re = Noise("re", length);
        var im = Noise("im", length);
        var (expectedRe, expectedIm) = Definition(re, im);
        var (actualRe, actualIm) = (new float[length], new float[length]);

        new FourierTransform(length).Forward(re, im, actualRe, actualIm);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Nmse.Of(actualRe, expectedRe), Is.LessThan(1e-12));
            Assert.That(Nmse.Of(actualIm, expectedIm), Is.LessThan(1e-12));
        }
    }

    [Test]
    public void Comparison_fails_when_one_input_differs()
    {
        var re = Noise("re", 1024);
        var im = Noise("im", 1024);
        var (expectedRe, _) = Definition(re, im);
        re[17] += 0.01f;
        var (actualRe, actualIm) = (new float[1024], new float[1024]);

        new FourierTransform(1024).Forward(re, im, actualRe, actualIm);

        Assert.That(Nmse.Of(actualRe, expectedRe), Is.GreaterThan(1e-9));
    }

    [TestCase(32)]
    [TestCase(64)]
    [TestCase(1024)]
    public void Pair_of_real_frames_comes_back_times_length(int length)
    {
        var pair = new RealPairTransform(new FourierTransform(length));
        var (first, second) = (Noise("first", length), Noise("second", length));
        var parts = Enumerable.Range(0, 4).Select(_ => new float[RealPairTransform.Stride(length)]).ToArray();
        first.CopyTo(pair.Frame0);
        second.CopyTo(pair.Frame1);

        pair.Forward(new Spectrum(parts[0], parts[1]), new Spectrum(parts[2], parts[3]));
        var (expectedRe, expectedIm) = Definition(second, new float[length]);
        pair.Inverse(new Spectrum(parts[0], parts[1]), new Spectrum(parts[2], parts[3]));

        using (Assert.EnterMultipleScope())
        {
            var bins = (length / 2) + 1;
            Assert.That(Nmse.Of(parts[2].AsSpan(0, bins), expectedRe.AsSpan(0, bins)), Is.LessThan(1e-12), "second spectrum, real");
            Assert.That(Nmse.Of(parts[3].AsSpan(0, bins), expectedIm.AsSpan(0, bins)), Is.LessThan(1e-12), "second spectrum, imaginary");
            Assert.That(Nmse.Of(pair.Result0, [.. first.Select(x => x * length)]), Is.LessThan(1e-12), "first frame");
            Assert.That(Nmse.Of(pair.Result1, [.. second.Select(x => x * length)]), Is.LessThan(1e-12), "second frame");
        }
    }

    [TestCase(0)]
    [TestCase(16)]
    [TestCase(1000)]
    [TestCase(1 << 17)]
    public void Other_lengths_are_refused(int length) =>
        Assert.That(() => new FourierTransform(length), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Short_parts_are_refused() => Assert.That(
        () => new FourierTransform(64).Forward(new float[64], new float[64], new float[64], new float[63]), Throws.ArgumentException);

    private static float[] Noise(string name, int length) => ProceduralWeights.Values(name, [length, 3])[..length];

    private static (float[] Re, float[] Im) Definition(float[] re, float[] im)
    {
        var (spectrumRe, spectrumIm) = (new float[re.Length], new float[re.Length]);
        for (var k = 0; k < re.Length; k++)
        {
            double sumRe = 0, sumIm = 0;
            for (var n = 0; n < re.Length; n++)
            {
                var (sin, cos) = Math.SinCos(-2 * Math.PI * ((long)k * n % re.Length) / re.Length);
                sumRe += (re[n] * cos) - (im[n] * sin);
                sumIm += (re[n] * sin) + (im[n] * cos);
            }

            (spectrumRe[k], spectrumIm[k]) = ((float)sumRe, (float)sumIm);
        }

        return (spectrumRe, spectrumIm);
    }
}
