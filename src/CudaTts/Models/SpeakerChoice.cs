namespace CudaTts.Models;

/// <summary>Which of several speakers is to speak.</summary>
internal static class SpeakerChoice
{
    /// <summary>Refuses a speaker who is not there.</summary>
    /// <param name="speaker">Who is asked for; nobody in particular when null.</param>
    /// <param name="speakers">How many there are; 0 where there is one voice without a number.</param>
    /// <param name="owner">What the message calls the network or the voice.</param>
    /// <exception cref="CudaTtsException">Says which numbers there are.</exception>
    public static void Require(int? speaker, int speakers, string owner)
    {
        if (speaker is { } chosen && speakers == 0)
        {
            throw new CudaTtsException($"speaker {chosen}: {owner} has one voice and no speakers to choose from; leave it out.");
        }

        if (speaker is { } number && (number < 0 || number >= speakers))
        {
            throw new CudaTtsException($"speaker: expected 0 to {speakers - 1} for {owner}, found {number}.");
        }
    }
}
