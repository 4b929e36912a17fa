using System.Globalization;
using System.Text;

namespace CudaTts.Text;

/// <summary>What a symbol does among others.</summary>
internal enum SymbolRole
{
    /// <summary>It is no sound and parts sounds: punctuation, a space.</summary>
    Mark,

    /// <summary>It stands between symbols and means nothing.</summary>
    Blank,

    /// <summary>The sound behind it is stressed.</summary>
    Stress,

    /// <summary>It belongs to the sound before it: length, aspiration, a tilde.</summary>
    Modifier,

    /// <summary>A letter, a phoneme or a digit.</summary>
    Sound,
}

/// <summary>Tells the roles of characters.</summary>
internal static class SymbolRoles
{
    /// <summary>What a character does, in writing as in the International Phonetic Alphabet.</summary>
    public static SymbolRole Of(Rune character) => character.Value is 'ˈ' or 'ˌ' ? SymbolRole.Stress : character.IsAscii
        ? Rune.IsLetterOrDigit(character) ? SymbolRole.Sound : SymbolRole.Mark
        : Rune.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol => SymbolRole.Modifier,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => SymbolRole.Modifier,
        _ => Rune.IsLetterOrDigit(character) ? SymbolRole.Sound : SymbolRole.Mark,
    };
}
