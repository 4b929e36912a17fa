using System.Globalization;
using System.Text;

namespace CudaTts.Pipeline;

/// <summary>
/// Captions of speech as SubRip and WebVTT (W3C, WebVTT: The Web Video Text Tracks Format). A caption is at most a sentence, two lines of 42
/// characters, which is usual for subtitles, and seven seconds; a longer word has a line of its own.
/// </summary>
public static class Captions
{
    private const int LongestLine = 42;
    private const double LongestSeconds = 7;

    // What is shorter cannot be read; it stays until the next begins.
    private const double ShortestSeconds = 1;

    /// <summary>The captions in the form of .srt files, lines ended by line feeds.</summary>
    public static string ToSubRip(SpeechTimestamps timestamps)
    {
        var written = new StringBuilder();
        foreach (var cue in Cues(timestamps))
        {
            written.Append(CultureInfo.InvariantCulture, $"{cue.Number}\n{Time(cue.Start, ',')} --> {Time(cue.End, ',')}\n{cue.Text}\n\n");
        }

        return written.ToString();
    }

    /// <summary>The captions in the form of .vtt files, lines ended by line feeds.</summary>
    public static string ToWebVtt(SpeechTimestamps timestamps)
    {
        var written = new StringBuilder("WEBVTT\n\n");
        foreach (var cue in Cues(timestamps))
        {
            written.Append(CultureInfo.InvariantCulture, $"{cue.Number}\n{Time(cue.Start, '.')} --> {Time(cue.End, '.')}\n{Escape(cue.Text)}\n\n");
        }

        return written.ToString();
    }

    private static IEnumerable<Cue> Cues(SpeechTimestamps timestamps)
    {
        ArgumentNullException.ThrowIfNull(timestamps);
        var groups = timestamps.Sentences.SelectMany(sentence => Groups(sentence.Words)).ToList();
        var start = 0L;
        for (var i = 0; i < groups.Count; i++)
        {
            // Whole milliseconds, at least one a caption, none before the one before it.
            start = Math.Max(start, Milliseconds(groups[i][0].Start));
            var latest = Milliseconds(i + 1 < groups.Count ? groups[i + 1][0].Start : timestamps.Duration);
            var end = Math.Max(Milliseconds(groups[i][^1].End), Math.Min(latest, start + Milliseconds(ShortestSeconds)));
            yield return new Cue(i + 1, start, Math.Max(end, start + 1), Lines(groups[i]));
            start = Math.Max(end, start + 1);
        }
    }

    private static IEnumerable<List<WordTime>> Groups(IReadOnlyList<WordTime> words)
    {
        var group = new List<WordTime>();
        // A word without text is phones that a document gives and writes nothing for.
        foreach (var word in words.Where(word => word.Text.Length > 0))
        {
            if (group.Count > 0 && (word.End - group[0].Start > LongestSeconds || !Fits([.. group, word])))
            {
                yield return group;
                group = [];
            }

            group.Add(word);
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    private static bool Fits(List<WordTime> words) => LastWordOfFirstLine(words) is not null;

    private static string Lines(List<WordTime> words)
    {
        var first = LastWordOfFirstLine(words) ?? words.Count;
        var second = Join(words[first..]);
        return second.Length == 0 ? Join(words[..first]) : $"{Join(words[..first])}\n{second}";
    }

    /// <summary>
    /// How many words go to the first line: all when they fit, else as many as make the lines most alike; null when two lines do not do.
    /// </summary>
    private static int? LastWordOfFirstLine(List<WordTime> words)
    {
        if (Join(words).Length <= LongestLine)
        {
            return words.Count;
        }

        var fitting = Enumerable.Range(1, words.Count - 1)
            .Select(count => (Count: count, First: Join(words[..count]).Length, Second: Join(words[count..]).Length))
            .Where(lines => lines.First <= LongestLine && lines.Second <= LongestLine)
            .ToList();
        return fitting.Count == 0 ? null : fitting.MinBy(lines => Math.Abs(lines.First - lines.Second)).Count;
    }

    private static string Join(List<WordTime> words) => string.Join(' ', words.Select(word => word.Text));

    private static long Milliseconds(double seconds) => (long)Math.Round(seconds * 1000);

    private static string Time(long milliseconds, char point) => string.Create(
        CultureInfo.InvariantCulture,
        $"{milliseconds / 3_600_000:D2}:{milliseconds / 60_000 % 60:D2}:{milliseconds / 1000 % 60:D2}{point}{milliseconds % 1000:D3}");

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);

    private readonly record struct Cue(int Number, long Start, long End, string Text);
}
