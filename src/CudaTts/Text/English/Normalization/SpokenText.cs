namespace CudaTts.Text.English.Normalization;

/// <summary>What an item of a normalised text is.</summary>
internal enum SpokenKind
{
    /// <summary>A word in small letters and apostrophes.</summary>
    Word,

    /// <summary>One letter to be named.</summary>
    Letter,

    /// <summary>Phones that the text or the user's lexicon gave.</summary>
    Phones,

    /// <summary>A pause: one of <c>, . ! ?</c>.</summary>
    Pause,
}

/// <summary>One item of a normalised text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The word, the letter or the pause; nothing for phones.</param>
internal readonly record struct SpokenItem(SpokenKind Kind, string Text)
{
    /// <summary>The names of phones; null for everything else.</summary>
    public IReadOnlyList<string>? Phones { get; init; }

    /// <summary>Whether a word was written with a capital and small letters: "Polish", not "POLISH".</summary>
    public bool IsCapitalised { get; init; }

    /// <summary>For phones of the user's lexicon, the word that they are of; null for everything else.</summary>
    public string? Entry { get; init; }
}

/// <summary>Items in the order they are spoken; pauses next to each other become the strongest of them.</summary>
internal sealed class SpokenText
{
    private const string PausesByStrength = ",.!?";

    private readonly List<SpokenItem> _items = [];
    private readonly List<TextRange> _places = [];
    private readonly List<Reading> _readings = [];
    private readonly List<TextRange> _readingPlaces = [];

    public IReadOnlyList<SpokenItem> Items => _items;

    /// <summary>The characters of the text that each item comes from.</summary>
    public IReadOnlyList<TextRange> Places => _places;

    /// <summary>The readings that were said, in order.</summary>
    public IReadOnlyList<Reading> Readings => _readings;

    /// <summary>The characters of the text that each reading is of.</summary>
    public IReadOnlyList<TextRange> ReadingPlaces => _readingPlaces;

    /// <summary>Adds what a reading says.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="place">The characters of the text that it is of.</param>
    public void Add(Reading reading, TextRange place)
    {
        if (reading.Phones is { } phones)
        {
            AddPhones(phones, reading.Words);
        }
        else
        {
            AddWords(reading.Words, reading.IsCapitalised);
        }

        _readings.Add(reading);
        _readingPlaces.Add(place);
        Trace(place);
    }

    /// <summary>Notes where what was added since the last call comes from.</summary>
    public void Trace(TextRange place)
    {
        while (_places.Count < _items.Count)
        {
            _places.Add(place);
        }
    }

    /// <summary>Words, letters and pauses as a reading has them.</summary>
    private void AddWords(string words, bool isCapitalised)
    {
        foreach (var range in words.AsSpan().SplitAny(' ', '-'))
        {
            var word = words.AsSpan()[range];
            if (word.Length == 1 && PausesByStrength.Contains(word[0], StringComparison.Ordinal))
            {
                AddPause(word[0]);
            }
            else if (word.Length == 1 && word is not "a")
            {
                // I and O are words that sound like the letters; so what is said has one form only.
                var name = char.ToLowerInvariant(word[0]);
                _items.Add(new SpokenItem(name is 'i' or 'o' ? SpokenKind.Word : SpokenKind.Letter, name.ToString()));
            }
            else if (word.Length > 0)
            {
                _items.Add(new SpokenItem(SpokenKind.Word, InFull(word)) { IsCapitalised = isCapitalised });
            }
        }
    }

    // Wherever these come from: they would be read so when the result is read again.
    private static string InFull(ReadOnlySpan<char> word) => word switch
    {
        "vs" => "versus",
        "km" => "kilometers",
        "cm" => "centimeters",
        "kg" => "kilograms",
        "mg" => "milligrams",
        _ => word.ToString().ToLowerInvariant(),
    };

    /// <summary>Phones as they are.</summary>
    /// <param name="phones">Their names.</param>
    /// <param name="entry">The word of the user's lexicon that they are of; null when the text itself gave them.</param>
    public void AddPhones(IReadOnlyList<string> phones, string? entry = null) =>
        _items.Add(new SpokenItem(SpokenKind.Phones, "") { Phones = phones, Entry = entry });

    /// <summary>A pause; before the first word there is none.</summary>
    public void AddPause(char pause)
    {
        if (_items.Count == 0)
        {
            return;
        }

        if (_items[^1].Kind != SpokenKind.Pause)
        {
            _items.Add(new SpokenItem(SpokenKind.Pause, pause.ToString()));
        }
        else if (PausesByStrength.IndexOf(pause, StringComparison.Ordinal) > PausesByStrength.IndexOf(_items[^1].Text[0], StringComparison.Ordinal))
        {
            _items[^1] = new SpokenItem(SpokenKind.Pause, pause.ToString());
        }
    }

    /// <summary>Ends the text with a full stop where it does not end a sentence by itself.</summary>
    public void Close()
    {
        if (_items.Count > 0)
        {
            AddPause('.');
        }
    }
}
