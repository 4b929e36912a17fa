using System.Text;

namespace CudaTts.Text;

/// <summary>A word or a pause in the notation of <see cref="EnglishFrontEnd"/>.</summary>
/// <param name="Text">The pause; or the phones, separated by spaces.</param>
/// <param name="Spoken">The word whose phones these are; null for a pause.</param>
/// <param name="Tokens">Symbols that it takes, with the space behind it.</param>
internal readonly record struct TranscriptUnit(string Text, PronouncedWord? Spoken, int Tokens)
{
    /// <summary>One of <c>, . ! ?</c>.</summary>
    public static TranscriptUnit Pause(string mark) => new(mark, Spoken: null, Tokens: 1);

    /// <summary>A word; in pieces when it alone has more tokens than a part may have.</summary>
    public static IEnumerable<TranscriptUnit> Word(PronouncedWord word, int longest)
    {
        var phones = word.Phones.Split(' ');
        if (phones.Length + 2 <= longest)
        {
            return [new TranscriptUnit(word.Phones, word, phones.Length + 1)];
        }

        return phones.Chunk(longest - 2).Select(piece =>
        {
            var text = string.Join(' ', piece);
            return new TranscriptUnit(text, word with { Phones = text }, piece.Length + 1);
        });
    }
}

/// <summary>Words and pauses in the notation of <see cref="EnglishFrontEnd"/>, ended by a mark.</summary>
/// <param name="Text">The notation.</param>
/// <param name="Words">The words in it.</param>
internal sealed record Transcript(string Text, IReadOnlyList<PronouncedWord> Words)
{
    /// <summary>Cuts it into parts of at most so many tokens, at its clauses.</summary>
    public IEnumerable<Transcript> Cut(int longest)
    {
        var units = Units(longest);
        return ClauseCuts.Cut(units, longest).Select(part => Of(units[part]));
    }

    private TranscriptUnit[] Units(int longest)
    {
        var units = new List<TranscriptUnit>();
        var word = 0;
        foreach (var part in BracedText.Split(Text))
        {
            var text = part.Text.ToString().Trim();
            if (part.IsPhones)
            {
                units.AddRange(TranscriptUnit.Word(Words[word++], longest));
            }
            else if (text.Length > 0)
            {
                units.Add(TranscriptUnit.Pause(text));
            }
        }

        return [.. units];
    }

    // The first unit is a word.
    private static Transcript Of(TranscriptUnit[] units)
    {
        var text = new StringBuilder();
        var words = new List<PronouncedWord>();
        foreach (var unit in units)
        {
            if (unit.Spoken is not { } word)
            {
                text.Append(unit.Text);
                continue;
            }

            words.Add(word);
            text.Append(text.Length == 0 ? "{" : " {").Append(unit.Text).Append('}');
        }

        // What the voice was taught ends with a mark, and never with a comma.
        text.Length -= text[^1] == ',' ? 1 : 0;
        return new Transcript(text[^1] == '}' ? text.Append('.').ToString() : text.ToString(), words);
    }
}
