using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Places in the Bible: John 3:16, 1 Cor. 13:4-7.</summary>
internal sealed partial class Scripture : SemioticClass
{
    private static readonly Dictionary<string, string> Books = ReadingTable.Rows("books")
        .SelectMany(row => row[1].Split(' ').Append(row[0]).Distinct().Select(form => (Form: form, Name: row[0])))
        .ToDictionary(book => book.Form, book => book.Name);

    public override string Name => "scripture";

    public override bool MayBeginWith(char first) => first is '1' or '2' or '3' || char.IsAsciiLetterUpper(first);

    [GeneratedRegex(@"\G(?:(?<n>[123]) )?(?<b>[A-Z][a-z]{1,14})\.? (?<c>\d{1,3})[:.](?<v>\d{1,3})(?:[-\u2013](?<to>\d{1,3}))?(?![\d:]|\.\d)")]
    private static partial Regex Pattern { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1) || Pattern.Match(passage.Text, at) is not { Success: true } match
            || !Books.TryGetValue(match.Groups["b"].Value.ToLowerInvariant(), out var book))
        {
            return;
        }

        var number = match.Groups["n"].Success ? Numerals.Ordinal(match.Groups["n"].ValueSpan) + " " : "";
        var (chapter, verse) = (Numerals.Cardinal(match.Groups["c"].ValueSpan), Numerals.Cardinal(match.Groups["v"].ValueSpan));
        var to = match.Groups["to"].Success ? " to " + Numerals.Cardinal(match.Groups["to"].ValueSpan) : "";
        var words = $"{number}{book} {chapter} {verse}{to}";
        readings.Add(at, at + match.Length, "chapter and verse", words, Reading.Certain);
    }
}
