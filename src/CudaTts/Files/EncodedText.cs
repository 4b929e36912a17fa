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

    /// <summary>Reads a text.</summary>
    /// <param name="bytes">All of its bytes.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="encoding">What it is known to be; null to find out.</param>
    /// <param name="warning">What a reader should be told, or null.</param>
    /// <returns>The text without a byte order mark.</returns>
    /// <exception cref="FileException">It is no text, or not of the encoding.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string source, TextEncoding? encoding, out string? warning)
    {
        warning = null;
        var marked = OfMark(bytes, out var markBytes);
        if (encoding is { } given)
        {
            return DecodeAs(bytes, source, given, marked, markBytes);
        }

        if ((marked ?? OfZeros(bytes)) is { } wide)
        {
            return Strict(wide, bytes[markBytes..], source);
        }

        if (bytes[..Math.Min(bytes.Length, Sample)].Contains((byte)0))
        {
            throw new FileException(
                $"{source}: expected a text, found bytes that are none (a zero at byte {bytes.IndexOf((byte)0)}); of a text in UTF-16 say --encoding.");
        }

        return System.Text.Unicode.Utf8.IsValid(bytes) ? s_utf8.GetString(bytes) : WindowsText.Guess(bytes, source, out warning);
    }

    /// <summary>The encoding whose units are wider than a byte, if the first bytes of a text show that it is one.</summary>
    public static Encoding? WideEncodingOf(ReadOnlySpan<byte> start) => OfMark(start, out _) is { } marked and not UTF8Encoding ? marked : OfZeros(start);

    private static string DecodeAs(ReadOnlySpan<byte> bytes, string source, TextEncoding given, Encoding? marked, int markBytes)
    {
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
        return Strict(expected, marked is not null && marked.CodePage == expected.CodePage ? bytes[markBytes..] : bytes, source);
    }

    private static string Strict(Encoding encoding, ReadOnlySpan<byte> bytes, string source)
    {
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new FileException(
                $"{source}: expected {encoding.WebName.ToUpperInvariant()}, found bytes that are not (byte {error.Index}); "
                + $"--encoding takes {string.Join(", ", Names.Keys)}.");
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

        var quarter = sample.Length / 4;
        if (quarter > 0 && bytes.Length % 4 == 0 && zeros[1] + zeros[2] == 2 * quarter && (zeros[0] == 0 || zeros[3] == 0))
        {
            return zeros[3] == quarter ? Utf32(bigEndian: false) : zeros[0] == quarter ? Utf32(bigEndian: true) : null;
        }

        // A text of other letters has its zeros at spaces and line ends only.
        var (even, odd) = (zeros[0] + zeros[2], zeros[1] + zeros[3]);
        var least = Math.Max(1, sample.Length / 20);
        return bytes.Length % 2 != 0 ? null
            : odd >= least && even == 0 ? Utf16(bigEndian: false)
            : even >= least && odd == 0 ? Utf16(bigEndian: true)
            : null;
    }

    private static UnicodeEncoding Utf16(bool bigEndian) => new(bigEndian, byteOrderMark: true, throwOnInvalidBytes: true);

    private static UTF32Encoding Utf32(bool bigEndian) => new(bigEndian, byteOrderMark: true, throwOnInvalidCharacters: true);
}
