using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling;

/// <summary>
/// The random numbers that samples are drawn with, given or made of a seed. Uniform ones are 1e-5 + (1 - 2e-5) u, so that their logarithms are
/// finite; normal ones are as <see cref="NoiseRow"/> says.
/// </summary>
internal sealed class SampleNoise(WaveNetConfig config, VocoderOptions options)
{
    private const string MixtureUniform = "mixture_uniform";
    private const string SampleUniform = "sample_uniform";
    private const string SampleNormal = "sample_normal";
    private const float Margin = 1e-5f;

    /// <summary>What a mel of so many samples reads, in the order of use.</summary>
    public static IEnumerable<NoiseShape> Shapes(WaveNetConfig config, int rows, int samples)
    {
        if (ReadsMixture(config))
        {
            yield return Uniform(MixtureUniform, rows, samples, config.Mixtures);
        }

        yield return SampleName(config) == SampleNormal ? new(SampleNormal, [rows, samples]) : Uniform(SampleUniform, rows, samples);
    }

    /// <summary>The number that chooses a component of the mixture, for samples from <paramref name="first"/> on; [samples, K].</summary>
    /// <param name="first">Of the utterance.</param>
    /// <param name="numbers">K for each sample; nothing where the network chooses none.</param>
    public void FillMixture(int first, Span<float> numbers)
    {
        if (!ReadsMixture(config))
        {
            return;
        }

        if (options.Given is { } given)
        {
            Given(given[MixtureUniform], first, config.Mixtures, numbers);
            return;
        }

        Philox.FillUniform(options.Seed, RandomUse.VocoderNoise, options.Utterance, step: 0, (uint)first * (uint)config.Mixtures, numbers);
        Narrow(numbers);
    }

    /// <summary>The number that a sample is drawn with, for samples from <paramref name="first"/> on.</summary>
    public void FillSample(int first, Span<float> numbers)
    {
        if (options.Given is { } given)
        {
            Given(given[SampleName(config)], first, 1, numbers);
            return;
        }

        var step = ReadsMixture(config) ? 1u : 0;
        if (SampleName(config) == SampleNormal)
        {
            new NoiseRow(options.Seed, options.Utterance, first, Scale: 1).FillNormal(RandomUse.VocoderNoise, step, (uint)first, numbers);
            return;
        }

        Philox.FillUniform(options.Seed, RandomUse.VocoderNoise, options.Utterance, step, (uint)first, numbers);
        Narrow(numbers);
    }

    private static NoiseShape Uniform(string name, params int[] shape) => new(name, shape, Margin, 1 - Margin);

    private static bool ReadsMixture(WaveNetConfig config) => config.ChoosesComponent;

    private static string SampleName(WaveNetConfig config) =>
        config.DrawsClasses || config.Distribution == SampleDistribution.Logistic ? SampleUniform : SampleNormal;

    // Given noise begins with the mel's first sample.
    private void Given(Tensor noise, int first, int numbersOfSample, Span<float> numbers) =>
        noise.Span.Slice((first - (options.FirstFrame * config.Mel.HopLength)) * numbersOfSample, numbers.Length).CopyTo(numbers);

    private static void Narrow(Span<float> uniform)
    {
        foreach (ref var value in uniform)
        {
            value = Margin + ((1 - (2 * Margin)) * value);
        }
    }
}
