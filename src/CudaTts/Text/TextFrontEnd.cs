using CudaTts.Text.Characters;
using CudaTts.Text.English;

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

    /// <summary>The ids of a short pause within a sentence.</summary>
    internal int[] PauseIds => _symbols.Encode(", ");

    /// <summary>This front end with a user's lexicon.</summary>
    /// <exception cref="TextException">The front end is not <c>english</c>, the only one that looks words up.</exception>
    public TextFrontEnd With(UserLexicon lexicon) => _kind == Kind.English
        ? new TextFrontEnd(_kind, _symbols, lexicon)
        : throw new TextException("a lexicon needs the front end 'english', which looks words up; this one takes characters: write phones in braces, {JH IH1 F}");

    /// <summary>The longest text, in UTF-16 units, that <see cref="ReadParts"/> should be given: a sentence, and no book without a full stop.</summary>
    internal int LongestSentence => _kind == Kind.English ? 20 * SentenceSplitter.LongestPiece : SentenceSplitter.LongestPiece;

    /// <summary>The token ids of a text, [T] with T at least 1.</summary>
    /// <exception cref="TextException">Nothing in the text can be said, or, with <c>none</c>, something is no symbol of the voice.</exception>
    public TokenSequence Read(string text) => Read(text, int.MaxValue)[0];

    /// <summary>
    /// The token ids of a sentence in parts that an acoustic model can speak at once: the front end <c>english</c> cuts a long one at its clauses.
    /// But for marks at the joints, the parts have the tokens of the whole.
    /// </summary>
    /// <inheritdoc cref="Read(string)" path="/exception"/>
    public IReadOnlyList<TokenSequence> ReadParts(string sentence) => Read(sentence, LongestPart);

    private TokenSequence[] Read(string text, int longest)
    {
        TokenSequence[] parts = _kind switch
        {
            Kind.English => ReadEnglish(text, longest),
            Kind.EnglishCleaners => [WithWords(Encode(EnglishCleaners.Clean(text), []), text)],
            _ => [WithWords(Encode(text, []), text)],
        };
        return Array.Exists(parts, part => Array.Exists(part.Ids, SymbolTable.IsSpoken))
            ? parts
            : throw new TextException("The text has nothing to say: it needs at least one letter or digit");
    }

    private TokenSequence[] ReadEnglish(string text, int longest)
    {
        var whole = EnglishFrontEnd.Transcribe(text, _symbols, _lexicon, out var written);
        if (whole.Words.Count == 0)
        {
            return [];
        }

        var parts = _symbols.Encode(whole.Text).Length > longest ? whole.Cut(longest).ToList() : [whole];
        var said = parts.ConvertAll(part => part.Places.Select(place => written.RunsOf(place.Start, place.End)).ToList());
        return [.. parts.Select((part, i) =>
        {
            // A part reaches to the next; a word that is divided between two belongs to both.
            var start = i == 0 ? 0 : said[i][0].First;
            var end = i + 1 == parts.Count ? written.Count : Math.Max(said[i + 1][0].First, said[i][^1].Last + 1);
            return Encode(part.Text, part.Words) with { Written = written.Words(said[i], TokensOfPhones(part.Text), (start, end)) };
        })];
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
    /// The tokens of a front end that works on characters, with the written words. Where it reads every word by itself, as nearly always, these
    /// are the text's words; else those of the cleaned text.
    /// </summary>
    private TokenSequence WithWords(TokenSequence tokens, string text)
    {
        var written = new WrittenText(text);
        var runs = written.Runs.Select(run => _kind == Kind.EnglishCleaners ? EnglishCleaners.Clean(run) : run).ToList();
        if (string.Join(' ', runs) != tokens.Text.Trim())
        {
            written = new WrittenText(tokens.Text);
            runs = [.. written.Runs];
        }

        var (said, places) = (new List<(int First, int Last)>(), new List<(int First, int End)>());
        var next = tokens.Ids.Length - _symbols.Encode(tokens.Text.TrimStart()).Length;
        for (var run = 0; run < runs.Count; run++)
        {
            var end = Math.Min(tokens.Ids.Length, next + _symbols.Encode(runs[run]).Length);
            var spoken = Enumerable.Range(next, end - next).Where(token => SymbolTable.IsSpoken(tokens.Ids[token])).ToList();
            if (spoken.Count > 0)
            {
                said.Add((run, run));
                places.Add((spoken[0], spoken[^1] + 1));
            }

            // One space, or in a text that is not cleaned as many as there are.
            for (next = end; next < tokens.Ids.Length && tokens.Symbols[next] == " "; next++)
            {
            }
        }

        return tokens with { Written = written.Words(said, places, (0, written.Count)) };
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
