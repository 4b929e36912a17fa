using CudaTts.Text.Phonemes;

namespace CudaTts.Text.Espeak;

/// <summary>The words that a line of phonemes has.</summary>
internal static class PhonemeWords
{
    /// <summary>The words in order, names of languages left out.</summary>
    public static string[] Of(string line) => LanguageSwitches.Remove(line).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
