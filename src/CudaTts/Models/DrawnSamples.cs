using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// What a vocoder that draws its samples one after the other has drawn, and went on from: before mu-law, pre-emphasis and gain are undone.
/// </summary>
public sealed class DrawnSamples
{
    private readonly Lock _adding = new();
    private readonly SortedDictionary<uint, Tensor> _rows = [];

    /// <summary>Whether they are classes of the mu-law; numbers otherwise.</summary>
    public bool AreClasses { get; private set; }

    /// <summary>The rows in the order of their utterances, each [1, N]; none of a vocoder that draws nothing.</summary>
    public IReadOnlyList<Tensor> Rows
    {
        get
        {
            lock (_adding)
            {
                return [.. _rows.Values];
            }
        }
    }

    /// <summary>Takes an utterance's samples.</summary>
    internal void Add(uint utterance, bool areClasses, ReadOnlySpan<float> samples)
    {
        lock (_adding)
        {
            AreClasses = areClasses;
            _rows[utterance] = Tensor.From(samples, 1, samples.Length);
        }
    }
}
