using CudaTts.Models;
using CudaTts.Text;

namespace CudaTts;

/// <summary>The text front end of a voice, by what its manifest and its acoustic model say.</summary>
internal static class VoiceFrontEnd
{
    /// <summary>What voice.json calls the symbols that the model's own config.json lists.</summary>
    public const string SymbolsOfModel = "model";

    /// <summary>Makes the front end.</summary>
    /// <param name="folder">The voice's folder, for messages.</param>
    /// <param name="manifest">What names front end and symbols.</param>
    /// <param name="acoustic">What reads the ids.</param>
    /// <exception cref="VoiceException">There is no such front end or table, or the model has other symbols.</exception>
    public static TextFrontEnd Create(string folder, VoiceManifest manifest, AcousticModel acoustic)
    {
        try
        {
            var text = acoustic.Text is { } own ? TextOf(own) : null;
            var symbols = manifest.Symbols != SymbolsOfModel ? SymbolTable.Named(manifest.Symbols)
                : text is not null ? SymbolTable.OfModel(text, acoustic.Symbols)
                : throw new TextException(
                    $"symbols: the model {acoustic.Name} lists none of its own; name one of the tables that it was trained with");
            return symbols.Symbols.Count == acoustic.Symbols
                ? TextFrontEnd.Create(manifest.FrontEnd, symbols, text?.EspeakVoice)
                : throw new VoiceException(
                    $"{folder}: expected an acoustic model of the {symbols.Symbols.Count} symbols '{symbols.Name}' that {Voice.ManifestName} names, "
                    + $"found one whose n_symbols is {acoustic.Symbols}: name the symbols that it was trained with.");
        }
        catch (TextException error)
        {
            throw new VoiceException($"{Path.Combine(folder, Voice.ManifestName)}: {error.Message}.");
        }
    }

    private static ModelText TextOf(TaughtText text) => new()
    {
        PhonemeIds = text.PhonemeIds,
        PhonemeReplacements = text.PhonemeReplacements,
        PhonemeSilences = text.PhonemeSilences,
        EspeakVoice = text.EspeakVoice,
        ReadsCharacters = text.ReadsCharacters,
    };
}
