using System.Diagnostics;
using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Cli.Plot;
using CudaTts.Files;
using CudaTts.Models;
using CudaTts.Pipeline;
using CudaTts.Text.English;
using CudaTts.Text.Ssml;

namespace CudaTts.Cli;

/// <summary>What one call of <c>say</c> does: one text, or many of which each has its own file.</summary>
internal sealed class SayJob(Terminal terminal, SayArguments arguments)
{
    private readonly LineFaults _faults = new(terminal.Error);
    private SpeechSynthesizer _synthesizer = null!;
    private UserLexicon? _lexicon;
    private TimeSpan _loadTime;
    private bool _isSound = true;

    /// <summary>Speaks, and returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        arguments.Validate(terminal);
        arguments.RequireFiles();
        _lexicon = arguments.Lexicons.Count > 0 ? UserLexicon.Load(arguments.Lexicons) : null;

        // Nobody hears what is spoken into a closed pipe.
        var isHeard = arguments.Raw || (!arguments.IsManyUtterances && arguments.SpeechOutput == OutputFile.StandardOutput);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, isHeard ? terminal.OutputClosed : CancellationToken.None);
        using var input = OpenInput(ending.Token);
        var start = Stopwatch.GetTimestamp();
        using var synthesizer = SpeechSynthesizer.Load(arguments.Voice, arguments.Device, arguments.Vocoder);
        synthesizer.Voice.Vocoder.RequireStrength(arguments.Denoise ?? 0);
        arguments.RequireHeeded(synthesizer.Voice);
        var speaker = arguments.SpeakerOf(synthesizer.Voice);
        (_synthesizer, _loadTime) = (synthesizer, Stopwatch.GetElapsedTime(start));
        using var progress = new ProgressBar(terminal);
        if (arguments.IsManyUtterances)
        {
            SpeakMany(input, progress, ending.Token);
        }
        else
        {
            var utterance = new Utterance(0, input.ReadToEnd(), arguments.SpeechOutput, arguments.Seed, arguments.Speed, speaker);
            Finish(utterance, _synthesizer.SpeakSentences(utterance.Text, Options(utterance, progress), ending.Token), progress, null, ending.Token);
        }

        return _faults.Any ? ExitCode.Failed : _isSound ? ExitCode.Done : ExitCode.Incomplete;
    }

    private void SpeakMany(TextInput input, ProgressBar progress, CancellationToken cancellation)
    {
        using var manifest = arguments.Lines is { } folder ? new LineManifest(folder, arguments.Resume) : null;
        var key = manifest is null ? null : new LineKey(_synthesizer.Voice, arguments, _lexicon);
        var record = manifest is null ? (Action<Utterance, SpeechSummary>?)null : (utterance, summary) =>
            manifest.Add(utterance.Output, key!.Of(utterance), summary.AudioSeconds(_synthesizer), summary.FaultNames);
        var utterances = new UtteranceReader(arguments, _synthesizer.Voice, input, _faults)
            .Utterances().Where(
            utterance => manifest?.Has(utterance.Output, key!.Of(utterance)) != true || IsWithoutTimestamps(utterance));
        foreach (var (utterance, outcome) in Spoken(utterances, progress, cancellation))
        {
            try
            {
                Finish(utterance, outcome(), progress, record, cancellation);
            }
            catch (CudaTtsException error) when (LineFaults.IsOfLine(error))
            {
                progress.Clear();
                _faults.Report(utterance, error);
            }
        }
    }

    // Lines of a file are spoken in batches. Lines of standard input may come
    // from a program that waits for the speech of one before it writes the next.
    private IEnumerable<(Utterance Utterance, Func<IEnumerable<SpokenSentence>> Sentences)> Spoken(
        IEnumerable<Utterance> utterances, ProgressBar progress, CancellationToken cancellation)
    {
        if (arguments.File is null)
        {
            return utterances.Select(utterance =>
                (utterance, (Func<IEnumerable<SpokenSentence>>)(() =>
                    _synthesizer.SpeakSentences(utterance.Text, Options(utterance, progress), cancellation))));
        }

        var pending = new Queue<Utterance>();
        var requests = utterances.Select(utterance =>
        {
            pending.Enqueue(utterance);
            return new SpeechRequest(utterance.Text, Options(utterance, progress));
        });
        return _synthesizer.SpeakEach(requests, cancellation).Select(outcome =>
            (pending.Dequeue(), (Func<IEnumerable<SpokenSentence>>)(() => outcome.Result?.Sentences ?? throw outcome.Error!)));
    }

    /// <summary>Writes the speech of one text and all that belongs to it.</summary>
    private void Finish(
        Utterance utterance, IEnumerable<SpokenSentence> sentences, ProgressBar progress, Action<Utterance, SpeechSummary>? record,
        CancellationToken cancellation)
    {
        var summary = new SpeechSummary(keepsMels: arguments.Plot is not null)
        {
            Timestamps = arguments.Timestamps is null ? null : new TimestampBuilder(),
        };
        Write(utterance, Parts(sentences, summary), cancellation);
        progress.Clear();
        if (arguments.TimestampsOf(utterance.Output) is { } path)
        {
            TimestampFile.Write(path, summary.Timestamps!.Build());
        }

        record?.Invoke(utterance, summary);
        Report(utterance, summary);
        _isSound &= summary.Faults == SpeechFaults.None;
    }

    /// <summary>The samples of each sentence and of the pauses around them.</summary>
    private static IEnumerable<float[]> Parts(IEnumerable<SpokenSentence> sentences, SpeechSummary summary)
    {
        foreach (var sentence in sentences)
        {
            summary.Add(sentence);
            yield return new float[sentence.PauseBefore.Samples];
            yield return sentence.Audio.Samples;
            yield return new float[sentence.PauseAfter.Samples];
        }
    }

    private bool IsWithoutTimestamps(Utterance utterance) =>
        arguments.TimestampsOf(utterance.Output) is { } path && new FileInfo(path) is not { Exists: true, Length: > 0 };

    private void Write(Utterance utterance, IEnumerable<float[]> parts, CancellationToken cancellation)
    {
        if (!arguments.Raw)
        {
            OutputFile.WriteSpeech(utterance.Output, _synthesizer.Voice.Vocoder.Mel.SampleRate, parts, terminal, cancellation);
            return;
        }

        foreach (var part in parts)
        {
            Pcm16.Write(terminal.Output, part);
            terminal.Output.Flush();
        }
    }

    private SpeechOptions Options(Utterance utterance, ProgressBar progress) => new()
    {
        Seed = utterance.Seed,
        Speed = utterance.Speed,
        Speaker = utterance.Speaker,
        NoiseScale = arguments.NoiseScale,
        DurationNoiseScale = arguments.DurationNoiseScale,
        PitchSemitones = arguments.Pitch,
        VolumeDecibels = arguments.Volume,
        Attempts = arguments.Attempts,
        AttentionWindow = arguments.Window,
        Denoise = arguments.Denoise,
        IsSsml = arguments.Ssml || SsmlReader.IsSsml(utterance.Text),
        Lexicon = _lexicon,
        Progress = progress,
        Warnings = new WarningLines(terminal, progress, arguments.IsManyUtterances ? $"{Printable.Of(utterance.Output)}: " : ""),
    };

    private TextInput OpenInput(CancellationToken cancellation)
    {
        void Warn(string message) => terminal.Error.WriteLine($"cudatts: {message}");

        return arguments switch
        {
            { Text: { } text } => TextInput.Of(text),
            { File: { } file } => new TextInput(InputFile.Open(file), file, arguments.Encoding, Warn, cancellation),
            _ => new TextInput(terminal.Input, "standard input", arguments.Encoding, Warn, cancellation),
        };
    }

    private void Report(Utterance utterance, SpeechSummary summary)
    {
        if (arguments is { IsManyUtterances: true, Raw: false })
        {
            terminal.Text.WriteLine(Printable.Of(utterance.Output));
        }

        if (arguments.Plot is { } plot && summary.Mels.Count > 0)
        {
            AcousticPlot.Write(plot, summary.Mels, _synthesizer.Voice.Acoustic.Mel);
        }

        if (arguments.Stats)
        {
            var seed = utterance.Seed ?? _synthesizer.Voice.Manifest.Defaults.Seed;
            var stats = summary.ToStats(utterance.Text.Trim(), _synthesizer, seed, _loadTime);
            terminal.Error.WriteLine(JsonSerializer.Serialize(stats, CliJson.Instance.SpeechStats));
        }

        for (var i = 0; i < summary.Sentences.Count; i++)
        {
            if (summary.Sentences[i] is { Faults.Count: > 0 } sentence)
            {
                terminal.Error.WriteLine(
                    $"cudatts: {(arguments.IsManyUtterances ? $"{Printable.Of(utterance.Output)}: " : "")}"
                    + $"sentence {i + 1} of {summary.Sentences.Count} is probably not as written "
                    + $"({string.Join(", ", sentence.Faults)}) after {sentence.Attempts} attempts; {Advice}.");
            }
        }
    }

    // What cannot be spoken otherwise can only be made shorter, or be given more time.
    private string Advice => _synthesizer.Voice.Acoustic.HasAttempts
        ? "try another --seed or more --attempts" : "divide the text, or give it more --max-seconds";

    /// <summary>Writes what a document does not get to standard error.</summary>
    private sealed class WarningLines(Terminal terminal, ProgressBar progress, string prefix) : IProgress<string>
    {
        public void Report(string value)
        {
            progress.Clear();
            terminal.Error.WriteLine($"cudatts: warning: {prefix}{Printable.Of(value)}");
        }
    }
}
