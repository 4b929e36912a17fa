namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// What a trip of a loop needs of its own global loads, whatever the compiler made of it: where a load's address or predicate comes from another
/// load, it must wait for that one, and where a barrier or another loop stands between them.
/// </summary>
internal static class LoadChains
{
    /// <summary>The longest chain of loads that each need the one before, in trips to memory; at least 1.</summary>
    public static int Longest(IReadOnlyList<Step> trip)
    {
        var arrivals = new Dictionary<string, int>();
        var latest = 0;
        var earliest = 0;
        foreach (var (instruction, isOwn, entersOrLeaves) in trip)
        {
            earliest = entersOrLeaves || instruction.IsBarrier ? latest : earliest;
            var ready = instruction.RegistersRead.Select(register => arrivals.GetValueOrDefault(register)).Append(earliest).Max();
            var arrival = instruction.IsGlobalLoad && isOwn ? ready + 1 : ready;
            latest = Math.Max(latest, arrival);
            foreach (var register in instruction.RegistersWritten)
            {
                // What is written under a predicate may keep what was there.
                arrivals[register] = instruction.Predicate is null ? arrival : Math.Max(arrival, arrivals.GetValueOrDefault(register));
            }
        }

        return Math.Max(1, latest);
    }

    /// <summary>Whether a relaxed load decides that the loop goes on: it polls what another block sends.</summary>
    public static bool IsPoll(Loop loop)
    {
        var tainted = new HashSet<string>();
        var decides = false;
        foreach (var (instruction, isOwn, _) in loop.Trip.Concat(loop.Trip))
        {
            var isTainted = instruction.RegistersRead.Any(tainted.Contains);
            decides |= isOwn && isTainted && instruction.IsConditionalBranch;
            foreach (var register in instruction.RegistersWritten)
            {
                _ = instruction.IsRelaxedLoad && isOwn || isTainted ? tainted.Add(register) : instruction.Predicate is null
                    && tainted.Remove(register);
            }
        }

        return decides && loop.Inner.Count == 0;
    }
}
