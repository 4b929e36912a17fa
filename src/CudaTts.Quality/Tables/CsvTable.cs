using CudaTts.Files;
using nietras.SeparatedValues;

namespace CudaTts.Quality.Tables;

/// <summary>Tables of comma-separated values with a header (RFC 4180), in UTF-8 or any encoding that can be found out.</summary>
internal static class CsvTable
{
    private const int MostBytes = 1 << 26;

    /// <summary>The rows of a table, each a value for every column asked for; further columns are not looked at.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Columns that must be there.</param>
    /// <param name="optional">Columns that may be there; their values are null where they are not.</param>
    /// <exception cref="FileException">The file cannot be read, lacks a column, or has a row of another length.</exception>
    public static IReadOnlyList<string?[]> Read(string path, IReadOnlyList<string> columns, params string[] optional) =>
        Parse(EncodedText.Decode(InputFile.ReadBytes(path, MostBytes), path), path, columns, optional);

    /// <summary>The same of a text.</summary>
    /// <param name="text">The table.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="columns">Columns that must be there.</param>
    /// <param name="optional">Columns that may be there.</param>
    /// <exception cref="FileException">It lacks a column, or has a row of another length.</exception>
    public static IReadOnlyList<string?[]> Parse(string text, string source, IReadOnlyList<string> columns, params string[] optional)
    {
        try
        {
            using var reader = Sep.New(',').Reader(options => options with { Unescape = true, Trim = SepTrim.Outer })
                .FromText(text.TrimStart('\uFEFF'));
            int[] places = [.. columns.Select(column => PlaceOf(reader, column)), .. optional.Select(column => PlaceOf(reader, column))];
            if (columns.Where((_, i) => places[i] < 0).FirstOrDefault() is { } missing)
            {
                throw new FileException(
                    $"{source}: expected a table with a first line that has the column '{missing}' (columns {string.Join(',', columns)}), "
                    + "found none.");
            }

            var rows = new List<string?[]>();
            foreach (var row in reader)
            {
                var values = new string?[places.Length];
                for (var i = 0; i < places.Length; i++)
                {
                    values[i] = places[i] < 0 ? null : row[places[i]].ToString();
                }

                rows.Add(values);
            }

            return rows;
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or FormatException or NotSupportedException)
        {
            throw new FileException($"{source}: not a table of comma-separated values: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static int PlaceOf(SepReader reader, string column) => reader.Header.TryIndexOf(column, out var place) ? place : -1;
}
