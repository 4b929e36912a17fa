namespace CudaTts.Text.English.Normalization;

/// <summary>Names of a currency and of its hundredth part.</summary>
internal sealed record Currency(string One, string Many, string Cent, string Cents)
{
    private static readonly Dictionary<string, string> SameAs = new() { ["CA$"] = "C$", ["AU$"] = "A$", ["Rs."] = "Rs", ["\uFFE0"] = "\u00A2" };

    private static readonly Dictionary<string, Currency> All =
        ReadingTable.Rows("currencies").ToDictionary(row => row[0], row => new Currency(row[1], row[2], row[3], row[4]));

    /// <summary>The currency of a sign or of a code of three letters; null when there is none.</summary>
    public static Currency? Of(string sign) => All.GetValueOrDefault(SameAs.GetValueOrDefault(sign, sign));

    /// <summary>Whether a character is a currency sign by itself.</summary>
    public static bool IsSign(char character) => character is '$' or '£' or '¥' or '¢' or '฿' or '؋' or '元' or (>= '\u20A0' and <= '\u20C0');
}
