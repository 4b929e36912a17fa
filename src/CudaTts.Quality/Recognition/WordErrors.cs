namespace CudaTts.Quality.Recognition;

/// <summary>
/// The words that a recogniser heard against those that were to be said: the alignment with the fewest errors. The word error rate is errors over
/// words, and may exceed 1.
/// </summary>
/// <param name="Words">Number of words to be said.</param>
/// <param name="Substituted">Words heard as another.</param>
/// <param name="Deleted">Words not heard.</param>
/// <param name="Inserted">Words heard that are not there.</param>
public sealed record WordErrors(int Words, int Substituted, int Deleted, int Inserted)
{
    /// <summary>Number of errors of all kinds.</summary>
    public int Errors => Substituted + Deleted + Inserted;

    /// <summary>Errors over words; null where there is nothing to say.</summary>
    public double? Rate => Words == 0 ? null : (double)Errors / Words;

    /// <summary>Counts the errors between two texts.</summary>
    /// <param name="said">The words to be said.</param>
    /// <param name="heard">The words heard, spelled alike.</param>
    public static WordErrors Between(IReadOnlyList<string> said, IReadOnlyList<string> heard) => Of(Align(said, heard));

    /// <summary>Counts the errors of an alignment.</summary>
    /// <param name="pairs">What <see cref="Align"/> gives.</param>
    public static WordErrors Of(IReadOnlyList<(string? Said, string? Heard)> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return new WordErrors(
            pairs.Count(pair => pair.Said is not null),
            pairs.Count(pair => pair is { Said: not null, Heard: not null } && pair.Said != pair.Heard),
            pairs.Count(pair => pair.Heard is null),
            pairs.Count(pair => pair.Said is null));
    }

    /// <summary>Pairs of words in order; one of a pair is null where a word was not heard or not to be said.</summary>
    /// <param name="said">The words to be said.</param>
    /// <param name="heard">The words heard, spelled alike.</param>
    public static IReadOnlyList<(string? Said, string? Heard)> Align(IReadOnlyList<string> said, IReadOnlyList<string> heard)
    {
        ArgumentNullException.ThrowIfNull(said);
        ArgumentNullException.ThrowIfNull(heard);
        var costs = Costs(said, heard);
        var pairs = new List<(string? Said, string? Heard)>();
        var (i, j) = (said.Count, heard.Count);
        while (i > 0 || j > 0)
        {
            if (i > 0 && j > 0 && costs[i, j] == costs[i - 1, j - 1] + (said[i - 1] == heard[j - 1] ? 0 : 1))
            {
                pairs.Add((said[--i], heard[--j]));
            }
            else if (i > 0 && costs[i, j] == costs[i - 1, j] + 1)
            {
                pairs.Add((said[--i], null));
            }
            else
            {
                pairs.Add((null, heard[--j]));
            }
        }

        pairs.Reverse();
        return pairs;
    }

    /// <summary>The least number of errors between the first i and the first j words.</summary>
    private static int[,] Costs(IReadOnlyList<string> said, IReadOnlyList<string> heard)
    {
        var costs = new int[said.Count + 1, heard.Count + 1];
        for (var i = 0; i <= said.Count; i++)
        {
            for (var j = 0; j <= heard.Count; j++)
            {
                costs[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    costs[i - 1, j - 1] + (said[i - 1] == heard[j - 1] ? 0 : 1), Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1);
            }
        }

        return costs;
    }
}
