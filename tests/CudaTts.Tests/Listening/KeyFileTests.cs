using System.Text;
using CudaTts.Quality.Listening;

namespace CudaTts.Tests.Listening;

/// <summary>Tables as text, and the key of a test.</summary>
[TestFixture]
internal sealed class KeyFileTests
{
    private static readonly string[][] s_hard = [["a", "", "\"", "a,b", "a\r\nb", " ", "é"], ["", "1", "2", "3", "4", "5", ""]];

    [Test]
    public void A_table_is_read_as_it_was_written([Values("\r\n", "\n", "\r")] string lineEnd)
    {
        var text = string.Concat(s_hard.Select(row => CsvText.Row(row) + lineEnd));
        Assert.That(CsvText.Read(text, "x"), Is.EqualTo(s_hard));
        Assert.That(CsvText.Read(text[..^lineEnd.Length], "x"), Is.EqualTo(s_hard), "without a last line end");
    }

    [TestCase("", 0)]
    [TestCase("a", 1)]
    [TestCase("a\n\nb\n", 3)]
    public void Rows_are_counted(string text, int rows) => Assert.That(CsvText.Read(text, "x"), Has.Count.EqualTo(rows));

    [TestCase("a\n\"b", "x: row 2: a quotation mark is not closed.")]
    [TestCase("\"a\"b", "x: row 1: expected a comma after a quotation mark, found 'b'.")]
    public void A_wrong_quotation_mark_is_refused(string text, string message) =>
        Assert.That(() => CsvText.Read(text, "x"), Throws.TypeOf<FileException>().With.Message.EqualTo(message));

    [Test]
    public void A_key_is_read_as_it_was_written()
    {
        KeyRow[] rows =
        [
            new("aaaaaaaaaaaa", "my, \"system\"", "1", ClipKind.Rating, null, 1.5),
            new("bbbbbbbbbbbb", "other", "1", ClipKind.HiddenReference, null, 0.25),
            new("cccccccccccc", "score -2", "1", ClipKind.Trap, -2, 3),
        ];
        using var stream = new MemoryStream();
        new KeyFile("id", ListeningMethod.Mushra, rows).Write(stream);
        var key = KeyFile.Parse(stream.ToArray(), "key.csv");
        Assert.That((key.TestId, key.Method), Is.EqualTo(("id", ListeningMethod.Mushra)));
        Assert.That(key.Rows, Is.EqualTo(rows));
        Assert.That(key.Systems, Is.EqualTo(new[] { "my, \"system\"", "other" }));
        Assert.That(key.Find("bbbbbbbbbbbb"), Is.EqualTo(rows[1]));
        Assert.That(key.Find("dddddddddddd"), Is.Null);
    }

    [TestCase("", "expected a table with the columns test_id, method")]
    [TestCase("a,b\n1,2\n", "expected a table with the columns test_id, method")]
    [TestCase("HEADER", "and a row for every sound")]
    [TestCase("HEADERid,acr,a,s,1,rating,,x\n", "row 2 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,NaN\n", "row 2 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,-1\n", "row 2 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,nothing,,1\n", "row 2 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,five,1\n", "row 2 is damaged")]
    [TestCase("HEADERid,acr,,s,1,rating,,1\n", "row 2 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,1\nid,acr,a,s,2,rating,,1\n", "row 3 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,1\nother,acr,b,s,2,rating,,1\n", "row 3 is damaged, or of another test")]
    [TestCase("HEADERid,mos,a,s,1,rating,,1\n", "expected the method acr or dcr or ccr or mushra, found 'mos'")]
    [TestCase("HEADERid,acr,a,s,1,rating,,1,\n", "row 2 is damaged")]
    public void What_is_no_key_is_refused(string text, string message)
    {
        var csv = text.Replace("HEADER", "test_id,method,stimulus,system,sentence,kind,expected,seconds\n", StringComparison.Ordinal);
        Assert.That(
            () => KeyFile.Parse(Encoding.UTF8.GetBytes(csv), "key.csv"),
            Throws.TypeOf<FileException>().With.Message.StartsWith("key.csv: ").And.Message.Contains(message));
    }
}
