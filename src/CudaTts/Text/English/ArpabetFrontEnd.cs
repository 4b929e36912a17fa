namespace CudaTts.Text.English;

/// <summary>English as the default voice was taught: <c>{F R IY1 D AH0 M} {T UW1} {B IH0 L IY1 V}.</c></summary>
internal sealed class ArpabetFrontEnd : EnglishFrontEnd
{
    /// <summary>Its name in manifests.</summary>
    public const string RegisteredName = "english";

    /// <summary>The front end for a voice.</summary>
    /// <param name="symbols">The voice's symbols.</param>
    /// <param name="lexicon">Words as the user wants them said, if any.</param>
    /// <exception cref="TextException">The voice has no phones.</exception>
    public ArpabetFrontEnd(SymbolTable symbols, UserLexicon? lexicon = null)
        : base(RegisteredName, symbols, lexicon)
    {
        if (!symbols.HasPhones)
        {
            throw new TextException(
                $"the front end '{Name}' writes ARPAbet phones, and the symbols '{symbols.Name}' have none: use {FrontEndsFor(symbols)}");
        }
    }

    /// <inheritdoc/>
    private protected override string LeadIn => "{Y EH1 S}, ";

    /// <inheritdoc/>
    private protected override TextFrontEnd WithLexicon(UserLexicon lexicon) => new ArpabetFrontEnd(Symbols, lexicon);

    /// <inheritdoc/>
    private protected override WrittenPhones Write(Transcript transcript)
    {
        var (tokens, words) = (new List<Token>(), new List<(int Word, int First, int End)>());
        foreach (var unit in transcript.Units)
        {
            if (unit.Word is not { } word)
            {
                tokens.Add(new Token(Symbols.IdOf(unit.Pause), unit.Source.Start));
                continue;
            }

            if (tokens.Count > 0)
            {
                tokens.Add(new Token(Symbols.IdOf(' '), unit.Source.Start));
            }

            var first = tokens.Count;
            tokens.AddRange(word.Phones.Select(phone => new Token(Symbols.IdOf(phone), phone.Source.Start)));
            words.Add((words.Count, first, tokens.Count));
        }

        return new WrittenPhones(transcript.ToString(), TokenizedText.Of(tokens, Symbols), words);
    }
}
