using System.Text;
using CudaTts.Quality.Listening;

namespace CudaTts.Tests.Listening;

/// <summary>The key of a test, which says whose each clip is.</summary>
[TestFixture]
internal sealed class KeyFileTests
{
    [Test]
    public void A_key_is_read_as_it_was_written()
    {
        KeyRow[] rows =
        [
            new("aaaaaaaaaaaa", "my, \"system\"\né", "1", ClipKind.Rating, null, 1.5),
            new("bbbbbbbbbbbb", "other", "1", ClipKind.HiddenReference, null, 0.25),
            new("cccccccccccc", "score -2", "1", ClipKind.Trap, -2, 3),
        ];
        using var stream = new MemoryStream();
        new KeyFile("id", ListeningMethod.Mushra, rows).Write(stream);
        var key = KeyFile.Parse(stream.ToArray(), "key.csv");
        Assert.That((key.TestId, key.Method), Is.EqualTo(("id", ListeningMethod.Mushra)));
        Assert.That(key.Rows, Is.EqualTo(rows));
        Assert.That(key.Systems, Is.EqualTo(new[] { "my, \"system\"\né", "other" }));
        Assert.That(key.Find("bbbbbbbbbbbb"), Is.EqualTo(rows[1]));
        Assert.That(key.Find("dddddddddddd"), Is.Null);
    }

    [TestCase("", "expected a table with a first line that has the column 'test_id'")]
    [TestCase("a,b\n1,2\n", "expected a table with a first line that has the column 'test_id'")]
    [TestCase("HEADER", "expected a row for every sound, found none")]
    [TestCase("HEADERid,acr,a,s,1,rating,,x\n", "row 1 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,NaN\n", "row 1 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,-1\n", "row 1 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,nothing,,1\n", "row 1 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,five,1\n", "row 1 is damaged")]
    [TestCase("HEADERid,acr,,s,1,rating,,1\n", "row 1 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,1\nid,acr,a,s,2,rating,,1\n", "row 2 is damaged")]
    [TestCase("HEADERid,acr,a,s,1,rating,,1\nother,acr,b,s,2,rating,,1\n", "row 2 is damaged, or of another test")]
    [TestCase("HEADERid,mos,a,s,1,rating,,1\n", "expected the method acr or dcr or ccr or mushra, found 'mos'")]
    [TestCase("HEADERid,acr,a,s,1,rating,,1,\n", "not a table of comma-separated values")]
    [TestCase("HEADERid,acr,\"a,s,1,rating,,1\n", "not a table of comma-separated values")]
    public void What_is_no_key_is_refused(string text, string message)
    {
        var csv = text.Replace("HEADER", "test_id,method,stimulus,system,sentence,kind,expected,seconds\n", StringComparison.Ordinal);
        Assert.That(
            () => KeyFile.Parse(Encoding.UTF8.GetBytes(csv), "key.csv"),
            Throws.TypeOf<FileException>().With.Message.StartsWith("key.csv: ").And.Message.Contains(message));
    }
}
