namespace CudaTts.Text.English.Phonetic;

/// <summary>Pairs of small words that are said, and written in IPA, as one.</summary>
internal static class JoinedWords
{
    private static readonly Dictionary<(string First, string Second), (string First, string Second)> s_pairs = new()
    {
        [("out", "of")] = ("ˌaʊɾ", "əv"),
        [("of", "an")] = ("əv", "ən"),
        [("for", "the")] = ("fɚ", "ðə"),
        [("for", "a")] = ("fɚɹ", "ə"),
        [("should", "have")] = ("ʃˌʊd", "əv"),
        [("has", "been")] = ("hˈæz", "biːn"),
        [("had", "been")] = ("hɐd", "bɪn"),
        [("has", "not")] = ("həz", "nɑːt"),
        [("i", "am")] = ("aɪ", "ɐm"),
        [("do", "not")] = ("duː", "nˌɑːt"),
        [("does", "not")] = ("dʌz", "nˌɑːt"),
        [("did", "not")] = ("dɪd", "nˌɑːt"),
        [("there", "was")] = ("ðɛɹ", "wˌʌz"),
        [("there", "were")] = ("ðɛɹ", "wˌɜː"),
    };

    // Before the article these lose their stress.
    private static readonly Dictionary<string, string> s_beforeArticle = new()
    {
        ["in"] = "ɪn", ["of"] = "ʌv", ["on"] = "ɔn", ["from"] = "fɹʌm", ["that"] = "ðæt", ["was"] = "wʌz",
    };

    /// <summary>How two words are written as one; null where they are two.</summary>
    public static (string First, string Second)? Find(PronouncedWord first, PronouncedWord second)
    {
        if (!WeakWords.CanBeWeak(first) || !WeakWords.CanBeWeak(second))
        {
            return null;
        }

        return s_pairs.TryGetValue((first.Word, second.Word), out var pair) ? pair
            : second.Word == "the" && s_beforeArticle.TryGetValue(first.Word, out var weak) ? (weak, "ðə")
            : null;
    }
}
