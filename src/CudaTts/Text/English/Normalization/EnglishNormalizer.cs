namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Turns English as it is written into what is said: words, letters and pauses. First it classifies, then it verbalises: the text is folded,
/// every class of written forms proposes readings of what begins at each place, and the chain of readings that covers the text at the lowest
/// cost is said. Linear in the text. All punctuation that marks a pause becomes one of <c>, . ! ?</c>, the marks of the default voice's
/// training text.
/// </summary>
internal static class EnglishNormalizer
{
    // The first code that is not of ASCII, and one character for all of those: to the sieve they are the same.
    private const int BeyondAscii = 128;
    private const char NotAscii = '\u00A7';

    // Among readings of one cost the class that stands first here wins.
    private static readonly SemioticClass[] Classes =
    [
        new UserWords(), new MarkUp(), new Electronic(), new Scripture(), new Dates(), new Times(), new Durations(), new Telephones(), new Codes(),
        new Money(), new Measures(), new Fractions(), new Mathematics(), new Ratios(), new Versions(), new Addresses(), new RomanNumerals(),
        new Ordinals(), new Numbers(), new Abbreviations(), new Initialisms(), new Words(), new Marks(),
    ];

    // For each ASCII character the classes that may begin with it; the last row is for all others.
    private static readonly SemioticClass[][] ByFirst =
    [
        .. Enumerable.Range(0, BeyondAscii + 1)
            .Select(first => Array.FindAll(Classes, kind => kind.MayBeginWith(first == BeyondAscii ? NotAscii : (char)first))),
    ];

    /// <summary>Appends what a stretch of text says.</summary>
    /// <param name="text">The stretch; a space that the text itself does not have may end it.</param>
    /// <param name="spoken">Receives what it says, and where in the text that is written.</param>
    /// <param name="lexicon">The user's words, if any.</param>
    /// <param name="place">Where in the text the stretch stands.</param>
    public static void Normalize(string text, SpokenText spoken, UserLexicon? lexicon, TextRange place)
    {
        var places = new List<int>();
        var folded = SpeechFolding.Fold(text, places);
        var passage = new Passage(folded, lexicon);
        var best = BestChain(passage);
        for (var at = 0; at < folded.Length;)
        {
            if (best[at] is not { } reading)
            {
                at++;
                continue;
            }

            // A character of two units, or one with accents behind it, reaches to the next.
            var end = reading.End == folded.Length ? text.Length : Math.Max(PlaceOf(reading.End), PlaceOf(reading.End - 1) + 1);
            spoken.Add(reading, new TextRange(place.Start + PlaceOf(at), Math.Min(place.Start + end, place.End)));
            at = reading.End;
        }

        int PlaceOf(int character) => places.Count == 0 ? character : places[character];
    }

    /// <summary>For every place the reading with which the cheapest chain from there to the end begins; null where none begins.</summary>
    private static Reading?[] BestChain(Passage passage)
    {
        var length = passage.Text.Length;
        var best = new Reading?[length];
        var costs = new long[length + 1];
        var values = new ValuesBehind();
        var readings = new ReadingList();
        for (var at = length - 1; at >= 0; at--)
        {
            costs[at] = costs[at + 1];
            if (passage[at] == ' ' || !passage.IsTokenStart(at))
            {
                continue;
            }

            Propose(passage, at, readings, values);
            costs[at] = long.MaxValue;
            foreach (var reading in readings.Readings)
            {
                // What ends within a run of letters or digits would drop the rest of it.
                var isWhole = reading.End == length || passage.IsTokenStart(reading.End);
                if (isWhole && reading.Cost + costs[reading.End] < costs[at])
                {
                    (best[at], costs[at]) = (reading, reading.Cost + costs[reading.End]);
                }
            }
        }

        return best;
    }

    /// <summary>All readings of what begins at a place: those of the classes, and the ranges that begin with one of them.</summary>
    private static void Propose(Passage passage, int at, ReadingList readings, ValuesBehind values)
    {
        readings.Clear();
        var first = passage[at];
        foreach (var kind in ByFirst[Math.Min((int)first, BeyondAscii)])
        {
            readings.Class = kind.Name;
            kind.Propose(passage, at, readings);
        }

        values.Keep(at, readings);
        Ranges.Propose(passage, at, values, readings);
    }
}
