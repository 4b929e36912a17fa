using System.Globalization;
using System.Text;
using System.Text.Json;
using CudaTts.Files;
using CudaTts.Quality.Tables;

namespace CudaTts.Quality.Listening;

/// <summary>
/// <c>key.csv</c>: whose each blind name is. It stays with who makes the test. Rows are in the order of the systems, which reports keep.
/// </summary>
internal sealed class KeyFile
{
    private const int MostBytes = 16 << 20;

    private static readonly string[] s_columns = ["test_id", "method", "stimulus", "system", "sentence", "kind", "expected", "seconds"];

    private readonly Dictionary<string, KeyRow> _rows;

    /// <param name="testId">What tells the test from every other.</param>
    /// <param name="method">How listeners are asked.</param>
    /// <param name="rows">Its sounds, those of the first system first.</param>
    public KeyFile(string testId, ListeningMethod method, IEnumerable<KeyRow> rows)
    {
        TestId = testId;
        Method = method;
        _rows = rows.ToDictionary(row => row.Stimulus);
        Systems = [.. _rows.Values.Where(row => row.IsJudged).Select(row => row.System).Distinct()];
    }

    /// <summary>What tells the test from every other.</summary>
    public string TestId { get; }

    /// <summary>How listeners are asked.</summary>
    public ListeningMethod Method { get; }

    /// <summary>What is judged, in the order of reports.</summary>
    public IReadOnlyList<string> Systems { get; }

    /// <summary>All rows, in order.</summary>
    public IReadOnlyCollection<KeyRow> Rows => _rows.Values;

    /// <summary>The row of a blind name, or null.</summary>
    public KeyRow? Find(string stimulus) => _rows.GetValueOrDefault(stimulus);

    /// <summary>Writes the table.</summary>
    public void Write(Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        writer.WriteLine(Row(s_columns));
        foreach (var row in _rows.Values)
        {
            writer.WriteLine(Row(
                TestId, WordOf(Method), row.Stimulus, row.System, row.Sentence, WordOf(row.Kind),
                row.Expected?.ToString(CultureInfo.InvariantCulture) ?? "", row.Seconds.ToString("F3", CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="FileException">It cannot be read, or is none.</exception>
    public static KeyFile Read(string path) => Parse(InputFile.ReadBytes(path, MostBytes), path);

    /// <summary>Reads the bytes of a key.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="FileException">It is no key.</exception>
    public static KeyFile Parse(byte[] bytes, string source)
    {
        var table = CsvTable.Parse(EncodedText.Decode(bytes, source), source, s_columns);
        var rows = new Dictionary<string, KeyRow>();
        foreach (var (i, fields) in table.Index())
        {
            var row = fields[0] == table[0][0] && fields[1] == table[0][1] ? RowOf(fields!) : null;
            if (row is null || !rows.TryAdd(row.Stimulus, row))
            {
                throw new FileException(
                    $"{source}: row {i + 1} is damaged, or of another test, or names a sound twice; take the key that was made with the page.");
            }
        }

        if (table.Count == 0)
        {
            throw new FileException($"{source}: expected a row for every sound, found none.");
        }

        var methods = string.Join(" or ", Enum.GetValues<ListeningMethod>().Select(WordOf));
        return EnumOf<ListeningMethod>(table[0][1]!) is { } method ? new KeyFile(table[0][0]!, method, rows.Values)
            : throw new FileException($"{source}: expected the method {methods}, found '{table[0][1]}'.");
    }

    /// <summary>How a value of an enumeration is written in files: as JSON does.</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    // Quoted where it needs to be (RFC 4180).
    private static string Row(params IEnumerable<string> fields) => string.Join(',', fields.Select(field =>
        field.AsSpan().ContainsAny("\",\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field));

    private static KeyRow? RowOf(string[] fields)
    {
        var isWhole = int.TryParse(fields[6], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var expected);
        var isNumber = double.TryParse(fields[7], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds);
        var isSound = (isWhole || fields[6].Length == 0) && isNumber && double.IsFinite(seconds) && fields[2].Length > 0;
        return isSound && EnumOf<ClipKind>(fields[5]) is { } kind
            ? new KeyRow(fields[2], fields[3], fields[4], kind, isWhole ? expected : null, seconds)
            : null;
    }

    private static T? EnumOf<T>(string word)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (WordOf(value) == word)
            {
                return value;
            }
        }

        return null;
    }
}

/// <summary>One sound of a test.</summary>
/// <param name="Stimulus">Its blind name.</param>
/// <param name="System">Whose speech it is, or what was made of it.</param>
/// <param name="Sentence">What it says.</param>
/// <param name="Kind">What it is there for.</param>
/// <param name="Expected">The score that an attentive listener gives; null where there is none.</param>
/// <param name="Seconds">How long it lasts.</param>
internal sealed record KeyRow(string Stimulus, string System, string Sentence, ClipKind Kind, int? Expected, double Seconds)
{
    /// <summary>Whether its scores are a result.</summary>
    public bool IsJudged => Kind is ClipKind.Rating or ClipKind.HiddenReference or ClipKind.Anchor;
}
