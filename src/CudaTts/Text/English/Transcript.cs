using System.Text;

namespace CudaTts.Text.English;

/// <summary>A word or a pause of a transcript.</summary>
/// <param name="Word">The word; null for a pause.</param>
/// <param name="Pause">One of <c>, . ! ?</c> where there is no word.</param>
/// <param name="Source">The characters of the text that the word says.</param>
internal readonly record struct TranscriptUnit(PronouncedWord? Word, char Pause, TextRange Source)
{
    /// <summary>Tokens that it takes, with the space behind a word.</summary>
    public int Tokens => Word is null ? 1 : Word.Phones.Count + 1;

    /// <summary>One of <c>, . ! ?</c>.</summary>
    public static TranscriptUnit OfPause(char mark) => new(Word: null, mark, default);

    /// <summary>A word that is spoken.</summary>
    public static TranscriptUnit OfWord(PronouncedWord word, TextRange source) => new(word, '\0', source);

    /// <summary>The unit itself; a word in segments when it alone has more tokens than a part may have.</summary>
    public IEnumerable<TranscriptUnit> Divide(int longest)
    {
        if (Word is not { } word || word.Phones.Count + 2 <= longest)
        {
            return [this];
        }

        var source = Source;
        return word.Phones.Chunk(longest - 2).Select(phones => OfWord(word with { Phones = phones }, source));
    }
}

/// <summary>
/// What an English text says: words, and pauses directly behind one. The whole begins with a word and ends with a pause that is no comma.
/// </summary>
/// <param name="Units">The words and pauses in order.</param>
internal sealed record Transcript(IReadOnlyList<TranscriptUnit> Units)
{
    /// <summary>How each stretch of the text was read.</summary>
    public IReadOnlyList<TextReading> Readings { get; init; } = [];

    /// <summary>The words alone.</summary>
    public IReadOnlyList<PronouncedWord> Words { get; } = [.. Units.Where(unit => unit.Word is not null).Select(unit => unit.Word!)];

    /// <summary>How many tokens it takes; between words stands a space.</summary>
    public long Tokens => Units.Sum(unit => (long)unit.Tokens) - 1;

    /// <summary>Cuts it into parts of at most so many tokens, at its clauses.</summary>
    public IEnumerable<Transcript> Cut(int longest)
    {
        var units = Units.SelectMany(unit => unit.Divide(longest)).ToArray();
        return ClauseCuts.Cut(units, longest).Select(part => Of(units[part]));
    }

    /// <summary>The notation for people to read: <c>{F R IY1 D AH0 M} {T UW1} {B IH0 L IY1 V}.</c></summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var unit in Units)
        {
            if (unit.Word is { } word)
            {
                text.Append(text.Length == 0 ? "{" : " {").Append(word.PhoneNames).Append('}');
            }
            else
            {
                text.Append(unit.Pause);
            }
        }

        return text.ToString();
    }

    // What the voice was taught ends with a mark, and never with a comma.
    private static Transcript Of(IReadOnlyList<TranscriptUnit> units)
    {
        IReadOnlyList<TranscriptUnit> kept = units[^1] is { Word: null, Pause: ',' } ? [.. units.SkipLast(1)] : units;
        return new Transcript(kept[^1].Word is null ? kept : [.. kept, TranscriptUnit.OfPause('.')]);
    }
}
