namespace CudaTts.Text.Characters;

/// <summary>
/// The front end of the public checkpoints: the characters that <see cref="EnglishCleaners"/> leaves. What is no symbol is left out.
/// </summary>
internal sealed class EnglishCleanersFrontEnd(SymbolTable symbols) : CharacterFrontEnd(RegisteredName, symbols)
{
    /// <summary>Its name in manifests.</summary>
    public const string RegisteredName = "english_cleaners";

    /// <inheritdoc/>
    private protected override AnnotatedText Clean(string text) => EnglishCleaners.Clean(text);

    /// <inheritdoc/>
    private protected override TokenizedText Tokenize(AnnotatedText cleaned) => Symbols.Tokenize(cleaned);
}
