using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Numbers with several points: versions (1.2.3, v2.0), sections (4.2.1), internet addresses (192.168.0.1:8000, 10.0.0.0/8).</summary>
internal sealed partial class Versions : SemioticClass
{
    public override string Name => "version";

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first is 'v' or 'V';

    [GeneratedRegex(@"\G(?<v>[vV]\.? ?)?(?<n>\d{1,9}(?:\.\d{1,9}){1,7})(?!\d)")]
    private static partial Regex Points { get; }

    [GeneratedRegex(@"\G(?::(?<port>\d{1,5})(?!\d)|/(?<bits>\d{1,2})(?!\d))")]
    private static partial Regex BehindAddress { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1) || Points.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var hasV = match.Groups["v"].Success;
        var parts = match.Groups["n"].Value.Split('.');
        var end = at + match.Length;
        if (parts.Length == 2 && !hasV)
        {
            return;
        }

        var isAddress = parts.Length == 4 && Array.TrueForAll(parts, part => part.Length <= 3 && Numerals.Value(part) <= 255);
        var words = (hasV ? "V " : "") + string.Join(isAddress ? " dot " : " point ", parts.Select(part => Numerals.Cardinal(part)));
        if (isAddress && BehindAddress.Match(passage.Text, end) is { Success: true } behind)
        {
            end += behind.Length;
            words += behind.Groups["port"].Success ? " colon " + Numerals.Cardinal(behind.Groups["port"].ValueSpan)
                : " slash " + Numerals.Cardinal(behind.Groups["bits"].ValueSpan);
        }

        readings.Add(at, end, isAddress ? "internet address" : "version or section", words, Reading.Usual);
    }
}
