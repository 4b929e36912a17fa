using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>Host sequences of different lengths as one batch, and back.</summary>
internal static class SequenceBatch
{
    /// <summary>Rows [1, C, T_row] as one tensor [B, C, T], T the longest, with zeros past the shorter ones' ends.</summary>
    public static Tensor Join(IReadOnlyList<Tensor> sequences, RowLengths rows)
    {
        if (rows.Count == 1)
        {
            return sequences[0];
        }

        var channels = sequences[0][1];
        var joined = new Tensor(rows.Count, channels, rows.Longest);
        for (var row = 0; row < rows.Count; row++)
        {
            Copy(sequences[row], joined.Slice(row, 1), rows.Values[row]);
        }

        return joined;
    }

    /// <summary>The rows of a tensor [B, C, T], each [1, C, T_row].</summary>
    public static Tensor[] Split(Tensor joined, RowLengths rows)
    {
        var sequences = new Tensor[rows.Count];
        for (var row = 0; row < rows.Count; row++)
        {
            sequences[row] = new Tensor(1, joined[1], rows.Values[row]);
            Copy(joined.Slice(row, 1), sequences[row], rows.Values[row]);
        }

        return sequences;
    }

    private static void Copy(Tensor source, Tensor target, int steps)
    {
        for (var channel = 0; channel < source[1]; channel++)
        {
            source.Span.Slice(channel * source[2], steps).CopyTo(target.Span[(channel * target[2])..]);
        }
    }
}
