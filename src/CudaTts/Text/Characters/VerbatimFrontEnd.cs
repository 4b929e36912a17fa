namespace CudaTts.Text.Characters;

/// <summary>Characters as they are. What is no symbol is an error.</summary>
internal sealed class VerbatimFrontEnd(SymbolTable symbols) : CharacterFrontEnd(RegisteredName, symbols)
{
    /// <summary>Its name in manifests.</summary>
    public const string RegisteredName = "none";

    /// <inheritdoc/>
    private protected override AnnotatedText Clean(string text) => AnnotatedText.Parse(text);

    /// <inheritdoc/>
    private protected override TokenizedText Tokenize(AnnotatedText cleaned) => Symbols.TokenizeExactly(cleaned);
}
