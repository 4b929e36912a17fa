using CudaTts.Text;

namespace CudaTts.Pipeline;

/// <summary>
/// A sentence of a sound or two ("Oh.") is shorter than anything that a model has learnt, and other random numbers do not help it. Another attempt
/// says it twice, "Oh, oh.", and keeps the second time.
/// </summary>
internal static class Repetition
{
    private const int MostSounds = 2;

    /// <summary>Whether an attempt, counted from 1, says the sentence twice.</summary>
    public static bool IsFor(TokenSequence tokens, int attempt) => attempt > 1 && tokens.Ids.Count(SymbolTable.IsSpoken) <= MostSounds;

    /// <summary>The token ids of the sentence behind its own sounds and a comma.</summary>
    public static int[] Twice(Voice voice, TokenSequence tokens) =>
        [.. tokens.Ids[..(Array.FindLastIndex(tokens.Ids, SymbolTable.IsSpoken) + 1)], .. voice.FrontEnd.PauseIds, .. tokens.Ids];
}
