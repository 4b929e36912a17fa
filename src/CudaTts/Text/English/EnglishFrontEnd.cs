namespace CudaTts.Text.English;

/// <summary>
/// Reads English as the default voice was taught: <c>{F R IY1 D AH0 M} {T UW1} {B IH0 L IY1 V}.</c> Every word is its phones (CMUdict, first
/// pronunciation), with one space between words, the marks <c>, . ! ?</c> directly behind one, and a mark at the end.
/// </summary>
internal sealed class EnglishFrontEnd : TextFrontEnd
{
    /// <summary>Its name in manifests.</summary>
    public const string RegisteredName = "english";

    private readonly UserLexicon? _lexicon;

    /// <summary>The front end for a voice.</summary>
    /// <param name="symbols">The voice's symbols.</param>
    /// <param name="lexicon">Words as the user wants them said, if any.</param>
    /// <exception cref="TextException">The voice has no phones.</exception>
    public EnglishFrontEnd(SymbolTable symbols, UserLexicon? lexicon = null)
        : base(RegisteredName, symbols)
    {
        _lexicon = lexicon;
        if (!Arpabet.Phones.All(symbols.IsPhone))
        {
            throw new TextException(
                $"the front end '{Name}' writes ARPAbet phones, and the symbols '{symbols.Name}' have none: use english_cleaners");
        }
    }

    /// <inheritdoc/>
    public override int LongestSentence => 20 * SentenceSplitter.LongestSegment;

    /// <inheritdoc/>
    public override bool TakesLexicon => true;

    /// <inheritdoc/>
    private protected override string LeadIn => "{Y EH1 S}, ";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sentences(string text) => SentenceSplitter.Split(text, LongestSentence);

    /// <inheritdoc/>
    private protected override IReadOnlyList<TokenSequence> Read(string text, int longest)
    {
        var parsed = InlinePhones.Parse(text);
        var whole = Transcriber.Transcribe(parsed, _lexicon);
        if (whole.Words.Count == 0)
        {
            return [];
        }

        var written = new WrittenText(parsed);
        var parts = whole.Tokens > longest ? whole.Cut(longest).ToList() : [whole];
        var said = parts.ConvertAll(part => part.Units.Where(unit => unit.Word is not null).Select(unit => written.RunsOf(unit.Source)).ToList());
        return [.. parts.Select((part, i) =>
        {
            // A part reaches to the next; a word that is divided between two belongs to both.
            var start = i == 0 ? 0 : said[i][0].First;
            var end = i + 1 == parts.Count ? written.Count : Math.Max(said[i + 1][0].First, said[i][^1].Last + 1);
            var ids = Encode(part, out var words);
            return Sequence(part.ToString(), ids, written.Words(said[i], words, (start, end)), part.Words) with { Readings = ReadingsOf(i) };
        })];

        // Those that begin between the first word of a part and that of the next.
        IReadOnlyList<TextReading> ReadingsOf(int part)
        {
            var (from, to) = (part == 0 ? -1 : FirstOf(part), part + 1 == parts.Count ? int.MaxValue : FirstOf(part + 1));
            return [.. whole.Readings.Where(read => read.Place.Start >= from && read.Place.Start < to)];
        }

        int FirstOf(int part) => parts[part].Units.First(unit => unit.Word is not null).Source.Start;
    }

    /// <inheritdoc/>
    private protected override TextFrontEnd WithLexicon(UserLexicon lexicon) => new EnglishFrontEnd(Symbols, lexicon);

    /// <summary>The ids of a transcript, [T].</summary>
    /// <param name="transcript">The transcript.</param>
    /// <param name="words">Receives the tokens of each word.</param>
    private int[] Encode(Transcript transcript, out List<(int First, int End)> words)
    {
        var ids = new List<int>();
        words = [];
        foreach (var unit in transcript.Units)
        {
            if (unit.Word is not { } word)
            {
                ids.Add(Symbols.IdOf(unit.Pause));
                continue;
            }

            if (ids.Count > 0)
            {
                ids.Add(Symbols.IdOf(' '));
            }

            var first = ids.Count;
            ids.AddRange(word.Phones.Select(Symbols.IdOf));
            words.Add((first, ids.Count));
        }

        return [.. ids];
    }
}
