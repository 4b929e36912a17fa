using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>Titles, abbreviations and initials: whether the sentence goes on behind the dot of one.</summary>
internal static class ShortForms
{
    // A name or a number follows these, whatever it begins with: the sentence goes on.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Titles = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "messrs", "prof", "rev", "hon", "gen", "lt", "col", "capt", "sgt", "maj", "gov", "sen", "rep", "adm", "cmdr", "supt", "vs",
        "fig", "vol", "pp", "cf", "viz", "ca", "eq", "approx", "e.g", "i.e",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    // Doctor or drive, saint or street, mount, fort or feet: a name follows, or the sentence ends.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> BeforeNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "dr", "st", "mt", "ft",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    // These often end a sentence: the word behind tells.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> MayEnd = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "inc", "ltd", "co", "corp", "bros", "etc", "ave", "blvd", "rd", "ln", "apt", "ph.d", "est", "univ", "assn", "jr", "sr", "al", "jan", "feb",
        "apr", "aug", "sept", "oct", "nov", "dec", "dept",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    // What follows an hour of the day with a capital and no new sentence: a day, a month, a time zone.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> BehindHours = new HashSet<string>
    {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "March", "April", "May", "June", "July",
        "August", "September", "October", "November", "December", "Eastern", "Central", "Mountain", "Pacific", "Greenwich", "London", "Paris",
        "Berlin", "Tokyo", "Beijing", "Moscow", "British", "Atlantic", "Alaska", "Hawaii", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    // Words that begin a sentence and are names as well: behind "Dr." they are the name.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Names = new HashSet<string>
    {
        "A", "No", "Who", "Will", "Can", "So", "Do", "Most", "Many", "Let", "Why", "How",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a dot behind a word may belong to it: a title, an abbreviation, an initial.</summary>
    public static bool IsOne(ReadOnlySpan<char> word) => word.Length is > 0 and <= 8
        && (IsInitial(word) || Titles.Contains(word) || BeforeNames.Contains(word) || MayEnd.Contains(word));

    /// <summary>Whether a sentence goes on behind a word and its dot.</summary>
    /// <param name="word">The word.</param>
    /// <param name="next">The word behind the dot.</param>
    /// <param name="isNextShort">Whether that has a dot too.</param>
    public static bool GoesOn(ReadOnlySpan<char> word, ReadOnlySpan<char> next, bool isNextShort) =>
        Titles.Contains(word) || (IsOne(word) && !Begins(word, next, isNextShort));

    private static bool IsInitial(ReadOnlySpan<char> word) => (word.Length == 1 && char.IsUpper(word[0]) && word[0] != 'I') || word.Contains('.');

    /// <summary>Whether a sentence begins behind a short form: with a word that begins sentences and is no part of a name.</summary>
    private static bool Begins(ReadOnlySpan<char> word, ReadOnlySpan<char> next, bool isNextShort)
    {
        var isHour = word.Equals("a.m", StringComparison.OrdinalIgnoreCase) || word.Equals("p.m", StringComparison.OrdinalIgnoreCase);
        if (isHour && next.Length > 0 && char.IsUpper(next[0]))
        {
            // Four capitals or fewer are a time zone.
            return !BehindHours.Contains(next) && (next.Length is 1 or > 4 || next.IndexOfAnyInRange('a', 'z') >= 0);
        }

        // A single letter with a dot is an initial: J. A. Smith.
        return SentenceEnds.IsStarter(next) && !(next.Length == 1 && isNextShort) && !(BeforeNames.Contains(word) && Names.Contains(next));
    }
}
