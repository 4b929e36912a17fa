using System.Diagnostics;
using System.Globalization;
using CudaTts.Compute;

namespace CudaTts.Benchmarks.Compare;

/// <summary>
/// Callers that speak at once, against the same texts one call after another and as one batch, by turns in one process: what sharing the device
/// gives, and what it costs against a batch that is known beforehand.
/// </summary>
internal static class CallersCommand
{
    // Sentences of some lengths, from a word to three lines.
    private static readonly string[] s_texts =
    [
        "Good morning.",
        "The train to the coast leaves at nine.",
        "When the rain had stopped we walked along the river and looked for a place to sit.",
        "He asked whether anybody had seen his hat.",
        "A long winter had left the garden bare, and it was April before the first of the tulips came up between the stones.",
        "Nobody answered.",
        "There are more books in this house than anyone could read in a lifetime, she said, and laughed.",
        "It will be fine tomorrow.",
    ];

    /// <summary>Prints a table.</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="threads">Threads, 0 for all cores.</param>
    /// <param name="voice">The voice's folder, or none for the default voice.</param>
    /// <param name="callers">How many speak at once.</param>
    /// <param name="rounds">Rounds of all ways.</param>
    public static void Run(string device, int threads, string? voice, int callers, int rounds)
    {
        using var synthesizer = SpeechSynthesizer.Load(voice, new DeviceOptions { Name = device, Threads = threads });
        var options = new SpeechOptions { Attempts = 1 };
        string[] texts = [.. Enumerable.Range(0, callers).Select(i => s_texts[i % s_texts.Length])];
        var seconds = texts.Sum(text => Seconds(synthesizer.Speak(text, options)));
        var ways = new (string Name, Action Speak)[]
        {
            ("one after another", () => Array.ForEach(texts, text => synthesizer.Speak(text, options))),
            ("one batch", () => _ = synthesizer.SpeakAll(texts.Select(text => new SpeechRequest(text, options))).Count()),
            ("callers at once", () => Together(synthesizer, texts, options)),
        };
        var times = ways.ToDictionary(way => way.Name, _ => new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, speak) in ways)
            {
                var start = Stopwatch.GetTimestamp();
                speak();
                times[name].Add(seconds / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        var name0 = synthesizer.Device.DisplayName;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name0}, {synthesizer.Device.Threads} threads; {callers} texts of {seconds:F1} s together; {rounds} rounds: median (least to most)\n"));
        Console.WriteLine("| way | seconds of audio a second | against one after another |");
        Console.WriteLine("| --- | --- | --- |");
        foreach (var (name, _) in ways)
        {
            var ratio = Spread.Of(times[name].Zip(times[ways[0].Name], (own, first) => own / first));
            Console.WriteLine($"| {name} | {Spread.Of(times[name]).Text(1)} | {ratio.Text(2)} |");
        }
    }

    private static void Together(SpeechSynthesizer synthesizer, string[] texts, SpeechOptions options)
    {
        var threads = Array.ConvertAll(texts, text => new Thread(() => synthesizer.Speak(text, options)));
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }

    private static double Seconds(SpeechResult result) => (double)result.Audio.Samples.Length / result.Audio.SampleRate;
}
