using CudaTts.Models;

namespace CudaTts.Tests.Models;

internal sealed class DenoiserTests
{
    [Test]
    public void Without_bias_the_samples_stay([Values(1, 31, 255, 1024, 5000)] int length)
    {
        var denoiser = new Denoiser(new float[4096], 1024);
        var samples = ProceduralWeights.Values("x", [length]);

        Assert.That(Nmse.Of(denoiser.Apply(samples, 1), samples), Is.LessThan(1e-11));
    }

    [Test]
    public void The_bias_is_taken_away_and_the_rest_stays()
    {
        // A hum on an analysis bin, and a much louder tone elsewhere; reflection continues a cosine, so that the first frame is like all others.
        var hum = Tone(bin: 40, amplitude: 0.01f);
        var tone = Tone(bin: 200, amplitude: 0.5f);
        float[] both = [.. hum.Zip(tone, (a, b) => a + b)];
        var denoiser = new Denoiser(hum, 1024);

        var inner = denoiser.Apply(both, 1).AsSpan(1024, 6000).ToArray();
        var strong = denoiser.Apply(both, 0.5f).AsSpan(1024, 6000).ToArray();

        Assert.That(Nmse.Of(inner, tone.AsSpan(1024, 6000)), Is.LessThan(1e-6));
        var half = hum.Zip(tone, (a, b) => (0.5f * a) + b).Skip(1024).Take(6000).ToArray();
        Assert.That(Nmse.Of(strong, half), Is.LessThan(1e-6));
        Assert.That(Nmse.Of(both.AsSpan(1024, 6000), tone.AsSpan(1024, 6000)), Is.GreaterThan(1e-5), "the hum is there to be taken away");
    }

    [Test]
    public void Agrees_with_its_definition()
    {
        const int Length = 32;
        var bias = ProceduralWeights.Values("bias", [200]);
        var samples = ProceduralWeights.Values("samples", [301]);

        var denoised = new Denoiser(bias, Length).Apply(samples, 0.3f);

        Assert.That(Nmse.Of(denoised, Reference(samples, bias, Length, 0.3)), Is.LessThan(1e-11));
        Assert.That(Nmse.Of(denoised, Reference(samples, bias, Length, 0.31)), Is.GreaterThan(1e-8));
    }

    private static float[] Tone(int bin, float amplitude) =>
        [.. Enumerable.Range(0, 8192).Select(i => amplitude * MathF.Cos(2 * MathF.PI * bin * i / 1024))];

    private static float[] Reference(float[] samples, float[] biasAudio, int length, double strength)
    {
        var bias = Spectrum(biasAudio, length, frame: 0);
        var sum = new double[samples.Length + (2 * length)];
        var power = new double[sum.Length];
        var hop = length / 4;
        for (var frame = 0; frame * hop < samples.Length + hop; frame++)
        {
            if ((frame * hop) > (samples.Length + hop - 1) / hop * hop)
            {
                break;
            }

            var spectrum = Spectrum(samples, length, frame);
            for (var i = 0; i < length; i++)
            {
                double value = 0;
                for (var k = 0; k < length; k++)
                {
                    var magnitude = spectrum[k].Magnitude;
                    var kept = Math.Max(magnitude - (strength * bias[k].Magnitude), 0);
                    value += (spectrum[k] / magnitude * kept * System.Numerics.Complex.Exp(new(0, 2 * Math.PI * k * i / length))).Real / length;
                }

                sum[(frame * hop) + i] += value * Hann(i, length);
                power[(frame * hop) + i] += Hann(i, length) * Hann(i, length);
            }
        }

        return [.. Enumerable.Range(length / 2, samples.Length).Select(i => (float)(sum[i] / power[i]))];
    }

    private static System.Numerics.Complex[] Spectrum(float[] samples, int length, int frame)
    {
        double At(int i)
        {
            i = i < 0 ? -i : i;
            var mirrored = i >= samples.Length ? (2 * (samples.Length - 1)) - i : i;
            var isBeyond = i >= samples.Length + (length / 2);
            return isBeyond ? 0 : samples[mirrored];
        }

        return [.. Enumerable.Range(0, length).Select(k => Enumerable.Range(0, length).Aggregate(System.Numerics.Complex.Zero, (total, i) =>
            total + (At((frame * length / 4) + i - (length / 2)) * Hann(i, length) * System.Numerics.Complex.Exp(
                new(0, -2 * Math.PI * k * i / length)))))];
    }

    private static double Hann(int i, int length) => 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / length));
}
