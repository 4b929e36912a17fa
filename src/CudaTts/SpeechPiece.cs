using CudaTts.Audio;
using CudaTts.Text;
using CudaTts.Text.Ssml;

namespace CudaTts;

/// <summary>A sentence to read, or (with no text) a break or a mark between sentences.</summary>
/// <param name="Text">What to say; empty for a break or a mark.</param>
/// <param name="Options">How to say it.</param>
internal sealed record SpeechPiece(string Text, SpeechOptions Options)
{
    /// <summary>Exact silence.</summary>
    public int? BreakMilliseconds { get; init; }

    /// <summary>A mark between sentences.</summary>
    public string? Mark { get; init; }

    /// <summary>Whether no pause belongs before it, because the sentence before it goes on.</summary>
    public bool IsJoined { get; init; }

    /// <summary>Marks within the text, each with the number of characters before it that are no white space.</summary>
    public IReadOnlyList<SpeechMark> Inside { get; init; } = [];

    /// <summary>The marks within the text, each with the number of words before it.</summary>
    public IReadOnlyList<SpeechMark> MarksIn(TokenSequence tokens)
    {
        var marks = new List<SpeechMark>(Inside.Count);
        foreach (var mark in Inside)
        {
            var (word, characters) = (0, 0);
            while (word < tokens.Written.Count && characters < mark.Offset)
            {
                characters += SpeechPieces.CharactersOf(tokens.Written[word++].Text);
            }

            marks.Add(mark with { Offset = word });
        }

        return marks;
    }
}

/// <summary>Cuts texts and SSML documents into pieces.</summary>
internal static class SpeechPieces
{
    /// <summary>The sentences of a text.</summary>
    public static IEnumerable<SpeechPiece> OfText(string text, SpeechOptions options) =>
        SentenceSplitter.Split(text).Select(sentence => new SpeechPiece(sentence, options));

    /// <summary>The sentences, breaks and marks of a document.</summary>
    /// <exception cref="TextException">The document is malformed.</exception>
    public static IEnumerable<SpeechPiece> OfSsml(string document, SpeechOptions options)
    {
        var segments = WithMarksInside(SsmlReader.Read(document).Segments);
        Passage? last = null;
        foreach (var segment in segments)
        {
            switch (segment)
            {
                case Passage passage:
                    foreach (var piece in PiecesOf(passage, GoesOn(last, passage), options))
                    {
                        yield return piece;
                    }

                    last = passage;
                    break;
                case BreakSegment silence:
                    yield return new SpeechPiece("", options) { BreakMilliseconds = silence.Milliseconds, IsJoined = true };
                    break;
                case MarkSegment mark:
                    yield return new SpeechPiece("", options) { Mark = mark.Name, IsJoined = true };
                    break;
            }
        }
    }

    /// <summary>How many characters of a text are no white space.</summary>
    public static int CharactersOf(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var character in text)
        {
            count += char.IsWhiteSpace(character) ? 0 : 1;
        }

        return count;
    }

    /// <summary>
    /// A mark stands between texts in a plan. Where it interrupts a sentence the two texts are one again, so that the sentence is spoken as one.
    /// </summary>
    private static List<SpeechSegment> WithMarksInside(IReadOnlyList<SpeechSegment> segments)
    {
        var merged = new List<SpeechSegment>();
        for (var i = 0; i < segments.Count; i++)
        {
            if (segments[i] is not TextSegment text)
            {
                merged.Add(segments[i]);
                continue;
            }

            var passage = new Passage(text.Text, text.Prosody, []);
            while (TryContinue(segments, i, passage, out var next))
            {
                var marks = segments.Skip(i + 1).Take(next - i - 1).Cast<MarkSegment>();
                var place = CharactersOf(passage.Text);
                passage = new Passage(
                    $"{passage.Text} {((TextSegment)segments[next]).Text}",
                    passage.Prosody,
                    [.. passage.Marks, .. marks.Select(mark => new SpeechMark(mark.Name, place))]);
                i = next;
            }

            merged.Add(passage);
        }

        return merged;
    }

    /// <summary>Whether nothing but marks lies between a text that ends in the middle of a sentence and the next, spoken alike.</summary>
    private static bool TryContinue(IReadOnlyList<SpeechSegment> segments, int index, Passage passage, out int next)
    {
        next = index + 1;
        while (next < segments.Count && segments[next] is MarkSegment)
        {
            next++;
        }

        return next > index + 1 && next < segments.Count && !EndsSentence(passage.Text)
            && segments[next] is TextSegment text && text.Prosody == passage.Prosody;
    }

    /// <summary>A text spoken in another way than the one before it may be the same sentence; spoken alike, it is another.</summary>
    private static bool GoesOn(Passage? last, Passage next) => last is not null && last.Prosody != next.Prosody && !EndsSentence(last.Text);

    private static bool EndsSentence(string text)
    {
        var end = text.AsSpan().TrimEnd().TrimEnd("\"')]”’»");
        return !end.IsEmpty && end[^1] is '.' or '!' or '?' or '…' or '。' or '！' or '？';
    }

    private static IEnumerable<SpeechPiece> PiecesOf(Passage passage, bool goesOn, SpeechOptions options)
    {
        var own = WithProsody(options, passage.Prosody);
        var (place, isFirst) = (0, true);
        foreach (var sentence in SentenceSplitter.Split(passage.Text))
        {
            var end = place + CharactersOf(sentence);
            yield return new SpeechPiece(sentence, own)
            {
                IsJoined = goesOn && isFirst,
                Inside = [.. passage.Marks.Where(mark => mark.Offset >= place && mark.Offset < end).Select(mark => mark with { Offset = mark.Offset - place })],
            };
            (place, isFirst) = (end, false);
        }
    }

    private static SpeechOptions WithProsody(SpeechOptions options, Prosody prosody) => options with
    {
        Speed = Math.Clamp(options.Speed * prosody.Rate, TimeStretch.Slowest, TimeStretch.Fastest),
        PitchSemitones = Math.Clamp(options.PitchSemitones + prosody.PitchSemitones, -ProsodyChange.MostSemitones, ProsodyChange.MostSemitones),
        VolumeDecibels = Math.Min(options.VolumeDecibels + prosody.VolumeDecibels, ProsodyChange.MostDecibels),
    };

    /// <summary>A text with the marks within it.</summary>
    private sealed record Passage(string Text, Prosody Prosody, IReadOnlyList<SpeechMark> Marks) : SpeechSegment;
}
