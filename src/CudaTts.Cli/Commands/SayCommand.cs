using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Cli.Plot;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Pipeline;
using CudaTts.Text.English;
using CudaTts.Text.Ssml;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts say</c>: text to speech, one text or one a line.</summary>
internal sealed class SayCommand(Terminal terminal, SayArguments arguments)
{
    private const string DefaultOutput = "out.wav";

    public static Command Create(Terminal terminal)
    {
        var text = new Argument<string?>("text") { Description = "What to say; without it, -f or standard input.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--output", "-o")
        {
            Description = $"The file to write ({DefaultOutput}); - for standard output; other than .wav through ffmpeg.",
            HelpName = "FILE",
        };
        var file = new Option<string?>("--file", "-f") { Description = "Read the text from a file.", HelpName = "FILE" };
        var lines = new Option<string?>("--lines")
        {
            Description = "Each line is an utterance of its own, written to DIR/0001.wav and on.",
            HelpName = "DIR",
        };
        var jsonInput = new Option<bool>("--json-input") { Description = "Each line is {\"text\", \"output_file\", \"seed\"?, \"speed\"?}." };
        var resume = new Option<bool>("--resume")
        {
            Description = "Go on with a --lines job: lines that its manifest.jsonl records as done are not spoken again.",
        };
        var raw = new Option<bool>("--output-raw")
        {
            Description = "Write 16-bit samples without a header to standard output, sentence by sentence.",
        };
        var voice = SharedOptions.Voice();
        var vocoder = SharedOptions.Vocoder();
        var allowMelMismatch = new Option<bool>("--allow-mel-mismatch")
        {
            Description = "Speak with a vocoder that was made for another mel, with poor sound.",
        };
        var lexicon = SharedOptions.Lexicon();
        var denoise = SharedOptions.Denoise();
        var device = new DeviceArguments();
        var seed = SharedOptions.Seed();
        var speed = new Option<double>("--speed")
        {
            Description = $"How fast, {TimeStretch.Slowest} to {TimeStretch.Fastest}; the pitch stays.",
            HelpName = "X",
            DefaultValueFactory = _ => 1,
        };
        var attempts = new Option<int?>("--attempts")
        {
            Description = $"How often a sentence is tried until its attention is sound, 1 to {SpeechSynthesizer.MostAttempts}; the best is kept.",
            HelpName = "N",
        };
        var pitch = new Option<double>("--pitch")
        {
            Description = $"Semitones higher or (negative) lower, {-ProsodyChange.MostSemitones} to {ProsodyChange.MostSemitones}; "
                + "changes the waveform.",
            HelpName = "ST",
        };
        var volume = new Option<double>("--volume")
        {
            Description = $"Decibels louder or (negative) softer, at most {ProsodyChange.MostDecibels} and full scale.",
            HelpName = "DB",
        };
        var window = new Option<AttentionWindowUse>("--attention-window")
        {
            Description = "Hold attention to the tokens around its last place: always, in every second attempt (retry), or not (off).",
            HelpName = "off|retry|always",
        };
        var ssml = new Option<bool>("--ssml") { Description = "The text is SSML, as is any that begins with <speak." };
        var timestamps = new Option<string?>("--timestamps")
        {
            Description = "Write when every word is said: .json with all sounds, .srt or .vtt captions; with --lines or "
                + "--json-input only json, srt or vtt, for a file beside each.",
            HelpName = "FILE",
        };
        var stats = new Option<bool>("--stats") { Description = "Write figures as JSON to standard error." };
        var plot = new Option<string?>("--plot") { Description = "Draw mel and alignment.", HelpName = "PNG" };
        var command = new Command("say", "Speaks a text.")
        {
            text, output, file, lines, resume, jsonInput, raw, voice, vocoder, allowMelMismatch, lexicon, denoise, seed, speed, pitch, volume,
                attempts,
            window, ssml, timestamps, stats, plot,
        };
        device.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(new SayCommand(terminal, new SayArguments
        {
            Text = parsed.GetValue(text),
            Output = parsed.GetValue(output),
            File = parsed.GetValue(file),
            Lines = parsed.GetValue(lines),
            Resume = parsed.GetValue(resume),
            JsonInput = parsed.GetValue(jsonInput),
            Raw = parsed.GetValue(raw),
            Voice = parsed.GetValue(voice),
            Vocoder = new VoiceOptions { Vocoder = parsed.GetValue(vocoder), AllowMelMismatch = parsed.GetValue(allowMelMismatch) },
            Lexicon = parsed.GetValue(lexicon) is { Length: > 0 } paths ? UserLexicon.Load(paths) : null,
            Denoise = parsed.GetValue(denoise),
            Device = device.Of(parsed),
            Seed = parsed.GetValue(seed),
            Speed = parsed.GetValue(speed),
            Attempts = parsed.GetValue(attempts),
            Pitch = parsed.GetValue(pitch),
            Volume = parsed.GetValue(volume),
            Window = parsed.GetValue(window),
            Ssml = parsed.GetValue(ssml),
            Timestamps = parsed.GetValue(timestamps),
            Stats = parsed.GetValue(stats),
            Plot = parsed.GetValue(plot),
        }).Run(cancellation)));
        return command;
    }

    private int Run(CancellationToken cancellation)
    {
        arguments.Validate(terminal);
        foreach (var path in new[] { arguments.IsManyUtterances || arguments.Raw ? null : arguments.Output ?? DefaultOutput, arguments.Plot,
            arguments.IsManyUtterances ? null : arguments.Timestamps })
        {
            if (path is not null)
            {
                OutputFile.RequireFolder(path);
            }
        }

        using var input = OpenInput();
        var start = Stopwatch.GetTimestamp();
        using var synthesizer = SpeechSynthesizer.Load(arguments.Voice, arguments.Device, arguments.Vocoder);
        synthesizer.Voice.Vocoder.RequireStrength(arguments.Denoise ?? 0);
        var loadTime = Stopwatch.GetElapsedTime(start);
        var isSound = true;
        using var progress = new ProgressBar(terminal);
        using var manifest = arguments.Lines is { } folder ? new LineManifest(folder, arguments.Resume) : null;
        var utterances = Utterances(input).Where(
            utterance => manifest?.Has(utterance.Output, KeyOf(synthesizer, utterance)) != true || IsWithoutTimestamps(utterance));
        foreach (var (utterance, sentences) in Spoken(synthesizer, utterances, progress, cancellation))
        {
            var summary = new SpeechSummary(keepsMels: arguments.Plot is not null)
            {
                Timestamps = arguments.Timestamps is null ? null : new TimestampBuilder(),
            };
            Write(utterance, synthesizer.Voice.Vocoder.Mel.SampleRate, Parts(sentences, summary));
            progress.Clear();
            WriteTimestamps(utterance, summary);
            manifest?.Add(utterance.Output, KeyOf(synthesizer, utterance), summary.AudioSeconds(synthesizer), summary.FaultNames);
            Report(synthesizer, utterance, summary, loadTime);
            isSound &= summary.Faults == SpeechFaults.None;
        }

        return isSound ? ExitCode.Done : ExitCode.Incomplete;
    }

    // Lines of a file are spoken in batches. Lines of standard input may come
    // from a program that waits for the speech of one before it writes the next.
    private IEnumerable<(Utterance Utterance, IEnumerable<SpokenSentence> Sentences)> Spoken(
        SpeechSynthesizer synthesizer, IEnumerable<Utterance> utterances, ProgressBar progress, CancellationToken cancellation)
    {
        if (arguments is not { IsManyUtterances: true, File: not null })
        {
            return utterances.Select(
                utterance => (utterance, synthesizer.SpeakSentences(utterance.Text, Options(utterance, progress), cancellation)));
        }

        var pending = new Queue<Utterance>();
        var requests = utterances.Select(utterance =>
        {
            pending.Enqueue(utterance);
            return new SpeechRequest(utterance.Text, Options(utterance, progress));
        });
        return synthesizer.SpeakAll(requests, cancellation).Select(result => (pending.Dequeue(), result.Sentences.AsEnumerable()));
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

    private bool IsWithoutTimestamps(Utterance utterance) => TimestampPath(utterance) is { } path && !File.Exists(path);

    private string? TimestampPath(Utterance utterance) =>
        arguments is { IsManyUtterances: true, Timestamps: { } form } ? TimestampFile.Beside(utterance.Output, form) : arguments.Timestamps;

    private void WriteTimestamps(Utterance utterance, SpeechSummary summary)
    {
        if (TimestampPath(utterance) is { } path)
        {
            TimestampFile.Write(path, summary.Timestamps!.Build());
        }
    }

    private void Write(Utterance utterance, int sampleRate, IEnumerable<float[]> parts)
    {
        if (!arguments.Raw)
        {
            OutputFile.WriteSpeech(utterance.Output, sampleRate, parts, terminal);
            return;
        }

        foreach (var part in parts)
        {
            Pcm16.Write(terminal.Output, part);
            terminal.Output.Flush();
        }
    }

    private string KeyOf(SpeechSynthesizer synthesizer, Utterance utterance)
    {
        var words = arguments.Lexicon is { } lexicon ? string.Join(' ', lexicon.Words) : null;
        var voice = synthesizer.Voice;
        return LineManifest.KeyOf(
            utterance.Text, Path.GetFullPath(voice.Folder), voice.Vocoder.Name, utterance.Seed, utterance.Speed, arguments.Attempts,
                arguments.Denoise, words,
            arguments.Pitch, arguments.Volume, arguments.Window, arguments.Ssml);
    }

    private SpeechOptions Options(Utterance utterance, ProgressBar progress) => new()
    {
        Seed = utterance.Seed,
        Speed = utterance.Speed,
        PitchSemitones = arguments.Pitch,
        VolumeDecibels = arguments.Volume,
        Attempts = arguments.Attempts,
        AttentionWindow = arguments.Window,
        Denoise = arguments.Denoise,
        IsSsml = arguments.Ssml || SsmlReader.IsSsml(utterance.Text),
        Lexicon = arguments.Lexicon,
        Progress = progress,
        Warnings = new WarningLines(terminal, progress, arguments.IsManyUtterances ? $"{utterance.Output}: " : ""),
    };

    private TextReader OpenInput()
    {
        try
        {
            return arguments switch
            {
                { Text: { } text } => new StringReader(text),
                { File: { } file } => new StreamReader(file),
                _ => terminal.Input,
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CudaTtsException($"{arguments.File}: cannot be read: {error.Message}", error);
        }
    }

    // Lines are read one at a time: speech of the first can be used while the next is still being written.
    private IEnumerable<Utterance> Utterances(TextReader input)
    {
        if (!arguments.IsManyUtterances)
        {
            yield return new Utterance(input.ReadToEnd(), arguments.Output ?? DefaultOutput, arguments.Seed, arguments.Speed);
            yield break;
        }

        var folder = arguments.Lines ?? ".";
        var number = 0;
        while (input.ReadLine() is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                var output = Path.Combine(folder, number.ToString("D4", CultureInfo.InvariantCulture) + ".wav");
                yield return arguments.JsonInput ? ParseJson(line, number, folder, output)
                    : new Utterance(line, output, arguments.Seed, arguments.Speed);
            }
        }
    }

    private Utterance ParseJson(string line, int number, string folder, string numbered)
    {
        try
        {
            var json = JsonSerializer.Deserialize(line, CliJson.Instance.JsonUtterance);
            return json?.Text is { } text
                ? new Utterance(text, json.OutputFile is { } file ? Path.Combine(folder, file) : numbered, json.Seed ?? arguments.Seed, json.Speed
                    ?? arguments.Speed)
                : throw new CudaTtsException($"line {number}: expected a JSON object with \"text\".");
        }
        catch (JsonException error)
        {
            throw new CudaTtsException($"line {number}: expected {{\"text\", \"output_file\", \"seed\"?, \"speed\"?}}: {error.Message}", error);
        }
    }

    private void Report(SpeechSynthesizer synthesizer, Utterance utterance, SpeechSummary summary, TimeSpan loadTime)
    {
        if (arguments.IsManyUtterances)
        {
            terminal.Text.WriteLine(utterance.Output);
        }

        if (arguments.Plot is { } plot && summary.Mels.Count > 0)
        {
            AcousticPlot.Write(plot, summary.Mels, synthesizer.Voice.Acoustic.Mel);
        }

        if (arguments.Stats)
        {
            var seed = utterance.Seed ?? synthesizer.Voice.Manifest.Defaults.Seed;
            var stats = summary.ToStats(utterance.Text.Trim(), synthesizer, seed, loadTime);
            terminal.Error.WriteLine(JsonSerializer.Serialize(stats, CliJson.Instance.SpeechStats));
        }

        for (var i = 0; i < summary.Sentences.Count; i++)
        {
            if (summary.Sentences[i] is { Faults.Count: > 0 } sentence)
            {
                terminal.Error.WriteLine(
                    $"cudatts: {(arguments.IsManyUtterances ? $"{utterance.Output}: " : "")}"
                    + $"sentence {i + 1} of {summary.Sentences.Count} is probably not as written "
                    + $"({string.Join(", ", sentence.Faults)}) after {sentence.Attempts} attempts; try another --seed or more --attempts.");
            }
        }
    }

    /// <summary>Writes what a document does not get to standard error.</summary>
    private sealed class WarningLines(Terminal terminal, ProgressBar progress, string prefix) : IProgress<string>
    {
        public void Report(string value)
        {
            progress.Clear();
            terminal.Error.WriteLine($"cudatts: warning: {prefix}{value}");
        }
    }

    private sealed record Utterance(string Text, string Output, ulong? Seed, double Speed);
}

/// <summary>What the command line of <c>say</c> says.</summary>
internal sealed record SayArguments
{
    public string? Text { get; init; }

    public string? Output { get; init; }

    public string? File { get; init; }

    public string? Lines { get; init; }

    public bool Resume { get; init; }

    public bool JsonInput { get; init; }

    public bool Raw { get; init; }

    public string? Voice { get; init; }

    public required VoiceOptions Vocoder { get; init; }

    public UserLexicon? Lexicon { get; init; }

    public float? Denoise { get; init; }

    public required DeviceOptions Device { get; init; }

    public ulong? Seed { get; init; }

    public double Speed { get; init; }

    public int? Attempts { get; init; }

    public double Pitch { get; init; }

    public double Volume { get; init; }

    public AttentionWindowUse Window { get; init; }

    public bool Ssml { get; init; }

    public string? Timestamps { get; init; }

    public bool Stats { get; init; }

    public string? Plot { get; init; }

    public bool IsManyUtterances => Lines is not null || JsonInput;

    /// <exception cref="ArgumentsException">The options contradict each other.</exception>
    public void Validate(Terminal terminal)
    {
        Forbid(Text is not null && File is not null, "give the text as an argument or with -f, not both.");
        Forbid(Text is null && File is null && terminal.InputIsInteractive, "what should be said? Give a text, -f FILE, or text on standard input.");
        Forbid(Raw && Output is not null, "--output-raw writes to standard output; leave -o out.");
        Forbid(Lines is not null && Raw, "--lines writes files and --output-raw does not; choose one.");
        Forbid(IsManyUtterances && Output is not null, "with --lines or --json-input each line has its own file; leave -o out.");
        Forbid(Resume && Lines is null, "--resume goes on with a --lines job; name its folder with --lines.");
        Forbid(IsManyUtterances && Plot is not null, "--plot draws one text; it does not go with --lines or --json-input.");
        Forbid(Attempts is < 1 or > SpeechSynthesizer.MostAttempts, $"--attempts: expected 1 to {SpeechSynthesizer.MostAttempts}, found {Attempts}.");
        Forbid(!(Speed is >= TimeStretch.Slowest and <= TimeStretch.Fastest),
            $"--speed: expected {TimeStretch.Slowest} to {TimeStretch.Fastest}, found {Speed}.");
        Forbid(
            !(Math.Abs(Pitch) <= ProsodyChange.MostSemitones),
            $"--pitch: expected {-ProsodyChange.MostSemitones} to {ProsodyChange.MostSemitones} semitones, found {Pitch}.");
        Forbid(!(Volume <= ProsodyChange.MostDecibels), $"--volume: expected at most {ProsodyChange.MostDecibels} dB, found {Volume}.");
        Forbid(
            Timestamps is { } times && !TimestampFile.HasForm(times),
            $"--timestamps: expected a file whose name ends in .{string.Join(", .", TimestampFile.Forms)}, found '{Timestamps}'.");
        Forbid(
            IsManyUtterances && Timestamps is { } form && !TimestampFile.IsForm(form),
            $"--timestamps: with --lines or --json-input expected {string.Join(" or ", TimestampFile.Forms)}: "
            + "the file lies beside each line's speech.");
    }

    private static void Forbid(bool condition, string message)
    {
        if (condition)
        {
            throw new ArgumentsException(message);
        }
    }
}
