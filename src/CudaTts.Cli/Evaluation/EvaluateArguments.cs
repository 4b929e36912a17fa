using CudaTts.Audio;
using CudaTts.Compute;

namespace CudaTts.Cli.Evaluation;

/// <summary>What the command line of <c>evaluate</c> says.</summary>
internal sealed record EvaluateArguments
{
    public const int UsualShown = 10;

    public string? Reference { get; init; }

    public string? Degraded { get; init; }

    public IReadOnlyList<string> Pairs { get; init; } = [];

    public string? List { get; init; }

    public string? Recordings { get; init; }

    public string? Vocoder { get; init; }

    public MelFraming Framing { get; init; }

    public string? Voice { get; init; }

    public string? Texts { get; init; }

    public string? Recogniser { get; init; }

    public required DeviceOptions Device { get; init; }

    public ulong? Seed { get; init; }

    public string? Baseline { get; init; }

    public string? Page { get; init; }

    public string? Output { get; init; }

    public bool Json { get; init; }

    public int? Shown { get; init; }

    /// <summary>Whether one pair of files is compared.</summary>
    public bool IsOnePair => Reference is not null;

    /// <summary>Whether recordings go through a vocoder.</summary>
    public bool IsCopySynthesis => Recordings is not null && Texts is null;

    /// <summary>Refuses what does not make sense together.</summary>
    /// <exception cref="ArgumentsException">Says what would.</exception>
    public void Validate()
    {
        var ways = new[] { IsOnePair, Pairs.Count > 0, List is not null, Recordings is not null || Texts is not null }.Count(way => way);
        Forbid(
            ways != 1,
            "expected one of: REF and DEG; --pairs DIR1 DIR2; --list; --recordings with --vocoder; --texts. See 'cudatts evaluate --help'.");
        Forbid(IsOnePair && Degraded is null, "expected two recordings, the reference and the degraded one, found one.");
        Forbid(
            IsCopySynthesis && Vocoder is null,
            "--recordings: expected --vocoder with the vocoder that they go through, or --texts with what they say.");
        Forbid(Recordings is not null && Texts is not null && (Voice ?? Vocoder) is not null,
            "--recordings with --texts are measured as they are: leave out --voice and --vocoder.");
        Forbid(Recordings is null && Texts is null && (Voice ?? Vocoder) is not null,
            "--voice and --vocoder: expected --texts with what the voice shall say, or --recordings for the vocoder.");
        Forbid(IsCopySynthesis && Voice is not null, "--voice: a vocoder alone is evaluated with --recordings; leave it out.");
        Forbid(Seed is not null && !IsCopySynthesis && (Texts is null || Recordings is not null),
            "--seed: recordings are measured and nothing is spoken; leave it out.");
        Forbid(Shown is not null && Page is null, "--shown: is about the page of --report; leave it out.");
        Forbid(Texts is null && Recogniser is not null, "--recogniser: expected --texts with what is to be heard.");
        Forbid((Page ?? Output) == OutputFile.StandardOutput || Output == OutputFile.StandardOutput,
            "--report and -o: expected the name of a file; --json writes the report to standard output.");
        OutputFile.RequireDistinct(
            [("--report", Page), ("-o", Output)],
            [("the reference", Reference), ("the degraded recording", Degraded), ("--list", List), ("--texts", Texts), ("--baseline", Baseline),
                .. VoiceFiles.In("--voice", Voice), .. VoiceFiles.In("--vocoder", Vocoder)]);
        OutputFile.RequireFolder(Page ?? OutputFile.StandardOutput);
        OutputFile.RequireFolder(Output ?? OutputFile.StandardOutput);
    }

    /// <summary>Refuses to replace a recording that is measured.</summary>
    /// <param name="recordings">What is read.</param>
    /// <exception cref="ArgumentsException">Names it.</exception>
    public void RequireSpared(IEnumerable<string> recordings) => OutputFile.RequireDistinct(
        [("--report", Page), ("-o", Output)], recordings.Select(path => ("a recording that is measured", (string?)path)));

    private static void Forbid(bool condition, string message)
    {
        if (condition)
        {
            throw new ArgumentsException(message);
        }
    }
}
