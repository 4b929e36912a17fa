using System.Text;

namespace CudaTts.Text.Characters;

/// <summary>
/// Characters as a voice knows them, of any language: a capital is a small letter where the voice has no capital. What is no symbol is left out.
/// </summary>
internal sealed class FoldedFrontEnd(SymbolTable symbols) : CharacterFrontEnd(RegisteredName, symbols)
{
    /// <summary>Its name in manifests.</summary>
    public const string RegisteredName = "characters";

    /// <inheritdoc/>
    private protected override AnnotatedText Clean(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var character in text.EnumerateRunes())
        {
            var isKnown = Symbols.HasCharacter(character);
            folded.Append((isKnown ? character : Rune.IsWhiteSpace(character) ? new Rune(' ') : Rune.ToLowerInvariant(character)).ToString());
        }

        return AnnotatedText.Parse(folded.ToString());
    }

    /// <inheritdoc/>
    private protected override TokenizedText Tokenize(AnnotatedText cleaned) => Symbols.Tokenize(cleaned.Text);
}
