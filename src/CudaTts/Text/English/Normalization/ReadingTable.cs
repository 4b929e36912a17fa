using System.Text;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// A class's table of written forms and what they are said as: an embedded file of lines of columns, set apart by tabs. A line that begins with
/// <c>##</c> is a comment: it names the source of the lines below it.
/// </summary>
internal static class ReadingTable
{
    /// <summary>The columns of every entry, in order.</summary>
    public static IEnumerable<string[]> Rows(string name)
    {
        foreach (var line in Encoding.UTF8.GetString(EmbeddedData.Open(name + ".tsv")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith("##", StringComparison.Ordinal))
            {
                yield return line.TrimEnd('\r').Split('\t');
            }
        }
    }

    /// <summary>A table of two columns, and more that are left out.</summary>
    public static Dictionary<string, string> Pairs(string name) => Rows(name).ToDictionary(row => row[0], row => row[1]);

    /// <summary>The words of lines that have a kind in their second column; spaces stand between words of one line.</summary>
    public static HashSet<string> OfKind(string name, string kind) =>
        [.. Rows(name).Where(row => row[1] == kind).SelectMany(row => row[0].Split(' '))];

    /// <summary>All words of a table of one column; spaces stand between words of one line.</summary>
    public static HashSet<string> Words(string name) => [.. Rows(name).SelectMany(row => row[0].Split(' '))];

    /// <summary>A set that takes spans, of words with spaces between them.</summary>
    public static HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(string words) =>
        new HashSet<string>(words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)).GetAlternateLookup<ReadOnlySpan<char>>();
}
