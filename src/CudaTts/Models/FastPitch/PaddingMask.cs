using CudaTts.Tensors;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// Which tokens of a batch are padding though they stand inside a text: nobody attends to them, and all that is predicted of them is 0.
/// </summary>
internal sealed class PaddingMask
{
    private readonly RowLengths _rows;

    /// <summary>Finds a padding id among the ids of utterances.</summary>
    public PaddingMask(int[][] utterances, RowLengths rows, int paddingId)
    {
        _rows = rows;
        Values = new Tensor(rows.Count, 1, rows.Longest);
        for (var row = 0; row < utterances.Length; row++)
        {
            var values = Values.Slice(row, 1).Span;
            for (var token = 0; token < utterances[row].Length; token++)
            {
                values[token] = utterances[row][token] == paddingId ? 0 : 1;
                HasAny |= values[token] == 0;
            }
        }
    }

    /// <summary>Whether any token is padding.</summary>
    public bool HasAny { get; }

    /// <summary>[B, 1, T], 0 for padding and past the rows' ends.</summary>
    public Tensor Values { get; }

    /// <summary>Sets the padding of a sequence [B, C, T] to 0.</summary>
    public void Zero(Tensor sequence)
    {
        var (channels, steps) = (sequence[1], sequence[2]);
        for (var row = 0; row < _rows.Count; row++)
        {
            var mask = Values.Slice(row, 1).Span;
            for (var token = 0; token < _rows.Values[row]; token++)
            {
                for (var channel = 0; channel < channels && mask[token] == 0; channel++)
                {
                    sequence.Span[(((row * channels) + channel) * steps) + token] = 0;
                }
            }
        }
    }

    /// <summary>A row of a sequence [B, 1, T] as [1, T] of its own length.</summary>
    public Tensor RowOf(Tensor sequence, int row) =>
        Tensor.From(sequence.Slice(row, 1).Span[.._rows.Values[row]], 1, _rows.Values[row]);
}
