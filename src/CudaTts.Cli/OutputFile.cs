using System.ComponentModel;
using System.Diagnostics;
using CudaTts.Audio;

namespace CudaTts.Cli;

/// <summary>Writes results so that a file is there whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>What <c>-o</c> takes for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>Writes speech: WAV by ourselves, to a file or standard output; any other extension through ffmpeg.</summary>
    public static void WriteSpeech(string path, Waveform speech, Terminal terminal)
    {
        if (path == StandardOutput)
        {
            WavFile.Write(terminal.Output, speech);
        }
        else if (Path.GetExtension(path).ToUpperInvariant() is "" or ".WAV")
        {
            WavFile.Write(path, speech);
        }
        else
        {
            WriteWhole(path, temporary => Encode(temporary, speech));
        }
    }

    /// <summary>Fails early where the result could not be written later: an hour of synthesis should not end in a typing error.</summary>
    public static void RequireFolder(string path)
    {
        var folder = path == StandardOutput ? null : Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new CudaTtsException($"{path}: the folder '{folder}' does not exist.");
        }
    }

    /// <summary>Lets <paramref name="write"/> fill a temporary file in the same folder, then renames it.</summary>
    public static void WriteWhole(string path, Action<string> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}{Path.GetExtension(path)}");
        try
        {
            write(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CudaTtsException($"{path}: cannot be written: {error.Message}", error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Encode(string path, Waveform speech)
    {
        try
        {
            using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-f", "wav", "-i", "pipe:0", path])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
            var message = ffmpeg.StandardError.ReadToEndAsync();
            try
            {
                WavFile.Write(ffmpeg.StandardInput.BaseStream, speech);
                ffmpeg.StandardInput.Close();
            }
            catch (IOException)
            {
                // ffmpeg ended before it had read everything: its own message says why.
            }

            ffmpeg.WaitForExit();
            if (ffmpeg.ExitCode != 0)
            {
                throw new CudaTtsException($"ffmpeg cannot write '{Path.GetExtension(path)}': {message.Result.Split('\n')[0]}");
            }
        }
        catch (Win32Exception error)
        {
            throw new CudaTtsException($"'{Path.GetExtension(path)}' needs ffmpeg on the PATH, and it is not there; write a .wav file, or install ffmpeg.", error);
        }
    }
}
