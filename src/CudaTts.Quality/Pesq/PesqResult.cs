namespace CudaTts.Quality.Pesq;

/// <summary>What PESQ says of one pair in one mode.</summary>
/// <param name="Mode">The mode that it was measured in.</param>
/// <param name="Raw">The score before the mapping, 4.5 for identical signals; null with a fault.</param>
/// <param name="Mos">The mean opinion score that is predicted (MOS-LQO), 1 to 4.64; null with a fault.</param>
/// <param name="Utterances">The stretches that were aligned, in order of time.</param>
/// <param name="Fault">Why there is no score.</param>
public sealed record PesqResult(PesqMode Mode, double? Raw, double? Mos, IReadOnlyList<PesqUtterance> Utterances, PesqFault Fault);

/// <summary>What PESQ says of one pair in both modes.</summary>
/// <param name="NarrowBand">The result of narrow-band mode.</param>
/// <param name="WideBand">The result of wide-band mode; null at 8 kHz, for which there is none.</param>
public sealed record PesqResults(PesqResult NarrowBand, PesqResult? WideBand);

/// <summary>A stretch of the reference and its delay. Frames of 4 ms count from 300 ms before the signal: its first sample is at frame 75.</summary>
/// <param name="StartFrame">The first frame.</param>
/// <param name="EndFrame">The first frame after it.</param>
/// <param name="Delay">By how much the degraded signal is later, in samples at the rate measured at (8 or 16 kHz).</param>
/// <param name="Confidence">How much of the stretch agrees with the delay, 0 to 1.</param>
public readonly record struct PesqUtterance(int StartFrame, int EndFrame, int Delay, double Confidence);

/// <summary>Why PESQ has no score for a pair.</summary>
public enum PesqFault
{
    /// <summary>There is a score.</summary>
    None,

    /// <summary>A signal is shorter than a quarter of a second.</summary>
    TooShort,

    /// <summary>A signal is silent, or the reference has no speech that could be aligned.</summary>
    NoUtterance,
}
