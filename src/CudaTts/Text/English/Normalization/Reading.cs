namespace CudaTts.Text.English.Normalization;

/// <summary>What kind of value a reading gives, so that two of one kind can be the ends of a range.</summary>
internal enum ValueKind
{
    /// <summary>No value that a range could have as an end.</summary>
    None,

    /// <summary>A plain number.</summary>
    Number,

    /// <summary>A year of four digits.</summary>
    Year,

    /// <summary>A decade, "the 1960s".</summary>
    Decade,

    /// <summary>An ordinal, "1st".</summary>
    Ordinal,

    /// <summary>An amount of money.</summary>
    Money,

    /// <summary>A number with a unit, per cent among them.</summary>
    Measure,

    /// <summary>A time of day.</summary>
    Time,

    /// <summary>A day of the year.</summary>
    Date,

    /// <summary>A month or a day of the week.</summary>
    CalendarName,

    /// <summary>A Roman numeral.</summary>
    Roman,
}

/// <summary>The value that a reading gives.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Amount">The number, where there is one: what goes up is a range.</param>
/// <param name="Unit">The currency, the unit or the half of the day; empty for a plain number.</param>
/// <param name="Bare">The words without the unit, where the first end of a range may be said so; otherwise null.</param>
internal readonly record struct ReadingValue(ValueKind Kind, double Amount, string Unit = "", string? Bare = null);

/// <summary>
/// What a class makes of a stretch of text. The reading of a sentence is the chain of readings with the lowest sum of costs.
/// </summary>
/// <param name="Start">Where the stretch begins.</param>
/// <param name="End">The place behind it.</param>
/// <param name="Rule">Which rule of its class, in a few words.</param>
/// <param name="Words">
/// What is said, words with spaces between them: in small letters; capitals by themselves are letters to be named, and <c>, . ! ?</c> are pauses.
/// </param>
/// <param name="Cost"><see cref="Usual"/>, less where the context speaks for the reading, more where it is doubtful.</param>
internal sealed record Reading(int Start, int End, string Rule, string Words, int Cost = Reading.Usual)
{
    /// <summary>The cost of a reading that nothing speaks for or against.</summary>
    public const int Usual = 100;

    /// <summary>The cost where the context asks for this reading.</summary>
    public const int Certain = 60;

    /// <summary>The cost of a reading that only wins where there is no other.</summary>
    public const int Doubtful = 150;

    /// <summary>The class that proposed it.</summary>
    public string Class { get; init; } = "";

    /// <summary>The value that it gives, if it is one.</summary>
    public ReadingValue Value { get; init; }

    /// <summary>Phones of the user's lexicon, said in place of words.</summary>
    public IReadOnlyList<string>? Phones { get; init; }

    /// <summary>Whether its only word was written with a capital and small letters.</summary>
    public bool IsCapitalised { get; init; }
}
