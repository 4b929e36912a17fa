using System.Globalization;
using CudaTts.Files;

namespace CudaTts.Cli.Evaluation;

/// <summary>A list of texts: one a line, or <c>ID|text</c> as in LJSpeech's metadata.csv, whose further columns are not looked at.</summary>
internal static class TextList
{
    private const int MostBytes = 1 << 26;

    /// <summary>Names and texts; lines without an ID are numbered from 0001 on.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileException">The file cannot be read, is empty, or has an ID twice.</exception>
    public static IReadOnlyList<(string Name, string Text)> Read(string path)
    {
        var lines = EncodedText.Decode(InputFile.ReadBytes(path, MostBytes), path).Split('\n', StringSplitOptions.TrimEntries)
            .Index().Where(line => line.Item.Length > 0).ToList();
        var isNamed = lines.TrueForAll(line => line.Item.Contains('|', StringComparison.Ordinal));
        List<(string Name, string Text)> texts = [.. lines.Select(line => isNamed && line.Item.Split('|') is [var name, var text, ..]
            ? (name.Trim(), text.Trim())
            : ((line.Index + 1).ToString("D4", CultureInfo.InvariantCulture), line.Item))];
        if (texts.Count == 0)
        {
            throw new FileException($"{path}: expected a text in every line, found none.");
        }

        return texts.GroupBy(text => text.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new FileException($"{path}: the text '{twice.Key}' is there twice; give each an ID of its own.")
            : texts;
    }
}
