using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace CudaTts.Text.Espeak;

/// <summary>The program espeak-ng, which a user installs: what it makes of a text, within bounds of time and length.</summary>
/// <param name="folders">Where to look for it, as the PATH lists folders; null for the PATH itself.</param>
/// <param name="limit">The longest that the clauses of a call may take together.</param>
internal sealed partial class EspeakProgram(string? folders = null, TimeSpan? limit = null)
{
    private const string Name = "espeak-ng";
    private const string NotInstalled =
        "the text of this voice is read by the program espeak-ng, which is not on the PATH: install it (apt install espeak-ng, "
        + "brew install espeak-ng, or github.com/espeak-ng/espeak-ng); a voice of American English can do with the front end 'english_ipa' instead";

    // A call takes milliseconds; a busy machine starts a program late.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(500);

    // A digit is a word or two; nothing is longer but what is wrong.
    private const int MostPerCharacter = 100;
    private const int MostOfAnError = 200;

    // Beyond it a code says which signal has ended the program.
    private const int LastCodeOfItsOwn = 128;

    private readonly TimeSpan _limit = limit ?? s_limit;

    /// <summary>The name of a voice, which may not look like an option of the program.</summary>
    /// <exception cref="TextException">It has other characters than names have.</exception>
    public static string RequireVoice(string voice) => voice.Length <= 40 && VoiceName().IsMatch(voice)
        ? voice
        : throw new TextException($"expected the name of a voice of {Name} such as en-us, found '{OneLine(voice[..Math.Min(voice.Length, 40)])}'");

    /// <summary>The phonemes that a voice says each of some clauses with; empty for one that it does not say.</summary>
    /// <param name="clauses">The clauses, without brackets.</param>
    /// <param name="voice">The voice.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="TextException">The program is not there, fails, takes too long or writes too much.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public string[] Read(string[] clauses, string voice, CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(_limit);
        try
        {
            var together = clauses.Length > 1 ? ClauseLines.Split(Lines(ClauseLines.Join(clauses), voice, time.Token), clauses.Length) : null;
            return together ?? Array.ConvertAll(clauses, clause => string.Join(' ', Lines(clause, voice, time.Token)));
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new TextException(
                $"{Name} did not read {clauses.Sum(clause => clause.Length)} characters within {_limit.TotalSeconds:0.#} s: is the program whole?");
        }
    }

    /// <summary>The lines of phonemes that a voice says a text with.</summary>
    private string[] Lines(string text, string voice, CancellationToken time)
    {
        time.ThrowIfCancellationRequested();
        using var process = Start(RequireVoice(voice));
        try
        {
            var errors = Read(process.StandardError, MostOfAnError, isCut: true, time);
            var output = Read(process.StandardOutput, 1000 + (MostPerCharacter * text.Length), isCut: false, time);
            Write(process.StandardInput, text, time);
            var phonemes = output.GetAwaiter().GetResult();
            process.WaitForExitAsync(time).GetAwaiter().GetResult();
            if (process.ExitCode > LastCodeOfItsOwn)
            {
                // A terminal's Ctrl-C ends the program too, and perhaps before the call hears of it.
                time.WaitHandle.WaitOne(s_grace);
                time.ThrowIfCancellationRequested();
            }

            return process.ExitCode == 0
                ? phonemes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : throw new TextException(
                    $"{Name} with the voice '{voice}' ended with code {process.ExitCode}: {OneLine(errors.GetAwaiter().GetResult())}");
        }
        finally
        {
            Stop(process);
        }
    }

    private Process Start(string voice)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(Find() ?? throw new TextException(NotInstalled), ["-q", "--ipa", "-b", "1", "-v", voice, "--stdin"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            StandardInputEncoding = encoding, StandardOutputEncoding = encoding, StandardErrorEncoding = encoding,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new TextException($"{start.FileName} cannot be started: {OneLine(error.Message)}");
        }
    }

    /// <summary>The program on the PATH; never one of the current folder, which anybody may have put there.</summary>
    private string? Find()
    {
        var file = OperatingSystem.IsWindows() ? Name + ".exe" : Name;
        return (folders ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Whether the program is there.</summary>
    public bool IsInstalled => Find() is not null;

    private static void Write(StreamWriter input, string text, CancellationToken time)
    {
        try
        {
            input.WriteAsync(text.AsMemory(), time).WaitAsync(time).GetAwaiter().GetResult();
            input.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its code and its errors say why.
        }
    }

    private static async Task<string> Read(StreamReader output, int most, bool isCut, CancellationToken time)
    {
        var (text, buffer) = (new StringBuilder(), new char[4096]);
        while (await output.ReadAsync(buffer, time).AsTask().WaitAsync(time).ConfigureAwait(false) is > 0 and var read)
        {
            text.Append(buffer, 0, isCut ? Math.Min(read, most - text.Length) : read);
            if (text.Length > most)
            {
                throw new TextException($"{Name} wrote more than {most} characters of phonemes: is the program whole?");
            }
        }

        return text.ToString();
    }

    private static void Stop(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
        catch (Win32Exception)
        {
            // It is ending.
        }
    }

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } line ? line : "nothing";

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*([-_+][A-Za-z0-9]+)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex VoiceName();
}
