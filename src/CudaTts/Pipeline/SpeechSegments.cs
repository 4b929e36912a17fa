using System.Text;
using CudaTts.Audio;
using CudaTts.Text;
using CudaTts.Text.Ssml;

namespace CudaTts.Pipeline;

/// <summary>Cuts texts and SSML documents into segments.</summary>
internal static class SpeechSegments
{
    /// <summary>The sentences of a text.</summary>
    public static IEnumerable<SpeechSegment> OfText(string text, SpeechOptions options, TextFrontEnd frontEnd) =>
        frontEnd.Sentences(text).Select(sentence => new SpeechSegment(sentence, options));

    /// <summary>The sentences, breaks and marks of a document.</summary>
    /// <exception cref="TextException">The document is malformed.</exception>
    public static IEnumerable<SpeechSegment> OfSsml(string document, SpeechOptions options, TextFrontEnd frontEnd)
    {
        var plan = SsmlReader.Read(document);
        foreach (var warning in plan.Warnings)
        {
            options.Warnings?.Report(warning);
        }

        foreach (var step in WithWholeSentences(plan.Steps, frontEnd))
        {
            switch (step)
            {
                case Passage passage:
                    foreach (var segment in passage.Sentences(options, frontEnd))
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
    /// A mark, a break of no length and another prosody divide a text in a plan. Where they interrupt a sentence the texts become one again, so that
    /// the sentence is spoken as one: a model that has learnt sentences says a lone word badly.
    /// </summary>
    private static IEnumerable<SsmlStep> WithWholeSentences(IReadOnlyList<SsmlStep> steps, TextFrontEnd frontEnd)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i] is not SsmlText first)
            {
                yield return steps[i];
                continue;
            }

            var passage = new Passage();
            passage.Add(first);
            while (NextOfSentence(steps, i, passage, frontEnd) is { } next)
            {
                for (i++; i < next; i++)
                {
                    if (steps[i] is SsmlMark mark)
                    {
                        passage.Add(mark);
                    }
                }

                passage.Add((SsmlText)steps[next]);
            }

            yield return passage;
        }
    }

    /// <summary>The text that goes on with a sentence, behind marks or in another prosody; null when there is none.</summary>
    private static int? NextOfSentence(IReadOnlyList<SsmlStep> steps, int index, Passage passage, TextFrontEnd frontEnd)
    {
        var next = index + 1;
        while (next < steps.Count && steps[next] is SsmlMark or SsmlBreak { Milliseconds: 0 })
        {
            next++;
        }

        // Texts side by side that are spoken alike are sentences of their own: the document says so.
        return next < steps.Count && steps[next] is SsmlText text && (next > index + 1 || text.Prosody != passage.Prosody)
            && passage.GoesOnWith(text, frontEnd) ? next : null;
    }

    /// <summary>Texts of a document that are one, with the marks within them and their ways of being spoken.</summary>
    private sealed record Passage : SsmlStep
    {
        // So much of both sides tells whether a sentence ends between them.
        private const int Context = 60;

        private readonly StringBuilder _text = new();
        private readonly List<SpeechMark> _marks = [];
        private readonly List<(int Offset, Prosody Prosody)> _parts = [];
        private readonly List<WrittenPart> _written = [];
        private int _characters;

        /// <summary>How the last of it is spoken.</summary>
        public Prosody Prosody => _parts[^1].Prosody;

        public void Add(SsmlMark mark) => _marks.Add(new SpeechMark(mark.Name, _characters));

        public void Add(SsmlText text)
        {
            if (_parts.Count == 0 || text.Prosody != Prosody)
            {
                _parts.Add((_characters, text.Prosody));
            }

            _text.Append(_text.Length == 0 || text.IsAttached ? "" : " ").Append(text.Text);
            var (place, start) = (_characters, 0);
            foreach (var said in text.Substitutions)
            {
                place += CharactersOf(text.Text.AsSpan(start, said.Start - start));
                var end = place + CharactersOf(text.Text.AsSpan(said.Start, said.End - said.Start));
                _written.Add(new WrittenPart(place, end, said.Written));
                (place, start) = (end, said.End);
            }

            _characters = place + CharactersOf(text.Text.AsSpan(start));
        }

        /// <summary>Whether no sentence ends between this and another text.</summary>
        public bool GoesOnWith(SsmlText next, TextFrontEnd frontEnd)
        {
            var tail = _text.ToString(Math.Max(0, _text.Length - Context), Math.Min(Context, _text.Length));
            var joint = CharactersOf(tail);
            var both = tail + (next.IsAttached ? "" : " ") + next.Text[..Math.Min(Context, next.Text.Length)];
            var place = 0;
            foreach (var sentence in frontEnd.Sentences(both))
            {
                place += CharactersOf(sentence);
                if (place >= joint)
                {
                    break;
                }
            }

            return place != joint;
        }

        public IEnumerable<SpeechSegment> Sentences(SpeechOptions options, TextFrontEnd frontEnd)
        {
            var whole = new SpeechSegment(_text.ToString(), options)
            {
                Inside = _marks,
                Parts = _parts.ConvertAll(part => (part.Offset, WithProsody(options, part.Prosody))),
                Written = _written,
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
            PitchSemitones = Math.Clamp(
                options.PitchSemitones + prosody.PitchSemitones, -ProsodyChange.MostSemitones, ProsodyChange.MostSemitones),
            VolumeDecibels = Math.Min(
                options.VolumeDecibels + prosody.VolumeDecibels - prosody.EmphasisDecibels, ProsodyChange.MostDecibels),
            EmphasisDecibels = prosody.EmphasisDecibels,
        };
    }
}
