using System.Buffers;
using System.Text;

namespace CudaTts.Files;

/// <summary>
/// Windows-1252, the code page of old Western texts (Unicode Consortium, CP1252.TXT): ISO 8859-1 but for the 32 bytes from 0x80, which are mostly
/// typographic marks.
/// </summary>
internal static class WindowsText
{
    private const int FirstOfOwn = 0x80;
    private const int FirstLetter = 0xC0;
    private const char None = '\0';

    // A Western text is mostly ASCII, and the other letters of its words stand one by one; in another alphabet, and in no text at all, they do not.
    private const double MostForeign = 0.5;
    private const double MostInRuns = 0.1;
    private const double LeastUsual = 0.7;
    private const int Run = 3;

    private const string Own = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";

    // What Western texts really have beyond ASCII: typographic marks, signs, and the letters of their languages.
    private const string Usual = "€…‘’“”•–—™Œœ\u00A0¡£§©«\u00AD®°±²³·¹º»¼½¾¿";

    /// <summary>The text of bytes that are known to be Windows-1252.</summary>
    /// <exception cref="FileException">A byte has no character.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string source)
    {
        var text = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            text.Append(CharacterOf(bytes[i]) is not None and var character || bytes[i] == 0
                ? CharacterOf(bytes[i])
                : throw new FileException($"{source}: expected Windows-1252, found the byte 0x{bytes[i]:X2} (byte {i}), which it does not have."));
        }

        return text.ToString();
    }

    /// <summary>The text of bytes that are not UTF-8, if as Windows-1252 they are plausible; what is UTF-8 among them is read as that.</summary>
    /// <exception cref="FileException">They are not: it could be any of a hundred code pages.</exception>
    public static string Guess(ReadOnlySpan<byte> bytes, string source, string remedy, out string? warning)
    {
        var text = new StringBuilder(bytes.Length);
        int foreign = 0, usual = 0, run = 0, inRuns = 0, first = -1;
        for (var rest = bytes; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var length) == OperationStatus.Done)
            {
                text.Append(rune);
                rest = rest[length..];
                run = 0;
                continue;
            }

            var character = CharacterOf(rest[0]);
            first = first < 0 ? bytes.Length - rest.Length : first;
            foreign++;
            inRuns += ++run == Run ? Run : run > Run ? 1 : 0;
            usual += Usual.Contains(character, StringComparison.Ordinal) || rest[0] >= FirstLetter ? 1 : 0;
            text.Append(character);
            rest = rest[1..];
        }

        var isWestern = foreign <= MostForeign * bytes.Length && inRuns <= MostInRuns * foreign && usual >= LeastUsual * foreign;
        if (!isWestern || text.ToString().Contains(None, StringComparison.Ordinal))
        {
            throw new FileException(
                $"{source}: expected a text in UTF-8, found bytes that are not (the first, 0x{bytes[first]:X2}, is byte {first}): "
                + $"{remedy}.");
        }

        warning = $"{source}: not UTF-8 (byte {first}); read as Windows-1252. --encoding windows-1252 says so without this warning.";
        return text.ToString();
    }

    private static char CharacterOf(byte value) => value is >= FirstOfOwn and < 0xA0 ? Own[value - FirstOfOwn] : (char)value;
}
