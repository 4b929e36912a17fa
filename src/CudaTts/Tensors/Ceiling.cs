namespace CudaTts.Tensors;

/// <summary>Division that rounds up, of numbers that are not negative.</summary>
internal static class Ceiling
{
    /// <summary>How many groups of <paramref name="size"/> hold <paramref name="count"/>.</summary>
    public static int Of(int count, int size) => (count + size - 1) / size;

    /// <summary>The next multiple of <paramref name="size"/>.</summary>
    public static int Multiple(int count, int size) => Of(count, size) * size;
}
