using System.Text;
using CudaTts.Cli;
using CudaTts.Files;

namespace CudaTts.Tests.Files;

/// <summary>JSON as people write it, and what is said of their mistakes.</summary>
[TestFixture]
internal sealed class JsonInputTests
{
    private static readonly Encoding[] s_marked =
    [
        new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true), new UTF32Encoding(false, true),
    ];

    private static readonly Encoding[] s_unmarked = [new UTF8Encoding(false), new UnicodeEncoding(false, false), new UnicodeEncoding(true, false)];

    [Test]
    public void Each_encoding_of_unicode_is_read_with_or_without_its_mark(
        [ValueSource(nameof(s_marked)), ValueSource(nameof(s_unmarked))] Encoding encoding)
    {
        using var document = JsonInput.Parse(encoding.GetPreamble().Concat(encoding.GetBytes("{\"a\": \"é\"}")).ToArray(), "x");
        Assert.That(document.RootElement.GetProperty("a").GetString(), Is.EqualTo("é"));
    }

    [Test]
    public void Comments_and_trailing_commas_are_taken()
    {
        using var document = JsonInput.Parse("{/* c */ \"a\": [1, 2,],}"u8.ToArray(), "x");
        Assert.That(document.RootElement.GetProperty("a").GetArrayLength(), Is.EqualTo(2));
    }

    [TestCase("{\"text\": \"Hi.\",}")]
    [TestCase("{\"text\": \"Hi.\" /* c */}")]
    [TestCase("{\"text\": \"Hi.\"} // c")]
    public void A_type_takes_them_too(string json) =>
        Assert.That(JsonInput.Parse(Encoding.UTF8.GetBytes(json), CliJson.Instance.JsonUtterance, "x").Text, Is.EqualTo("Hi."));

    [TestCase("{", "column 2")]
    [TestCase("{\"a\": }", "column 7")]
    [TestCase("{'a': 1}", "column 2")]
    [TestCase("{\"a\": 1} 2", "column 10")]
    [TestCase("{\"a\": 01}", "column 8")]
    [TestCase("{\"é世😀\": 01}", "column 11")]
    [TestCase("\n\n  nonsense", "line 3, column 4")]
    [TestCase("{\r\n\"a\": 1,\r\n\"b\" 2}", "line 3, column 5")]
    public void A_mistake_is_placed(string json, string place)
    {
        foreach (var encoding in s_marked)
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(json)];
            Assert.That(
                () => JsonInput.Parse(bytes, "x.json"),
                Throws.TypeOf<FileException>().With.Message.StartsWith($"x.json: not JSON: the mistake is at {place}, or just before it"));
        }
    }

    [TestCase("")]
    [TestCase(" \r\n\t")]
    [TestCase("\uFEFF")]
    public void Nothing_is_no_object(string json) => Assert.That(
        () => JsonInput.Parse(Encoding.UTF8.GetBytes(json), "x.json"),
        Throws.TypeOf<FileException>().With.Message.EqualTo("x.json: not JSON: expected an object {...}, found nothing."));

    [TestCase("[]", "found [].")]
    [TestCase("7", "found 7.")]
    [TestCase("null", "found null.")]
    [TestCase("\"a\"", "found \"a\".")]
    [TestCase("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]", "found another list.")]
    public void Only_an_object_is_read(string json, string found) => Assert.That(
        () => JsonInput.Parse(Encoding.UTF8.GetBytes(json), "x.json"),
        Throws.TypeOf<FileException>().With.Message.EqualTo($"x.json: expected a JSON object {{...}}, {found}"));

    [TestCase("{\"a\": 1, \"a\": 1}", "'a' is there twice, again at column 10")]
    [TestCase("{\"a\": 1,\n \"a\": 2}", "'a' is there twice, again at line 2, column 2")]
    [TestCase("{\"a\": 1, \"\\u0061\": 2}", "'a' is there twice")]
    [TestCase("{\"a\": {\"b\": 1, \"b\": 1}}", "'b' is there twice")]
    [TestCase("{\"a\": [{}, {\"b\": 1, \"c\": 1, \"b\": 1}]}", "'b' is there twice")]
    [TestCase("{\"\": 1, \"\": 2}", "'' is there twice")]
    public void A_key_that_is_there_twice_is_refused(string json, string expected) => Assert.That(
        () => JsonInput.Parse(Encoding.UTF8.GetBytes(json), "x.json"), Throws.TypeOf<FileException>().With.Message.Contains(expected));

    [Test]
    public void Brackets_are_at_most_thirty_two_deep()
    {
        using var document = JsonInput.Parse(Encoding.UTF8.GetBytes(Nested(31)), "x.json");
        Assert.That(document.RootElement.GetProperty("a").GetArrayLength(), Is.EqualTo(1));
        foreach (var depth in (int[])[32, 33, 1000, 100_000])
        {
            Assert.That(
                () => JsonInput.Parse(Encoding.UTF8.GetBytes(Nested(depth)), "x.json"),
                Throws.TypeOf<FileException>().With.Message.EqualTo("x.json: expected JSON at most 32 deep, found deeper brackets."));
        }

        static string Nested(int lists) => $"{{\"a\": {new string('[', lists)}0{new string(']', lists)}}}";
    }

    [TestCase("7B 22 61 22 3A 22 E9 22 7D", "expected UTF-8, found bytes that are not in the text at column 6; save it as UTF-8.")]
    [TestCase("7B 22 FF 22 3A 31 7D", "expected UTF-8, found bytes that are not in the text at column 2; save it as UTF-8.")]
    [TestCase("FF FE 7B 00 22 00 00 D8 22 00 3A 00 31 00 7D 00", "expected UTF-16, found bytes that are not (byte ")]
    public void Bytes_of_another_encoding_are_refused(string hex, string expected) => Assert.That(
        () => JsonInput.Parse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), "x.json"),
        Throws.TypeOf<FileException>().With.Message.StartsWith($"x.json: {expected}"));

    [TestCase("{\"a\": \"\\ud800\"}")]
    [TestCase("{\"a\": \"\\udc00x\"}")]
    [TestCase("{\"a\": [\"\\ud800\\ud800\"]}")]
    [TestCase("{\"\\ud800\": 1}")]
    [TestCase("{\"a\": {\"b\": \"x\\udfff\"}}")]
    [TestCase("\"\\udbff\"")]
    public void Half_of_a_surrogate_pair_is_no_text(string json) => Assert.That(
        () => JsonInput.Parse(Encoding.UTF8.GetBytes(json), "x.json"), Throws.TypeOf<FileException>().With.Message.Contains("surrogate"));

    [TestCase("{}", "the key 'text' is missing")]
    [TestCase("{\"text\": 5}", "text: expected a text in quotation marks, found 5")]
    [TestCase("{\"text\": null}", "text: expected a text in quotation marks, found null")]
    [TestCase("{\"text\": [\"a\"]}", "text: expected a text in quotation marks, found [\"a\"]")]
    [TestCase("{\"text\": \"a\", \"speaker_id\": 3}", "found 'speaker_id', which nothing reads")]
    [TestCase("{\"text\": \"a\", \"Speed\": 1}", "found 'Speed', which nothing reads")]
    [TestCase("{\"text\": \"a\", \"speed\": \"1,5\"}", "speed: expected a number, found \"1,5\"")]
    [TestCase("{\"text\": \"a\", \"speed\": 1e999}", "speed: expected a number, found 1e999")]
    [TestCase("{\"text\": \"a\", \"seed\": -1}", "seed: expected a whole number from 0 to 18446744073709551615, found -1")]
    [TestCase("{\"text\": \"a\", \"seed\": 1.5}", "seed: expected a whole number")]
    [TestCase("{\"text\": \"a\", \"output_file\": true}", "output_file: expected a text in quotation marks, found true")]
    public void A_wrong_shape_is_said_in_words(string json, string expected) => Assert.That(
        () => JsonInput.Parse(Encoding.UTF8.GetBytes(json), CliJson.Instance.JsonUtterance, "x"),
        Throws.TypeOf<FileException>().With.Message.Contains(expected).And.Message.Not.Contains("System"));

    [Test]
    public void What_may_be_null_or_absent_is() => Assert.That(
        JsonInput.Parse("{\"text\": \"a\", \"seed\": null, \"output_file\": null}"u8.ToArray(), CliJson.Instance.JsonUtterance, "x"),
        Is.EqualTo(new JsonUtterance { Text = "a" }));

    [TestCase("/dev/zero")]
    [TestCase("/dev/null")]
    [TestCase("/dev")]
    [Platform(Exclude = "Win", Reason = "devices have no names in the file system there")]
    public void What_is_no_regular_file_is_refused(string path) => Assert.That(
        () => JsonInput.Read(path, CliJson.Instance.JsonUtterance),
        Throws.TypeOf<FileException>().With.Message.StartsWith($"{path}: expected a file, found a "));

    [Test]
    public void A_file_that_is_too_large_is_refused_without_being_held()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder.Path("sparse.json")))
        {
            file.SetLength(1L << 36);
        }

        Assert.That(() => Read("sparse.json"), Throws.TypeOf<FileException>().With.Message.Contains("expected at most 1048576 bytes"));
        Assert.That(() => Read("none.json"), Throws.TypeOf<FileException>().With.Message.Contains("there is no such file"));

        JsonUtterance Read(string name) => JsonInput.Read(folder.Path(name), CliJson.Instance.JsonUtterance);
    }
}
