namespace CudaTts.Text.English.Normalization;

/// <summary>Whether the dot of an abbreviation ends a sentence as well.</summary>
internal static class SentenceEnds
{
    // A word that begins with a capital behind an abbreviation may be a name; these, with a capital, begin a sentence.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Starters = ReadingTable.Set("""
        The A An He She It They We I You But And In On This That These Those There Then When Where Who Why How What If His Her Its Their
        My Our Your So For As At No Not Yes After Before However Although Some Most Many All Once Now Is Are Was Were Do Did Does Can
        Could Would Will Should Let Please Everyone Nobody Later Today Yesterday Tomorrow Meanwhile Nothing Something Everything Another
        Both Each Every Few Several Such Thus Therefore Instead Perhaps Maybe Finally First Next Because Since While Until Unless Though
        With Without From By To Of Or During Never Always Sometimes Often Soon Suddenly Here Someone
        Which Whose Whether Have Has Had Also Still Just Even Only Under Over Through Yet
        """);

    /// <summary>Whether a word with a capital begins a sentence rather than being a name.</summary>
    public static bool IsStarter(ReadOnlySpan<char> word) => Starters.Contains(word);

    /// <summary>Whether a word that begins a sentence stands behind a place.</summary>
    public static bool Follows(Passage passage, int end) => passage[end] is ' ' or '\n' && IsStarter(passage.WordAfter(end));
}
