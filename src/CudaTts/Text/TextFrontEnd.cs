namespace CudaTts.Text;

/// <summary>Turns text into the token ids of a voice. A front end has no state and may be used by many threads.</summary>
public sealed class TextFrontEnd
{
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

    /// <summary>This front end with a user's lexicon, which only <c>english</c> heeds.</summary>
    public TextFrontEnd With(UserLexicon lexicon) => new(_kind, _symbols, lexicon);

    /// <summary>The token ids of a text, [T] with T at least 1.</summary>
    /// <exception cref="TextException">Nothing in the text can be said, or, with <c>none</c>, something is no symbol of the voice.</exception>
    public TokenSequence Read(string text)
    {
        var words = new List<PronouncedWord>();
        var cleaned = _kind switch
        {
            Kind.English => EnglishFrontEnd.Transcribe(text, _symbols, _lexicon, words),
            Kind.EnglishCleaners => EnglishCleaners.Clean(text),
            _ => text,
        };
        var ids = _kind == Kind.None ? _symbols.EncodeExactly(cleaned) : _symbols.Encode(cleaned);
        if (!Array.Exists(ids, SymbolTable.IsSpoken))
        {
            throw new TextException("The text has nothing to say: it needs at least one letter or digit");
        }

        var unknown = words.Where(word => word.Word.Length > 1 && word.Origin is PronunciationOrigin.LetterToSound or PronunciationOrigin.Spelled)
            .Select(word => word.Word)
            .Distinct();
        return new TokenSequence(cleaned, Array.ConvertAll(ids, id => _symbols.Symbols[id]), ids, [.. unknown], words);
    }
}
