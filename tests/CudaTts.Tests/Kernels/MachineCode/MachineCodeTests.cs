namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// The class of fault that emulation cannot see: loads of a loop that wait for each other, because the compiler made something else of the sources
/// than was meant.
/// </summary>
[TestFixture]
internal sealed class MachineCodeTests
{
    /// <summary>Set to 1, it has the table written anew instead of compared.</summary>
    private const string WriteVariable = "CUDATTS_WRITE_MACHINE_CODE";

    private static readonly LoopFigures s_loop =
        new("probe_f32", "probe (probe.cu)", 0, 4, 0, 0, 0, new LoadRounds(4, 1, false), 1, false, 20, 40, 0);

    [Test]
    public void Loads_of_a_loop_wait_for_each_other_only_where_their_data_asks_for_it()
    {
        var faulty = CompiledKernels.All().Loops.Where(
            loop => loop.Depth >= 0 && loop.HasNeedlessRounds && !KnownRounds.All.Any(known => known.Allows(loop)));
        Assert.That(faulty.Select(Describe), Is.Empty,
            "loops whose loads wait for each other: mend the source, or say in KnownRounds.cs why it must be");
    }

    [Test]
    public void Known_rounds_are_still_there()
    {
        var loops = CompiledKernels.All().Loops;
        var mended = KnownRounds.All.Where(known => !loops.Any(loop => loop.Depth >= 0 && loop.HasNeedlessRounds && known.IsOf(loop)));
        Assert.That(mended, Is.Empty, "delete these from KnownRounds.cs");
    }

    [Test]
    public void No_load_of_a_loop_waits_for_the_hosts_memory()
    {
        var waiting = CompiledKernels.All().Loops.Where(loop => loop.Loads.WaitsForHost)
            .Select(loop => $"{loop.Kernel}, {loop.Place}").Distinct();
        Assert.That(waiting, Is.Empty, "a load over PCIe has a scoreboard with loads of the device's memory, whose results so wait for it");
    }

    [Test]
    public void The_table_of_machine_code_is_up_to_date()
    {
        var compiled = CompiledKernels.All();
        var text = MachineCodeTable.Write(compiled.Release, compiled.Kernels, compiled.Resources, compiled.Loops);
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(CompiledKernels.TablePath, text);
            TestContext.Out.WriteLine(text);
        }

        var table = File.ReadAllText(CompiledKernels.TablePath);
        if (!table.Contains(MachineCodeTable.Release(compiled.Release), StringComparison.Ordinal))
        {
            Assert.Ignore(
                $"kernels/machine-code.md is not of release {compiled.Release}, which compiled these kernels: only the other tests hold for it");
        }

        Assert.That(
            MachineCodeTable.Differences(text, table), Is.Empty,
            $"machine code has changed: read how, then write kernels/machine-code.md anew with {WriteVariable}=1");
    }

    [Test]
    public void A_loop_that_has_become_slower_is_seen_in_the_table()
    {
        IReadOnlyDictionary<string, KernelResources> resources = new Dictionary<string,
            KernelResources> { ["probe_f32"] = new("probe_f32", 40, 0, 0) };
        string Table(LoopFigures loop) =>
            MachineCodeTable.Write("12.4", [new KernelCode("probe_f32", [], new Dictionary<string, int>())], resources, [loop]);
        var slower = s_loop with { Loads = s_loop.Loads with { InFlight = 1, Rounds = 4 } };

        Assert.That(MachineCodeTable.Differences(Table(s_loop), Table(s_loop)), Is.Empty);
        Assert.That(
            MachineCodeTable.Differences(Table(slower), Table(s_loop)),
            Is.EqualTo(new[]
            {
                "+| probe_f32 | probe (probe.cu) | 0 | 1 | 4 | 0 | 0 | 0 | 1 | 4 | 1 | 20 | 40 | 0 |  |",
                "-| probe_f32 | probe (probe.cu) | 0 | 1 | 4 | 0 | 0 | 0 | 4 | 1 | 1 | 20 | 40 | 0 |  |",
            }));
    }

    [Test]
    public void Known_rounds_allow_no_more_and_no_other_loop()
    {
        var known = new KnownRounds("probe_(f16|f32)", "probe", 3, "a test");
        LoopFigures With(double rounds) => s_loop with { Loads = s_loop.Loads with { Rounds = rounds } };

        Assert.That(known.Allows(With(3)));
        Assert.That(known.Allows(With(4)), Is.False);
        Assert.That(known.Allows(With(3) with { Kernel = "other_f32" }), Is.False);
        Assert.That(known.Allows(With(3) with { Place = "other (probe.cu)" }), Is.False);
    }

    private static string Describe(LoopFigures loop) =>
        $"{loop.Kernel}, {loop.Place}: {loop.GlobalLoads} loads a trip, {loop.Loads.InFlight} in flight, "
        + $"{loop.Loads.Rounds:0.##} rounds, {loop.Chain} needed";
}
