namespace CudaTts.Models.Tacotron2.Attention;

/// <summary>
/// The tokens that attention may look at in a step, around the one that had most of it in the step before (around the first token in the first
/// step): a constraint at inference alone, like the one of Deep Voice 3 (arXiv:1710.07654, section 3.6).
/// </summary>
/// <param name="Behind">Tokens before the peak.</param>
/// <param name="Ahead">Tokens after the peak.</param>
public readonly record struct AttentionWindow(int Behind, int Ahead)
{
    /// <summary>One token behind, three ahead: a phone may be finished, and a mark and a space be passed at once.</summary>
    public static AttentionWindow Default { get; } = new(1, 3);

    /// <summary>What kernels are told for a row without a window.</summary>
    internal static AttentionWindow None { get; } = new(-1, -1);

    /// <exception cref="CudaTtsException">A side is negative.</exception>
    internal void Require()
    {
        if (Behind < 0 || Ahead < 0)
        {
            throw new CudaTtsException($"expected an attention window of 0 or more tokens to each side, found {Behind} behind and {Ahead} ahead.");
        }
    }
}
