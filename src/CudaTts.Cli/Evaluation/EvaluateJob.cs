using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Cli.Reports;
using CudaTts.Compute;
using CudaTts.Files;
using CudaTts.Models;
using CudaTts.Quality;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Signals;

namespace CudaTts.Cli.Evaluation;

/// <summary>What one call of <c>evaluate</c> does.</summary>
internal sealed class EvaluateJob(Terminal terminal, EvaluateArguments arguments)
{
    /// <summary>Measures, writes what is asked for, and returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        arguments.Validate();
        var baseline = arguments.Baseline is { } path ? ReportFile.Read(path) : null;
        if (arguments is { IsOnePair: true, Page: null, Output: null, Baseline: null })
        {
            ComparePair();
            return ExitCode.Done;
        }

        if (arguments is { Texts: not null, Recordings: null })
        {
            return Speak(baseline, cancellation);
        }

        if (arguments.IsCopySynthesis)
        {
            return CopySynthesise(baseline, cancellation);
        }

        using EvaluationSource source = arguments.Texts is not null ? RecordedTexts() : Pairs();
        return Evaluate(source, baseline, cancellation);
    }

    private void ComparePair()
    {
        var scores = PairEvaluation.Measure(
            Signal.Of(AudioFile.Read(arguments.Reference!)), Signal.Of(AudioFile.Read(arguments.Degraded!)));
        if (arguments.Json)
        {
            terminal.Text.WriteLine(JsonSerializer.Serialize(scores, CliJson.Instance.PairScores));
        }
        else
        {
            EvaluationTable.Write(terminal.Text, scores);
        }
    }

    private PairSource Pairs()
    {
        if (arguments.IsOnePair)
        {
            var name = Path.GetFileNameWithoutExtension(arguments.Degraded!);
            return new PairSource(
                $"{arguments.Degraded} against {arguments.Reference}", [new RecordingPair(name, arguments.Reference!, arguments.Degraded!)]);
        }

        if (arguments.List is { } list)
        {
            return PairsOf($"Pairs of {list}", RecordingFiles.Listed(list));
        }

        var (pairs, alone) = RecordingFiles.PairsOf(arguments.Pairs[0], arguments.Pairs[1]);
        LeaveOut(alone);
        return PairsOf($"{arguments.Pairs[1]} against {arguments.Pairs[0]}", pairs);
    }

    private PairSource PairsOf(string title, IReadOnlyList<RecordingPair> pairs)
    {
        arguments.RequireSpared(pairs.SelectMany(pair => (string[])[pair.Reference, pair.Degraded]));
        return new PairSource(title, pairs);
    }

    private void LeaveOut(IEnumerable<string> clips)
    {
        foreach (var clip in clips)
        {
            terminal.Error.WriteLine($"cudatts: left out: {Printable.Of(clip)}");
        }
    }

    private int CopySynthesise(EvaluationReport? baseline, CancellationToken cancellation)
    {
        var recordings = RecordingFiles.In(arguments.Recordings!).Select(file => (file.Key, file.Value)).ToList();
        arguments.RequireSpared(recordings.Select(recording => recording.Value));
        using var device = ComputeDevice.Open(arguments.Device);
        using var vocoder = arguments.Vocoder == Vocoder.GriffinLimName
            ? Vocoder.GriffinLim(new MelContract(), device) : Vocoder.Load(arguments.Vocoder!, device);
        var seed = arguments.Seed ?? 0;
        using var source = new VocoderSource(vocoder, arguments.Framing, seed, recordings, new Dictionary<string, string>
        {
            ["cudatts"] = Build.Version,
            ["vocoder"] = arguments.Vocoder!,
            ["network"] = vocoder.Name,
            ["mel framing"] = arguments.Framing == MelFraming.Nvidia ? "nvidia" : "hifigan",
            ["recordings"] = arguments.Recordings!,
            ["device"] = device.Name,
            ["seed"] = FormattableString.Invariant($"{seed}"),
        });
        return Evaluate(source, baseline, cancellation);
    }

    private int Speak(EvaluationReport? baseline, CancellationToken cancellation)
    {
        var texts = TextList.Read(arguments.Texts!);
        var recogniser = arguments.Recogniser is { } command ? Recogniser.Of(command) : null;
        using var synthesizer = SpeechSynthesizer.Load(
            arguments.Voice, arguments.Device, new VoiceOptions { Vocoder = arguments.Vocoder });
        var options = new SpeechOptions { Seed = arguments.Seed };
        using var source = new VoiceSource(synthesizer, options, texts, recogniser, new Dictionary<string, string>
        {
            ["cudatts"] = Build.Version,
            ["voice"] = synthesizer.Voice.Manifest.Name,
            ["vocoder"] = synthesizer.Voice.Vocoder.Name,
            ["texts"] = arguments.Texts!,
            ["recogniser"] = arguments.Recogniser ?? "none",
            ["device"] = synthesizer.Device.Name,
            ["seed"] = FormattableString.Invariant($"{arguments.Seed ?? synthesizer.Voice.Manifest.Defaults.Seed}"),
        });
        return Evaluate(source, baseline, cancellation);
    }

    private RecordedTextSource RecordedTexts()
    {
        var recordings = RecordingFiles.In(arguments.Recordings!);
        arguments.RequireSpared(recordings.Values);
        var texts = TextList.Read(arguments.Texts!);
        var recogniser = arguments.Recogniser is { } command ? Recogniser.Of(command) : null;
        var clips = texts.Where(text => recordings.ContainsKey(text.Name)).Select(text => (text.Name, text.Text, recordings[text.Name])).ToList();
        if (clips.Count == 0)
        {
            throw new FileException(
                $"{arguments.Recordings}: expected recordings named as the texts of {arguments.Texts} are, such as {texts[0].Name}.wav, found none.");
        }

        LeaveOut(texts.Where(text => !recordings.ContainsKey(text.Name)).Select(text => $"the text {text.Name}, of which there is no recording"));
        LeaveOut(recordings.Keys.Except(clips.Select(clip => clip.Name)).Select(name => $"the recording {name}, of which there is no text"));
        return new RecordedTextSource(arguments.Recordings!, clips, recogniser, new Dictionary<string, string>
        {
            ["cudatts"] = Build.Version,
            ["recordings"] = arguments.Recordings!,
            ["texts"] = arguments.Texts!,
            ["recogniser"] = arguments.Recogniser ?? "none",
        });
    }

    private int Evaluate(EvaluationSource source, EvaluationReport? baseline, CancellationToken cancellation)
    {
        if (baseline is not null && baseline.Kind != source.Kind)
        {
            throw new FileException($"{arguments.Baseline}: expected a report of the kind '{source.Kind}', found one of '{baseline.Kind}'.");
        }

        EvaluationReport report;
        EvaluationRun run;
        using (var progress = new ProgressBar(terminal))
        {
            run = new EvaluationRun(source, arguments.Page is null ? 0 : arguments.Shown ?? EvaluateArguments.UsualShown, progress);
            report = run.Run(cancellation);
        }

        if (baseline is not null)
        {
            RequireCommonClip(report, baseline);
            report = report with
            {
                Comparison = ReportStatistics.Compare(report, baseline),
                Notes = [.. report.Notes, "each measure is compared by itself: of twenty without a change one is told apart by chance"],
            };
        }

        if (arguments.Output is { } output)
        {
            ReportFile.Write(output, report);
        }

        if (arguments.Page is { } page)
        {
            AtomicFiles.Write((page, stream => EvaluationPage.Write(stream, report, run.Shown)));
        }

        if (arguments.Json)
        {
            terminal.Text.WriteLine(JsonSerializer.Serialize(report, CliJson.Instance.EvaluationReport));
        }
        else
        {
            EvaluationTable.Write(terminal.Text, report);
        }

        return report.Clips.Any(clip => clip.Error is not null) ? ExitCode.Failed : ExitCode.Done;
    }

    private void RequireCommonClip(EvaluationReport report, EvaluationReport baseline)
    {
        if (!report.Clips.Select(clip => clip.Name).Intersect(baseline.Clips.Select(clip => clip.Name)).Any())
        {
            throw new FileException($"{arguments.Baseline}: expected clips of the same names, such as '{report.Clips[0].Name}', found none.");
        }
    }
}
