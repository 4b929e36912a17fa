namespace CudaTts.Text.Espeak;

/// <summary>
/// Takes a sentence apart at its punctuation, of which espeak-ng tells nothing: so its marks stay in the places that they have in the text.
/// </summary>
internal static class ClausePieces
{
    // A comma or a colon between letters or digits is no pause: 1,000, 10:30.
    private const string Inner = ",:";
    private const string Final = Outer + ".";
    private const string Outer = ";!?¡¿…—–\"«»“”„。！？，、；：؟،؛।";

    /// <summary>The pieces in order; what lies between two is white space.</summary>
    public static List<SpokenPiece> Of(string text)
    {
        var pieces = new List<SpokenPiece>();
        var (start, next) = (0, 0);
        while (text.IndexOf("]]", next, StringComparison.Ordinal) is >= 0 and var close)
        {
            // The innermost pair: in "[[a [[b]]" the first brackets are text.
            var open = text.LastIndexOf("[[", close, close - next + 1, StringComparison.Ordinal);
            next = close + 2;
            if (open >= 0 && !string.IsNullOrWhiteSpace(text[(open + 2)..close]))
            {
                AddClauses(pieces, text, new TextRange(start, open));
                pieces.Add(new SpokenPiece(PieceKind.Phonemes, new TextRange(open, next)));
                start = next;
            }
        }

        AddClauses(pieces, text, new TextRange(start, text.Length));
        return pieces;
    }

    private static void AddClauses(List<SpokenPiece> pieces, string text, TextRange place)
    {
        // A full stop ends the sentence, or is of an abbreviation.
        var end = place.End;
        while (end > place.Start && (char.IsWhiteSpace(text[end - 1]) || Final.Contains(text[end - 1], StringComparison.Ordinal)))
        {
            end--;
        }

        var start = place.Start;
        for (var at = start; at < place.End; at++)
        {
            if (IsMark(text, at, place.End) || (text[at] == '.' && at >= end))
            {
                Add(pieces, text, PieceKind.Clause, new TextRange(start, at));
                Add(pieces, text, PieceKind.Mark, new TextRange(at, at + 1));
                start = at + 1;
            }
        }

        Add(pieces, text, PieceKind.Clause, new TextRange(start, place.End));
    }

    private static bool IsMark(string text, int at, int end)
    {
        var character = text[at];
        return Outer.Contains(character, StringComparison.Ordinal)
            || (Inner.Contains(character, StringComparison.Ordinal) && (at + 1 == end || !char.IsLetterOrDigit(text[at + 1])))
            || (character == '-' && IsSpace(at - 1) && IsSpace(at + 1));

        bool IsSpace(int place) => place < 0 || place >= end || char.IsWhiteSpace(text[place]);
    }

    private static void Add(List<SpokenPiece> pieces, string text, PieceKind kind, TextRange place)
    {
        var (start, end) = (place.Start, place.End);
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        if (end > start)
        {
            pieces.Add(new SpokenPiece(kind, new TextRange(start, end)));
        }
    }
}
