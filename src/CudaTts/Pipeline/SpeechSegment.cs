using System.Text;
using CudaTts.Audio;
using CudaTts.Text;
using CudaTts.Text.Ssml;

namespace CudaTts.Pipeline;

/// <summary>A sentence to read, or (with no text) a break or a mark between sentences.</summary>
/// <param name="Text">What to say; empty for a break or a mark.</param>
/// <param name="Options">How to say it.</param>
internal sealed record SpeechSegment(string Text, SpeechOptions Options)
{
    /// <summary>Silence of an exact length.</summary>
    public int? BreakMilliseconds { get; init; }

    /// <summary>A mark between sentences.</summary>
    public string? Mark { get; init; }

    /// <summary>Marks within the text, each with the number of characters before it that are no white space.</summary>
    public IReadOnlyList<SpeechMark> Inside { get; init; } = [];

    /// <summary>Where the text has several ways of being spoken: each, with the number of such characters before it; the first has none.</summary>
    public IReadOnlyList<(int Offset, SpeechOptions Options)> Parts { get; init; } = [];

    /// <summary>What belongs to the characters [start, end), counted without white space.</summary>
    public SpeechSegment Cut(string text, int start, int end)
    {
        var first = Parts.Count - 1;
        while (first > 0 && Parts[first].Offset > start)
        {
            first--;
        }

        var parts = Parts.Where((part, i) => i >= first && part.Offset < end).Select(part => (Math.Max(0, part.Offset - start), part.Options))
            .ToList();
        return new SpeechSegment(text, parts.Count == 0 ? Options : parts[0].Options)
        {
            Inside = [.. Inside.Where(mark => mark.Offset >= start && mark.Offset < end).Select(mark => mark with { Offset = mark.Offset - start })],
            Parts = parts,
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
    public IReadOnlyList<SpeechMark> MarksIn(TokenSequence tokens) =>
        [.. Inside.Select(mark => mark with { Offset = WordsBefore(tokens, mark.Offset) })];

    /// <summary>The parts, each with the number of words before it; a word that is said as one thing belongs to one of them.</summary>
    public IReadOnlyList<(int FirstWord, SpeechOptions Options)> PartsIn(TokenSequence tokens)
    {
        var parts = Parts.Select(part => (FirstWord: WordsBefore(tokens, part.Offset), part.Options)).ToList();
        return [.. parts.Where((part, i) => part.FirstWord < tokens.Written.Count
            && (i + 1 == parts.Count || part.FirstWord < parts[i + 1].FirstWord))];
    }

    private static int WordsBefore(TokenSequence tokens, int offset)
    {
        var (word, characters) = (0, 0);
        while (word < tokens.Written.Count && characters < offset)
        {
            characters += SpeechSegments.CharactersOf(tokens.Written[word++].Text);
        }

        return word;
    }
}

/// <summary>Cuts texts and SSML documents into segments.</summary>
internal static class SpeechSegments
{
    private const string ClosingMarks = ",.;:!?)]”’»…";

    /// <summary>The sentences of a text.</summary>
    public static IEnumerable<SpeechSegment> OfText(string text, SpeechOptions options, TextFrontEnd frontEnd) =>
        frontEnd.Sentences(text).Select(sentence => new SpeechSegment(sentence, options));

    /// <summary>The sentences, breaks and marks of a document.</summary>
    /// <exception cref="TextException">The document is malformed.</exception>
    public static IEnumerable<SpeechSegment> OfSsml(string document, SpeechOptions options, TextFrontEnd frontEnd)
    {
        foreach (var step in WithWholeSentences(SsmlReader.Read(document).Steps))
        {
            switch (step)
            {
                case Passage passage:
                    foreach (var segment in SegmentsOf(passage, options, frontEnd))
                    {
                        yield return segment;
                    }

                    break;
                case SsmlBreak silence:
                    yield return new SpeechSegment("", options) { BreakMilliseconds = silence.Milliseconds };
                    break;
                case SsmlMark mark:
                    yield return new SpeechSegment("", options) { Mark = mark.Name };
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
    /// A mark, and another prosody, divide a text in a plan. Where they interrupt a sentence the texts become one again, so that the sentence is
    /// spoken as one: a model that has learnt sentences says a lone word badly.
    /// </summary>
    private static List<SsmlStep> WithWholeSentences(IReadOnlyList<SsmlStep> steps)
    {
        var whole = new List<SsmlStep>();
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i] is not SsmlText first)
            {
                whole.Add(steps[i]);
                continue;
            }

            var passage = new Passage(new StringBuilder(first.Text), [], [(0, first.Prosody)]);
            while (NextOfSentence(steps, i, passage) is { } next)
            {
                var text = (SsmlText)steps[next];
                var place = CharactersOf(passage.Text.ToString());
                passage.Marks.AddRange(steps.Skip(i + 1).Take(next - i - 1).Cast<SsmlMark>().Select(mark => new SpeechMark(mark.Name, place)));
                passage.Parts.Add((place, text.Prosody));
                passage.Text.Append(ClosingMarks.Contains(text.Text[0], StringComparison.Ordinal) ? "" : " ").Append(text.Text);
                i = next;
            }

            whole.Add(passage);
        }

        return whole;
    }

    /// <summary>The text that goes on with a sentence, behind marks or in another prosody; null when there is none.</summary>
    private static int? NextOfSentence(IReadOnlyList<SsmlStep> steps, int index, Passage passage)
    {
        var next = index + 1;
        while (next < steps.Count && steps[next] is SsmlMark)
        {
            next++;
        }

        // Texts side by side that are spoken alike are sentences of their own: the document says so.
        return next < steps.Count && steps[next] is SsmlText text && !EndsSentence(passage.Text)
            && (next > index + 1 || text.Prosody != passage.Parts[^1].Prosody) ? next : null;
    }

    private static bool EndsSentence(StringBuilder text)
    {
        var end = text.Length;
        while (end > 0 && (char.IsWhiteSpace(text[end - 1]) || "\"')]”’»".Contains(text[end - 1], StringComparison.Ordinal)))
        {
            end--;
        }

        return end > 0 && text[end - 1] is '.' or '!' or '?' or '…' or '。' or '！' or '？';
    }

    private static IEnumerable<SpeechSegment> SegmentsOf(Passage passage, SpeechOptions options, TextFrontEnd frontEnd)
    {
        var whole = new SpeechSegment(passage.Text.ToString(), options)
        {
            Inside = passage.Marks,
            Parts = passage.Parts.ConvertAll(part => (part.Offset, WithProsody(options, part.Prosody))),
        };
        var start = 0;
        foreach (var sentence in frontEnd.Sentences(whole.Text))
        {
            var end = start + CharactersOf(sentence);
            yield return whole.Cut(sentence, start, end);
            start = end;
        }
    }

    private static SpeechOptions WithProsody(SpeechOptions options, Prosody prosody) => options with
    {
        Speed = Math.Clamp(options.Speed * prosody.Rate, TimeStretch.Slowest, TimeStretch.Fastest),
        PitchSemitones = Math.Clamp(options.PitchSemitones + prosody.PitchSemitones, -ProsodyChange.MostSemitones, ProsodyChange.MostSemitones),
        VolumeDecibels = Math.Min(options.VolumeDecibels + prosody.VolumeDecibels, ProsodyChange.MostDecibels),
    };

    /// <summary>A text with the marks within it and its ways of being spoken, each with the number of characters before it.</summary>
    private sealed record Passage(StringBuilder Text, List<SpeechMark> Marks, List<(int Offset, Prosody Prosody)> Parts) : SsmlStep;
}
