namespace CudaTts.Text.English;

/// <summary>
/// Reads English as phones (CMUdict, first pronunciation), with one space between words, the marks <c>, . ! ?</c> directly behind one, and a mark
/// at the end. How phones are written is for the classes derived to say.
/// </summary>
/// <param name="name">What manifests and messages call it.</param>
/// <param name="symbols">The voice's symbols.</param>
/// <param name="lexicon">Words as the user wants them said, if any.</param>
internal abstract class EnglishFrontEnd(string name, SymbolTable symbols, UserLexicon? lexicon) : TextFrontEnd(name, symbols)
{
    /// <inheritdoc/>
    public override int LongestSentence => 20 * SentenceSplitter.LongestSegment;

    /// <inheritdoc/>
    public override bool TakesLexicon => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sentences(string text) => SentenceSplitter.Split(text, LongestSentence);

    /// <summary>A transcript as it is written in the voice's symbols.</summary>
    private protected abstract WrittenPhones Write(Transcript transcript);

    /// <summary>The most phones and spaces of a part that is to have at most so many symbols.</summary>
    private protected virtual int MostPhones(int symbols) => symbols;

    /// <inheritdoc/>
    private protected override IReadOnlyList<TokenSequence> Read(string text, int longest, CancellationToken cancellation)
    {
        var parsed = InlinePhones.Parse(text);
        var whole = Transcriber.Transcribe(parsed, lexicon);
        if (whole.Words.Count == 0)
        {
            return [];
        }

        var written = new WrittenText(parsed);
        var most = MostPhones(longest);
        var parts = whole.Tokens > most ? whole.Cut(most).ToList() : [whole];
        var said = parts.ConvertAll(part => part.Units.Where(unit => unit.Word is not null).Select(unit => written.RunsOf(unit.Source)).ToList());
        return [.. parts.Select((part, i) =>
        {
            // A part reaches to the next; a word that is divided between two belongs to both.
            var start = i == 0 ? 0 : said[i][0].First;
            var end = i + 1 == parts.Count ? written.Count : Math.Max(said[i + 1][0].First, said[i][^1].Last + 1);
            var phones = Write(part);
            var (runs, tokens) = (phones.Words.ConvertAll(word => said[i][word.Word]), phones.Words.ConvertAll(word => (word.First, word.End)));
            return Sequence(phones.Text, phones.Encoded, written.Words(runs, tokens, (start, end)), part.Words) with { Readings = ReadingsOf(i) };
        })];

        // Those that begin between the first word of a part and that of the next.
        IReadOnlyList<TextReading> ReadingsOf(int part)
        {
            var (from, to) = (part == 0 ? -1 : FirstOf(part), part + 1 == parts.Count ? int.MaxValue : FirstOf(part + 1));
            return [.. whole.Readings.Where(read => read.Place.Start >= from && read.Place.Start < to)];
        }

        int FirstOf(int part) => parts[part].Units.First(unit => unit.Word is not null).Source.Start;
    }

    /// <summary>Phones in the symbols of a voice.</summary>
    /// <param name="Text">What was encoded, for people to read.</param>
    /// <param name="Encoded">Its tokens.</param>
    /// <param name="Words">The tokens of words of the transcript, in order; a word that the voice has no symbols for is left out.</param>
    private protected sealed record WrittenPhones(string Text, TokenizedText Encoded, List<(int Word, int First, int End)> Words);
}
