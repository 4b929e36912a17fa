namespace CudaTts.Text.Espeak;

/// <summary>
/// Several clauses in one text for espeak-ng, which may write a clause as several lines or as none: so before, between and behind them stands a
/// paragraph of phonemes that no language says, and what lies between two of its lines is a clause.
/// </summary>
internal static class ClauseLines
{
    // Phonemes that every language has, whichever way its voice writes them.
    private const string Separator = "[[tntntktn]]";

    /// <summary>The text: a paragraph has lines of its own.</summary>
    public static string Join(IReadOnlyList<string> clauses) =>
        $"{Separator}\n\n{string.Join($"\n\n{Separator}\n\n", clauses)}\n\n{Separator}";

    /// <summary>The phonemes of each clause; null when the separators are not those that were written, so that nobody knows which is whose.</summary>
    /// <param name="lines">What the program has written of the text, no line empty.</param>
    /// <param name="clauses">How many clauses there were.</param>
    public static string[]? Split(IReadOnlyList<string> lines, int clauses)
    {
        if (lines.Count <= clauses || lines[0] != lines[^1] || lines.Count(line => line == lines[0]) != clauses + 1)
        {
            return null;
        }

        var said = new List<string>[clauses];
        var clause = -1;
        foreach (var line in lines.SkipLast(1))
        {
            if (line == lines[0])
            {
                said[++clause] = [];
            }
            else
            {
                said[clause].Add(line);
            }
        }

        return Array.ConvertAll(said, words => string.Join(' ', words));
    }
}
