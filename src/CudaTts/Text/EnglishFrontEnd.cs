using System.Text;
using CudaTts.Text.Normalization;

namespace CudaTts.Text;

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
    /// <param name="words">Receives the words, each with its phones and where these come from.</param>
    public static string Transcribe(string text, SymbolTable symbols, UserLexicon? lexicon, List<PronouncedWord> words)
    {
        var spoken = Say(text, symbols, lexicon);
        var transcript = new StringBuilder();
        for (var i = 0; i < spoken.Items.Count; i++)
        {
            if (spoken.Items[i].Kind == SpokenKind.Pause)
            {
                transcript.Append(spoken.Items[i].Text);
                continue;
            }

            var word = Pronounce(spoken.Items, i);
            words.Add(word);
            transcript.Append(transcript.Length == 0 ? "{" : " {").Append(word.Phones).Append('}');
        }

        return transcript.ToString();
    }

    /// <summary>
    /// What a text says, as a text that says the same: words in small letters, names of letters in capitals, marks apart. It is its own
    /// normal form.
    /// </summary>
    public static string Normalize(string text)
    {
        var written = new StringBuilder();
        foreach (var item in Say(text, SymbolTable.Nvidia, null).Items)
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
        foreach (var part in BracedText.Split(WithIpaAsPhones(text)))
        {
            var phones = part.IsPhones ? part.Phones().ToArray() : [];
            if (phones.Length > 0 && Array.TrueForAll(phones, phone => symbols.IsPhone(phone)))
            {
                spoken.AddPhones(string.Join(' ', phones));
            }
            else
            {
                EnglishNormalizer.Normalize(part.Text.ToString(), spoken, lexicon);
            }
        }

        spoken.Close();
        return spoken;
    }

    /// <summary>Writes <c>[[həˈloʊ]]</c> as phones in braces; brackets that hold no IPA are left to be read as text.</summary>
    private static string WithIpaAsPhones(string text)
    {
        var open = text.IndexOf("[[", StringComparison.Ordinal);
        if (open < 0)
        {
            return text;
        }

        var written = new StringBuilder(text.Length);
        var start = 0;
        while (open >= 0 && text.IndexOf("]]", open, StringComparison.Ordinal) is >= 0 and var close)
        {
            // The innermost pair: in "[[a [[b]]" the first brackets are text.
            open = text.LastIndexOf("[[", close, close - open, StringComparison.Ordinal);
            open = open < 0 ? text.IndexOf("[[", start, StringComparison.Ordinal) : open;
            var phones = Ipa.ToPhones(text.AsSpan(open + 2, Math.Max(0, close - open - 2)));
            written.Append(text, start, open - start);
            written.Append(phones is null ? text.Substring(open, close + 2 - open) : $" {{{string.Join(' ', phones)}}} ");
            start = close + 2;
            open = text.IndexOf("[[", start, StringComparison.Ordinal);
        }

        return written.Append(text, start, text.Length - start).ToString();
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
