namespace CudaTts.Text.English;

/// <summary>
/// Where a sentence that is too long for an acoustic model is cut: at a pause, failing that in front of a word that begins a clause, failing that
/// between two words. Of several such places the one is taken that makes the parts about equally long.
/// </summary>
internal static class ClauseCuts
{
    // In front of these a long sentence is best cut where it has no comma.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Starts = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "and", "but", "or", "because", "which", "who", "that", "while", "when", "where", "although", "though", "if", "unless", "until", "since", "so",
        "after", "before", "as", "whereas", "whose", "for", "nor", "yet",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    private enum Place
    {
        BetweenWords,
        BeforeClause,
        AfterPause,
    }

    /// <summary>Whether a clause often begins with a word.</summary>
    public static bool BeginsClause(ReadOnlySpan<char> word) => Starts.Contains(word);

    /// <summary>
    /// The parts in order, each of at most <paramref name="longest"/> tokens, a pause always with the word before it. Linear in the units.
    /// </summary>
    public static IEnumerable<Range> Cut(IReadOnlyList<TranscriptUnit> units, int longest)
    {
        // No space stands behind the last.
        var left = units.Sum(unit => (long)unit.Tokens) - 1;
        for (var start = 0; start < units.Count;)
        {
            var end = left <= longest ? units.Count : PartEnd(units, start, longest, target: left / ((left + longest - 1) / longest));
            yield return start..end;
            for (; start < end; start++)
            {
                left -= units[start].Tokens;
            }
        }
    }

    /// <summary>The end of the part that begins at a place, so that it has about as many tokens as <paramref name="target"/>.</summary>
    private static int PartEnd(IReadOnlyList<TranscriptUnit> units, int start, int longest, long target)
    {
        var (best, bestPlace, bestTokens) = (start + 1, Place.BetweenWords, 0L);
        long tokens = units[start].Tokens;
        for (var end = start + 1; end < units.Count; end++)
        {
            var isPause = units[end].Word is null;
            if (!isPause)
            {
                var place = PlaceOf(units, end);

                // A pause in the first quarter would leave a fragment.
                place = tokens < longest / 4 ? Place.BetweenWords : place;
                if (place > bestPlace || (place == bestPlace && Math.Abs(tokens - target) <= Math.Abs(bestTokens - target)))
                {
                    (best, bestPlace, bestTokens) = (end, place, tokens);
                }
            }

            // One token is kept for the mark at the end.
            tokens += units[end].Tokens;
            if (tokens + (isPause ? 0 : 1) > longest)
            {
                return best;
            }
        }

        return best;
    }

    private static Place PlaceOf(IReadOnlyList<TranscriptUnit> units, int end) =>
        units[end - 1].Word is null ? Place.AfterPause : BeginsClause(units[end].Word!.Word) ? Place.BeforeClause : Place.BetweenWords;
}
