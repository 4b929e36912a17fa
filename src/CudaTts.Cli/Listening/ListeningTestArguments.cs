using System.CommandLine;
using System.Globalization;
using CudaTts.Audio;
using CudaTts.Quality.Listening;

namespace CudaTts.Cli.Listening;

/// <summary>The options of <c>listening-test make</c>, and what they ask for.</summary>
internal sealed class ListeningTestArguments
{
    private readonly Option<string[]> _systems = new("--system")
    {
        Description = "A system and the folder of its clips; twice or more. Files of the same name are the same sentence.",
        HelpName = "NAME=DIR",
        Required = true,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string> _method = SharedOptions.Choice(
        "--method", "ACR: one clip, five grades. DCR: how much worse than the original. CCR: the second of two against the first. MUSHRA: sliders.",
        [.. Enum.GetValues<ListeningMethod>().Select(KeyFile.WordOf)]);

    private readonly Option<string> _question = SharedOptions.Choice(
        "--question", "What is asked about.", [.. Enum.GetValues<ListeningQuestion>().Select(KeyFile.WordOf)]);

    private readonly Option<string?> _reference = new("--reference")
    {
        Description = "Which of the systems is the original recordings: gold clips and anchors are made of it. DCR and MUSHRA need it.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _traps = new("--trap")
    {
        Description = "A recording that asks for a score (\"please select Poor\"=2), to see who listens; may be given several times.",
        HelpName = "FILE=SCORE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _full = SharedOptions.Flag(
        "--full", "Every listener hears every sentence through every system, not through one.");

    private readonly Option<string?> _title = new("--title") { Description = "The heading of the page.", HelpName = "TEXT" };

    private readonly Option<string?> _sendTo = new("--send-to")
    {
        Description = "What the last page says of where the file of answers goes.",
        HelpName = "TEXT",
    };

    private readonly Option<uint?> _seed = NumberOption.Of<uint>(
        "--seed", new NumberRange(0, uint.MaxValue), "N", "Key of the orders in which clips are heard; 0 when not given.");

    private readonly Option<double?> _loudness = NumberOption.Of<double>(
        "--loudness", new NumberRange(-40, -10), "LUFS", "Loudness of every clip; -23 when not given.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_systems, _method, _question, _reference, _traps, _full, _title, _sendTo, _seed, _loudness])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the arguments ask for.</summary>
    /// <exception cref="ArgumentsException">They do not make sense together.</exception>
    public ListeningTestRecipe Of(ParseResult parsed)
    {
        var methods = Enum.GetValues<ListeningMethod>();
        var questions = Enum.GetValues<ListeningQuestion>();
        var method = methods.First(value => KeyFile.WordOf(value) == parsed.GetValue(_method));
        var systems = parsed.GetValue(_systems)!.Select(text => Split("--system", text, "NAME=DIR")).ToList();
        RequireSystems(systems.ConvertAll(system => system.Left), method, parsed.GetValue(_reference));
        var recipe = new ListeningTestRecipe
        {
            Method = method,
            Systems = [.. systems.Select(system => (system.Left, system.Right))],
            Reference = parsed.GetValue(_reference),
            Question = questions.First(value => KeyFile.WordOf(value) == parsed.GetValue(_question)),
            Full = parsed.GetValue(_full),
            Seed = parsed.GetValue(_seed) ?? 0,
            Loudness = parsed.GetValue(_loudness) ?? ListeningTestRecipe.DefaultLoudness,
            Traps = [.. (parsed.GetValue(_traps) ?? []).Select(text => TrapOf(text, method))],
        };
        recipe = parsed.GetValue(_title) is { } title ? recipe with { Title = title } : recipe;
        return parsed.GetValue(_sendTo) is { } sendTo ? recipe with { SendTo = sendTo } : recipe;
    }

    private static void RequireSystems(List<string> names, ListeningMethod method, string? reference)
    {
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentsException($"--system: '{twice.Key}' is there twice; every system needs a name of its own.");
        }

        if (method == ListeningMethod.Mushra && names.Contains(ListeningTest.AnchorName))
        {
            throw new ArgumentsException(
                $"--system: '{ListeningTest.AnchorName}' is the name of the anchor that is made here; name the system otherwise.");
        }

        if (names.Count is < 2 or > SystemClips.MostSystems)
        {
            throw new ArgumentsException($"--system: expected from 2 to {SystemClips.MostSystems} systems, found {names.Count}.");
        }

        if (reference is not null && !names.Contains(reference))
        {
            throw new ArgumentsException($"--reference: expected the name of a system ({string.Join(", ", names)}), found '{reference}'.");
        }

        if (reference is null && method is ListeningMethod.Dcr or ListeningMethod.Mushra)
        {
            throw new ArgumentsException("--reference: DCR and MUSHRA compare with the original; name the system that is it.");
        }

        if (method == ListeningMethod.Mushra && names.Count - 1 > ListeningTest.MostSoundsPerPage - 2)
        {
            throw new ArgumentsException(
                $"--system: a page of MUSHRA has at most {ListeningTest.MostSoundsPerPage} sounds, two of them the hidden reference and the anchor: "
                + $"expected at most {ListeningTest.MostSoundsPerPage - 2} systems beside the reference, found {names.Count - 1}.");
        }
    }

    private static (Waveform Sound, int Score) TrapOf(string text, ListeningMethod method)
    {
        if (method == ListeningMethod.Mushra)
        {
            throw new ArgumentsException("--trap: MUSHRA has the hidden reference and the anchor to see who listens; it takes no traps.");
        }

        var (file, number) = Split("--trap", text, "FILE=SCORE");
        var scale = RatingScale.Of(method);
        var isWhole = int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score);
        return isWhole && score >= scale.Least && score <= scale.Most
            ? (ReadTrap(file), score)
            : throw new ArgumentsException($"--trap: expected a score from {scale.Least} to {scale.Most} after the last =, found '{number}'.");
    }

    private static Waveform ReadTrap(string file)
    {
        var instruction = AudioFile.Read(file);
        return instruction.Samples.Length > 0 && ClipLevels.LoudnessOf(instruction) is not null ? instruction
            : throw new AudioException($"{file}: expected a spoken instruction, found silence.");
    }

    // A name of a system has no equals sign, a name of a file may.
    private static (string Left, string Right) Split(string option, string text, string form)
    {
        var at = option == "--trap" ? text.LastIndexOf('=') : text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 ? (text[..at], text[(at + 1)..])
            : throw new ArgumentsException($"{option}: expected {form}, found '{text}'.");
    }
}
