using System.Text;
using System.Text.Json;
using CudaTts.Files;
using CudaTts.Models;

namespace CudaTts;

/// <summary>
/// Makes a voice of a converted network that goes from text to samples: its model folder needs nothing but a voice.json.
/// </summary>
public static class ConvertedVoice
{
    /// <summary>What people who publish Piper voices call the file with a voice's origin and licence.</summary>
    private const string CardName = "MODEL_CARD";

    private const int MostCardBytes = 64 << 10;

    /// <summary>Writes voice.json into a model folder, where the network can be a voice by itself and there is none yet.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="source">The checkpoint that it was converted from.</param>
    /// <returns>What to tell people about it, a line each; none where nothing was written.</returns>
    /// <exception cref="WeightsException">The folder is incomplete.</exception>
    public static IReadOnlyList<string> Write(string folder, string source)
    {
        if (ModelFormat.VoiceOf(ModelFolder.Open(folder), out var reason) is not { } text)
        {
            return [];
        }

        var path = Path.Combine(folder, Voice.ManifestName);
        if (File.Exists(path))
        {
            return [$"{path} was there already and is kept; remove it and convert again for one of this network."];
        }

        reason ??= VoiceFrontEnd.WhyNot(FrontEndOf(text, LanguageOf(text)), text);
        if (reason is not null)
        {
            return [$"No {Voice.ManifestName} was written: {reason}; synthesize takes ids."];
        }

        var manifest = Describe(folder, source, text);
        AtomicFiles.Write((path, stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(manifest, VoiceJsonContext.Written.VoiceManifest))));
        var notes = new List<string>
        {
            $"{Voice.ManifestName} names the front end {manifest.FrontEnd}; say --voice {folder} speaks with it.",
            $"Licence: {manifest.Licence}.",
        };
        if (manifest.FrontEnd == "english_ipa" && text.EspeakVoice is { } accent && accent is not ("en-us" or "en"))
        {
            notes.Add($"english_ipa has American sounds and the voice learnt {accent}; the front end espeak, with espeak-ng installed, has its own.");
        }

        return notes;
    }

    private static VoiceManifest Describe(string folder, string source, TaughtText text)
    {
        var language = LanguageOf(text);
        return new VoiceManifest
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Language = language,
            Licence = LicenceBeside(source) ?? "unknown; ask whoever published the voice",
            Origin = $"Converted from {Path.GetFileName(source)}.",
            FrontEnd = FrontEndOf(text, language),
            Symbols = VoiceFrontEnd.SymbolsOfModel,
            Acoustic = ".",
            Vocoder = ".",
        };
    }

    // Our own English needs no other program; every other language is espeak-ng's to read.
    private static string FrontEndOf(TaughtText text, string language) =>
        text.ReadsCharacters ? "characters"
        : language.StartsWith("en", StringComparison.Ordinal) ? "english_ipa"
        : "espeak";

    private static string LanguageOf(TaughtText text) => (text.Language ?? text.EspeakVoice ?? "en-US").Replace('_', '-');

    private static string? LicenceBeside(string source)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(source))!, CardName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            const string Key = "license:";
            var lines = Encoding.UTF8.GetString(InputFile.ReadBytes(path, MostCardBytes)).Split('\n');
            return lines.Where(line => line.Contains(Key, StringComparison.OrdinalIgnoreCase))
                .Select(line => line[(line.IndexOf(Key, StringComparison.OrdinalIgnoreCase) + Key.Length)..].Trim())
                .FirstOrDefault(licence => licence.Length > 0);
        }
        catch (FileException)
        {
            return null;
        }
    }
}
