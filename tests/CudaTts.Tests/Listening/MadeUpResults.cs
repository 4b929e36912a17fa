using System.Text.Json;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;

namespace CudaTts.Tests.Listening;

/// <summary>Results of listeners who give the scores that a test wants, as the page would save them.</summary>
internal static class MadeUpResults
{
    public const string TestId = "made-up";

    /// <summary>A key of systems and sentences; the blind name of both is <c>system.sentence</c>.</summary>
    public static KeyFile Key(ListeningMethod method, IEnumerable<string> systems, int sentences, params IEnumerable<KeyRow> more) => new(
        TestId, method,
        systems.SelectMany(system => Enumerable.Range(0, sentences)
            .Select(i => new KeyRow($"{system}.{i}", system, $"{i}", ClipKind.Rating, null, 1))).Concat(more));

    /// <summary>A listener with scores of stimuli.</summary>
    public static ListenerResult Of(long listener, params IEnumerable<(string Stimulus, int Score)> scores) => new()
    {
        TestId = TestId,
        PageVersion = "1",
        Listener = listener,
        Seed = 0,
        StartedAt = "2026-01-01T00:00:00.000Z",
        FinishedAt = "2026-01-01T00:10:00.000Z",
        Environment = new ResultEnvironment { UserAgent = "Mozilla/5.0 (X11, \"Linux\")", SampleRate = 48000, Screen = "1920x1080" },
        Answers = new ResultAnswers { Headset = "headphones", Hearing = "normal", Language = "native", Room = "quiet", BothEars = true },
        Ratings =
        [
            .. scores.Index().Select(entry => new ResultRating
            {
                Trial = entry.Index + 1,
                Block = "rating",
                Stimulus = entry.Item.Stimulus,
                Score = entry.Item.Score,
                Plays = 1,
                PlayedToEnd = true,
                SecondsToRate = 2.5,
                PresentedAt = "2026-01-01T00:01:00.000Z",
            }),
        ],
        Comment = "",
    };

    /// <summary>The same with something else said of every rating.</summary>
    public static ListenerResult Each(this ListenerResult result, Func<ResultRating, ResultRating> change) =>
        result with { Ratings = [.. result.Ratings.Select(change)] };

    /// <summary>The file.</summary>
    public static byte[] Json(this ListenerResult result) => JsonSerializer.SerializeToUtf8Bytes(result, ListeningJson.Instance.ListenerResult);

    /// <summary>The report of results.</summary>
    public static ListeningReport Analyse(KeyFile key, ScreeningRules? rules, params IEnumerable<ListenerResult> results)
    {
        var reader = new ResultReader(key);
        var files = 0;
        foreach (var result in results)
        {
            reader.Add(result.Json(), $"{files++}.json");
        }

        return ListeningAnalysis.Report(reader, files, key, rules ?? new ScreeningRules(), seed: 1);
    }
}
