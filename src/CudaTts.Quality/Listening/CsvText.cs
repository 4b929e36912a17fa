using System.Text;

namespace CudaTts.Quality.Listening;

/// <summary>Tables as text: fields with commas between, quoted where they need to be (RFC 4180).</summary>
internal static class CsvText
{
    /// <summary>Writes one row without its line end.</summary>
    public static string Row(params IEnumerable<string> fields) => string.Join(',', fields.Select(Quoted));

    /// <summary>Reads a whole table.</summary>
    /// <param name="text">The text; lines end in any way.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="FileException">A quotation mark is left open, or stands within a field.</exception>
    public static IReadOnlyList<string[]> Read(string text, string source)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            row.Add(Field(text, ref at, source, rows.Count + 1));
            if (at < text.Length && text[at] == ',')
            {
                at++;
                if (at < text.Length)
                {
                    continue;
                }

                row.Add("");
            }

            at += text.AsSpan(at) is ['\r', '\n', ..] ? 2 : 1;
            rows.Add([.. row]);
            row.Clear();
        }

        return rows;
    }

    private static string Quoted(string field) => !field.AsSpan().ContainsAny("\",\r\n") ? field
        : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Field(string text, ref int at, string source, int number)
    {
        if (at == text.Length || text[at] != '"')
        {
            var length = text.AsSpan(at).IndexOfAny(",\r\n");
            var plain = text.Substring(at, length < 0 ? text.Length - at : length);
            at += plain.Length;
            return plain;
        }

        var field = new StringBuilder();
        for (at++; ; at++)
        {
            var close = text.IndexOf('"', at);
            if (close < 0)
            {
                throw new FileException($"{source}: row {number}: a quotation mark is not closed.");
            }

            field.Append(text, at, close - at);
            at = close + 1;
            if (at == text.Length || text[at] is ',' or '\r' or '\n')
            {
                return field.ToString();
            }

            if (text[at] != '"')
            {
                throw new FileException($"{source}: row {number}: expected a comma after a quotation mark, found '{text[at]}'.");
            }

            field.Append('"');
        }
    }
}
