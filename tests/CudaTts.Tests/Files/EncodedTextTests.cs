using System.Text;
using CudaTts.Files;

namespace CudaTts.Tests.Files;

/// <summary>Texts as people's editors save them.</summary>
[TestFixture]
internal sealed class EncodedTextTests
{
    private const string Text = "Café naïve, “it’s” 5 €.\nA second line.\n";

    private static readonly UTF8Encoding s_utf8 = new(true);

    private static readonly Encoding[] s_unicode =
    [
        s_utf8, new UnicodeEncoding(false, true), new UnicodeEncoding(true, true), new UTF32Encoding(false, true), new UTF32Encoding(true, true),
    ];

    [Test]
    public void Unicode_is_known_by_its_mark_or_its_zeros([ValueSource(nameof(s_unicode))] Encoding encoding, [Values] bool marked)
    {
        byte[] bytes = [.. marked ? encoding.GetPreamble() : [], .. encoding.GetBytes(Text)];
        Assert.That(EncodedText.Decode(bytes, "x", null, out var warning), Is.EqualTo(Text));
        Assert.That(warning, Is.Null);
    }

    [TestCase("Привет, мир. Это текст, и в нём есть слова.", true)]
    [TestCase("Привет, мир. Это текст, и в нём есть слова.", false)]
    [TestCase("Καλημέρα κόσμε, πώς είσαι σήμερα;", true)]
    [TestCase("Short", false)]
    public void Utf16_of_an_alphabet_is_known_without_a_mark(string text, bool bigEndian) => Assert.That(
        EncodedText.Decode(new UnicodeEncoding(bigEndian, false).GetBytes(text), "x", null, out _), Is.EqualTo(text));

    [TestCase("Hi")]
    [TestCase("")]
    [TestCase("日本語のテキスト。")]
    [TestCase("Привет, мир.")]
    [TestCase("\U0001F600 smile")]
    public void Utf8_is_read_as_it_is(string text) =>
        Assert.That(EncodedText.Decode(Encoding.UTF8.GetBytes(text), "x", null, out _), Is.EqualTo(text));

    [TestCase("Café naïve.", "Caf\u00e9 na\u00efve.")]
    [TestCase("it\u0092s \u0093smart\u0094", "it’s “smart”")]
    [TestCase("5 \u0080 \u0096 10 \u0080", "5 € – 10 €")]
    [TestCase("Zur\u00fcck zur Stra\u00dfe", "Zurück zur Straße")]
    [TestCase("\u00bfQu\u00e9? Ma\u00f1ana", "¿Qué? Mañana")]
    [TestCase("20 \u00b0C, \u00bd cup\u0085", "20 °C, ½ cup…")]
    [TestCase("\u00e9t\u00e9\n", "été\n")]
    [TestCase("\u00c0 bient\u00f4t, \u00e0 No\u00ebl!", "À bientôt, à Noël!")]
    [TestCase("M\u00e5 \u00e6ble og \u00f8l", "Må æble og øl")]
    [TestCase("The \u009cuvre \u0097 a list", "The œuvre — a list")]
    public void Western_texts_of_one_byte_a_character_are_read_with_a_warning(string bytes, string expected)
    {
        Assert.That(EncodedText.Decode(Encoding.Latin1.GetBytes(bytes), "a.txt", null, out var warning), Is.EqualTo(expected));
        Assert.That(warning, Does.Contain("a.txt").And.Contain("Windows-1252"));
    }

    [Test]
    public void What_is_utf8_within_such_a_text_stays()
    {
        byte[] bytes = [.. "It’s a café. "u8, .. Encoding.Latin1.GetBytes("Na\u00efve.")];
        Assert.That(EncodedText.Decode(bytes, "x", null, out var warning), Is.EqualTo("It’s a café. Naïve."));
        Assert.That(warning, Is.Not.Null);
    }

    // Russian with English, Greek in windows-1253, Hebrew in windows-1255, Chinese in GBK, Japanese in EUC, Russian in KOI8-R.
    [TestCase("48656C6C6F2C20EFF0E8E2E5F22C206D7920667269656E642E")]
    [TestCase("CAE1EBE7ECDDF1E120EAFCF3ECE52E")]
    [TestCase("F9ECE5ED20F2E5ECED2E")]
    [TestCase("C4E3BAC3A3ACCAC0BDE7A1A3")]
    [TestCase("A4B3A4F3A4CBA4C1A4CFC0A4B3A6")]
    [TestCase("F0D2C9D7C5D42C20CDC9D22E")]

    // Russian in windows-1251, Japanese in Shift-JIS, French in Mac Roman and in code page 437, noise.
    [TestCase("CFF0E8E2E5F22C20ECE8F02E")]
    [TestCase("93FA967B8CEA82CC8365834C8358836781")]
    [TestCase("436166 8E 206E61 95 7665")]
    [TestCase("436166 82 206E61 8B 7665")]
    [TestCase("FFD8FFE1FEDC8877665544")]
    [TestCase("8190819D8F8190")]
    public void Other_code_pages_must_be_named(string hex) => Assert.That(
        () => EncodedText.Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), "a.txt", null, out _),
        Throws.TypeOf<FileException>().With.Message.Contains("a.txt").And.Message.Contains("--encoding"));

    [TestCase("7F454C4602010100000000000000")]
    [TestCase("504B03041400000008000000")]
    [TestCase("89504E470D0A1A0A0000000D49484452")]
    [TestCase("52494646AC58000057415645666D7420100000000100")]
    [TestCase("00000000000000000000")]
    [TestCase("000000000000000000000000")]
    [TestCase("48690042")]
    public void Bytes_that_are_no_text_are_refused(string hex) => Assert.That(
        () => EncodedText.Decode(Convert.FromHexString(hex), "a.bin", null, out _), Throws.TypeOf<FileException>().With.Message.Contains("a.bin"));

    [TestCase("utf-8", "436166C3A9")]
    [TestCase("UTF-8", "EFBBBF436166C3A9")]
    [TestCase("utf-16", "430061006600E900")]
    [TestCase("utf-16", "FEFF0043006100 6600E9")]
    [TestCase("utf-16le", "FFFE430061006600E900")]
    [TestCase("utf-16be", "004300610066 00E9")]
    [TestCase("windows-1252", "436166E9")]
    [TestCase("latin1", "436166E9")]
    public void An_encoding_that_is_named_is_taken(string name, string hex) => Assert.That(
        EncodedText.Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), "x", EncodedText.Names[name], out var warning),
        Is.EqualTo("Café"), $"{warning = null}");

    [TestCase("utf-8", "436166E9")]
    [TestCase("utf-16le", "00D8410042")]
    [TestCase("utf-16be", "D80000410042")]
    [TestCase("windows-1252", "43618166")]
    [TestCase("windows-1252", "9D")]
    [TestCase("utf-16", "43")]
    public void Bytes_that_an_encoding_does_not_have_are_refused(string name, string hex) => Assert.That(
        () => EncodedText.Decode(Convert.FromHexString(hex), "x", EncodedText.Names[name], out _), Throws.TypeOf<FileException>());
}
