namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>Following scoreboards through a loop: first what a few instructions must give, then loops that our compiler made.</summary>
[TestFixture]
internal sealed class LoadRoundsTests
{
    [Test]
    public void Loads_on_scoreboards_of_their_own_are_under_way_at_once()
    {
        var loop = OneLoop("""
            LDG.E R4, [R2.64] {result 0}
            LDG.E R5, [R2.64] {result 1}
            FADD R6, R4, R6 {wait 0}
            FADD R7, R5, R7 {wait 1}
            """);
        Assert.That((Rounds(loop).InFlight, Rounds(loop).Rounds), Is.EqualTo((2, 1.0)));
    }

    [Test]
    public void A_wait_for_a_scoreboard_that_two_loads_share_is_for_both()
    {
        var loop = OneLoop("""
            LDG.E R4, [R2.64] {result 0}
            LDG.E R5, [R2.64] {result 0}
            FADD R6, R4, R6 {wait 0}
            LDG.E R8, [R2.64] {result 1}
            FADD R7, R5, R7 {wait 0}
            FADD R7, R8, R7 {wait 1}
            """);
        Assert.That((Rounds(loop).InFlight, Rounds(loop).Rounds), Is.EqualTo((2, 2.0)));
    }

    [Test]
    public void A_load_that_is_waited_for_in_the_next_trip_is_seen()
    {
        var loop = OneLoop("""
            LDG.E R5, [R2.64] {wait 0 result 1}
            LDG.E R4, [R2.64] {wait 1 result 0}
            """);
        Assert.That((Rounds(loop).InFlight, Rounds(loop).Rounds), Is.EqualTo((1, 2.0)));
    }

    [Test]
    public void Groups_of_copies_may_stay_under_way_for_several_trips()
    {
        var loop = OneLoop("""
            LDGSTS.E.BYPASS.128 [R4], [R2.64]
            LDGDEPBAR {result 0}
            DEPBAR.LE SB0, 0x2
            """);
        Assert.That((Rounds(loop).InFlight, Rounds(loop).Rounds), Is.EqualTo((3, 1.0 / 3)));
    }

    [Test]
    public void Loads_that_nothing_waits_for_have_no_rounds() =>
        Assert.That(Rounds(OneLoop("LDGSTS.E.BYPASS.128 [R4], [R2.64]")), Is.EqualTo(new LoadRounds(null, 0, false)));

    [Test]
    public void A_load_of_the_hosts_memory_on_anothers_scoreboard_is_seen([Values(0, 1)] int scoreboard)
    {
        var loop = OneLoop($$"""
            LD.E.STRONG.SYS R4, [R2.64] {result {{scoreboard}}}
            LDG.E R5, [R2.64] {result 0}
            FADD R6, R5, R6 {wait 0}
            """);
        Assert.That(Rounds(loop).WaitsForHost, Is.EqualTo(scoreboard == 0));
    }

    [Test]
    public void A_load_whose_address_is_loaded_needs_a_round_of_its_own()
    {
        const string dependent = """
            LDG.E R4, [R2.64] {result 0}
            IMAD.WIDE R6, R4, 0x4, R8 {wait 0}
            LDG.E R5, [R6.64] {result 1}
            FADD R9, R5, R9 {wait 1}
            """;
        Assert.That(LoadChains.Longest(OneLoop(dependent).Trip), Is.EqualTo(2));
        Assert.That(LoadChains.Longest(OneLoop(dependent.Replace("[R6.64]", "[R10.64]")).Trip), Is.EqualTo(1));
    }

    [Test]
    public void A_load_behind_a_barrier_needs_a_round_of_its_own()
    {
        var loop = OneLoop("""
            LDG.E R4, [R2.64] {result 0}
            BAR.SYNC.DEFER_BLOCKING 0x0 {wait 0}
            LDG.E R5, [R2.64] {result 0}
            FADD R9, R5, R9 {wait 0}
            """);
        Assert.That(LoadChains.Longest(loop.Trip), Is.EqualTo(2));
    }

    /// <summary>
    /// multiply_chunks of decoder_f16.cuh before the slot's row was kept from the
    /// chunks' scoreboard: eight chunks, each a load of weights and one of inputs.
    /// </summary>
    [Test]
    public void The_loop_whose_chunks_wait_for_each_other_fails()
    {
        var loop = Figures("rows-behind-chunks.sass");
        Assert.That((loop.GlobalLoads, loop.Loads.InFlight, loop.Loads.Rounds, loop.Chain, loop.TensorCoreInstructions),
            Is.EqualTo((16, 2, 8.0, 1, 16)));
        Assert.That(loop.HasNeedlessRounds);
    }

    /// <summary>The largest of the energies in attention.cu, of sixteen tokens at a time.</summary>
    [Test]
    public void A_loop_with_sixteen_loads_under_way_passes()
    {
        var loop = Figures("sixteen-in-flight.sass");
        Assert.That((loop.GlobalLoads, loop.Loads.InFlight, loop.Loads.Rounds, loop.Chain), Is.EqualTo((16, 16, 1.0, 1)));
        Assert.That(loop.HasNeedlessRounds, Is.False);
    }

    private static LoadRounds Rounds(Loop loop) => LoadRounds.Of(loop.Trip);

    private static Loop OneLoop(string body) => Loop.FindAll(Assembly.Kernel($".L_x_1:\n{body}\n@P0 BRA `(.L_x_1)\nEXIT")).Single();

    private static LoopFigures Figures(string name)
    {
        using var stream = new StreamReader(typeof(LoadRoundsTests).Assembly.GetManifestResourceStream(name)!);
        return LoopFigures.OfLoops(Listing.Parse(stream.ReadToEnd().Split('\n')).Single(), new SourceFunctions("")).Single(loop => loop.Depth == 0);
    }
}
