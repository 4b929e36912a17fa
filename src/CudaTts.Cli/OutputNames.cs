using System.Text;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>
/// The files of a job of many utterances: each is written once, none is what the job reads or remembers, and none lies outside of the job's folder
/// unless that is asked for. A name may come from another person than the one who runs the command.
/// </summary>
internal sealed class OutputNames
{
    // What every usual file system takes.
    private const int LongestName = 255;

    private readonly SayArguments _arguments;
    private readonly string _folder;
    private readonly Dictionary<string, string> _owners = new(OutputFile.Names);

    /// <param name="arguments">What the command line says.</param>
    /// <param name="voiceFiles">What the voice is read from.</param>
    public OutputNames(SayArguments arguments, IEnumerable<string> voiceFiles)
    {
        _arguments = arguments;
        _folder = arguments.Lines ?? ".";
        (string Owner, string? Path)[] taken =
        [
            ("the manifest of --lines", arguments.Lines is null ? null : LineManifest.PathIn(_folder)), ("-f", arguments.File),
            .. arguments.Lexicons.Select(path => ("--lexicon", (string?)path)), .. voiceFiles.Select(path => ("the voice", (string?)path)),
        ];
        foreach (var (owner, path) in taken.Where(file => file.Path is { Length: > 0 }))
        {
            _owners[AtomicFiles.TargetOf(path!)] = owner;
        }
    }

    /// <summary>
    /// The path of a name, which no later line can have, nor that of its timestamps. A line that is refused takes no name.
    /// </summary>
    /// <param name="name">The name within the folder.</param>
    /// <param name="number">The line.</param>
    /// <exception cref="FileException">The name is none, lies outside, is taken, or has no folder.</exception>
    public string Claim(string name, int number)
    {
        var path = Path.Combine(_folder, name);
        if (name.Length == 0)
        {
            throw new FileException("output_file: expected the name of a file, found nothing.");
        }

        var claimed = new List<string>();
        try
        {
            Add(path, number, claimed);
            if (_arguments.TimestampsOf(path) is { } times)
            {
                Add(times, number, claimed);
            }
        }
        catch
        {
            claimed.ForEach(target => _owners.Remove(target));
            throw;
        }

        return path;
    }

    private void Add(string path, int number, List<string> claimed)
    {
        OutputFile.RequireFolder(path);
        if (Encoding.UTF8.GetByteCount(Path.GetFileName(path)) > LongestName)
        {
            throw new FileException($"{path}: the name is too long: expected at most {LongestName} bytes.");
        }

        var target = AtomicFiles.TargetOf(path);
        var inside = Path.TrimEndingDirectorySeparator(AtomicFiles.TargetOf(_folder)) + Path.DirectorySeparatorChar;
        var isInside = inside == "//" || (target.Length > inside.Length && OutputFile.Names.Equals(target[..inside.Length], inside));
        if (!_arguments.AllowOutside && !isInside)
        {
            throw new FileException($"{path}: lies outside of the folder '{_folder}'; --allow-outside permits that.");
        }

        if (AtomicFiles.IsWrittenInto(path))
        {
            return;
        }

        if (!_owners.TryAdd(target, $"line {number}"))
        {
            throw new FileException($"{path}: is the file of {_owners[target]} already; each line needs its own.");
        }

        claimed.Add(target);
    }
}
