namespace CudaTts.Text.Ssml;

/// <summary>
/// Reads a subset of SSML 1.1 into a plan: speak, p, s, break, prosody, phoneme (ipa, x-arpabet), sub, say-as and mark. Of other elements the
/// mark-up is dropped and the text kept, but for <c>desc</c>, <c>metadata</c>, <c>meta</c> and <c>lexicon</c>, which hold nothing to say.
/// </summary>
public static class SsmlReader
{
    /// <summary>The longest document, in characters.</summary>
    public const int LongestDocument = 1_000_000;

    /// <summary>How deep elements may lie within one another.</summary>
    public const int DeepestElement = 32;

    /// <summary>The most silence that the breaks of a document may add up to, seconds.</summary>
    public const int MostSilenceSeconds = 3600;

    /// <summary>
    /// Whether a text is meant as SSML: its first character that is no white space, comment or byte order mark opens the element <c>speak</c>, with
    /// or without a prefix, an XML declaration or a document type.
    /// </summary>
    public static bool IsSsml(string text)
    {
        var start = text.AsSpan().TrimStart().TrimStart('\uFEFF').TrimStart();
        while (start.StartsWith("<!--", StringComparison.Ordinal) && start.IndexOf("-->", StringComparison.Ordinal) is > 0 and var end)
        {
            start = start[(end + 3)..].TrimStart();
        }

        return IsTag(start, "<?xml") || IsTag(start, "<!DOCTYPE") || IsTag(start, "<speak") || IsPrefixed(start);
    }

    /// <summary>The plan of a document.</summary>
    /// <exception cref="TextException">
    /// The document is malformed, too long or too deep, or a value is; the message has the line and column.
    /// </exception>
    public static SsmlPlan Read(string document)
    {
        if (document.Length > LongestDocument)
        {
            throw new TextException($"SSML: expected at most {LongestDocument} characters, found {document.Length}: divide the document");
        }

        return new SsmlPlanWriter(new SsmlScanner(document)).Read();
    }

    /// <summary>Whether a tag of that name begins a text: the name ends there.</summary>
    private static bool IsTag(ReadOnlySpan<char> text, string tag) => text.StartsWith(tag, StringComparison.Ordinal)
        && (text.Length == tag.Length || char.IsWhiteSpace(text[tag.Length]) || text[tag.Length] is '>' or '/');

    private static bool IsPrefixed(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon < 2 || text[0] != '<' || !IsTag(text[(colon + 1)..], "speak"))
        {
            return false;
        }

        foreach (var character in text[1..colon])
        {
            if (!char.IsLetterOrDigit(character) && character is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
