using System.Text.RegularExpressions;

namespace CudaTts.Cuda;

/// <summary>A kernel's name and parameters as PTX declares them.</summary>
/// <param name="Name">The entry's name.</param>
/// <param name="Parameters">Its parameters in order.</param>
public sealed partial record PtxSignature(string Name, IReadOnlyList<ParameterKind> Parameters)
{
    /// <summary>Reads the entries of a PTX text (PTX ISA, "Kernel Function Parameters").</summary>
    /// <exception cref="CudaException">A parameter is of a type that no launcher passes (structures by value, 8 or 16 bits, double).</exception>
    public static IReadOnlyList<PtxSignature> Parse(string ptx)
    {
        ArgumentNullException.ThrowIfNull(ptx);
        return [.. Entry().Matches(ptx).Select(entry => new PtxSignature(
            entry.Groups["name"].Value,
            [.. Parameter().Matches(entry.Groups["parameters"].Value).Select(parameter => KindOf(entry.Groups["name"].Value, parameter))]))];
    }

    /// <summary>As a reader of C would write it: <c>name(64, 32, float)</c>.</summary>
    public override string ToString() => $"{Name}({Describe(Parameters)})";

    internal static string Describe(IEnumerable<ParameterKind> kinds) => string.Join(", ", kinds.Select(kind => kind switch
    {
        ParameterKind.Word64 => "64",
        ParameterKind.Word32 => "32",
        _ => "float",
    }));

    private static ParameterKind KindOf(string entry, Match parameter) => (parameter.Groups["type"].Value, parameter.Groups["array"].Success) switch
    {
        ("u64" or "s64" or "b64", false) => ParameterKind.Word64,
        ("u32" or "s32" or "b32", false) => ParameterKind.Word32,
        ("f32", false) => ParameterKind.Single,
        var (type, _) => throw new CudaException($"kernel {entry}: a parameter of type .{type}{parameter.Groups["array"].Value} cannot be launched; pass pointers, 32-bit and 64-bit integers and floats."),
    };

    [GeneratedRegex(@"\.entry\s+(?<name>[A-Za-z_$%][A-Za-z0-9_$]*)\s*\((?<parameters>[^)]*)\)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param\s+(?:\.align\s+\d+\s+)?\.(?<type>\w+)\s+(?:\.ptr\s+(?:\.\w+\s+)?(?:\.align\s+\d+\s+)?)?[A-Za-z_$%][A-Za-z0-9_$]*(?<array>\[\d*\])?")]
    private static partial Regex Parameter();
}
