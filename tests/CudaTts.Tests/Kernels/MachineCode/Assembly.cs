using System.Globalization;
using System.Text.RegularExpressions;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// Kernels for tests, an instruction a line, with the scheduler's part in brackets: "@P0 LDG.E R4, [R2.64] {result 0}", "FADD R5, R4, R5 {wait 0 1}",
/// and labels like ".L_x_1:".
/// </summary>
internal static partial class Assembly
{
    private const int None = 7;

    public static KernelCode Kernel(string text) => Listing.Parse(text.Split('\n').Select(Line).Prepend(".text.probe:")).Single();

    public static Instruction Instruction(string text) => Kernel(text).Instructions.Single();

    private static string Line(string line, int index)
    {
        var parts = Parts().Match(line);
        return line.StartsWith('.')
            ? line
            : string.Create(CultureInfo.InvariantCulture, $"/*{index * 16:x4}*/ {parts.Groups["code"]} ; /* 0x{0:x16} */ /* 0x{Upper(parts):x16} */");
    }

    private static ulong Upper(Match parts)
    {
        var result = parts.Groups["result"].Success ? int.Parse(parts.Groups["result"].Value, CultureInfo.InvariantCulture) : None;
        var waits = parts.Groups["wait"].Captures.Sum(capture => 1 << int.Parse(capture.Value, CultureInfo.InvariantCulture));
        return (ulong)(1 | result << 5 | None << 8 | waits << 11) << 41;
    }

    [GeneratedRegex(@"^(?<code>[^{]*?)\s*(\{(wait( (?<wait>\d))+)?\s*(result (?<result>\d))?\})?$")]
    private static partial Regex Parts();
}
