using CudaTts.Quality.Tables;

namespace CudaTts.Cli.Evaluation;

/// <summary>Finds recordings: all of a folder, the partners in another, the files that a list names.</summary>
internal static class RecordingFiles
{
    private static readonly string[] s_extensions = [".wav", ".aif", ".aiff", ".aifc", ".mp3"];

    // Hidden files are those of file managers, such as ._name.wav; links to folders may lead in a circle.
    private static readonly EnumerationOptions s_visible = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
        MaxRecursionDepth = 16,
    };

    /// <summary>Recordings of a folder and its folders, by their path within it without extension.</summary>
    /// <exception cref="FileException">The folder is missing or has no recording, or two of one name.</exception>
    public static SortedDictionary<string, string> In(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new FileException($"{folder}: expected a folder of recordings, found {(File.Exists(folder) ? "a file" : "nothing")}.");
        }

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*", s_visible).Where(IsRecording))
        {
            var name = Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/');
            if (!files.TryAdd(name, file))
            {
                throw new FileException($"{file}: expected one recording of the name '{name}', found {files[name]} too; remove one.");
            }
        }

        return files.Count > 0 ? files
            : throw new FileException($"{folder}: expected recordings ({string.Join(' ', s_extensions)}), found none.");
    }

    /// <summary>The recordings of one folder with those of the same names in another.</summary>
    /// <param name="references">The folder of what they should sound like.</param>
    /// <param name="degraded">The folder of what they sound like.</param>
    /// <returns>Pairs, and the names that only one folder has.</returns>
    /// <exception cref="FileException">No name is in both.</exception>
    public static (IReadOnlyList<RecordingPair> Pairs, IReadOnlyList<string> Alone) PairsOf(string references, string degraded)
    {
        var (first, second) = (In(references), In(degraded));
        RecordingPair[] pairs = [.. first.Where(file => second.ContainsKey(file.Key))
            .Select(file => new RecordingPair(file.Key, file.Value, second[file.Key]))];
        return pairs.Length > 0
            ? (pairs, [.. first.Keys.Except(second.Keys).Select(name => $"{name} only in {references}"),
                .. second.Keys.Except(first.Keys).Select(name => $"{name} only in {degraded}")])
            : throw new FileException(
                $"{degraded}: expected recordings of the same names as in {references}, such as {first.Keys.First()}, found none.");
    }

    /// <summary>The pairs that a table names, its files being looked for beside it.</summary>
    /// <param name="list">Comma-separated values with the columns reference and degraded, and name if wanted.</param>
    /// <exception cref="FileException">It is no such table, is empty, or names two clips alike.</exception>
    public static IReadOnlyList<RecordingPair> Listed(string list)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        var pairs = CsvTable.Read(list, ["reference", "degraded"], "name")
            .Select(row => new RecordingPair(
                row[2] ?? Path.ChangeExtension(row[1]!, null).Replace('\\', '/'), Path.Combine(folder, row[0]!), Path.Combine(folder, row[1]!)))
            .ToList();
        if (pairs.Count == 0)
        {
            throw new FileException($"{list}: expected a pair of recordings in every line behind the first, found no such line.");
        }

        return pairs.GroupBy(pair => pair.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new FileException($"{list}: the clip '{twice.Key}' is there twice; give each a name of its own in a column name.")
            : pairs;
    }

    private static bool IsRecording(string path) => s_extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
