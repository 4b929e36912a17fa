using System.Text.RegularExpressions;

namespace CudaTts.Text.Phonemes;

/// <summary>What espeak-ng writes where it reads a word of another language: <c>(en)hˈaɪ(fr)</c>. No voice has a sound for it.</summary>
internal static partial class LanguageSwitches
{
    /// <summary>Phonemes without the names of languages.</summary>
    public static string Remove(string phonemes) => Switch().Replace(phonemes, "");

    [GeneratedRegex(@"\([a-z]{2,8}(-[a-z0-9]{1,16}){0,4}\)", RegexOptions.CultureInvariant)]
    private static partial Regex Switch();
}
