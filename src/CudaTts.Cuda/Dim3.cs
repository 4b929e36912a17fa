namespace CudaTts.Cuda;

/// <summary>The extent of a grid in blocks, or of a block in threads.</summary>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>A row of <paramref name="x"/>.</summary>
    public static implicit operator Dim3(int x) => new(x);

    /// <summary>How many in all.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>Blocks that cover <paramref name="elements"/> with <paramref name="perBlock"/> each.</summary>
    public static int Blocks(long elements, int perBlock) => checked((int)((elements + perBlock - 1) / perBlock));

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y}, {Z})";
}
