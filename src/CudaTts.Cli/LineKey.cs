using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CudaTts.Files;
using CudaTts.Text.English;

namespace CudaTts.Cli;

/// <summary>
/// What the samples of a line depend on, as one short text: the build of the library, the voice's files by their contents, the options, the words
/// of the user's lexicon, the text. The device is no part of it: what it changes is rounding, and a job may go on after the GPU has failed.
/// </summary>
internal sealed class LineKey
{
    private readonly string _shared;

    public LineKey(Voice voice, SayArguments arguments, UserLexicon? lexicon)
    {
        _shared = Hash(
        [
            Build, .. VoiceFiles.Of(voice, arguments.Vocoder.Vocoder).Select(HashOf), voice.Vocoder.Name, arguments.Vocoder.AllowMelMismatch,
            arguments.Attempts, arguments.Denoise, arguments.Pitch, arguments.Volume, arguments.Window, arguments.Ssml,
            arguments.NoiseScale, arguments.DurationNoiseScale,
            .. lexicon?.Words.Select(word => $"{word.Key} {word.Value}") ?? [],
        ]);
    }

    // Another build may read the same text in another way.
    private static Guid Build => typeof(Voice).Assembly.ManifestModule.ModuleVersionId;

    /// <summary>The key of an utterance.</summary>
    public string Of(Utterance utterance) => Hash([_shared, utterance.Seed, utterance.Speed, utterance.Speaker, utterance.Text])[..16];

    // With its length before it no part can be taken for two.
    private static string Hash(IEnumerable<object?> parts)
    {
        var texts = parts.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture) ?? "").Select(text => $"{text.Length}:{text}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(texts))));
    }

    private static string HashOf(string path)
    {
        using var file = InputFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
