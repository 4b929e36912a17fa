namespace CudaTts.Models;

/// <summary>Which of a network's speakers is to speak.</summary>
internal static class SpeakerChoice
{
    /// <summary>Refuses a speaker whom the network does not know.</summary>
    /// <param name="speaker">Who is asked for; nobody in particular when null.</param>
    /// <param name="speakers">How many the network has; 0 where it has one voice without a number.</param>
    /// <param name="network">What the message calls the network.</param>
    /// <exception cref="CudaTtsException">Says which numbers there are.</exception>
    public static void Require(int? speaker, int speakers, string network)
    {
        if (speaker is { } chosen && speakers == 0)
        {
            throw new CudaTtsException($"speaker {chosen}: the network {network} has one voice and no speakers to choose from; leave it out.");
        }

        if (speaker is { } number && (number < 0 || number >= speakers))
        {
            throw new CudaTtsException($"speaker: expected 0 to {speakers - 1} for the network {network}, found {number}.");
        }
    }
}
