using System.ComponentModel;
using System.Diagnostics;
using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Cli;

/// <summary>Writes results so that a file is there whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>What <c>-o</c> takes for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>
    /// Writes speech as it is made: WAV by ourselves, to a file or standard output; any other extension through ffmpeg. A WAV file's header comes
    /// first and says the length, so on standard output the first byte waits for the last sample; <c>--output-raw</c> does not.
    /// </summary>
    public static void WriteSpeech(string path, int sampleRate, IEnumerable<float[]> parts, Terminal terminal)
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
            WriteWhole(path, temporary => Encode(temporary, sampleRate, parts));
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
        var temporary = "";
        try
        {
            var target = AtomicFiles.TargetOf(path);
            temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}{Path.GetExtension(path)}");
            write(temporary);
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CudaTtsException($"{path}: cannot be written: {error.Message}", error);
        }
        finally
        {
            if (temporary.Length > 0)
            {
                File.Delete(temporary);
            }
        }
    }

    private static void Encode(string path, int sampleRate, IEnumerable<float[]> parts)
    {
        try
        {
            using var ffmpeg = Process.Start(
                new ProcessStartInfo("ffmpeg", ["-v", "error", "-f", "s16le", "-ar", $"{sampleRate}", "-ac", "1", "-i", "pipe:0", path])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
            var message = ffmpeg.StandardError.ReadToEndAsync();
            try
            {
                foreach (var part in parts)
                {
                    Pcm16.Write(ffmpeg.StandardInput.BaseStream, part);
                }

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
            throw new CudaTtsException(
                $"'{Path.GetExtension(path)}' needs ffmpeg on the PATH, and it is not there; write a .wav file, or install ffmpeg.", error);
        }
    }
}
