using CudaTts.Compute;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>What the command line of <c>say</c> says.</summary>
internal sealed record SayArguments
{
    /// <summary>The file of a text for which none is named.</summary>
    public const string DefaultOutput = "out.wav";

    public string? Text { get; init; }

    public string? Output { get; init; }

    public string? File { get; init; }

    public string? Lines { get; init; }

    public bool Resume { get; init; }

    public bool JsonInput { get; init; }

    public bool Raw { get; init; }

    public string? Voice { get; init; }

    public required VoiceOptions Vocoder { get; init; }

    public IReadOnlyList<string> Lexicons { get; init; } = [];

    public float? Denoise { get; init; }

    public required DeviceOptions Device { get; init; }

    public ulong? Seed { get; init; }

    public double Speed { get; init; }

    public string? Speaker { get; init; }

    public float? NoiseScale { get; init; }

    public float? DurationNoiseScale { get; init; }

    public int? Attempts { get; init; }

    public TextEncoding? Encoding { get; init; }

    public bool AllowOutside { get; init; }

    public double Pitch { get; init; }

    public double Volume { get; init; }

    public AttentionWindowUse Window { get; init; }

    public bool Ssml { get; init; }

    public string? Timestamps { get; init; }

    public bool Stats { get; init; }

    public string? Plot { get; init; }

    /// <summary>Where the speech of one text goes.</summary>
    public string SpeechOutput => Output ?? DefaultOutput;

    public bool IsManyUtterances => Lines is not null || JsonInput;

    /// <exception cref="ArgumentsException">The options contradict each other.</exception>
    public void Validate(Terminal terminal)
    {
        Forbid(Text is not null && File is not null, "give the text as an argument or with -f, not both.");
        Forbid(Text is null && File is null && terminal.InputIsInteractive, "what should be said? Give a text, -f FILE, or text on standard input.");
        Forbid(Raw && Output is not null, "--output-raw writes to standard output; leave -o out.");
        Forbid(Lines is not null && Raw, "--lines writes files and --output-raw does not; choose one.");
        Forbid(IsManyUtterances && Output is not null, "with --lines or --json-input each line has its own file; leave -o out.");
        Forbid(AllowOutside && !JsonInput, "--allow-outside is about the output_file of --json-input.");
        Forbid(Encoding is not null && Text is not null, "--encoding is about a text that is read; this one is an argument.");
        Forbid(Resume && Lines is null, "--resume goes on with a --lines job; name its folder with --lines.");
        Forbid(IsManyUtterances && Plot is not null, "--plot draws one text; it does not go with --lines or --json-input.");
        Forbid(
            Timestamps is { } times && !TimestampFile.HasForm(times),
            $"--timestamps: expected a file whose name ends in .{string.Join(", .", TimestampFile.Forms)}, found '{Timestamps}'.");
        Forbid(
            IsManyUtterances && Timestamps is { } form && !TimestampFile.IsForm(form),
            $"--timestamps: with --lines or --json-input expected {string.Join(" or ", TimestampFile.Forms)}: "
            + "the file lies beside each line's speech.");
    }

    /// <summary>Refuses two results with one name, a result in the place of what is read, and a folder that is not there.</summary>
    /// <exception cref="ArgumentsException">Names the two.</exception>
    /// <exception cref="FileException">Names the folder.</exception>
    public void RequireFiles()
    {
        (string Name, string? Path)[] outputs =
        [
            ("-o", IsManyUtterances || Raw ? null : SpeechOutput), ("--plot", Plot), ("--timestamps", IsManyUtterances ? null : Timestamps),
        ];
        OutputFile.RequireDistinct(
            outputs,
            [
                ("-f", File), .. Lexicons.Select(path => ("--lexicon", (string?)path)), .. VoiceFiles.In("--voice", Voice),
                .. VoiceFiles.In("--vocoder", Vocoder.Vocoder),
            ]);
        foreach (var (_, path) in outputs)
        {
            OutputFile.RequireFolder(path ?? OutputFile.StandardOutput);
        }
    }

    /// <summary>The number of the speaker who is asked for; null when nobody is.</summary>
    /// <exception cref="CudaTtsException">The voice has no such speaker.</exception>
    public int? SpeakerOf(Voice voice) => Speaker is { } speaker ? voice.SpeakerOf(speaker) : null;

    /// <summary>Refuses what a voice would leave aside.</summary>
    /// <exception cref="ArgumentsException">Names the option, and why it means nothing.</exception>
    public void RequireHeeded(Voice voice)
    {
        var (acoustic, name) = (voice.Acoustic, $"the voice '{voice.Manifest.Name}'");
        Forbid(
            Attempts is not null && !acoustic.HasAttempts,
            $"--attempts: {name} has no attention that could go astray, and a second attempt would be the first again; leave it out.");
        Forbid(
            Window != AttentionWindowUse.Off && !acoustic.HasAttention,
            $"--attention-window: {name} predicts how long each sound lasts and has no attention to hold; leave it out.");
        Forbid(NoiseScale is not null && !acoustic.DrawsFrames, $"--noise-scale: {name} draws no frames with noise; leave it out.");
        Forbid(
            DurationNoiseScale is not null && !acoustic.DrawsDurations, $"--noise-scale-w: {name} draws no durations with noise; leave it out.");
        Forbid(Plot is not null && acoustic.Mel.IsLatent, $"--plot: {name} is one network from text to samples, which makes no mel; leave it out.");
    }

    /// <summary>Where the timestamps of an output go; null when none are wanted.</summary>
    public string? TimestampsOf(string output) =>
        this is { IsManyUtterances: true, Timestamps: { } form } ? TimestampFile.Beside(output, form) : Timestamps;

    private static void Forbid(bool condition, string message)
    {
        if (condition)
        {
            throw new ArgumentsException(message);
        }
    }
}
