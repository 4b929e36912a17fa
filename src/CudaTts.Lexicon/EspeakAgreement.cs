using System.Globalization;
using CudaTts.Text;

namespace CudaTts.Lexicon;

/// <summary>How many words the front end english_ipa writes exactly as espeak-ng does, which must be installed.</summary>
/// <param name="Words">Number of words that espeak-ng wrote.</param>
/// <param name="Same">How many of them stand in ours, marks of stress included.</param>
/// <param name="SameSounds">The same with the marks of stress left out.</param>
internal sealed record EspeakAgreement(int Words, int Same, int SameSounds)
{
    private static readonly char[] s_apart = [' ', ',', '.', '!', '?', ';', ':'];

    /// <summary>The share of words that are the same, 0 to 1.</summary>
    public double Share => Words == 0 ? 0 : (double)Same / Words;

    /// <summary>Reads every text with both and compares their words, wherever in the text they stand.</summary>
    public static EspeakAgreement Of(IEnumerable<string> texts)
    {
        var (ours, espeak) = (TextFrontEnd.Create("english_ipa"), TextFrontEnd.Create("espeak"));
        var agreement = new EspeakAgreement(0, 0, 0);
        foreach (var text in texts)
        {
            var (expected, found) = (WordsOf(espeak, text), WordsOf(ours, text));
            agreement = new EspeakAgreement(
                agreement.Words + expected.Length, agreement.Same + Common(expected, found),
                agreement.SameSounds + Common(Unstressed(expected), Unstressed(found)));
        }

        return agreement;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Words} words, {Share:P1} the same, {(Words == 0 ? 0 : (double)SameSounds / Words):P1} without the marks of stress");

    private static string[] WordsOf(TextFrontEnd frontEnd, string text) =>
        frontEnd.Read(text).Text.Split(s_apart, StringSplitOptions.RemoveEmptyEntries);

    private static string[] Unstressed(string[] words) => Array.ConvertAll(
        words, word => word.Replace("ˈ", "", StringComparison.Ordinal).Replace("ˌ", "", StringComparison.Ordinal));

    private static int Common(string[] expected, string[] found)
    {
        var left = found.ToList();
        return expected.Count(left.Remove);
    }
}
