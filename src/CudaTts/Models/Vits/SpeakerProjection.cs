using System.Numerics;
using System.Runtime.InteropServices;
using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>What a layer is given of a speaker: a linear layer of the speaker's vector, the same for all steps, computed on the host.</summary>
/// <param name="embeddings">The speakers' vectors, [speakers, gin].</param>
/// <param name="weight">[C, gin, 1].</param>
/// <param name="bias">[C].</param>
internal sealed class SpeakerProjection(Tensor embeddings, Tensor weight, Tensor bias)
{
    /// <summary>What is added to each row, [B, C].</summary>
    public Tensor Of(int[] speakers)
    {
        var (channels, width) = (weight[0], weight[1]);
        var vectors = new Tensor(speakers.Length, channels);
        for (var row = 0; row < speakers.Length; row++)
        {
            var speaker = embeddings.Span.Slice(speakers[row] * width, width);
            for (var channel = 0; channel < channels; channel++)
            {
                vectors.Span[(row * channels) + channel] = bias.Span[channel] + Dot(weight.Span.Slice(channel * width, width), speaker);
            }
        }

        return vectors;
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var wideLeft = MemoryMarshal.Cast<float, Vector<float>>(left);
        var wideRight = MemoryMarshal.Cast<float, Vector<float>>(right);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < wideLeft.Length; i++)
        {
            sums += wideLeft[i] * wideRight[i];
        }

        var sum = Vector.Sum(sums);
        for (var i = wideLeft.Length * Vector<float>.Count; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
