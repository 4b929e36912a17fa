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

    public OutputNames(SayArguments arguments)
    {
        _arguments = arguments;
        _folder = arguments.Lines ?? ".";
        if (arguments.Lines is not null)
        {
            _owners[AtomicFiles.TargetOf(LineManifest.PathIn(_folder))] = "the manifest of --lines";
        }

        if (arguments.File is { } file)
        {
            _owners[AtomicFiles.TargetOf(file)] = "-f";
        }
    }

    /// <summary>The path of a name, which no later line can have.</summary>
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

        Require(path, number);
        if (_arguments.TimestampsOf(path) is { } times)
        {
            Require(times, number);
        }

        return path;
    }

    private void Require(string path, int number)
    {
        OutputFile.RequireFolder(path);
        if (Encoding.UTF8.GetByteCount(Path.GetFileName(path)) > LongestName)
        {
            throw new FileException($"{path}: the name is too long: expected at most {LongestName} bytes.");
        }

        var target = AtomicFiles.TargetOf(path);
        var inside = Path.TrimEndingDirectorySeparator(AtomicFiles.TargetOf(_folder)) + Path.DirectorySeparatorChar;
        if (!_arguments.AllowOutside && !target.StartsWith(inside, StringComparison.Ordinal) && inside != "//")
        {
            throw new FileException($"{path}: lies outside of the folder '{_folder}'; --allow-outside permits that.");
        }

        if (!AtomicFiles.IsWrittenInto(path) && !_owners.TryAdd(target, $"line {number}"))
        {
            throw new FileException($"{path}: is the file of {_owners[target]} already; each line needs its own.");
        }
    }
}
