using System.Globalization;

namespace CudaTts.Models;

/// <summary>Which of several speakers is to speak.</summary>
internal static class SpeakerChoice
{
    private const int NamesShown = 5;
    private const int LongestShown = 60;

    /// <summary>Refuses a speaker who is not there.</summary>
    /// <param name="speaker">Who is asked for; nobody in particular when null.</param>
    /// <param name="speakers">How many there are; 0 where there is one voice without a number.</param>
    /// <param name="owner">What the message calls the network or the voice.</param>
    /// <exception cref="CudaTtsException">Says which numbers there are.</exception>
    public static void Require(int? speaker, int speakers, string owner)
    {
        if (speaker is { } chosen && speakers == 0)
        {
            throw OneVoice($"{chosen}", owner);
        }

        if (speaker is { } number && (number < 0 || number >= speakers))
        {
            throw new CudaTtsException($"speaker: expected 0 to {speakers - 1} for {owner}, found {number}.");
        }
    }

    /// <summary>The number of a speaker who is named by it or by a name; a number that there is counts for more than a name of digits.</summary>
    /// <param name="speaker">A number from 0, or a name.</param>
    /// <param name="speakers">How many there are.</param>
    /// <param name="names">The names, with their numbers.</param>
    /// <param name="owner">What the message calls the network or the voice.</param>
    /// <exception cref="CudaTtsException">Says which numbers and names there are.</exception>
    public static int Of(string speaker, int speakers, IReadOnlyDictionary<string, int> names, string owner)
    {
        ArgumentNullException.ThrowIfNull(speaker);
        if (speakers == 0)
        {
            throw OneVoice(Shown(speaker), owner);
        }

        if (int.TryParse(speaker, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < speakers)
        {
            return number;
        }

        return names.TryGetValue(speaker, out var named) ? named : throw new CudaTtsException(
            $"speaker: expected 0 to {speakers - 1}{Choice(names)} for {owner}, found '{Shown(speaker)}'.");
    }

    private static CudaTtsException OneVoice(string speaker, string owner) =>
        new($"speaker {speaker}: {owner} has one voice and no speakers to choose from; leave it out.");

    private static string Choice(IReadOnlyDictionary<string, int> names) => names.Count == 0 ? ""
        : $" or a name ({string.Join(", ", names.OrderBy(name => name.Value).Take(NamesShown).Select(name => Shown(name.Key)))}"
            + $"{(names.Count > NamesShown ? $" and {names.Count - NamesShown} others" : "")})";

    private static string Shown(string name) =>
        (name.Length <= LongestShown ? name : name[..LongestShown] + "...").ReplaceLineEndings(" ");
}
