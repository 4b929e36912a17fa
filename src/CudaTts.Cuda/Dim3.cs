namespace CudaTts.Cuda;

/// <summary>The extent of a grid in blocks, or of a block in threads.</summary>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>A row of <paramref name="x"/>.</summary>
    public static implicit operator Dim3(int x) => new(x);

    /// <summary>How many in all.</summary>
    public long Count => (long)X * Y * Z;

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y}, {Z})";
}
