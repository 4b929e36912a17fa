using System.Text;
using CudaTts.Audio;
using CudaTts.Text;
using CudaTts.Text.English;
using CudaTts.Text.Ssml;

namespace CudaTts.Pipeline;

/// <summary>A sentence to read, or (with no text) a break or a mark between sentences.</summary>
/// <param name="Text">What to say; empty for a break or a mark.</param>
/// <param name="Options">How to say it.</param>
internal sealed record SpeechPiece(string Text, SpeechOptions Options)
{
    /// <summary>Exact silence.</summary>
    public int? BreakMilliseconds { get; init; }

    /// <summary>A mark between sentences.</summary>
    public string? Mark { get; init; }

    /// <summary>Marks within the text, each with the number of characters before it that are no white space.</summary>
    public IReadOnlyList<SpeechMark> Inside { get; init; } = [];

    /// <summary>Where the text has several ways of being spoken: each, with the number of such characters before it; the first has none.</summary>
    public IReadOnlyList<(int Offset, SpeechOptions Options)> Parts { get; init; } = [];

    /// <summary>What belongs to the characters [start, end), counted without white space.</summary>
    public SpeechPiece Cut(string text, int start, int end)
    {
        var first = Parts.Count - 1;
        while (first > 0 && Parts[first].Offset > start)
        {
            first--;
        }

        var parts = Parts.Where((part, i) => i >= first && part.Offset < end).Select(part => (Math.Max(0, part.Offset - start), part.Options)).ToList();
        return new SpeechPiece(text, parts.Count == 0 ? Options : parts[0].Options)
        {
            Inside = [.. Inside.Where(mark => mark.Offset >= start && mark.Offset < end).Select(mark => mark with { Offset = mark.Offset - start })],
            Parts = parts,
        };
    }

    /// <summary>What belongs to each part of its tokens.</summary>
    public IEnumerable<(TokenSequence Tokens, SpeechPiece Piece)> Divide(IReadOnlyList<TokenSequence> tokens)
    {
        var start = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            var end = i + 1 == tokens.Count ? int.MaxValue : start + tokens[i].Written.Sum(word => SpeechPieces.CharactersOf(word.Text));
            yield return (tokens[i], Cut(Text, start, end));
            start = end;
        }
    }

    /// <summary>The marks within the text, each with the number of words before it.</summary>
    public IReadOnlyList<SpeechMark> MarksIn(TokenSequence tokens) => [.. Inside.Select(mark => mark with { Offset = WordsBefore(tokens, mark.Offset) })];

    /// <summary>The parts, each with the number of words before it; a word that is said as one thing belongs to one of them.</summary>
    public IReadOnlyList<(int FirstWord, SpeechOptions Options)> PartsIn(TokenSequence tokens)
    {
        var parts = Parts.Select(part => (FirstWord: WordsBefore(tokens, part.Offset), part.Options)).ToList();
        return [.. parts.Where((part, i) => part.FirstWord < tokens.Written.Count && (i + 1 == parts.Count || part.FirstWord < parts[i + 1].FirstWord))];
    }

    private static int WordsBefore(TokenSequence tokens, int offset)
    {
        var (word, characters) = (0, 0);
        while (word < tokens.Written.Count && characters < offset)
        {
            characters += SpeechPieces.CharactersOf(tokens.Written[word++].Text);
        }

        return word;
    }
}

/// <summary>Cuts texts and SSML documents into pieces.</summary>
internal static class SpeechPieces
{
    private const string ClosingMarks = ",.;:!?)]”’»…";

    /// <summary>The sentences of a text.</summary>
    public static IEnumerable<SpeechPiece> OfText(string text, SpeechOptions options, int longest) =>
        SentenceSplitter.Split(text, longest).Select(sentence => new SpeechPiece(sentence, options));

    /// <summary>The sentences, breaks and marks of a document.</summary>
    /// <exception cref="TextException">The document is malformed.</exception>
    public static IEnumerable<SpeechPiece> OfSsml(string document, SpeechOptions options, int longest)
    {
        foreach (var segment in WithWholeSentences(SsmlReader.Read(document).Segments))
        {
            switch (segment)
            {
                case Passage passage:
                    foreach (var piece in PiecesOf(passage, options, longest))
                    {
                        yield return piece;
                    }

                    break;
                case BreakSegment silence:
                    yield return new SpeechPiece("", options) { BreakMilliseconds = silence.Milliseconds };
                    break;
                case MarkSegment mark:
                    yield return new SpeechPiece("", options) { Mark = mark.Name };
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
    private static List<SpeechSegment> WithWholeSentences(IReadOnlyList<SpeechSegment> segments)
    {
        var whole = new List<SpeechSegment>();
        for (var i = 0; i < segments.Count; i++)
        {
            if (segments[i] is not TextSegment first)
            {
                whole.Add(segments[i]);
                continue;
            }

            var passage = new Passage(new StringBuilder(first.Text), [], [(0, first.Prosody)]);
            while (NextOfSentence(segments, i, passage) is { } next)
            {
                var text = (TextSegment)segments[next];
                var place = CharactersOf(passage.Text.ToString());
                passage.Marks.AddRange(segments.Skip(i + 1).Take(next - i - 1).Cast<MarkSegment>().Select(mark => new SpeechMark(mark.Name, place)));
                passage.Parts.Add((place, text.Prosody));
                passage.Text.Append(ClosingMarks.Contains(text.Text[0], StringComparison.Ordinal) ? "" : " ").Append(text.Text);
                i = next;
            }

            whole.Add(passage);
        }

        return whole;
    }

    /// <summary>The text that goes on with a sentence, behind marks or in another prosody; null when there is none.</summary>
    private static int? NextOfSentence(IReadOnlyList<SpeechSegment> segments, int index, Passage passage)
    {
        var next = index + 1;
        while (next < segments.Count && segments[next] is MarkSegment)
        {
            next++;
        }

        // Texts side by side that are spoken alike are sentences of their own: the document says so.
        return next < segments.Count && segments[next] is TextSegment text && !EndsSentence(passage.Text)
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

    private static IEnumerable<SpeechPiece> PiecesOf(Passage passage, SpeechOptions options, int longest)
    {
        var whole = new SpeechPiece(passage.Text.ToString(), options)
        {
            Inside = passage.Marks,
            Parts = passage.Parts.ConvertAll(part => (part.Offset, WithProsody(options, part.Prosody))),
        };
        var start = 0;
        foreach (var sentence in SentenceSplitter.Split(whole.Text, longest))
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
    private sealed record Passage(StringBuilder Text, List<SpeechMark> Marks, List<(int Offset, Prosody Prosody)> Parts) : SpeechSegment;
}
