namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>The class of fault that emulation cannot see: loads of a loop that wait for each other, because the compiler made of the sources something else than was meant.</summary>
[TestFixture]
internal sealed class MachineCodeTests
{
    /// <summary>Set to 1, it has the table written anew instead of compared.</summary>
    private const string WriteVariable = "CUDATTS_WRITE_MACHINE_CODE";

    [Test]
    public void Loads_of_a_loop_wait_for_each_other_only_where_their_data_asks_for_it()
    {
        var faulty = CompiledKernels.All().Loops.Where(loop => loop.Depth >= 0 && loop.HasNeedlessRounds && !KnownRounds.All.Any(known => known.Allows(loop)));
        Assert.That(faulty.Select(Describe), Is.Empty, "loops whose loads wait for each other: mend the source, or say in KnownRounds.cs why it must be");
    }

    [Test]
    public void Known_rounds_are_still_there()
    {
        var loops = CompiledKernels.All().Loops;
        Assert.That(KnownRounds.All.Where(known => !loops.Any(loop => loop.Depth >= 0 && loop.HasNeedlessRounds && known.IsOf(loop))), Is.Empty, "delete these from KnownRounds.cs");
    }

    [Test]
    public void No_load_of_a_loop_waits_for_the_hosts_memory()
    {
        var waiting = CompiledKernels.All().Loops.Where(loop => loop.Loads.WaitsForHost && !KnownRounds.WaitForHost.IsMatch(loop.Kernel))
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
            Assert.Ignore($"{CompiledKernels.TablePath} is not of release {compiled.Release}, which compiled these kernels: only the other tests' bounds hold for it");
        }

        var (found, expected) = (text.Split('\n'), table.Split('\n'));
        Assert.That(
            found.Except(expected).Select(line => $"+{line}").Concat(expected.Except(found).Select(line => $"-{line}")), Is.Empty,
            $"machine code has changed: look at how, then write kernels/machine-code.md anew with {WriteVariable}=1");
    }

    private static string Describe(LoopFigures loop) =>
        $"{loop.Kernel}, {loop.Place}: {loop.GlobalLoads} loads a trip, {loop.Loads.InFlight} in flight, {loop.Loads.Rounds:0.##} rounds where {loop.Chain} would do";
}
