namespace CudaTts.Quality.Pesq;

/// <summary>A stretch of the reference that is aligned as one.</summary>
/// <param name="Start">Its first activity frame.</param>
/// <param name="End">The first activity frame after it.</param>
/// <param name="Alignment">Where the degraded signal has it.</param>
internal readonly record struct Utterance(int Start, int End, DelayEstimate Alignment)
{
    /// <summary>More utterances are not looked for; the original has room for no more.</summary>
    public const int Most = 50;

    /// <summary>The delay of the degraded signal, samples.</summary>
    public int Delay => Alignment.Delay;
}
