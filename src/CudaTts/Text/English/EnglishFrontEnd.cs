using System.Text;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>
/// Reads English as the default voice was taught: <c>{F R IY1 D AH0 M} {T UW1} {B IH0 L IY1 V}.</c> Every word is a pair of braces with its
/// phones (CMUdict, first pronunciation), one space between words, the marks <c>, . ! ?</c> directly behind one, and a mark at the end.
/// </summary>
internal static class EnglishFrontEnd
{
    /// <summary>The text in that notation, empty when nothing in it can be said. Phones that the text has in braces are kept.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="symbols">Decides which names in braces are phones.</param>
    /// <param name="lexicon">The user's words, if any.</param>
    /// <param name="written">The text that the words' places are of; IPA stands in it as phones.</param>
    public static Transcript Transcribe(string text, SymbolTable symbols, UserLexicon? lexicon, out WrittenText written)
    {
        text = WithIpaAsPhones(text);
        written = new WrittenText(text);
        var spoken = Say(text, symbols, lexicon);
        var transcript = new StringBuilder();
        var (words, places) = (new List<PronouncedWord>(), new List<(int Start, int End)>());
        for (var i = 0; i < spoken.Items.Count; i++)
        {
            if (spoken.Items[i].Kind == SpokenKind.Pause)
            {
                transcript.Append(spoken.Items[i].Text);
                continue;
            }

            var word = Pronounce(spoken.Items, i);
            words.Add(word);
            places.Add(spoken.Places[i]);
            transcript.Append(transcript.Length == 0 ? "{" : " {").Append(word.Phones).Append('}');
        }

        return new Transcript(transcript.ToString(), words, places);
    }

    /// <summary>
    /// What a text says, as a text that says the same: words in small letters, names of letters in capitals, marks apart. It is its own
    /// normal form.
    /// </summary>
    public static string Normalize(string text)
    {
        var written = new StringBuilder();
        foreach (var item in Say(WithIpaAsPhones(text), SymbolTable.Nvidia, null).Items)
        {
            written.Append(written.Length == 0 ? "" : " ").Append(item.Kind switch
            {
                // "A" would be read as the article.
                SpokenKind.Letter => item.Text == "a" ? "{EY1}" : item.Text.ToUpperInvariant(),
                SpokenKind.Phones => $"{{{item.Text}}}",
                _ => item.Text,
            });
        }

        return written.ToString();
    }

    private static SpokenText Say(string text, SymbolTable symbols, UserLexicon? lexicon)
    {
        var spoken = new SpokenText();
        var place = 0;
        foreach (var part in BracedText.Split(text))
        {
            var phones = part.IsPhones ? part.Phones().ToArray() : [];
            if (phones.Length > 0 && Array.TrueForAll(phones, phone => symbols.IsPhone(phone)))
            {
                spoken.AddPhones(string.Join(' ', phones));
            }
            else
            {
                EnglishNormalizer.Normalize(part.Text.ToString(), spoken, lexicon, place + (part.IsPhones ? 1 : 0));
            }

            var end = place + part.Text.Length + (part.IsPhones ? 2 : 0);
            spoken.Trace(place, end);
            place = end;
        }

        spoken.Close();
        spoken.Trace(place, place);
        return spoken;
    }

    /// <summary>Writes <c>[[həˈloʊ]]</c> as phones in braces; brackets that hold no IPA are left to be read as text.</summary>
    private static string WithIpaAsPhones(string text)
    {
        var written = new StringBuilder();
        var start = 0;
        while (text.IndexOf("]]", start, StringComparison.Ordinal) is >= 0 and var close)
        {
            // The innermost pair: in "[[a [[b]]" the first brackets are text.
            var open = text.LastIndexOf("[[", close, close - start + 1, StringComparison.Ordinal);
            var phones = open < 0 ? null : IpaWords(text[(open + 2)..close]);
            written.Append(text, start, (phones is null ? close + 2 : open) - start).Append(phones);
            start = close + 2;
        }

        return start == 0 ? text : written.Append(text, start, text.Length - start).ToString();
    }

    /// <summary>Words of IPA with spaces between them, each as phones in braces; null when one of them is no IPA.</summary>
    public static string? IpaWords(string ipa)
    {
        var words = new StringBuilder();
        foreach (var word in ipa.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (Ipa.ToPhones(word) is not { } phones)
            {
                return null;
            }

            words.Append(words.Length == 0 ? " {" : "{").AppendJoin(' ', phones).Append("} ");
        }

        return words.Length == 0 ? null : words.ToString();
    }

    private static PronouncedWord Pronounce(IReadOnlyList<SpokenItem> items, int index)
    {
        var item = items[index];
        switch (item.Kind)
        {
            case SpokenKind.Phones when item.Entry.Length > 0:
                return new PronouncedWord(item.Entry, item.Text, PronunciationOrigin.UserLexicon);
            case SpokenKind.Phones:
                return new PronouncedWord("", item.Text, PronunciationOrigin.Inline);
            case SpokenKind.Letter:
                return new PronouncedWord(item.Text.ToUpperInvariant(), string.Join(' ', EnglishPronunciation.Letter(item.Text[0])), PronunciationOrigin.Spelled);
        }

        if (Heteronyms.Read(items, index) is { } chosen)
        {
            return new PronouncedWord(item.Text, chosen, PronunciationOrigin.HeteronymRule);
        }

        var phones = EnglishPronunciation.Pronounce(item.Text, out var origin);
        return new PronouncedWord(item.Text, string.Join(' ', phones), origin);
    }
}
