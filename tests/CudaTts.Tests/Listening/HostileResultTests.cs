using System.Text;
using System.Text.Json.Nodes;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;
using static CudaTts.Tests.Listening.MadeUpResults;

namespace CudaTts.Tests.Listening;

/// <summary>Results come from anybody: whatever a file holds, it is read or refused in one line, and a refused one leaves no trace.</summary>
[TestFixture]
internal sealed class HostileResultTests
{
    private const int Files = 4000;
    private const int FixedBytes = 256 << 10;
    private const int BytesPerByte = 512;

    private static readonly byte[] s_interesting = [0, 0x7f, 0xff, .. "{}[]\",:-.e19tfn\\/"u8];

    private static readonly KeyFile s_key = Key(ListeningMethod.Acr, ["a", "b"], 3);

    private static readonly ListenerResult s_sound = Of(7, ("a.0", 5), ("b.1", 2), ("a.2", 4)) with { Comment = "fine" };

    [TestCase("test_id", "\"other\"", "is of another test: expected the test_id made-up, found 'other'")]
    [TestCase("test_id", "7", "test_id: expected a text in quotation marks, found 7")]
    [TestCase("listener", "-1", "listener: expected a number of 32 bits, found -1")]
    [TestCase("listener", "4294967296", "listener: expected a number of 32 bits, found 4294967296")]
    [TestCase("listener", "1.5", "listener: expected a whole number, found 1.5")]
    [TestCase("answers", "null", "answers: expected an object, found null")]
    [TestCase("answers", "{}", "the key 'answers.headset' is missing")]
    [TestCase("ratings", "{}", "ratings: expected a list, found an object")]
    [TestCase("ratings", "[[]]", "ratings[0]: expected an object, found []")]
    [TestCase("ratings", "[null]", "ratings[0]: expected an object, found null")]
    [TestCase("comment", "[]", "comment: expected a text in quotation marks, found []")]
    [TestCase("admin", "true", "found 'admin', which nothing reads")]
    public void A_key_of_another_shape_is_named(string key, string value, string message) =>
        AssertRefused(json => json[key] = JsonNode.Parse(value), message);

    [TestCase("score", "0", "ratings[1]: expected a score from 1 to 5, found 0")]
    [TestCase("score", "6", "ratings[1]: expected a score from 1 to 5, found 6")]
    [TestCase("score", "4.5", "score: expected a whole number of at most 2147483647, found 4.5")]
    [TestCase("score", "1e999", "score: expected a whole number of at most 2147483647, found 1e999")]
    [TestCase("score", "null", "score: expected a whole number of at most 2147483647, found null")]
    [TestCase("stimulus", "\"none\"", "ratings[1]: the key does not know the stimulus 'none'")]
    [TestCase("stimulus", "\"a.0/b.0\"", "ratings[1]: the key does not know the stimulus 'a.0/b.0'")]
    [TestCase("stimulus", "\"\"", "ratings[1]: the key does not know the stimulus ''")]
    [TestCase("block", "\"gold\"", "ratings[1]: expected the block training or rating, found 'gold'")]
    [TestCase("trial", "0", "ratings[1]: a count is negative")]
    [TestCase("plays", "-1", "ratings[1]: a count is negative")]
    [TestCase("seconds_to_rate", "-0.1", "ratings[1]: seconds_to_rate is no time that a trial takes")]
    [TestCase("seconds_to_rate", "1e300", "ratings[1]: seconds_to_rate is no time that a trial takes")]
    [TestCase("played_to_end", "\"yes\"", "played_to_end: expected true or false, found \"yes\"")]
    public void A_rating_that_no_page_gives_is_named(string key, string value, string message) =>
        AssertRefused(json => json["ratings"]![1]![key] = JsonNode.Parse(value), message);

    [TestCase("a.0")]
    [TestCase("a.0/a.0")]
    [TestCase("a.0/b.1")]
    [TestCase("a.0/b.0/a.0")]
    [TestCase("none/a.0")]
    [TestCase("a.0/")]
    public void A_pair_that_no_page_plays_is_refused(string stimulus) => Assert.That(
        () => new ResultReader(Key(ListeningMethod.Ccr, ["a", "b"], 2)).Add(Of(0, (stimulus, 1)).Json(), "a.json"),
        Throws.TypeOf<FileException>().With.Message.EqualTo($"a.json: ratings[0]: the key does not know the stimulus '{stimulus}'."));

    [Test]
    public void What_is_not_judged_is_no_vote()
    {
        var key = Key(ListeningMethod.Ccr, ["a"], 1, new KeyRow("open", "original", "0", ClipKind.OpenReference, null, 1));
        Assert.That(Analyse(key, null, Of(0, ("open/a.0", 1), ("a.0/open", 1))).BeforeScreening, Is.Empty);
    }

    [Test]
    public void A_mutated_result_is_read_or_refused() => Fuzz(1, s_sound.Json(), bytes =>
    {
        var reader = new ResultReader(s_key);
        reader.Add(bytes, "fuzz");
        var report = ListeningAnalysis.Report(reader, 1, s_key, new ScreeningRules(), 1);
        Assert.That(report.BeforeScreening.Select(summary => summary.Mean), Is.All.InRange(1, 5));
    });

    [Test]
    public void A_mutated_key_is_read_or_refused()
    {
        using var stream = new MemoryStream();
        s_key.Write(stream);
        Fuzz(2, stream.ToArray(), bytes =>
        {
            var key = KeyFile.Parse(bytes, "fuzz");
            Assert.That(key.Rows.Select(row => row.Seconds), Is.All.GreaterThanOrEqualTo(0));
        });
    }

    [Test]
    public void The_fuzzer_sees_a_wrong_exception() =>
        Assert.That(() => Fuzz(3, [1, 2, 3], _ => throw new InvalidOperationException("not typed")), Throws.TypeOf<AssertionException>());

    private static void AssertRefused(Action<JsonObject> change, string message)
    {
        var json = JsonNode.Parse(s_sound.Json())!.AsObject();
        change(json);
        var reader = new ResultReader(s_key);
        Assert.That(
            () => reader.Add(Encoding.UTF8.GetBytes(json.ToJsonString()), "a.json"),
            Throws.TypeOf<FileException>().With.Message.StartsWith("a.json: ").And.Message.Contains(message));
        Assert.That(reader.Sessions(), Is.Empty);
        Assert.That(reader.Comments, Is.Empty);
        reader.Add(s_sound.Json(), "b.json");
        Assert.That(reader.Duplicates, Is.Zero, "nothing of the refused file was kept");
    }

    private static void Fuzz(int seed, byte[] original, Action<byte[]> read)
    {
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < Files; i++)
        {
            var mutated = i == 0 ? original : Mutate(original, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Exception? failure = null;
            try
            {
                read(mutated);
            }
            catch (FileException error)
            {
                refused++;
                Assert.That(error.Message, Does.StartWith("fuzz: ").Or.StartWith("fuzz:"));
            }
            catch (Exception error)
            {
                failure = error;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(i > 0 || (refused == 0 && failure is null), $"the file is sound before it is mutated: {failure}");
            if (failure is not null || allocated > FixedBytes + ((long)BytesPerByte * mutated.Length))
            {
                throw new AssertionException(
                    $"file {i}, {allocated} bytes allocated for {mutated.Length}: {failure}\n{Convert.ToBase64String(mutated)}");
            }
        }

        Assert.That(refused, Is.GreaterThan(Files / 10).And.LessThan(Files));
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var mutations = random.Next(1, 4); mutations > 0 && bytes.Count > 0; mutations--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 17), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] = s_interesting[random.Next(s_interesting.Length)]; break;
                case 2: bytes.RemoveRange(at, random.Next(8) == 0 ? bytes.Count - at : length); break;
                case 3: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                default: bytes.Insert(at, s_interesting[random.Next(s_interesting.Length)]); break;
            }
        }

        return [.. bytes];
    }
}
