using System.Globalization;
using System.Text;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>kernels/machine-code.md: the figures of all kernels for people to read and for a change to be seen in.</summary>
internal static class MachineCodeTable
{
    private const string Introduction = """
        # Machine code of the kernels

        Written by the tests with `CUDATTS_WRITE_MACHINE_CODE=1` from what nvcc and ptxas {release} make for compute capability 9, and compared with it by
        them. It shows what emulation cannot: whether the loads of a loop wait for each other.

        - Loads are those of one trip of a loop, without those of loops within it: from global, shared, constant (by `LDC`) and local memory. Where a trip
          branches, the way with most global loads counts.
        - In flight: the most global loads that are under way at once; all, where nothing in the loop waits for any.
        - Rounds: trips to global memory one after another in a trip of the loop; below 1 where loads are asked for several trips ahead. Needed: what the data
          asks for, because an address or predicate comes from a load, or a barrier or a loop stands between. Rounds beyond that are a fault, or listed with a
          reason in `tests/CudaTts.Tests/Kernels/MachineCode/KnownRounds.cs`; `poll` marks loops that poll another block's words, each poll a round.
        - Stall: the cycles for which the compiler holds back instructions whose time it knows, added up; waiting for memory is not in it. HMMA: instructions of
          the tensor cores.
        - Copies: places where the compiler has the same loop, which may differ in instructions and stall.

        """;

    private const string LoopHeader = """

        ## Loops that load from global memory

        | kernel | function | depth | copies | global | shared | constant | local | in flight | rounds | needed | instructions | stall | HMMA | |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |

        """;

    private const string KernelHeader = """
        ## Kernels

        | kernel | registers | static shared memory, bytes | spilled, bytes | instructions |
        | --- | --- | --- | --- | --- |

        """;

    public static string Write(
        string release, IReadOnlyList<KernelCode> kernels, IReadOnlyDictionary<string, KernelResources> resources, IReadOnlyList<LoopFigures> loops)
    {
        var text = new StringBuilder().Append(Introduction.Replace("{release}", Release(release), StringComparison.Ordinal)).Append('\n')
            .Append(KernelHeader);
        foreach (var kernel in kernels)
        {
            var used = resources[kernel.Name];
            text.Append(CultureInfo.InvariantCulture,
                $"| {kernel.Name} | {used.Registers} | {used.Shared} | {used.Spilled} | {kernel.Instructions.Count} |\n");
        }

        text.Append(LoopHeader);
        foreach (var copies in loops.Where(loop => loop.GlobalLoads > 0).GroupBy(loop => loop with { Instructions = 0, StallCycles = 0 }))
        {
            text.Append(Row(copies.Key, copies.ToList()));
        }

        return text.ToString();
    }

    /// <summary>The lines that one has and the other has not, "+" before those of <paramref name="found"/>.</summary>
    public static IEnumerable<string> Differences(string found, string expected)
    {
        var (foundLines, expectedLines) = (found.Split('\n'), expected.Split('\n'));
        return foundLines.Except(expectedLines).Select(line => $"+{line}").Concat(expectedLines.Except(foundLines).Select(line => $"-{line}"));
    }

    /// <summary>How the table names the compiler that it is of.</summary>
    public static string Release(string release) => $"of release {release}";

    private static string Row(LoopFigures loop, List<LoopFigures> copies)
    {
        object?[] cells =
        [
            loop.Kernel, loop.Place, loop.Depth < 0 ? "" : loop.Depth, copies.Count, loop.GlobalLoads, loop.SharedLoads, loop.ConstantLoads,
                loop.LocalLoads,
            loop.Loads.InFlight is { } inFlight ? inFlight : "all", Math.Round(loop.Loads.Rounds, 2), loop.Chain,
            Range(copies.Select(copy => copy.Instructions)), Range(copies.Select(copy => copy.StallCycles)), loop.TensorCoreInstructions,
            loop.IsPoll ? "poll" : "",
        ];
        return $"| {string.Join(" | ", cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture)))} |\n";
    }

    private static string Range(IEnumerable<int> figures) => string.Join('-', new[] { figures.Min(), figures.Max() }.Distinct());
}
