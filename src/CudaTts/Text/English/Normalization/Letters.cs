using System.Buffers;

namespace CudaTts.Text.English.Normalization;

/// <summary>Sets of characters that several kinds of written form look for.</summary>
internal static class Letters
{
    /// <summary>The ASCII letters.</summary>
    public static SearchValues<char> Ascii { get; } = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether a word is of capitals only.</summary>
    public static bool AreCapitals(ReadOnlySpan<char> word) => !word.ContainsAnyExceptInRange('A', 'Z');

    /// <summary>Whether a word has a capital in front.</summary>
    public static bool IsCapitalised(ReadOnlySpan<char> word) => word is [>= 'A' and <= 'Z', ..];
}
