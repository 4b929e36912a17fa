namespace CudaTts.Text.English.Normalization;

/// <summary>
/// One class of written forms (Ebden and Sproat, "The Kestrel TTS text normalization system", 2014): money, dates, measures, ... It proposes
/// readings of what begins at a place; which of them is said is decided over the whole sentence.
/// </summary>
internal abstract class SemioticClass
{
    /// <summary>What <c>tokens --explain</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a form of this class may begin with a character: a cheap first sieve.</summary>
    public virtual bool MayBeginWith(char first) => char.IsAsciiDigit(first);

    /// <summary>Proposes readings of what begins at a place. Takes a time that does not grow with the text.</summary>
    /// <param name="passage">The text.</param>
    /// <param name="at">A place where a word, a number or a mark begins.</param>
    /// <param name="readings">Receives the readings, each longer than nothing.</param>
    public abstract void Propose(Passage passage, int at, ReadingList readings);
}

/// <summary>Readings that begin at one place, as the classes add them.</summary>
internal sealed class ReadingList
{
    private readonly List<Reading> _readings = [];

    /// <summary>The class whose readings are being added.</summary>
    public string Class { get; set; } = "";

    /// <summary>The readings so far.</summary>
    public IReadOnlyList<Reading> Readings => _readings;

    /// <summary>Whether one of them is a value, as most of plain text are not.</summary>
    public bool HasValue => _readings.Exists(reading => reading.Value.Kind != ValueKind.None);

    /// <summary>Adds a reading that is more than words and a value.</summary>
    public void Add(Reading reading) => _readings.Add(reading with { Class = Class });

    /// <summary>Adds a reading.</summary>
    public void Add(int start, int end, string rule, string words, int cost = Reading.Usual, ReadingValue value = default) =>
        _readings.Add(new Reading(start, end, rule, words, cost) { Class = Class, Value = value });

    /// <summary>Forgets all readings.</summary>
    public void Clear() => _readings.Clear();
}
