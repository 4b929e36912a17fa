using System.Text;
using System.Text.Json;
using CudaTts.Files;
using CudaTts.Models;
using CudaTts.Models.Vits;

namespace CudaTts;

/// <summary>
/// Makes a voice of a converted network that goes from text to samples: its model folder needs nothing but a voice.json.
/// </summary>
public static class ConvertedVoice
{
    /// <summary>What people who publish Piper voices call the file with a voice's origin and licence.</summary>
    private const string CardName = "MODEL_CARD";

    private const int MostCardBytes = 64 << 10;

    // Of jaywalnut310/vits, text/symbols.py.
    private const int PublicSymbols = 178;

    /// <summary>Writes voice.json into a model folder, where the network can be a voice by itself and there is none yet.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="source">The checkpoint that it was converted from.</param>
    /// <returns>What to tell people about it, a line each; none where nothing was written.</returns>
    /// <exception cref="WeightsException">The folder is incomplete.</exception>
    public static IReadOnlyList<string> Write(string folder, string source)
    {
        var model = ModelFolder.Open(folder);
        if (model.Type != VitsConfig.TypeName)
        {
            return [];
        }

        var path = Path.Combine(folder, Voice.ManifestName);
        if (File.Exists(path))
        {
            return [$"{path} was there already and is kept; remove it and convert again for one of this network."];
        }

        var config = model.Config<VitsConfig>();
        if (WhyNoVoice(config) is { } reason)
        {
            return [$"No {Voice.ManifestName} was written: {reason}; synthesize takes ids."];
        }

        var manifest = Describe(folder, source, config.Text);
        AtomicFiles.Write((path, stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(manifest, VoiceJsonContext.Written.VoiceManifest))));
        var notes = new List<string>
        {
            $"{Voice.ManifestName} names the front end {manifest.FrontEnd}; say --voice {folder} speaks with it.",
            $"Licence: {manifest.Licence}.",
        };
        if (manifest.FrontEnd == "english_ipa" && config.Text.EspeakVoice is { } accent && accent is not ("en-us" or "en"))
        {
            notes.Add($"english_ipa has American sounds and the voice learnt {accent}; the front end espeak, with espeak-ng installed, has its own.");
        }

        return notes;
    }

    private static string? WhyNoVoice(VitsConfig config) => config.Text switch
    {
        { Kind: VitsText.PiperKind, PhonemeIdMap.Count: 0 } => "the voice's .json with its phoneme_id_map was not beside it nor given with --config",
        { Kind: VitsText.VitsKind } when config.Symbols != PublicSymbols || !config.AddsBlanks =>
            $"the network does not read the {PublicSymbols} public symbols with blanks between them",
        { Kind: VitsText.VitsKind, EspeakVoice: null } => "which language the network speaks is not in its config",
        _ => null,
    };

    private static VoiceManifest Describe(string folder, string source, VitsText text)
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
    private static string FrontEndOf(VitsText text, string language) =>
        text.PhonemeType == VitsText.CharacterPhonemes ? "characters"
        : language.StartsWith("en", StringComparison.Ordinal) ? "english_ipa"
        : "espeak";

    private static string LanguageOf(VitsText text) => (text.Language ?? text.EspeakVoice ?? "en-US").Replace('_', '-');

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
