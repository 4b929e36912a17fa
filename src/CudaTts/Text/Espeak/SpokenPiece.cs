namespace CudaTts.Text.Espeak;

/// <summary>What a piece of a text is.</summary>
internal enum PieceKind
{
    /// <summary>Words without a mark between them.</summary>
    Clause,

    /// <summary>Punctuation, which nobody says.</summary>
    Mark,

    /// <summary>Phonemes that the text gives, between double brackets.</summary>
    Phonemes,
}

/// <summary>A piece of a text, no white space at its ends.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Place">Its characters, with the brackets around phonemes.</param>
internal readonly record struct SpokenPiece(PieceKind Kind, TextRange Place);
