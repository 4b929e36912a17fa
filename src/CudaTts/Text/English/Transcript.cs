using System.Text;

namespace CudaTts.Text.English;

/// <summary>A word or a pause in the notation of <see cref="EnglishFrontEnd"/>.</summary>
/// <param name="Text">The pause; or the phones, separated by spaces.</param>
/// <param name="Spoken">The word whose phones these are; null for a pause.</param>
/// <param name="Tokens">Symbols that it takes, with the space behind it.</param>
internal readonly record struct TranscriptUnit(string Text, PronouncedWord? Spoken, int Tokens)
{
    /// <summary>Where in the text the word is written.</summary>
    public (int Start, int End) Place { get; init; }

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
/// <param name="Places">Where in the text each is written.</param>
internal sealed record Transcript(string Text, IReadOnlyList<PronouncedWord> Words, IReadOnlyList<(int Start, int End)> Places)
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
                var place = Places[word];
                units.AddRange(TranscriptUnit.Word(Words[word++], longest).Select(unit => unit with { Place = place }));
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
        var places = new List<(int Start, int End)>();
        foreach (var unit in units)
        {
            if (unit.Spoken is not { } word)
            {
                text.Append(unit.Text);
                continue;
            }

            words.Add(word);
            places.Add(unit.Place);
            text.Append(text.Length == 0 ? "{" : " {").Append(unit.Text).Append('}');
        }

        // What the voice was taught ends with a mark, and never with a comma.
        text.Length -= text[^1] == ',' ? 1 : 0;
        return new Transcript(text[^1] == '}' ? text.Append('.').ToString() : text.ToString(), words, places);
    }
}
