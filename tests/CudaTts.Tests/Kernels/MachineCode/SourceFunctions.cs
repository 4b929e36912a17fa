using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>Says which function of the kernels' sources a line is in: unlike its number, that stays when something above it changes.</summary>
/// <param name="root">The folder that has kernels/.</param>
internal sealed partial class SourceFunctions(string root)
{
    private readonly ConcurrentDictionary<string, string[]> _files = [];

    /// <summary>"multiply_chunks (decoder_f16.cuh)" for an instruction's lines: the innermost of ours.</summary>
    public string Place(string kernel, IReadOnlyList<SourceLine> lines)
    {
        var place = lines.FirstOrDefault(line => File.Exists(Path.Combine(root, line.File)));
        return place.File is null ? kernel : $"{Function(place) ?? kernel} ({Path.GetFileName(place.File)})";
    }

    // A kernel that a macro defines has that macro's line, and a listing that is older than the source may have lines beyond its end.
    private string? Function(SourceLine place)
    {
        var text = _files.GetOrAdd(place.File, file => File.ReadAllLines(Path.Combine(root, file)));
        return place.Line > text.Length || MacroCall().IsMatch(text[place.Line - 1])
            ? null
            : text.Take(place.Line).Reverse().Select(line => Definition().Match(line)).FirstOrDefault(match => match.Success)?.Groups["name"].Value;
    }

    [GeneratedRegex(@"^\s*(extern ""C"" )?__(device|global)__.*?\b(?!__launch_bounds__)(?<name>\w+)\((?!.*__launch_bounds__)")]
    private static partial Regex Definition();

    [GeneratedRegex(@"^[A-Z][A-Z_0-9]*\(")]
    private static partial Regex MacroCall();
}
