using CudaTts.Models;
using CudaTts.Text;

namespace CudaTts.Pipeline;

/// <summary>
/// A sentence of a sound or two ("Oh.") is shorter than anything that a model has learnt, and other random numbers do not help it. It is said
/// behind another word and a comma, "Yes, oh.", and that word is cut off where the comma is quietest. A word that ends in a sound without voice
/// leaves a pause there; the sentence's own sound said twice would run into itself. A model without attention needs none of this.
/// </summary>
internal static class LeadIn
{
    private const int MostSounds = 2;

    /// <summary>
    /// Whether an attempt, counted from 1, says the sentence behind a word. A single sound never succeeds alone; two mostly do at once.
    /// </summary>
    public static bool IsFor(Voice voice, TokenSequence tokens, int attempt) => voice.Acoustic.HasAttention
        && tokens.Sounds.Count is > 0 and var sounds && (sounds == 1 || (attempt > 1 && sounds <= MostSounds));

    /// <summary>The token ids of the sentence behind the word.</summary>
    public static int[] Before(Voice voice, TokenSequence tokens) => [.. voice.FrontEnd.LeadInIds, .. tokens.Ids];

    /// <summary>What was made of the sentence alone.</summary>
    public static AcousticResult CutOff(AcousticResult result, TokenSequence tokens) => result.OfLast(tokens.Ids.Length);
}
