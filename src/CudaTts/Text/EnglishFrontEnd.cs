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
    /// <param name="unknownWords">Receives the words that were pronounced from their spelling alone.</param>
    public static string Transcribe(string text, SymbolTable symbols, ISet<string> unknownWords) => Write(Say(text, symbols), unknownWords);

    /// <summary>
    /// What a text says, as a text that says the same: words in small letters, names of letters in capitals, marks apart. It is its own
    /// normal form.
    /// </summary>
    public static string Normalize(string text)
    {
        var written = new StringBuilder();
        foreach (var item in Say(text, SymbolTable.Nvidia).Items)
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

    private static SpokenText Say(string text, SymbolTable symbols)
    {
        var spoken = new SpokenText();
        foreach (var part in BracedText.Split(text))
        {
            if (!part.IsPhones)
            {
                EnglishNormalizer.Normalize(part.Text.ToString(), spoken);
                continue;
            }

            var phones = part.Phones().ToArray();
            if (phones.Length > 0 && Array.TrueForAll(phones, phone => symbols.IsPhone(phone)))
            {
                spoken.AddPhones(string.Join(' ', phones));
            }
            else
            {
                EnglishNormalizer.Normalize(part.Text.ToString(), spoken);
            }
        }

        spoken.Close();
        return spoken;
    }

    private static string Write(SpokenText spoken, ISet<string> unknownWords)
    {
        var transcript = new StringBuilder();
        foreach (var item in spoken.Items)
        {
            if (item.Kind == SpokenKind.Pause)
            {
                transcript.Append(item.Text);
                continue;
            }

            transcript.Append(transcript.Length == 0 ? "{" : " {").Append(Phones(item, unknownWords)).Append('}');
        }

        return transcript.ToString();
    }

    private static string Phones(SpokenItem item, ISet<string> unknownWords)
    {
        switch (item.Kind)
        {
            case SpokenKind.Phones:
                return item.Text;
            case SpokenKind.Letter:
                return string.Join(' ', EnglishPronunciation.Letter(item.Text[0]));
            default:
                var phones = EnglishPronunciation.Pronounce(item.Text, out var guessed);
                if (guessed)
                {
                    unknownWords.Add(item.Text);
                }

                return string.Join(' ', phones);
        }
    }
}
