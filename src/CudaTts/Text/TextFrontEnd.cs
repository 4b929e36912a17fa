namespace CudaTts.Text;

/// <summary>Turns text into the token ids of a voice. A front end has no state and may be used by many threads.</summary>
public sealed class TextFrontEnd
{
    // About fifteen seconds of speech; a voice learns from sentences that are seldom longer.
    private const int LongestPart = 180;

    private readonly Kind _kind;
    private readonly SymbolTable _symbols;
    private readonly UserLexicon? _lexicon;

    private TextFrontEnd(Kind kind, SymbolTable symbols, UserLexicon? lexicon)
    {
        _kind = kind;
        _symbols = symbols;
        _lexicon = lexicon;
    }

    private enum Kind
    {
        English,
        EnglishCleaners,
        None,
    }

    /// <summary>The front ends' names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["english", "english_cleaners", "none"];

    /// <summary>
    /// The front end of a name: <c>english</c> reads normalised English as phones, <c>english_cleaners</c> is the public checkpoints' cleaner,
    /// <c>none</c> takes the text as it is and refuses what is no symbol.
    /// </summary>
    /// <exception cref="TextException">The name is unknown, or the front end writes phones and the voice has none.</exception>
    public static TextFrontEnd Create(string name, SymbolTable symbols)
    {
        var kind = name switch
        {
            "english" => Kind.English,
            "english_cleaners" => Kind.EnglishCleaners,
            "none" => Kind.None,
            _ => throw new TextException($"unknown text front end '{name}': use one of {string.Join(", ", Names)}"),
        };
        if (kind == Kind.English && !symbols.HasPhones)
        {
            throw new TextException($"the front end 'english' writes phones, and the {symbols.Name} symbols have none: use english_cleaners");
        }

        return new TextFrontEnd(kind, symbols, lexicon: null);
    }

    /// <summary>This front end with a user's lexicon.</summary>
    /// <exception cref="TextException">The front end is not <c>english</c>, the only one that looks words up.</exception>
    public TextFrontEnd With(UserLexicon lexicon) => _kind == Kind.English
        ? new TextFrontEnd(_kind, _symbols, lexicon)
        : throw new TextException("a lexicon needs the front end 'english', which looks words up; this one takes characters: write phones in braces, {JH IH1 F}");

    /// <summary>The longest text, in UTF-16 units, that <see cref="ReadParts"/> should be given: a sentence, and no book without a full stop.</summary>
    internal int LongestSentence => _kind == Kind.English ? 20 * SentenceSplitter.LongestPiece : SentenceSplitter.LongestPiece;

    /// <summary>The token ids of a text, [T] with T at least 1.</summary>
    /// <exception cref="TextException">Nothing in the text can be said, or, with <c>none</c>, something is no symbol of the voice.</exception>
    public TokenSequence Read(string text)
    {
        var words = new List<PronouncedWord>();
        var tokens = Encode(
            _kind switch
            {
                Kind.English => EnglishFrontEnd.Transcribe(text, _symbols, _lexicon, words),
                Kind.EnglishCleaners => EnglishCleaners.Clean(text),
                _ => text,
            },
            words);
        return Array.Exists(tokens.Ids, SymbolTable.IsSpoken)
            ? tokens
            : throw new TextException("The text has nothing to say: it needs at least one letter or digit");
    }

    /// <summary>
    /// The token ids of a sentence in parts that an acoustic model can speak at once: the front end <c>english</c> cuts a long one at its clauses.
    /// But for marks at the joints, the parts have the tokens of the whole.
    /// </summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public IReadOnlyList<TokenSequence> ReadParts(string sentence)
    {
        var whole = Read(sentence);
        return _kind == Kind.English && whole.Ids.Length > LongestPart
            ? [.. new Transcript(whole.Text, whole.Words).Cut(LongestPart).Select(part => Encode(part.Text, part.Words))]
            : [whole];
    }

    private TokenSequence Encode(string cleaned, IReadOnlyList<PronouncedWord> words)
    {
        var ids = _kind == Kind.None ? _symbols.EncodeExactly(cleaned) : _symbols.Encode(cleaned);
        var unknown = words.Where(word => word.Word.Length > 1 && word.Origin is PronunciationOrigin.LetterToSound or PronunciationOrigin.Spelled)
            .Select(word => word.Word)
            .Distinct();
        return new TokenSequence(cleaned, Array.ConvertAll(ids, id => _symbols.Symbols[id]), ids, [.. unknown], words);
    }
}
