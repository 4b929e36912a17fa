using System.ComponentModel;
using System.Diagnostics;
using CudaTts.Cli;

namespace CudaTts.Server.Encoding;

/// <summary>The program ffmpeg, where it is on the PATH: which encoders it has, and its runs.</summary>
internal sealed class Ffmpeg
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly string _path;

    private Ffmpeg(string path, IReadOnlySet<string> encoders) => (_path, Encoders) = (path, encoders);

    /// <summary>The names of its encoders.</summary>
    public IReadOnlySet<string> Encoders { get; }

    /// <summary>Looks for it; null where it is not there or does not run.</summary>
    public static Ffmpeg? Find()
    {
        if (SearchPath.Find("ffmpeg", SearchPath.Folders()) is not { } path)
        {
            return null;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, ["-v", "error", "-encoders"]) { RedirectStandardOutput = true })!;
            var lines = process.StandardOutput.ReadToEndAsync();
            if (!lines.Wait(s_patience))
            {
                process.Kill();
                return null;
            }

            // " A....D libmp3lame           libmp3lame MP3 (codec mp3)"
            var encoders = lines.Result.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words.Length > 1 && words[0].StartsWith('A')).Select(words => words[1]);
            return new Ffmpeg(path, encoders.ToHashSet());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Starts it on samples of 16 bits from its standard input, with the encoded bytes at its standard output.</summary>
    /// <exception cref="FileException">It does not start.</exception>
    public Process Start(int sampleRate, params string[] arguments)
    {
        string[] input = ["-v", "error", "-f", "s16le", "-ar", $"{sampleRate}", "-ac", "1", "-i", "pipe:0"];
        try
        {
            return Process.Start(new ProcessStartInfo(_path, [.. input, .. arguments, "-flush_packets", "1", "pipe:1"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception error)
        {
            throw new FileException($"{_path} does not start: {error.Message}", error);
        }
    }
}
