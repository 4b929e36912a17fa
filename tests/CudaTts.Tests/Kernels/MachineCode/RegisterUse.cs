using System.Globalization;
using System.Text.RegularExpressions;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// The registers that an instruction reads and writes, by their names in a listing (R12, P3, UR4, UP0). What is written comes first among the
/// operands; predicates that are written follow a register directly, and the width is a modifier.
/// </summary>
internal static partial class RegisterUse
{
    // These write no register.
    private static readonly HashSet<string> s_silent =
    [
        "ST", "STG", "STS", "STL", "STSM", "RED", "REDG", "BRA", "BRX", "EXIT", "BAR", "BSSY", "BSYNC", "BREAK", "WARPSYNC", "CALL", "RET", "DEPBAR",
            "MEMBAR",
        "NOP", "YIELD", "CCTL", "ERRBAR", "CGAERRBAR", "LDGSTS", "LDGDEPBAR", "ENDCOLLECTIVE", "NANOSLEEP", "BPT", "KILL", "PREFETCH", "CCTLL", "R2B",
    ];

    // These write a second operand where the first is a predicate, as comparisons do.
    private static readonly HashSet<string> s_predicateAndMore = ["SHFL", "LOP3", "ULOP3", "PLOP3", "UPLOP3", "ATOM", "ATOMG", "ATOMS"];

    public static IReadOnlyList<string> Written(Instruction instruction) =>
        instruction.Operands.Take(WrittenOperands(instruction)).SelectMany(operand => Names(operand, WidthWritten(instruction))).ToList();

    public static IReadOnlyList<string> Read(Instruction instruction)
    {
        var operands = instruction.Operands.Skip(WrittenOperands(instruction));
        var names = operands.SelectMany((operand, place) => Names(operand, WidthRead(instruction, operand, place)));
        return (instruction.Predicate is null ? names : names.Append(instruction.Predicate)).ToList();
    }

    private static int WrittenOperands(Instruction instruction)
    {
        var operands = instruction.Operands;
        if (operands.Count == 0 || s_silent.Contains(instruction.Name))
        {
            return 0;
        }

        var count = 1;
        if (instruction.Name is "VOTE" or "VOTEU")
        {
            return operands.Count - 1;
        }

        if (PlainPredicate().IsMatch(operands[0]))
        {
            var isComparison = instruction.Name.EndsWith("SETP", StringComparison.Ordinal);
            return isComparison || s_predicateAndMore.Contains(instruction.Name) ? Math.Min(2, operands.Count) : 1;
        }

        while (count < operands.Count && PlainPredicate().IsMatch(operands[count]))
        {
            count++;
        }

        return count;
    }

    private static int WidthWritten(Instruction instruction) => instruction.Name switch
    {
        "HMMA" => instruction.Opcode.EndsWith(".F16", StringComparison.Ordinal) ? 2 : 4,
        "LDSM" => Modifier(instruction, "4") ? 4 : Modifier(instruction, "2") ? 2 : 1,
        "CS2R" => Modifier(instruction, "32") ? 1 : 2,
        "IMAD" or "UIMAD" => Modifier(instruction, "WIDE") ? 2 : 1,
        _ => MemoryWidth(instruction),
    };

    private static int WidthRead(Instruction instruction, string operand, int place) => instruction.Name switch
    {
        "HMMA" => place == 1 ? 2 : 4,
        "IMAD" or "UIMAD" => Modifier(instruction, "WIDE") && place == 2 ? 2 : 1,
        "ST" or "STG" or "STS" or "STL" => operand.Contains('[', StringComparison.Ordinal) ? 1 : MemoryWidth(instruction),
        _ => 1,
    };

    private static int MemoryWidth(Instruction instruction) => Modifier(instruction, "128") ? 4 : Modifier(instruction, "64") ? 2 : 1;

    private static bool Modifier(Instruction instruction, string modifier) =>
        $"{instruction.Opcode}.".Contains($".{modifier}.", StringComparison.Ordinal);

    // All registers of an operand: an address like desc[UR6][R84.64+0x80] has several, and .64 behind a register takes the next one too.
    private static IEnumerable<string> Names(string operand, int width)
    {
        if (operand is "PR")
        {
            return Enumerable.Range(0, 7).Select(number => $"P{number}");
        }

        return Register().Matches(operand).SelectMany(match => Enumerable.Range(
                int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), match.Groups["wide"].Success ? Math.Max(2, width) : width)
            .Select(number => match.Groups["kind"].Value + number.ToString(CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"^U?P(\d|T)$")]
    private static partial Regex PlainPredicate();

    [GeneratedRegex(@"\b(?<kind>U?[RP])(?<number>\d+)\b(?<wide>\.64)?")]
    private static partial Regex Register();
}
