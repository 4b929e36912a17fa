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
                : text is not null ? OfModel(Path.Combine(folder, manifest.Acoustic), text, acoustic.Symbols)
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

    /// <summary>Why a voice that a network is by itself could not be loaded; null where it can.</summary>
    /// <param name="frontEnd">The front end that its manifest would name.</param>
    /// <param name="text">What the network's config says of texts.</param>
    public static string? WhyNot(string frontEnd, TaughtText text)
    {
        try
        {
            var size = 1 + (text.PhonemeIds?.Values.SelectMany(ids => ids).DefaultIfEmpty().Max() ?? 0);
            _ = TextFrontEnd.Create(frontEnd, SymbolTable.OfModel(TextOf(text), size), text.EspeakVoice);
            return null;
        }
        catch (TextException error)
        {
            return error.Message.TrimEnd('.');
        }
    }

    // The symbols are the network's own, and so is what is wrong with them.
    private static SymbolTable OfModel(string folder, ModelText text, int size)
    {
        try
        {
            return SymbolTable.OfModel(text, size);
        }
        catch (TextException error)
        {
            throw new VoiceException($"{Path.GetFullPath(Path.Combine(folder, ConfigJson.FileName))}: {error.Message.TrimEnd('.')}.");
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
