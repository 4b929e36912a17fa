namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// What the compiler tells the scheduler with every instruction: bits 105 to 121 of its 128. An instruction whose time is not known announces its
/// result on one of six scoreboards, and whoever needs the result waits until nothing is pending there.
/// </summary>
/// <remarks>
/// The layout is public knowledge: Jia et al., "Dissecting the NVIDIA Volta GPU architecture via microbenchmarking" (2018), section 2.1, after maxas.
/// </remarks>
/// <param name="Stall">Cycles before the warp's next instruction may be issued.</param>
/// <param name="Yields">Whether the scheduler should rather take another warp's instruction next.</param>
/// <param name="ResultScoreboard">Where the instruction announces its result; null for none.</param>
/// <param name="OperandScoreboard">Where it announces that its operands are read and may be overwritten; null for none.</param>
/// <param name="WaitMask">The scoreboards that must be clear before it is issued, one bit each.</param>
internal readonly record struct ControlBits(int Stall, bool Yields, int? ResultScoreboard, int? OperandScoreboard, int WaitMask)
{
    public const int Scoreboards = 6;

    private const int FirstBit = 105 - 64;
    private const int NoScoreboard = 7;

    /// <summary>Reads the upper 64 bits of an instruction.</summary>
    public static ControlBits Of(ulong upper)
    {
        int Field(int first, int bits) => (int)(upper >> (FirstBit + first)) & ((1 << bits) - 1);
        int? Scoreboard(int first) => Field(first, 3) == NoScoreboard ? null : Field(first, 3);
        return new ControlBits(Field(0, 4), Field(4, 1) == 0, Scoreboard(5), Scoreboard(8), Field(11, Scoreboards));
    }

    public bool WaitsFor(int scoreboard) => (WaitMask >> scoreboard & 1) != 0;
}
