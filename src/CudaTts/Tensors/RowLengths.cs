namespace CudaTts.Tensors;

/// <summary>
/// How long each row of a batch is, in the unit that the network starts from (tokens or frames). A sequence whose rate is higher counts
/// <see cref="Tensor.StepsPerUnit"/> of its own steps for each. What lies past a row's end is never read and never changes the row.
/// </summary>
internal class RowLengths : IDisposable
{
    public RowLengths(ReadOnlySpan<int> lengths)
    {
        if (lengths.IsEmpty || lengths.ContainsAnyExceptInRange(1, int.MaxValue))
        {
            throw new ArgumentException("A batch has at least one row, and every row at least one step.");
        }

        Values = lengths.ToArray();
        Longest = Values.Max();
    }

    /// <summary>The lengths of the rows, [B].</summary>
    public int[] Values { get; }

    /// <summary>The number of rows, B.</summary>
    public int Count => Values.Length;

    /// <summary>The most steps of any row.</summary>
    public int Longest { get; }

    /// <summary>Gives back what a device keeps of them; sequences of these lengths are of no use from then on.</summary>
    public virtual void Dispose()
    {
    }
}
