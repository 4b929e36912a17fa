using System.ComponentModel;
using System.Diagnostics;
using CudaTts.Audio;

namespace CudaTts.Cli;

/// <summary>Writes speech in formats other than WAV, through ffmpeg.</summary>
internal static class SpeechEncoder
{
    private const string Program = "ffmpeg";

    /// <summary>Has ffmpeg write a file whose extension says the format.</summary>
    /// <param name="path">The file, which may exist.</param>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    /// <param name="parts">The samples in order.</param>
    /// <param name="cancellation">Ends ffmpeg too, which may be one that never reads.</param>
    /// <exception cref="FileException">There is no ffmpeg, or it cannot write such a file.</exception>
    public static void Write(string path, int sampleRate, IEnumerable<float[]> parts, CancellationToken cancellation)
    {
        using var ffmpeg = Start(path, sampleRate);
        using var ending = cancellation.Register(() => End(ffmpeg));
        var message = ffmpeg.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            Feed(ffmpeg, parts);
        }
        catch
        {
            // Otherwise it would end by itself, and write a file that is no longer waited for.
            End(ffmpeg);
            ffmpeg.WaitForExit();
            throw;
        }

        ffmpeg.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (ffmpeg.ExitCode != 0)
        {
            throw new FileException($"{Program} cannot write '{Path.GetExtension(path)}': {message.Result.Split('\n')[0]}");
        }
    }

    private static Process Start(string path, int sampleRate)
    {
        // By its full path: the system would look into the current folder first.
        var program = SearchPath.Find(Program, SearchPath.Folders()) ?? throw Missing(path, null);
        string[] input = ["-v", "error", "-f", "s16le", "-ar", $"{sampleRate}", "-ac", "1", "-i", "pipe:0"];
        try
        {
            // Without 'file:' a name with a colon would be taken for an address.
            return Process.Start(new ProcessStartInfo(program, [.. input, "-y", $"file:{path}"])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception error)
        {
            throw Missing(path, error);
        }
    }

    private static void Feed(Process ffmpeg, IEnumerable<float[]> parts)
    {
        using var samples = ffmpeg.StandardInput.BaseStream;
        foreach (var part in parts)
        {
            try
            {
                Pcm16.Write(samples, part);
            }
            catch (IOException)
            {
                // It ended before it had read everything: its own message says why.
                return;
            }
        }
    }

    private static void End(Process ffmpeg)
    {
        try
        {
            ffmpeg.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }

    private static FileException Missing(string path, Exception? cause)
    {
        var message = $"'{Path.GetExtension(path)}' needs {Program} on the PATH, and it is not there; write a .wav file, or install {Program}.";
        return cause is null ? new FileException(message) : new FileException(message, cause);
    }
}
