namespace CudaTts.Text;

/// <summary>What an acoustic model reads.</summary>
/// <param name="Text">What was encoded, for people to read: its phones stand in braces.</param>
/// <param name="Symbols">One symbol a token, [T].</param>
/// <param name="Ids">Token ids, [T]: positions in the voice's symbol table.</param>
/// <param name="UnknownWords">Words that were pronounced from their spelling because no dictionary holds them, each once.</param>
/// <param name="Words">The words in order, each with its phones and where these come from; empty unless the front end writes phones.</param>
public sealed record TokenSequence(
    string Text, IReadOnlyList<string> Symbols, int[] Ids, IReadOnlyList<string> UnknownWords, IReadOnlyList<PronouncedWord> Words)
{
    /// <summary>The words as they are written, in order, each with its tokens.</summary>
    public IReadOnlyList<WrittenWord> Written { get; init; } = [];

    /// <summary>What is heard, in order: phones, phonemes, or letters, each with its tokens.</summary>
    public IReadOnlyList<SpokenSound> Sounds { get; init; } = [];

    /// <summary>Characters and phonemes that the voice has no symbol for, each once.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Silence that the voice's model wants behind it, seconds.</summary>
    public double SilenceAfter { get; init; }

    /// <summary>How each stretch of the text was read, in order; empty unless the front end reads numbers and signs.</summary>
    public IReadOnlyList<TextReading> Readings { get; init; } = [];

    /// <summary>Signs that no rule can say, and characters and phonemes that the voice lacks, each once: the speech leaves them out.</summary>
    public IReadOnlyList<string> Unspoken =>
        [.. Readings.Where(reading => reading.IsUnspoken).Select(reading => reading.Written).Concat(Missing).Distinct()];

    /// <summary>The sounds of a written word.</summary>
    internal IEnumerable<SpokenSound> SoundsOf(WrittenWord word) =>
        Sounds.SkipWhile(sound => sound.FirstToken < word.FirstToken).TakeWhile(sound => sound.FirstToken < word.EndToken);
}
