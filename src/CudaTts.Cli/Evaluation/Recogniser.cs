using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using CudaTts.Audio;
using CudaTts.Files;

namespace CudaTts.Cli.Evaluation;

/// <summary>Any speech recogniser that is a program: it is given a WAV file and prints what it heard.</summary>
internal sealed class Recogniser
{
    /// <summary>What stands for the file in the command.</summary>
    public const string FileMark = "{}";

    /// <summary>The rate of the files, Hz.</summary>
    public const int SampleRate = 16000;

    // Recognisers expect some quiet around speech, and about one level.
    private const double SilenceSeconds = 0.25;
    private const float Peak = 0.5f;
    private const int MostOutput = 1 << 16;

    private readonly string[] _command;

    private Recogniser(string[] command) => _command = command;

    /// <summary>Takes a command apart; quotation marks hold words together, and no shell is asked.</summary>
    /// <exception cref="ArgumentsException">It has no mark for the file, or its program is not there.</exception>
    public static Recogniser Of(string command)
    {
        string[] words = [.. Words(command)];
        if (!words.Any(word => word.Contains(FileMark, StringComparison.Ordinal)))
        {
            throw new ArgumentsException($"--recogniser: expected a command with {FileMark} where the WAV file's name goes, found '{command}'.");
        }

        words[0] = Path.GetFileName(words[0]) != words[0] && File.Exists(words[0]) ? Path.GetFullPath(words[0])
            : SearchPath.Find(words[0], SearchPath.Folders())
                ?? throw new ArgumentsException($"--recogniser: '{words[0]}' is not there, or not on the PATH; install it, or give its full path.");
        return new Recogniser(words);
    }

    /// <summary>What it hears.</summary>
    /// <exception cref="CudaTtsException">It cannot be started, fails, or prints without end.</exception>
    public string Hear(Waveform speech, CancellationToken cancellation)
    {
        var file = Path.Combine(Path.GetTempPath(), $"cudatts-{Path.GetRandomFileName()}.wav");
        WavFile.Write(file, Prepared(speech));
        try
        {
            return Run(file, cancellation);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Waveform Prepared(Waveform speech)
    {
        var resampled = speech.Resample(SampleRate).Samples;
        var peak = resampled.Aggregate(1e-9f, (most, sample) => Math.Max(most, Math.Abs(sample)));
        var silence = new float[(int)(SilenceSeconds * SampleRate)];
        return new Waveform([.. silence, .. resampled.Select(sample => sample * Peak / peak), .. silence], SampleRate);
    }

    private string Run(string file, CancellationToken cancellation)
    {
        var arguments = _command.Skip(1).Select(word => word.Replace(FileMark, file, StringComparison.Ordinal));
        try
        {
            using var process = Process.Start(new ProcessStartInfo(_command[0], arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            })!;
            using var ending = cancellation.Register(() => process.Kill(entireProcessTree: true));
            process.StandardInput.Close();
            var complaint = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var heard = InputFile.ReadBytes(process.StandardOutput.BaseStream, _command[0], MostOutput);
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            return process.ExitCode == 0
                ? Encoding.UTF8.GetString(heard).ReplaceLineEndings(" ").Trim()
                : throw new CudaTtsException($"{_command[0]} failed with exit code {process.ExitCode}: {LastLine(complaint.Result)}");
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            throw new CudaTtsException($"{_command[0]} cannot be started; is it a program?", error);
        }
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it says nothing.";

    private static IEnumerable<string> Words(string command)
    {
        var word = new StringBuilder();
        char? quote = null;
        foreach (var character in command)
        {
            if (character == quote || (quote is null && character is '"' or '\''))
            {
                quote = quote is null ? character : null;
            }
            else if (quote is not null || !char.IsWhiteSpace(character))
            {
                word.Append(character);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }
}
