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

    /// <summary>The ids of a short pause within a sentence.</summary>
    internal int[] PauseIds => _symbols.Encode(", ");

    /// <summary>This front end with a user's lexicon, which only <c>english</c> heeds.</summary>
    public TextFrontEnd With(UserLexicon lexicon) => new(_kind, _symbols, lexicon);

    /// <summary>The token ids of a text, [T] with T at least 1.</summary>
    /// <exception cref="TextException">Nothing in the text can be said, or, with <c>none</c>, something is no symbol of the voice.</exception>
    public TokenSequence Read(string text)
    {
        var words = new List<PronouncedWord>();
        WrittenText? written = null;
        var cleaned = _kind switch
        {
            Kind.English => EnglishFrontEnd.Transcribe(text, _symbols, _lexicon, words, out written),
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
        return new TokenSequence(cleaned, Array.ConvertAll(ids, id => _symbols.Symbols[id]), ids, [.. unknown], words)
        {
            Written = written?.Words(TokensOfPhones(cleaned)) ?? WordsOf(text, cleaned, ids),
        };
    }

    /// <summary>The tokens of each pair of braces in a transcript.</summary>
    private List<(int First, int End)> TokensOfPhones(string transcript)
    {
        var tokens = new List<(int First, int End)>();
        var next = 0;
        foreach (var part in BracedText.Split(transcript))
        {
            var count = part.IsPhones ? part.Phones().Count(phone => _symbols.IsPhone(phone)) : _symbols.Encode(part.Text.ToString()).Length;
            if (part.IsPhones)
            {
                tokens.Add((next, next + count));
            }

            next += count;
        }

        return tokens;
    }

    /// <summary>
    /// The words of a front end that works on characters. Where it reads every word by itself, as nearly always, these are the text's words; else
    /// those of the cleaned text.
    /// </summary>
    private List<WrittenWord> WordsOf(string text, string cleaned, int[] ids)
    {
        var written = new WrittenText(text);
        var runs = written.Runs.Select(run => _kind == Kind.EnglishCleaners ? EnglishCleaners.Clean(run) : run).ToList();
        if (string.Join(' ', runs) != cleaned.Trim())
        {
            written = new WrittenText(cleaned);
            runs = [.. written.Runs];
        }

        var tokens = new List<(int First, int End)>();
        var next = ids.Length - _symbols.Encode(cleaned.TrimStart()).Length;
        for (var run = 0; run < runs.Count; run++)
        {
            var end = Math.Min(ids.Length, next + _symbols.Encode(runs[run]).Length);
            var spoken = Enumerable.Range(next, end - next).Where(token => SymbolTable.IsSpoken(ids[token])).ToList();
            if (spoken.Count > 0)
            {
                written.SayRuns(run, run);
                tokens.Add((spoken[0], spoken[^1] + 1));
            }

            // The space, or of several spaces the tokens that each is.
            next = end + SpacesBehind(ids, end);
        }

        return written.Words(tokens);
    }

    private int SpacesBehind(int[] ids, int token)
    {
        var count = 0;
        while (token + count < ids.Length && _symbols.Symbols[ids[token + count]] == " ")
        {
            count++;
        }

        return count;
    }
}
