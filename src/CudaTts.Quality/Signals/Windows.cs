namespace CudaTts.Quality.Signals;

/// <summary>Windows of analysis frames.</summary>
internal static class Windows
{
    /// <summary>The periodic Hann window [N], 0.5 - 0.5 cos(2 pi i / N).</summary>
    public static double[] Hann(int length) => Make(length, i => 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / length)));

    /// <summary>The symmetric Hann window without its two zeros [N], 0.5 - 0.5 cos(2 pi (i + 1) / (N + 1)).</summary>
    public static double[] HannWithoutZeros(int length) => Make(length, i => 0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 1) / (length + 1))));

    /// <summary>The symmetric Hamming window [N], divided by the square root of its sum of squares.</summary>
    public static double[] UnitHamming(int length)
    {
        var window = Make(length, i => 0.54 - (0.46 * Math.Cos(2 * Math.PI * i / (length - 1))));
        var norm = Math.Sqrt(window.Sum(value => value * value));
        return Array.ConvertAll(window, value => value / norm);
    }

    private static double[] Make(int length, Func<int, double> value) => [.. Enumerable.Range(0, length).Select(value)];
}
