using System.Text;
using CudaTts.Text.Characters;
using CudaTts.Text.English;
using CudaTts.Text.Espeak;

namespace CudaTts.Text;

/// <summary>
/// Turns text into the token ids of a voice: a class for each language, or way of reading it. A front end has no state and may be used by many
/// threads.
/// </summary>
public abstract class TextFrontEnd
{
    // About fifteen seconds of speech; a voice learns from sentences that are seldom longer.
    private const int LongestPart = 180;

    // Every front end there is, with the symbols that it is made for; a new one is a line here.
    private static readonly (string Name, SymbolTable Symbols, Func<SymbolTable, string, TextFrontEnd> Create)[] Known =
    [
        (ArpabetFrontEnd.RegisteredName, SymbolTable.Nvidia, (symbols, _) => new ArpabetFrontEnd(symbols)),
        (EnglishCleanersFrontEnd.RegisteredName, SymbolTable.Nvidia, (symbols, _) => new EnglishCleanersFrontEnd(symbols)),
        (VerbatimFrontEnd.RegisteredName, SymbolTable.Nvidia, (symbols, _) => new VerbatimFrontEnd(symbols)),
        (EnglishIpaFrontEnd.RegisteredName, SymbolTable.Vits, (symbols, _) => new EnglishIpaFrontEnd(symbols)),
        (EspeakFrontEnd.RegisteredName, SymbolTable.Vits, (symbols, voice) => new EspeakFrontEnd(symbols, voice, new EspeakProgram())),
        (FoldedFrontEnd.RegisteredName, SymbolTable.Piper, (symbols, _) => new FoldedFrontEnd(symbols)),
    ];

    private protected TextFrontEnd(string name, SymbolTable symbols)
    {
        Name = name;
        Symbols = symbols;
    }

    /// <summary>The front ends' names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(known => known.Name)];

    /// <summary>What a voice's manifest and messages call it.</summary>
    public string Name { get; }

    /// <summary>The symbols that its ids are positions of.</summary>
    public SymbolTable Symbols { get; }

    /// <summary>
    /// The longest text, in UTF-16 units, that <see cref="ReadParts"/> should be given: a sentence, and no book without a full stop.
    /// </summary>
    public abstract int LongestSentence { get; }

    /// <summary>Whether <see cref="With"/> takes a lexicon, which needs a front end that looks words up.</summary>
    public virtual bool TakesLexicon => false;

    /// <summary>
    /// The ids of a short word that ends without voice, a comma and a space, [T]: what can be said before a text that is too short to be said alone.
    /// </summary>
    public int[] LeadInIds => Symbols.Encode(LeadIn);

    /// <summary>The word, the comma and the space, as the symbols write them.</summary>
    private protected virtual string LeadIn => "yes, ";

    /// <summary>
    /// The front end of a name: <c>english</c> reads normalised English as ARPAbet phones, <c>english_ipa</c> the same as IPA,
    /// <c>english_cleaners</c> is the public checkpoints' cleaner, <c>none</c> takes the text as it is and refuses what is no symbol,
    /// <c>espeak</c> has the program espeak-ng read any language as IPA, <c>characters</c> takes the characters that the voice knows.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="symbols">The voice's symbols.</param>
    /// <param name="espeakVoice">The language of <c>espeak</c>: a voice of espeak-ng, American English where it is null.</param>
    /// <exception cref="TextException">The name is unknown, or the front end writes phones and the voice has none.</exception>
    public static TextFrontEnd Create(string name, SymbolTable symbols, string? espeakVoice = null)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        return Find(name).Create(symbols, espeakVoice ?? EspeakFrontEnd.UsualVoice);
    }

    /// <summary>The front end of a name, for the public symbols that it is most used with.</summary>
    /// <exception cref="TextException">The name is unknown.</exception>
    public static TextFrontEnd Create(string name)
    {
        var (_, symbols, create) = Find(name);
        return create(symbols, EspeakFrontEnd.UsualVoice);
    }

    /// <summary>This front end with a user's lexicon.</summary>
    /// <exception cref="TextException">The front end looks no words up: <see cref="TakesLexicon"/> is false.</exception>
    public TextFrontEnd With(UserLexicon lexicon) => TakesLexicon ? WithLexicon(lexicon) : throw new TextException(
        $"a lexicon needs a front end that looks words up, '{ArpabetFrontEnd.RegisteredName}' or '{EnglishIpaFrontEnd.RegisteredName}'; "
        + $"'{Name}' takes characters: write phones in braces, {{JH IH1 F}}");

    /// <summary>
    /// The sentences of a text in order, trimmed, none empty and none longer than <see cref="LongestSentence"/>. No character but white space is
    /// lost. Linear in the text.
    /// </summary>
    public abstract IReadOnlyList<string> Sentences(string text);

    /// <summary>The token ids of a text, [T] with T at least 1.</summary>
    /// <exception cref="TextException">Nothing in the text can be said, or, with <c>none</c>, something is no symbol of the voice.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is noticed while another program reads.</exception>
    public TokenSequence Read(string text, CancellationToken cancellation = default) => ReadSpoken(text, int.MaxValue, cancellation)[0];

    /// <summary>
    /// The token ids of a sentence in parts that an acoustic model can speak at once: the front end <c>english</c> cuts a long one at its clauses.
    /// But for marks at the joints, the parts have the tokens of the whole.
    /// </summary>
    /// <inheritdoc cref="Read(string, CancellationToken)" path="/exception"/>
    public IReadOnlyList<TokenSequence> ReadParts(string sentence, CancellationToken cancellation = default) =>
        ReadSpoken(sentence, LongestPart, cancellation);

    /// <summary>What a text without a letter or a digit is refused with.</summary>
    internal static TextException NothingToSay => new("The text has nothing to say: it needs at least one letter or digit");

    /// <summary>The same for a sentence among others, which may have nothing to say; then there are no parts.</summary>
    /// <exception cref="TextException">It has something to say that cannot be read.</exception>
    internal IReadOnlyList<TokenSequence> ReadPartsIfAny(string sentence, CancellationToken cancellation) =>
        ReadSaid(sentence, LongestPart, cancellation);

    /// <summary>
    /// The token ids of a text in order, in parts of at most so many tokens where the front end can cut; none when nothing can be said.
    /// </summary>
    private protected abstract IReadOnlyList<TokenSequence> Read(string text, int longest, CancellationToken cancellation);

    /// <summary>This front end with a user's lexicon, where it takes one.</summary>
    private protected virtual TextFrontEnd WithLexicon(UserLexicon lexicon) =>
        throw new InvalidOperationException($"{Name} takes a lexicon and has no {nameof(WithLexicon)}.");

    /// <summary>A sequence of tokens with the symbols that they are positions of.</summary>
    private protected TokenSequence Sequence(
        string text, TokenizedText encoded, IReadOnlyList<WrittenWord> written, IReadOnlyList<PronouncedWord> words)
    {
        var unknown = words.Where(word => word.Word.Length > 1 && word.Origin is PronunciationOrigin.LetterToSound or PronunciationOrigin.Spelled)
            .Select(word => word.Word)
            .Distinct();
        var ids = encoded.Ids;
        return new TokenSequence(text, Array.ConvertAll(ids, id => Symbols.Symbols[id]), ids, [.. unknown], words)
        {
            Written = written,
            Sounds = encoded.Sounds,
            Missing = encoded.Missing,
        };
    }

    /// <summary>The front ends that write what a table has, as a message advises them.</summary>
    private protected static string FrontEndsFor(SymbolTable symbols) => symbols switch
    {
        { HasLetters: true } => FoldedFrontEnd.RegisteredName,
        { HasPhonemes: true } => $"{EnglishIpaFrontEnd.RegisteredName} or {EspeakFrontEnd.RegisteredName}",
        _ when !symbols.HasCharacter(new Rune('a')) => ArpabetFrontEnd.RegisteredName,
        { HasPhones: true } => $"{ArpabetFrontEnd.RegisteredName} or {EnglishCleanersFrontEnd.RegisteredName}",
        _ => EnglishCleanersFrontEnd.RegisteredName,
    };

    private static (string Name, SymbolTable Symbols, Func<SymbolTable, string, TextFrontEnd> Create) Find(string name)
    {
        var index = Array.FindIndex(Known, known => known.Name == name);
        return index >= 0
            ? Known[index]
            : throw new TextException($"expected the text front end to be one of {string.Join(", ", Names)}, found '{name}'");
    }

    private IReadOnlyList<TokenSequence> ReadSpoken(string text, int longest, CancellationToken cancellation) =>
        ReadSaid(text, longest, cancellation) is { Count: > 0 } parts ? parts : throw NothingToSay;

    private IReadOnlyList<TokenSequence> ReadSaid(string text, int longest, CancellationToken cancellation)
    {
        var parts = Read(text, longest, cancellation);
        return !parts.Any(part => part.Sounds.Count > 0) ? []
            : longest < int.MaxValue && Symbols.HasSilences ? [.. parts.SelectMany(part => PhraseCuts.Cut(part, Symbols))]
            : parts;
    }
}
