namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// What a loop's machine code says, or that of a kernel outside its loops: a trip's own loads and instructions, without those of inner loops. Place
/// is the function that the loop is in, and its file; Depth the number of loops around it, -1 for what is outside all loops; Chain what
/// <see cref="LoadChains.Longest"/> says.
/// </summary>
internal sealed record LoopFigures(
    string Kernel, string Place, int Depth, int GlobalLoads, int SharedLoads, int ConstantLoads, int LocalLoads, LoadRounds Loads, int Chain,
        bool IsPoll,
    int Instructions, int StallCycles, int TensorCoreInstructions)
{
    /// <summary>Loads wait for each other although they need not. Each poll of another block's words is waited for: that is one round.</summary>
    public bool HasNeedlessRounds => Loads.Rounds > Chain;

    public static IEnumerable<LoopFigures> OfLoops(KernelCode kernel, SourceFunctions functions)
    {
        var loops = Loop.FindAll(kernel);
        return loops.Select(loop => Of(kernel, loop, functions.Place(kernel.Name, loop.Branch.Lines), LoadRounds.Of(loop.Trip)))
            .Append(OutsideLoops(kernel, Loop.Whole(kernel, loops)));
    }

    private static LoopFigures OutsideLoops(KernelCode kernel, Loop whole) =>
        Of(kernel, whole, "outside loops", LoadRounds.OfOneTrip(whole.Trip)) with { Depth = -1, IsPoll = false };

    private static LoopFigures Of(KernelCode kernel, Loop loop, string place, LoadRounds rounds)
    {
        int Own(Func<Instruction, bool> counts) => loop.Trip.Count(step => step.IsOwn && counts(step.Instruction));
        return new LoopFigures(
            kernel.Name, place, loop.Depth, Own(i => i.IsGlobalLoad), Own(i => i.IsSharedLoad), Own(i => i.IsConstantLoad), Own(i => i.IsLocalLoad),
                rounds,
            LoadChains.Longest(loop.Trip), LoadChains.IsPoll(loop), Own(_ => true),
            loop.Trip.Where(step => step.IsOwn).Sum(step => step.Instruction.Control.Stall), Own(i => i.IsTensorCore));
    }
}
