using CudaTts.Text.English;

namespace CudaTts.Text.Espeak;

/// <summary>
/// Any language that the program espeak-ng speaks, in the International Phonetic Alphabet. Marks stay where the text has them, and what it has
/// between double brackets is taken as phonemes. It cuts sentences as English is cut.
/// </summary>
/// <param name="symbols">The voice's symbols.</param>
/// <param name="voice">The voice of espeak-ng: the language, and how it is spoken there.</param>
/// <param name="program">The program.</param>
internal sealed class EspeakFrontEnd(SymbolTable symbols, string voice, EspeakProgram program) : TextFrontEnd(RegisteredName, symbols)
{
    /// <summary>Its name in manifests.</summary>
    public const string RegisteredName = "espeak";

    /// <summary>The voice where a model names none.</summary>
    public const string UsualVoice = "en-us";

    private readonly string _voice = symbols.HasPhonemes ? EspeakProgram.RequireVoice(voice) : throw new TextException(
        $"the front end '{RegisteredName}' writes phonemes, and the symbols '{symbols.Name}' are none: use {FrontEndsFor(symbols)}");

    /// <inheritdoc/>
    public override int LongestSentence => SentenceSplitter.LongestSegment;

    /// <inheritdoc/>
    private protected override string LeadIn => "jˈɛs, ";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sentences(string text) => SentenceSplitter.Split(text, LongestSentence);

    /// <inheritdoc/>
    private protected override IReadOnlyList<TokenSequence> Read(string text, int longest, CancellationToken cancellation)
    {
        var plain = Plain(text);
        var pieces = ClausePieces.Of(plain);
        var clauses = program.Read(
            [.. pieces.Where(piece => piece.Kind == PieceKind.Clause).Select(piece => Clause(plain, piece.Place))], _voice, cancellation);
        var (writer, next) = (new PieceWriter(plain, Symbols), 0);
        foreach (var piece in pieces)
        {
            switch (piece.Kind)
            {
                case PieceKind.Mark:
                    writer.AddMark(piece.Place);
                    break;
                case PieceKind.Clause:
                    writer.AddWords(piece.Place, PhonemeWords.Of(clauses[next++]));
                    break;
                default:
                    writer.AddWords(piece.Place, PhonemeWords.Of(plain[(piece.Place.Start + 2)..(piece.Place.End - 2)]));
                    break;
            }
        }

        var encoded = Symbols.Tokenize(writer.Text);
        return [Sequence(writer.Text, encoded, writer.Written(text, encoded), [])];
    }

    // Brackets without a partner: the program would take them for the beginning of phonemes.
    private static string Clause(string text, TextRange place) => text[place.Start..place.End].Replace('[', ' ').Replace(']', ' ');

    /// <summary>A text, character by character, without the control characters that are commands of the program.</summary>
    private static string Plain(string text)
    {
        var plain = text.ToCharArray();
        for (var i = 0; i < plain.Length; i++)
        {
            var isWithin = i > 0 && i + 1 < plain.Length && char.IsLetter(plain[i - 1]) && char.IsLetter(plain[i + 1]);
            plain[i] = char.IsControl(plain[i]) ? ' ' : plain[i] == '’' && isWithin ? '\'' : plain[i];
        }

        return new string(plain);
    }
}
