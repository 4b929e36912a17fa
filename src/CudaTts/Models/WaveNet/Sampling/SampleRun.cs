using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling;

/// <summary>The samples of one row that are to be drawn, with all that they depend on.</summary>
/// <param name="state">Where the utterance is; moves on.</param>
/// <param name="gateBiases">For each layer what is constant in time before its gate, the speaker's part included.</param>
/// <param name="noise">What they are drawn with.</param>
/// <param name="conditions">Gives the conditions [samples, bands] of samples of the utterance.</param>
/// <param name="count">How many are wanted.</param>
internal sealed class SampleRun(
    SampleState state, float[][] gateBiases, SampleNoise noise, Func<Range, Tensor> conditions, int count)
{
    /// <summary>Where the utterance is.</summary>
    public SampleState State => state;

    /// <summary>For each layer what is constant in time before its gate, [2 Z].</summary>
    public float[][] GateBiases => gateBiases;

    /// <summary>What samples are drawn with.</summary>
    public SampleNoise Noise => noise;

    /// <summary>The samples, or classes as numbers, one after the other.</summary>
    public float[] Drawn { get; } = new float[count];

    /// <summary>Factor on the spread of numbers.</summary>
    public float Sigma { get; init; } = 1;

    /// <summary>Samples to go on from in place of those that are drawn; none usually.</summary>
    public float[]? Forced { get; init; }

    /// <summary>Receives the network's outputs [samples, C] where somebody looks at them.</summary>
    public float[]? Outputs { get; init; }

    /// <summary>Refuses what a damaged network says of a sample; on a GPU the kernel has made it a sample that is no number.</summary>
    /// <param name="values">The network's output, or samples that were drawn.</param>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    public static void RequireFinite(ReadOnlySpan<float> values)
    {
        if (values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) >= 0)
        {
            throw new CudaTtsException($"the model {WaveNetConfig.TypeName} put out a value that is not finite; its weights are damaged.");
        }
    }

    /// <summary>The conditions [samples, bands] of samples of the utterance.</summary>
    public Tensor Conditions(int first, int samples) => conditions(first..(first + samples));
}
