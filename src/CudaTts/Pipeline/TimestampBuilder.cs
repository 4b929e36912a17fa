using CudaTts.Text;

namespace CudaTts.Pipeline;

/// <summary>Collects the times of sentences whose audio need not be kept.</summary>
public sealed class TimestampBuilder
{
    private readonly List<SentenceTime> _sentences = [];
    private readonly List<MarkTime> _marks = [];
    private long _position;
    private int _sampleRate = 1;

    /// <summary>Takes the next sentence with its pauses.</summary>
    public void Add(SpokenSentence sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        _sampleRate = sentence.Audio.SampleRate;
        AddPause(sentence.PauseBefore);
        if (sentence.Tokens.Ids.Length > 0)
        {
            AddWords(sentence);
        }

        _position += sentence.Audio.Samples.Length;
        AddPause(sentence.PauseAfter);
    }

    /// <summary>The times of all sentences so far.</summary>
    public SpeechTimestamps Build() => new(Seconds(_position), [.. _sentences], [.. _marks]);

    private void AddWords(SpokenSentence sentence)
    {
        var times = TimesOf(sentence);
        _sentences.Add(times);
        foreach (var mark in sentence.Marks)
        {
            _marks.Add(new MarkTime(mark.Name, mark.Offset < times.Words.Count ? times.Words[mark.Offset].Start : times.End));
        }
    }

    private void AddPause(SpeechPause pause)
    {
        foreach (var mark in pause.Marks)
        {
            _marks.Add(new MarkTime(mark.Name, Seconds(_position + mark.Offset)));
        }

        _position += pause.Samples;
    }

    // A change of speed changes all times of a part alike.
    private static double PlaceOf(SpokenSentence sentence, double share)
    {
        var total = sentence.Parts.Count == 0 ? sentence.Audio.Samples.Length : sentence.Parts[^1].VocoderEnd;
        var (place, before) = (share * total, default(SpokenPart));
        foreach (var part in sentence.Parts)
        {
            if (place <= part.VocoderEnd)
            {
                var length = Math.Max(1, part.VocoderEnd - before.VocoderEnd);
                return before.End + ((place - before.VocoderEnd) / length * (part.End - before.End));
            }

            before = part;
        }

        return Math.Min(place, sentence.Audio.Samples.Length);
    }

    // Microseconds are far below a sample, and written in few digits.
    private double Seconds(double samples) => Math.Round(samples / _sampleRate, 6);

    private SentenceTime TimesOf(SpokenSentence sentence)
    {
        var boundaries = sentence.Mel.TokenBoundaries();
        double Time(int token) => Seconds(_position + PlaceOf(sentence, (double)boundaries[token] / sentence.Mel.Steps));
        WordTime Word(WrittenWord word) => new(
            word.Text,
            Time(word.FirstToken),
            Time(word.EndToken),
            [.. sentence.Tokens.SoundsOf(word).Select(sound => new PhonemeTime(sound.Name, Time(sound.FirstToken), Time(sound.EndToken)))]);
        var written = sentence.Tokens.Written;
        return new SentenceTime(
            string.Join(' ', written.Select(word => word.Text).Where(text => text.Length > 0)),
            Seconds(_position),
            Seconds(_position + sentence.Audio.Samples.Length),
            [.. written.Select(Word)]);
    }
}
