using System.Text;
using CudaTts.Cli;
using CudaTts.Files;

namespace CudaTts.Tests.Files;

/// <summary>JSON as people write it, and what is said of their mistakes.</summary>
[TestFixture]
internal sealed class JsonInputTests
{
    private static readonly Encoding[] s_marked = [new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true)];

    [Test]
    public void A_byte_order_mark_is_no_mistake([ValueSource(nameof(s_marked))] Encoding encoding)
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

    [TestCase("")]
    [TestCase("{")]
    [TestCase("{\"a\": }")]
    [TestCase("{'a': 1}")]
    [TestCase("{\"a\": 1} 2")]
    [TestCase("{\"a\": 01}")]
    [TestCase("\n\n  nonsense")]
    public void A_mistake_is_placed(string json) => Assert.That(
        () => JsonInput.Parse(Encoding.UTF8.GetBytes(json), "x.json"),
        Throws.TypeOf<FileException>().With.Message.StartsWith("x.json: not JSON: the mistake is at line "));

    [TestCase("{\"a\": \"\\ud800\"}")]
    [TestCase("{\"a\": \"\\udc00x\"}")]
    [TestCase("{\"a\": [\"\\ud800\\ud800\"]}")]
    [TestCase("{\"\\ud800\": 1}")]
    [TestCase("{\"a\": {\"b\": \"x\\udfff\"}}")]
    [TestCase("\"\\udbff\"")]
    public void Half_of_a_surrogate_pair_is_no_text(string json) => Assert.That(
        () => JsonInput.Parse(Encoding.UTF8.GetBytes(json), "x.json"), Throws.TypeOf<FileException>().With.Message.Contains("surrogate"));

    [TestCase("[]", "expected an object {...}, found a list")]
    [TestCase("7", "found a number")]
    [TestCase("{}", "the key 'text' is missing")]
    [TestCase("{\"text\": 5}", "text: expected a text in quotation marks, found 5")]
    [TestCase("{\"text\": null}", "text: expected a text in quotation marks, found null")]
    [TestCase("{\"text\": [\"a\"]}", "text: expected a text in quotation marks, found a list")]
    [TestCase("{\"text\": \"a\", \"speaker_id\": 3}", "found 'speaker_id', which nothing reads")]
    [TestCase("{\"text\": \"a\", \"Speed\": 1}", "found 'Speed', which nothing reads")]
    [TestCase("{\"text\": \"a\", \"speed\": \"1,5\"}", "speed: expected a number, found \"1,5\"")]
    [TestCase("{\"text\": \"a\", \"speed\": 1e999}", "speed: expected a number, found 1e999")]
    [TestCase("{\"text\": \"a\", \"seed\": -1}", "seed: expected a whole number from 0 to 18446744073709551615, found -1")]
    [TestCase("{\"text\": \"a\", \"seed\": 1.5}", "seed: expected a whole number")]
    [TestCase("{\"text\": \"a\", \"output_file\": true}", "output_file: expected a text in quotation marks, found true")]
    public void A_wrong_shape_is_said_in_words(string json, string expected)
    {
        using var document = JsonInput.Parse(Encoding.UTF8.GetBytes(json), "x");
        Assert.That(
            () => JsonInput.RequireShape(document.RootElement, CliJson.Instance.JsonUtterance, "x"),
            Throws.TypeOf<FileException>().With.Message.Contains(expected).And.Message.Not.Contains("System"));
    }

    [TestCase("/dev/zero")]
    [TestCase("/dev/null")]
    [TestCase("/dev")]
    [Platform(Exclude = "Win", Reason = "devices have no names in the file system there")]
    public void What_is_no_regular_file_is_refused(string path) => Assert.That(
        () => JsonInput.Read(path), Throws.TypeOf<FileException>().With.Message.StartsWith($"{path}: expected a file, found a "));

    [Test]
    public void A_file_that_is_too_large_is_refused_without_being_held()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder.Path("sparse.json")))
        {
            file.SetLength(1L << 36);
        }

        Assert.That(() => JsonInput.Read(folder.Path("sparse.json")), Throws.TypeOf<FileException>().With.Message.Contains("expected at most"));
        Assert.That(() => JsonInput.Read(folder.Path("none.json")), Throws.TypeOf<FileException>().With.Message.Contains("there is no such file"));
    }
}
