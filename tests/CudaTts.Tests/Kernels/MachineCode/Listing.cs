using System.Globalization;
using System.Text.RegularExpressions;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>A kernel's instructions and the places its branches go to, by name.</summary>
internal sealed record KernelCode(string Name, IReadOnlyList<Instruction> Instructions, IReadOnlyDictionary<string, int> Labels);

/// <summary>
/// Reads what <c>nvdisasm -hex -gi -c</c> prints: an instruction is "/*0430*/ @P0 LDG.E R12, [R4.64] ;
/// /* 0x... */ /* 0x... */" with the lower and then the upper 64 bits, the latter on a line of its own
/// or not; its source lines stand before it as far as they differ from those of the instruction before.
/// </summary>
internal static partial class Listing
{
    public static IReadOnlyList<KernelCode> Parse(IEnumerable<string> lines)
    {
        var kernels = new List<KernelCode>();
        Reader? reader = null;
        foreach (var line in lines)
        {
            if (line.StartsWith(".text.", StringComparison.Ordinal))
            {
                reader = new Reader(line[".text.".Length..].TrimEnd(':', ' '));
                kernels.Add(reader.Kernel);
            }
            else
            {
                reader?.Take(line);
            }
        }

        reader?.Take("");
        return kernels;
    }

    private sealed class Reader(string name)
    {
        private readonly List<Instruction> _instructions = [];
        private readonly Dictionary<string, int> _labels = [];
        private IReadOnlyList<SourceLine> _lines = [];
        private List<SourceLine>? _linesToCome;
        private Match? _waiting;

        public KernelCode Kernel => new(name, _instructions, _labels);

        public void Take(string line)
        {
            if (_waiting is not null && UpperHalf().Match(line) is { Success: true } upper)
            {
                Add(_waiting, upper.Groups["upper"].Value);
            }
            else if (InstructionLine().Match(line) is { Success: true } instruction)
            {
                _lines = _linesToCome ?? _lines;
                _linesToCome = null;
                _waiting = instruction;
                if (instruction.Groups["upper"].Success)
                {
                    Add(instruction, instruction.Groups["upper"].Value);
                }
            }
            else if (SourceLineComment().Match(line) is { Success: true } source)
            {
                (_linesToCome ??= []).Add(
                    new SourceLine(source.Groups["file"].Value, int.Parse(source.Groups["line"].Value, CultureInfo.InvariantCulture)));
            }
            else if (LabelLine().Match(line) is { Success: true } label)
            {
                _labels[label.Groups["label"].Value] = _instructions.Count;
            }
        }

        private void Add(Match match, string upper)
        {
            _waiting = null;
            var predicate = match.Groups["predicate"];
            var operands = match.Groups["operands"].Value;
            _instructions.Add(new Instruction(
                int.Parse(match.Groups["address"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                predicate.Success ? predicate.Value : null,
                match.Groups["opcode"].Value,
                operands.Length == 0 ? [] : operands.Split(',', StringSplitOptions.TrimEntries),
                ControlBits.Of(ulong.Parse(upper, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
                _lines));
        }
    }

    [GeneratedRegex(
        """^\s*/\*(?<address>[0-9a-f]{4,})\*/\s+(@!?(?<predicate>U?P\w)\s+)?(?<opcode>[A-Z][\w.]*)\s*(?<operands>.*?)\s*;"""
        + """\s*/\* 0x[0-9a-f]{16} \*/(\s*/\* 0x(?<upper>[0-9a-f]{16}) \*/)?""")]
    private static partial Regex InstructionLine();

    [GeneratedRegex("""^\s*/\* 0x(?<upper>[0-9a-f]{16}) \*/""")]
    private static partial Regex UpperHalf();

    [GeneratedRegex("""^\s*//## File "(?<file>[^"]*)", line (?<line>\d+)""")]
    private static partial Regex SourceLineComment();

    [GeneratedRegex("""^(?<label>[.$\w]+):""")]
    private static partial Regex LabelLine();
}
