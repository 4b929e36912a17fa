using System.Diagnostics;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Text;

namespace CudaTts.Pipeline;

/// <summary>A sentence of a text, or a part of a long one, ready for the acoustic model.</summary>
/// <param name="Tokens">What the acoustic model reads.</param>
/// <param name="Index">
/// Which sentence of its text this is, from 0: part of the key of its random numbers, so that it sounds the same in any batch.
/// </param>
/// <param name="IsLast">Whether the text ends with it.</param>
/// <param name="Options">How to speak it.</param>
/// <param name="TextTime">Time that reading it took.</param>
internal sealed record ReadSentence(TokenSequence Tokens, int Index, bool IsLast, SpeechOptions Options, TimeSpan TextTime)
{
    /// <summary>Which text of several this sentence is from.</summary>
    public int Request { get; init; }

    /// <summary>Silence before it.</summary>
    public SpeechPause PauseBefore { get; init; } = SpeechPause.None;

    /// <summary>Silence after it.</summary>
    public SpeechPause PauseAfter { get; init; } = SpeechPause.None;

    /// <summary>Marks within it, each with the number of words before.</summary>
    public IReadOnlyList<SpeechMark> Marks { get; init; } = [];

    /// <summary>
    /// Where its words are spoken in several ways: each, with the number of words before it. The first has none; one or no part is one way.
    /// </summary>
    public IReadOnlyList<(int FirstWord, SpeechOptions Options)> Parts { get; init; } = [];

    /// <summary>How the acoustic model is to speak each token, [T], where that is not as it finds fit.</summary>
    public IReadOnlyList<TokenProsody>? Prosody { get; init; }

    /// <summary>Whether there are no words in it, only silence.</summary>
    public bool IsSilent => Tokens.Ids.Length == 0;

    /// <summary>Whether all of its audio stays as the vocoder makes it.</summary>
    public bool KeepsAudio => Options.KeepsAudio && Parts.All(part => part.Options.KeepsAudio);
}

/// <summary>Text to sentences to tokens, one sentence ahead of the one that is asked for.</summary>
internal static class SentenceReader
{
    /// <exception cref="TextException">There is nothing to say in the text, it is malformed SSML, or the voice has no use for a lexicon.</exception>
    public static IEnumerable<ReadSentence> Read(Voice voice, string text, SpeechOptions options, CancellationToken cancellation)
    {
        // Part of a text may have nothing to say (a line of dashes, a smiley); only when all of it has not is that an error.
        ReadSentence? ready = null;
        var isSilent = false;
        var pause = new PauseWriter(voice);
        var frontEnd = options.Lexicon is { } lexicon ? voice.FrontEnd.With(lexicon) : voice.FrontEnd;
        var segments = options.IsSsml ? SpeechSegments.OfSsml(text, options, frontEnd) : SpeechSegments.OfText(text, options, frontEnd);
        foreach (var segment in segments)
        {
            pause.Take(segment);
            var start = Stopwatch.GetTimestamp();
            var parts = segment.Text.Length == 0 ? [] : PartsOf(segment.Text, frontEnd, voice, cancellation);
            isSilent |= segment.Text.Length > 0 && parts.Count == 0;
            var time = Stopwatch.GetElapsedTime(start) / Math.Max(1, parts.Count);
            foreach (var (tokens, part) in segment.Divide(parts))
            {
                if (ready is not null)
                {
                    yield return ready;
                }

                var before = pause.Before(isFirst: ready is null);
                pause.Take(tokens, isWithin: tokens != parts[^1]);
                var words = new WrittenParts(tokens, part.Written);
                ready = ModelProsody.Divide(voice.Acoustic.Controls, new ReadSentence(
                    words.Tokens, ready is null ? 0 : ready.Index + 1, IsLast: false, part.Options, time)
                {
                    PauseBefore = before,
                    Marks = part.MarksIn(words),
                    Parts = part.PartsIn(words),
                });
            }
        }

        var after = pause.After();
        if (ready is null && (isSilent || after.Samples == 0))
        {
            throw isSilent ? TextFrontEnd.NothingToSay : new TextException("there is nothing to say: the text is empty.");
        }

        yield return (ready ?? Silence(options)) with { IsLast = true, PauseAfter = after };
    }

    private static IReadOnlyList<TokenSequence> PartsOf(string sentence, TextFrontEnd frontEnd, Voice voice, CancellationToken cancellation)
    {
        using var stage = voice.Device.BeginHostStage(Stage.Text);
        return frontEnd.ReadPartsIfAny(sentence, cancellation);
    }

    /// <summary>The sentence of a document that has breaks and no text.</summary>
    private static ReadSentence Silence(SpeechOptions options) =>
        new(new TokenSequence("", [], [], [], []), Index: 0, IsLast: true, options, default);

    /// <summary>Adds up the silence between two sentences: breaks, or where there are none the voice's pause.</summary>
    private sealed class PauseWriter(Voice voice)
    {
        private readonly int _sampleRate = voice.Vocoder.Mel.SampleRate;
        private List<SpeechMark> _marks = [];
        private int _placed;
        private int? _breakSamples;
        private double _silence;
        private bool _isWithinSentence;

        public void Take(SpeechSegment segment)
        {
            if (segment.BreakMilliseconds is { } milliseconds)
            {
                // Marks that came before it are where it begins.
                for (; _placed < _marks.Count; _placed++)
                {
                    _marks[_placed] = _marks[_placed] with { Offset = _breakSamples ?? 0 };
                }

                _breakSamples = checked((_breakSamples ?? 0) + (int)Math.Round(milliseconds * (_sampleRate / 1000.0)));
            }

            if (segment.Mark is { } mark)
            {
                _marks.Add(new SpeechMark(mark, _breakSamples ?? int.MaxValue));
            }
        }

        /// <summary>Takes what the voice's model wants behind a phrase, whose sentence goes on or not.</summary>
        public void Take(TokenSequence phrase, bool isWithin) =>
            (_silence, _isWithinSentence) = (phrase.SilenceAfter, isWithin && phrase.SilenceAfter > 0);

        /// <summary>The silence before the sentence that comes now.</summary>
        public SpeechPause Before(bool isFirst) =>
            Flush((isFirst || _isWithinSentence ? 0 : (int)(voice.Manifest.Defaults.PauseSeconds * _sampleRate)) + (int)(_silence * _sampleRate));

        /// <summary>The silence after the last sentence.</summary>
        public SpeechPause After() => Flush((int)(_silence * _sampleRate));

        // Marks without a break are where the next sentence begins.
        private SpeechPause Flush(int usual)
        {
            var samples = _breakSamples ?? usual;
            var pause = samples == 0 && _marks.Count == 0
                ? SpeechPause.None
                : new SpeechPause(samples, [.. _marks.Select(mark => mark with { Offset = Math.Min(mark.Offset, samples) })]);
            (_marks, _placed, _breakSamples) = ([], 0, null);
            return pause;
        }
    }
}
