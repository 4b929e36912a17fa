using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>What a kernel writes while the host reads: words that have come, words that have not, and their tags.</summary>
[TestFixture]
internal sealed class StepRecordsTests
{
    private const uint Tag = 0x8000_0007;

    [Test]
    public void A_step_is_taken_word_by_word_and_is_whole_when_its_last_has_come()
    {
        var words = new ulong[] { Word(1.5f, Tag), Word(-0f, Tag), 0, Word(3, Tag) };
        var values = new float[4];

        Assert.That(StepRecords.Read(words, Tag, values, 0), Is.EqualTo(2), "up to the one that is missing, although the next has come");
        words[2] = Word(2, Tag);
        words[0] = 0;

        Assert.That(StepRecords.Read(words, Tag, values, 2), Is.EqualTo(4), "what has come is not read again");
        Assert.That(values, Is.EqualTo(new[] { 1.5f, -0f, 2, 3 }));
    }

    [TestCase(Tag - 1)]
    [TestCase(Tag + 1)]
    [TestCase(0u)]
    [TestCase(uint.MaxValue)]
    public void Another_steps_word_has_not_come(uint tag) => Assert.That(StepRecords.Read([Word(1, tag)], Tag, new float[1], 0), Is.Zero);

    [Test]
    public void No_more_than_what_is_wanted_is_waited_for() => Assert.That(StepRecords.Read([Word(1, Tag), 0], Tag, new float[1], 0), Is.EqualTo(1));

    [Test]
    public void A_reader_sees_what_another_thread_writes()
    {
        const int Count = 10_000;
        var (words, values) = (new ulong[Count], new float[Count]);
        var writer = Task.Run(() =>
        {
            // From the last to the first: all but one have come before any can be taken.
            for (var i = Count - 1; i >= 0; i--)
            {
                Volatile.Write(ref words[i], Word(i, Tag));
            }
        });

        var spin = default(SpinWait);
        for (var come = 0; come < Count; come = StepRecords.Read(words, Tag, values, come))
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        writer.Wait();
        Assert.That(values, Is.EqualTo(Enumerable.Range(0, Count).Select(i => (float)i)));
    }

    [Test]
    public void No_tag_is_used_twice_and_none_is_that_of_an_unwritten_word()
    {
        var tags = new MailboxTags(uint.MaxValue - 10);

        var first = tags.Take(4, out var areAnew);
        Assert.That((first, areAnew), Is.EqualTo((uint.MaxValue - 9, false)));

        // 4 steps, one tag before and one behind leave 4 of 10.
        Assert.That((tags.Take(3, out areAnew), areAnew), Is.EqualTo((2u, true)), "numbers begin anew, and all words with them");
        Assert.That((tags.Take(3, out areAnew), areAnew), Is.EqualTo((7u, false)));
    }

    private static ulong Word(float value, uint tag) => (ulong)tag << 32 | BitConverter.SingleToUInt32Bits(value);
}
