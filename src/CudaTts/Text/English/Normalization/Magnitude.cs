namespace CudaTts.Text.English.Normalization;

/// <summary>The word of a large number behind digits, in full or short: million, bn, k.</summary>
/// <param name="Name">The word; empty when there is none.</param>
/// <param name="End">The place behind it.</param>
internal readonly record struct Magnitude(string Name, int End)
{
    /// <summary>The magnitude behind a number of money.</summary>
    public static Magnitude Read(Passage passage, int at)
    {
        var start = passage.SkipSpaces(at);
        var end = passage.LettersEnd(start);
        var word = start - at > 1 ? "" : passage.Text[Math.Min(start, end)..end].ToLowerInvariant();

        // One letter is a magnitude where it is glued to the number; apart from it only the billion's is.
        var name = word switch
        {
            "thousand" or "million" or "billion" or "trillion" or "crore" or "lakh" => word,
            "bn" or "b" => "billion",
            "mn" or "mm" or "mio" => "million",
            "tn" => "trillion",
            "k" when start == at => "thousand",
            "m" when start == at => "million",
            "t" when start == at => "trillion",
            _ => "",
        };
        return name.Length == 0 || passage.IsDigit(end) || passage[end] == '\'' ? new("", at) : new(name, end);
    }

    /// <summary>The word of a large number written in full behind a number; empty when there is none.</summary>
    public static Magnitude ReadWord(Passage passage, int at)
    {
        var magnitude = passage[at] == ' ' ? Read(passage, at) : new("", at);
        return magnitude.End - at > 4 ? magnitude : new("", at);
    }
}
