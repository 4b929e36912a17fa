using System.Text;
using System.Text.Json;
using CudaTts.Files;
using CudaTts.Pipeline;

namespace CudaTts.Cli;

/// <summary>What <c>say --timestamps</c> writes: JSON with every sound, or captions; the extension chooses.</summary>
internal static class TimestampFile
{
    /// <summary>The forms, which are the extensions without the dot.</summary>
    public static IReadOnlyList<string> Forms { get; } = ["json", "srt", "vtt"];

    /// <summary>The file for an utterance of many: beside its speech, with the form's extension.</summary>
    public static string Beside(string speech, string form) => Path.ChangeExtension(speech, form.TrimStart('.').ToLowerInvariant());

    /// <summary>Whether a path, or a form alone, says which form it is.</summary>
    public static bool HasForm(string path) => Forms.Contains(FormOf(path));

    /// <summary>Whether this is a form, with or without a dot.</summary>
    public static bool IsForm(string form) => Forms.Contains(form.TrimStart('.').ToLowerInvariant());

    /// <summary>Writes the whole file or none.</summary>
    public static void Write(string path, SpeechTimestamps timestamps) =>
        AtomicFiles.Write((path, stream => stream.Write(Encoding.UTF8.GetBytes(FormOf(path) switch
        {
            "srt" => Captions.ToSubRip(timestamps),
            "vtt" => Captions.ToWebVtt(timestamps),
            _ => JsonSerializer.Serialize(timestamps, CliJson.Instance.SpeechTimestamps) + "\n",
        }))));

    private static string FormOf(string path) => (Path.GetExtension(path) is { Length: > 0 } extension ? extension[1..] : path).ToLowerInvariant();
}
