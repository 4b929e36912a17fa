using System.Globalization;
using System.Text.RegularExpressions;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>What ptxas reports of a kernel for one architecture.</summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="Shared">Static shared memory, bytes.</param>
/// <param name="Spilled">Bytes of spill stores.</param>
internal sealed partial record KernelResources(string Kernel, int Registers, int Shared, int Spilled)
{
    /// <summary>Reads ptxas -v for compute capability 9, whatever the letter behind it.</summary>
    public static IReadOnlyDictionary<string, KernelResources> Parse(string report) => Kernels().Matches(report)
        .Where(match => match.Groups["architecture"].Value.StartsWith("sm_90", StringComparison.Ordinal))
        .Select(match => new KernelResources(
            match.Groups["kernel"].Value, Number(match.Groups["registers"]), Number(match.Groups["shared"]), Number(match.Groups["spilled"])))
        .ToDictionary(resources => resources.Kernel);

    private static int Number(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"entry function '(?<kernel>\w+)' for '(?<architecture>\w+)'\s.*\s\d+ bytes stack frame, (?<spilled>\d+) bytes spill stores.*\s"
        + @".*Used (?<registers>\d+) registers(.*?(?<shared>\d+) bytes smem)?")]
    private static partial Regex Kernels();
}
