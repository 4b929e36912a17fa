using System.Text.RegularExpressions;
using CudaTts.Audio;
using CudaTts.Pipeline;
using CudaTts.Quality;
using CudaTts.Quality.Signals;

namespace CudaTts.Tests.Cli;

/// <summary>The README's examples are this file's code, and its table is the command's help.</summary>
[TestFixture]
internal sealed partial class ReadMeTests : CommandTestBase
{
    [Test]
    [NonParallelizable]
    public async Task The_examples_run()
    {
        var previousFolder = Environment.CurrentDirectory;
        var previousVoice = Environment.GetEnvironmentVariable(Voice.FolderVariable);
        Environment.CurrentDirectory = At("out");
        Environment.SetEnvironmentVariable(Voice.FolderVariable, StoppingVoice);
        try
        {
            Example();
            await StreamExample();
            SsmlExample();
            File.Copy("hello.wav", "recording.wav");
            File.Copy("hello.wav", "copy.wav");
            EvaluationExample();
        }
        finally
        {
            Environment.CurrentDirectory = previousFolder;
            Environment.SetEnvironmentVariable(Voice.FolderVariable, previousVoice);
        }

        Assert.That(WavFile.Read(At("out/hello.wav")).Samples, Is.Not.Empty);
        Assert.That(File.ReadAllText(At("out/hello.srt")), Does.Contain("Here we go."));
    }

    [Test]
    public void The_examples_are_the_code_that_runs()
    {
        var source = File.ReadAllText(Path.Combine(Checkout.Root, "tests", "CudaTts.Tests", "Cli", "ReadMeTests.cs"));
        var code = CodeBetweenMarkers().Matches(source).Select(match => Unindent(match.Groups[1].Value)).ToArray();
        var blocks = CSharpBlocks().Matches(ReadMe()).Select(match => match.Groups[1].Value.TrimEnd()).ToArray();
        Assert.That(blocks, Is.Not.Empty);
        Assert.That(blocks, Is.EqualTo(code));
    }

    [Test]
    public void The_table_lists_the_verbs_of_the_command()
    {
        var inTable = TableVerbs().Matches(ReadMe()).Select(match => match.Groups[1].Value);
        var inHelp = HelpVerbs().Matches(Run("--help").Output.Split("Commands:")[1]).Select(match => match.Groups[1].Value);
        Assert.That(inTable, Is.EquivalentTo(inHelp));
    }

    [Test]
    public void The_files_that_it_links_to_exist()
    {
        var links = RelativeLinks().Matches(ReadMe()).Select(match => match.Groups[1].Value).ToArray();
        Assert.That(links, Is.Not.Empty);
        Assert.That(links.Where(link => !Path.Exists(Path.Combine(Checkout.Root, link))), Is.Empty);
    }

    private static void Example()
    {
        // README begins
        using var synthesizer = SpeechSynthesizer.Load();
        var speech = synthesizer.Speak("Hello from CudaTts.", new SpeechOptions { Seed = 1, Speed = 1.1 });
        WavFile.Write("hello.wav", speech.Audio);
        Console.WriteLine($"{speech.Audio.Duration.TotalSeconds:F1} s of speech, stopped by the {speech.Stop}");
        // README ends
    }

    private static async Task StreamExample()
    {
        // README begins
        using var synthesizer = SpeechSynthesizer.Load();
        await foreach (var chunk in synthesizer.StreamAsync("Speech can be heard while it is still being made."))
        {
            Console.WriteLine($"sentence {chunk.Sentence}: {chunk.Samples.Length} samples at {chunk.SampleRate} Hz");
        }

        // README ends
    }

    private static void SsmlExample()
    {
        // README begins
        using var synthesizer = SpeechSynthesizer.Load();
        var speech = synthesizer.SpeakSsml("<speak>One moment. <break time='500ms'/> <mark name='go'/>Here we go.</speak>");
        File.WriteAllText("hello.srt", Captions.ToSubRip(speech.Timestamps));
        Console.WriteLine($"'go' is at {speech.Timestamps.Marks[0].Time} s");
        // README ends
    }

    private static void EvaluationExample()
    {
        // README begins
        var reference = Signal.Of(AudioFile.Read("recording.wav"));
        var scores = PairEvaluation.Measure(reference, Signal.Of(AudioFile.Read("copy.wav")));
        Console.WriteLine($"PESQ {scores.PesqWb:F2}, STOI {scores.Stoi:F3}, MCD {scores.McdDb:F2} dB");
        // README ends
    }

    private static string ReadMe() => File.ReadAllText(Path.Combine(Checkout.Root, "README.md"));

    // A method's body is eight columns in.
    private static string Unindent(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Length > 8 ? line[8..].TrimEnd() : "")).Trim();

    [GeneratedRegex("""^ *// README begins\n(.*?)^ *// README ends""", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBetweenMarkers();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlocks();

    [GeneratedRegex("^\\| `([a-z-]+)[ `]", RegexOptions.Multiline)]
    private static partial Regex TableVerbs();

    [GeneratedRegex("^  ([a-z-]+) ", RegexOptions.Multiline)]
    private static partial Regex HelpVerbs();

    [GeneratedRegex("\\]\\(([^):]+)\\)")]
    private static partial Regex RelativeLinks();
}
