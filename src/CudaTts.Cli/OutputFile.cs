using CudaTts.Audio;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>Writes results so that a file is there whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>What <c>-o</c> takes for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>How the file system compares names.</summary>
    public static StringComparer Names { get; } = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>
    /// Writes speech as it is made: WAV by ourselves, to a file or standard output; any other extension through ffmpeg. A WAV file's header comes
    /// first and says the length, so on standard output the first byte waits for the last sample; <c>--output-raw</c> does not.
    /// </summary>
    public static void WriteSpeech(string path, int sampleRate, IEnumerable<float[]> parts, Terminal terminal, CancellationToken cancellation)
    {
        if (path == StandardOutput)
        {
            WavFile.Write(terminal.Output, new Waveform([.. parts.SelectMany(part => part)], sampleRate));
        }
        else if (Path.GetExtension(path).ToUpperInvariant() is "" or ".WAV")
        {
            WavFile.Write(path, sampleRate, parts);
        }
        else
        {
            AtomicFiles.WriteNamed(path, name => SpeechEncoder.Write(name, sampleRate, parts, cancellation));
        }
    }

    /// <summary>Fails early where the result could not be written later: an hour of synthesis should not end in a typing error.</summary>
    public static void RequireFolder(string path)
    {
        if (path == StandardOutput)
        {
            return;
        }

        var target = AtomicFiles.TargetOf(path);
        var folder = Path.GetDirectoryName(target);
        if (folder is null || Directory.Exists(target))
        {
            throw new FileException($"{path}: cannot be written: a folder of that name is in the way.");
        }

        if (!Directory.Exists(folder))
        {
            throw new FileException($"{path}: the folder '{folder}' does not exist.");
        }
    }

    /// <summary>Refuses to write one file twice, and to replace a file that is read. Devices and pipes may be both.</summary>
    /// <param name="outputs">Options and the files that they write; null is none.</param>
    /// <param name="inputs">What is read, and its files; null is none.</param>
    /// <exception cref="ArgumentsException">Two of them are one file.</exception>
    public static void RequireDistinct(IEnumerable<(string Name, string? Path)> outputs, IEnumerable<(string Name, string? Path)> inputs)
    {
        var known = new Dictionary<string, string>(Names);
        foreach (var (name, path) in inputs.Where(IsFile))
        {
            known.TryAdd(AtomicFiles.TargetOf(path!), name);
        }

        foreach (var (name, path) in outputs.Where(IsFile))
        {
            if (!known.TryAdd(AtomicFiles.TargetOf(path!), name))
            {
                throw new ArgumentsException($"{name}: '{path}' is also the file of {known[AtomicFiles.TargetOf(path!)]}; name another one.");
            }
        }
    }

    private static bool IsFile((string Name, string? Path) file) =>
        file.Path is { Length: > 0 } path && path != StandardOutput && !AtomicFiles.IsWrittenInto(path);
}
