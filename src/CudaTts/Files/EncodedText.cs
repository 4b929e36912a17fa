using System.Text;

namespace CudaTts.Files;

/// <summary>
/// The characters of a text's bytes. Without being told it takes what the first bytes say (a byte order mark), UTF-16 and UTF-32 by where their zeros
/// are, UTF-8, and Windows-1252 where that makes words; anything else is refused rather than read as something that nobody wrote.
/// </summary>
public static class EncodedText
{
    // Enough of a text to see its zeros; a person's text has one kind from its beginning.
    private const int Sample = 1 << 16;

    private const double Most = 0.9;

    private const string Save = "save it as UTF-8";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The encodings by the names that they are asked for with.</summary>
    public static IReadOnlyDictionary<string, TextEncoding> Names { get; } = new Dictionary<string, TextEncoding>(StringComparer.OrdinalIgnoreCase)
    {
        ["utf-8"] = TextEncoding.Utf8,
        ["utf-16"] = TextEncoding.Utf16,
        ["utf-16le"] = TextEncoding.Utf16LittleEndian,
        ["utf-16be"] = TextEncoding.Utf16BigEndian,
        ["windows-1252"] = TextEncoding.Windows1252,
        ["latin1"] = TextEncoding.Latin1,
    };

    /// <summary>Reads a text of which nobody can say what it is.</summary>
    /// <param name="bytes">All of its bytes.</param>
    /// <param name="source">What messages call it.</param>
    /// <returns>The text without a byte order mark.</returns>
    /// <exception cref="FileException">It is no text.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string source) => Find(bytes, source, Save, out _);

    /// <summary>Reads a text of which a user may say what it is.</summary>
    /// <param name="bytes">All of its bytes.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="encoding">What it is known to be; null to find out.</param>
    /// <param name="warning">What a reader should be told, or null.</param>
    /// <returns>The text without a byte order mark.</returns>
    /// <exception cref="FileException">It is no text, or not of the encoding.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string source, TextEncoding? encoding, out string? warning)
    {
        warning = null;
        var remedy = $"say what it is with --encoding, which takes {string.Join(", ", Names.Keys)}, or {Save}";
        return encoding is { } given ? DecodeAs(bytes, source, given, remedy) : Find(bytes, source, remedy, out warning);
    }

    /// <summary>The encoding whose units are wider than a byte, if the first bytes of a text show that it is one.</summary>
    public static Encoding? WideEncodingOf(ReadOnlySpan<byte> start) =>
        OfMark(start, out _) is { } marked and not UTF8Encoding ? marked : OfZeros(start[..(start.Length & ~1)]);

    private static string Find(ReadOnlySpan<byte> bytes, string source, string remedy, out string? warning)
    {
        warning = null;
        if ((OfMark(bytes, out var markBytes) ?? OfZeros(bytes)) is { } wide)
        {
            return Strict(wide, bytes[markBytes..], source, remedy);
        }

        if (bytes[..Math.Min(bytes.Length, Sample)].Contains((byte)0))
        {
            throw new FileException(
                $"{source}: expected a text, found bytes that are none (a zero at byte {bytes.IndexOf((byte)0)}); if it is one, {remedy}.");
        }

        return System.Text.Unicode.Utf8.IsValid(bytes) ? s_utf8.GetString(bytes) : WindowsText.Guess(bytes, source, remedy, out warning);
    }

    private static string DecodeAs(ReadOnlySpan<byte> bytes, string source, TextEncoding given, string remedy)
    {
        var marked = OfMark(bytes, out var markBytes);
        switch (given)
        {
            case TextEncoding.Windows1252:
                return WindowsText.Decode(bytes, source);
            case TextEncoding.Latin1:
                return Encoding.Latin1.GetString(bytes);
        }

        Encoding expected = given switch
        {
            TextEncoding.Utf8 => s_utf8,
            TextEncoding.Utf16BigEndian => Utf16(bigEndian: true),
            TextEncoding.Utf16LittleEndian => Utf16(bigEndian: false),
            _ => marked as UnicodeEncoding ?? OfZeros(bytes) as UnicodeEncoding ?? Utf16(bigEndian: false),
        };
        return Strict(expected, marked is not null && marked.CodePage == expected.CodePage ? bytes[markBytes..] : bytes, source, remedy);
    }

    private static string Strict(Encoding encoding, ReadOnlySpan<byte> bytes, string source, string remedy)
    {
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new FileException(
                $"{source}: expected {encoding.WebName.ToUpperInvariant()}, found bytes that are not (byte {error.Index}); {remedy}.");
        }
    }

    private static Encoding? OfMark(ReadOnlySpan<byte> bytes, out int length)
    {
        (Encoding? encoding, length) = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => ((Encoding)s_utf8, 3),
            [0xFF, 0xFE, 0, 0, ..] => (Utf32(bigEndian: false), 4),
            [0, 0, 0xFE, 0xFF, ..] => (Utf32(bigEndian: true), 4),
            [0xFF, 0xFE, ..] => (Utf16(bigEndian: false), 2),
            [0xFE, 0xFF, ..] => (Utf16(bigEndian: true), 2),
            _ => (null, 0),
        };
        return encoding;
    }

    /// <summary>Latin letters, spaces and digits have a zero in UTF-16, always on the same side, and three in UTF-32.</summary>
    private static Encoding? OfZeros(ReadOnlySpan<byte> bytes)
    {
        var sample = bytes[..Math.Min(bytes.Length, Sample)];
        Span<int> zeros = [0, 0, 0, 0];
        for (var i = 0; i < sample.Length; i++)
        {
            zeros[i % 4] += sample[i] == 0 ? 1 : 0;
        }

        if (sample.Length >= 4 && bytes.Length % 4 == 0)
        {
            // Characters beyond the first plane, such as smileys, are few; the highest byte of all is zero.
            var quarter = sample.Length / 4;
            if (zeros[3] == quarter && zeros[2] >= Most * quarter && zeros[0] == 0)
            {
                return Utf32(bigEndian: false);
            }

            if (zeros[0] == quarter && zeros[1] >= Most * quarter && zeros[3] == 0)
            {
                return Utf32(bigEndian: true);
            }
        }

        var (even, odd) = (zeros[0] + zeros[2], zeros[1] + zeros[3]);
        return bytes.Length % 2 != 0 || (even > 0) == (odd > 0) ? null
            : IsUtf16(sample, even + odd, highByte: even > 0 ? 0 : 1) ? Utf16(bigEndian: even > 0)
            : null;
    }

    /// <summary>
    /// Whether zeros that are all on one side mean UTF-16. Of Latin letters every second byte is zero; a text of other letters has its zeros at
    /// spaces and line ends only, and few values on that side, because an alphabet lies close together.
    /// </summary>
    private static bool IsUtf16(ReadOnlySpan<byte> sample, int zeros, int highByte)
    {
        var pairs = sample.Length / 2;
        if (zeros >= Most * pairs)
        {
            return true;
        }

        Span<bool> high = stackalloc bool[256];
        Span<bool> low = stackalloc bool[256];
        for (var i = 0; i + 1 < sample.Length; i += 2)
        {
            high[sample[i + highByte]] = true;
            low[sample[i + 1 - highByte]] = true;
        }

        return zeros >= pairs / 20 && 3 * high.Count(true) <= low.Count(true);
    }

    private static UnicodeEncoding Utf16(bool bigEndian) => new(bigEndian, byteOrderMark: true, throwOnInvalidBytes: true);

    private static UTF32Encoding Utf32(bool bigEndian) => new(bigEndian, byteOrderMark: true, throwOnInvalidCharacters: true);
}
