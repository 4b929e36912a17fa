namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Turns English as it is written into what is said: words, letters and pauses. The text is folded to ASCII and read from left to right; where
/// a word, a number or a mark begins, the first kind of written form that recognises itself there says it (the semiotic classes of Ebden and
/// Sproat, "The Kestrel TTS text normalization system", 2014). Linear in the text. All punctuation that marks a pause becomes one of
/// <c>, . ! ?</c>, the marks of the default voice's training text; quotation marks, emoji and characters without a reading are dropped.
/// </summary>
internal static class EnglishNormalizer
{
    // In the order in which they are asked: a date before a fraction, money before a measure, a measure before a bare number.
    private static readonly SemioticClass[] Classes =
    [
        new UserWords(), new WebAddresses(), new NumericDates(), new DigitGroups(), new Times(), new DayAndMonth(), new Money(), new Fractions(),
        new Powers(), new Measures(), new OrdinalsAndDecades(), new Ranges(), new Decimals(), new WholeNumbers(), new Initials(), new States(),
        new RomanNumerals(), new Abbreviations(), new Words(), new Marks(),
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
        var passage = new Passage(folded, !folded.AsSpan().ContainsAnyInRange('a', 'z'), spoken, lexicon);
        for (var at = 0; at < folded.Length;)
        {
            var end = folded[at] == ' ' ? at + 1 : ReadAt(passage, at);
            spoken.Trace(new TextRange(place.Start + PlaceOf(at), Math.Min(place.Start + PlaceOf(end - 1) + 1, place.End)));
            at = end;
        }

        int PlaceOf(int character) => places.Count == 0 ? character : places[character];
    }

    private static int ReadAt(Passage passage, int at)
    {
        foreach (var kind in Classes)
        {
            if (kind.MayBeginWith(passage[at]) && kind.Read(passage, at) is var end && end > at)
            {
                return end;
            }
        }

        return at + 1;
    }
}
