namespace CudaTts.Text;

/// <summary>Where a word's phones come from.</summary>
public enum PronunciationOrigin
{
    /// <summary>The dictionary holds the word.</summary>
    Dictionary,

    /// <summary>The dictionary holds its stem, its parts, or the word with fewer repeated letters.</summary>
    Derived,

    /// <summary>The word has several sounds, and its neighbours chose one.</summary>
    HeteronymRule,

    /// <summary>The model of letters and sounds read it.</summary>
    LetterToSound,

    /// <summary>The letters are named.</summary>
    Spelled,

    /// <summary>The user's lexicon holds it.</summary>
    UserLexicon,

    /// <summary>The text itself gave the phones, in braces or as IPA in double brackets.</summary>
    Inline,
}

/// <summary>A word as it is said.</summary>
/// <param name="Word">The word or letter; empty for phones that the text itself gave.</param>
/// <param name="Phones">Its sounds in order.</param>
/// <param name="Origin">Where the phones come from.</param>
public sealed record PronouncedWord(string Word, IReadOnlyList<Phone> Phones, PronunciationOrigin Origin)
{
    /// <summary>The phones for people to read: their names with spaces between them.</summary>
    public string PhoneNames => string.Join(' ', Phones.Select(phone => phone.Symbol));
}
