using CudaTts.Text;

namespace CudaTts.Pipeline;

/// <summary>A sentence to read, or (with no text) a break or a mark between sentences.</summary>
/// <param name="Text">What to say; empty for a break or a mark.</param>
/// <param name="Options">How to say it.</param>
/// <remarks>Places within the text are counts of the characters before them that are no white space.</remarks>
internal sealed record SpeechSegment(string Text, SpeechOptions Options)
{
    /// <summary>Silence of an exact length.</summary>
    public int? BreakMilliseconds { get; init; }

    /// <summary>A mark between sentences.</summary>
    public string? Mark { get; init; }

    /// <summary>Marks within the text, each with its place.</summary>
    public IReadOnlyList<SpeechMark> Inside { get; init; } = [];

    /// <summary>Where the text has several ways of being spoken: each, with its place; the first has none before it.</summary>
    public IReadOnlyList<(int Offset, SpeechOptions Options)> Parts { get; init; } = [];

    /// <summary>Where the text stands for something else that the document writes.</summary>
    public IReadOnlyList<WrittenPart> Written { get; init; } = [];

    /// <summary>What belongs to the characters [start, end).</summary>
    public SpeechSegment Cut(string text, int start, int end)
    {
        var first = Math.Max(0, FirstAt(Parts, part => part.Offset, start + 1) - 1);
        var parts = Between(Parts, first, part => part.Offset < end).Select(part => (Math.Max(0, part.Offset - start), part.Options)).ToList();
        return new SpeechSegment(text, parts.Count == 0 ? Options : parts[0].Options)
        {
            Inside = [.. Between(Inside, FirstAt(Inside, mark => mark.Offset, start), mark => mark.Offset < end)
                .Select(mark => mark with { Offset = mark.Offset - start })],
            Parts = parts,
            Written = [.. Between(Written, FirstAt(Written, part => part.End, start + 1), part => part.Start < end)
                .Select(part => part with { Start = part.Start - start, End = part.End - start })],
        };
    }

    /// <summary>What belongs to each part of its tokens.</summary>
    public IEnumerable<(TokenSequence Tokens, SpeechSegment Segment)> Divide(IReadOnlyList<TokenSequence> tokens)
    {
        var start = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            var end = i + 1 == tokens.Count ? int.MaxValue : start + tokens[i].Written.Sum(word => SpeechSegments.CharactersOf(word.Text));
            yield return (tokens[i], Cut(Text, start, end));
            start = end;
        }
    }

    /// <summary>The marks within the text, each with the number of words before it.</summary>
    public IReadOnlyList<SpeechMark> MarksIn(WrittenParts words) =>
        [.. Inside.Select(mark => mark with { Offset = words.WordsBefore(mark.Offset) })];

    /// <summary>The parts, each with the number of words before it; a word that is said as one thing belongs to one of them.</summary>
    public IReadOnlyList<(int FirstWord, SpeechOptions Options)> PartsIn(WrittenParts words)
    {
        var parts = Parts.Select(part => (FirstWord: words.WordsBefore(part.Offset), part.Options)).ToList();
        return [.. parts.Where((part, i) => part.FirstWord < words.Tokens.Written.Count
            && (i + 1 == parts.Count || part.FirstWord < parts[i + 1].FirstWord))];
    }

    /// <summary>The first of some things in order whose place is not before another.</summary>
    private static int FirstAt<T>(IReadOnlyList<T> things, Func<T, int> placeOf, int place)
    {
        var (low, high) = (0, things.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = placeOf(things[middle]) < place ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static IEnumerable<T> Between<T>(IReadOnlyList<T> things, int first, Func<T, bool> isBefore)
    {
        for (var i = first; i < things.Count && isBefore(things[i]); i++)
        {
            yield return things[i];
        }
    }
}
