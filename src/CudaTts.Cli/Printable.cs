using System.Globalization;
using System.Text;

namespace CudaTts.Cli;

/// <summary>
/// Text that may come from a file or a name, as a terminal may show it: what would steer the terminal (escape sequences, a change of the writing
/// direction) is written as <c>\u001B</c>, which in JSON means the same character.
/// </summary>
internal static class Printable
{
    /// <summary>A name or a message on one line.</summary>
    public static string Of(string text) => Of(text, keepsLines: false);

    /// <summary>Text in which line ends and tabulators are meant.</summary>
    public static string LinesOf(string text) => Of(text, keepsLines: true);

    private static string Of(string text, bool keepsLines)
    {
        if (!text.Any(character => Steers(character, keepsLines)))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            _ = Steers(character, keepsLines)
                ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}")
                : shown.Append(character);
        }

        return shown.ToString();
    }

    private static bool Steers(char character, bool keepsLines) => character is '\n' or '\t'
        ? !keepsLines
        : char.IsControl(character) || character is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}

/// <summary>A writer to a terminal that passes everything through <see cref="Printable"/>.</summary>
internal sealed class PrintableWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => inner.Write(Printable.LinesOf(value.ToString()));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(Printable.LinesOf(value ?? ""));

    /// <inheritdoc/>
    public override void WriteLine() => inner.WriteLine();

    /// <inheritdoc/>
    public override void WriteLine(string? value) => inner.WriteLine(Printable.LinesOf(value ?? ""));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
