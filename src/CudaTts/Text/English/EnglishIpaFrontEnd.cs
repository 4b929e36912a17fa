using CudaTts.Text.English.Phonetic;

namespace CudaTts.Text.English;

/// <summary>
/// English in the International Phonetic Alphabet, as espeak-ng writes it and voices of VITS and Piper know it: <c>fɹˈiːdəm tə bᵻlˈiːv.</c>
/// </summary>
internal sealed class EnglishIpaFrontEnd : EnglishFrontEnd
{
    /// <summary>Its name in manifests.</summary>
    public const string RegisteredName = "english_ipa";

    // What is written of every text; voices do without rarer symbols.
    private const string Needed = "ˈəɪɹ, .";

    /// <summary>The front end for a voice.</summary>
    /// <param name="symbols">The voice's symbols.</param>
    /// <param name="lexicon">Words as the user wants them said, if any.</param>
    /// <exception cref="TextException">The voice has no IPA.</exception>
    public EnglishIpaFrontEnd(SymbolTable symbols, UserLexicon? lexicon = null)
        : base(RegisteredName, symbols, lexicon)
    {
        if (symbols.HasLetters || !Needed.EnumerateRunes().All(symbols.HasCharacter))
        {
            throw new TextException(
                $"the front end '{Name}' writes the International Phonetic Alphabet, and the symbols '{symbols.Name}' lack it: "
                + $"use {FrontEndsFor(symbols)}");
        }
    }

    /// <inheritdoc/>
    private protected override string LeadIn => "jˈɛs, ";

    // Four characters for three phones and spaces, on the average of English.
    /// <inheritdoc/>
    private protected override int MostPhones(int symbols) => symbols / 4 * 3;

    /// <inheritdoc/>
    private protected override TextFrontEnd WithLexicon(UserLexicon lexicon) => new EnglishIpaFrontEnd(Symbols, lexicon);

    /// <inheritdoc/>
    private protected override WrittenPhones Write(Transcript transcript)
    {
        var phonemes = EspeakIpa.Write(transcript);
        var encoded = Symbols.Tokenize(phonemes.Text);
        return new WrittenPhones(phonemes.Text, encoded, encoded.TokensOf(phonemes.Words));
    }
}
