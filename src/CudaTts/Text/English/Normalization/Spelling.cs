namespace CudaTts.Text.English.Normalization;

/// <summary>How letters and digits are named one by one.</summary>
internal static class Spelling
{
    /// <summary>The letters of a word: "F B I". Capitals by themselves are letters to be named.</summary>
    public static string Letters(string word) => string.Join(' ', word.ToUpperInvariant().ToCharArray());

    /// <summary>The letters and the digits of a code: "A three B".</summary>
    public static string Signs(string code) =>
        string.Join(' ', code.Select(sign => char.IsAsciiDigit(sign) ? NumberWords.Digits([sign]) : char.ToUpperInvariant(sign).ToString()));

    /// <summary>Letters whose last one takes the ending of a plural or of a possessive: "F B i's".</summary>
    public static string WithEnding(string letters) => $"{letters[..^1]}{char.ToLowerInvariant(letters[^1])}'s";
}
