using System.Diagnostics;
using CudaTts.Compute;
using CudaTts.Pipeline;
using CudaTts.Text;

namespace CudaTts.Tests.Pipeline;

/// <summary>Whose turn it is: the soonest wanted, then the caller that has had least, then the first to come.</summary>
[TestFixture]
internal sealed class WaitingSentencesTests
{
    private TemporaryFolder _folder = null!;
    private SpeechSynthesizer _synthesizer = null!;
    private SpeechScheduler _scheduler = null!;
    private long _clock;

    [SetUp]
    public void Load()
    {
        _folder = new TemporaryFolder();
        _synthesizer = SpeechSynthesizer.Load(TinyVoice.Create(_folder.Path("voice")), new DeviceOptions { Name = "cpu", Threads = 1 });
        _scheduler = new SpeechScheduler(_synthesizer.Voice, () => new ObjectDisposedException("test"));
        _clock = Stopwatch.GetTimestamp();
    }

    [TearDown]
    public void Release()
    {
        _scheduler.Dispose();
        _synthesizer.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void First_sentences_go_before_others_and_bulk_goes_last()
    {
        var waiting = new WaitingSentences();
        waiting.Add(Sentence("bulk", "a", 0, SpeechPriority.Bulk));
        waiting.Add(Sentence("second", "b", 1));
        waiting.Add(Sentence("first", "c", 0));

        Assert.That(TakeAll(waiting), Is.EqualTo((string[])["first", "second", "bulk"]));
    }

    [Test]
    public void Callers_take_turns_by_what_they_have_had()
    {
        var waiting = new WaitingSentences();
        for (var i = 0; i < 3; i++)
        {
            waiting.Add(Sentence($"many {i}", "many", 1, tokens: 10));
        }

        waiting.Add(Sentence("long", "long", 1, tokens: 25));
        waiting.Add(Sentence("long too", "long", 1, tokens: 25));

        Assert.That(TakeAll(waiting), Is.EqualTo((string[])["many 0", "long", "many 1", "many 2", "long too"]));
    }

    [Test]
    public void Nobody_saves_up_turns_while_idle()
    {
        var waiting = new WaitingSentences();
        waiting.Add(Sentence("busy 0", "busy", 1, tokens: 50));
        waiting.Add(Sentence("busy 1", "busy", 1, tokens: 50));
        waiting.Add(Sentence("busy 2", "busy", 1, tokens: 50));
        waiting.Take(waiting.Next()!);
        waiting.Take(waiting.Next()!);
        for (var i = 0; i < 3; i++)
        {
            waiting.Add(Sentence($"late {i}", "late", 1, tokens: 50));
        }

        Assert.That(TakeAll(waiting), Is.EqualTo((string[])["late 0", "busy 2", "late 1", "late 2"]));
    }

    [Test]
    public void Who_has_waited_long_is_wanted_as_soon_as_others()
    {
        var waiting = new WaitingSentences();
        waiting.Add(Sentence("old bulk", "a", 0, SpeechPriority.Bulk, age: TimeSpan.FromSeconds(61)));
        waiting.Add(Sentence("new first", "b", 0));

        Assert.That(TakeAll(waiting), Is.EqualTo((string[])["old bulk", "new first"]));
    }

    [Test]
    public void What_nobody_waits_for_is_taken_out()
    {
        var waiting = new WaitingSentences();
        var gone = Sentence("gone", "a", 0);
        waiting.Add(gone);
        waiting.Add(Sentence("there", "b", 0, tokens: 7));
        gone.Call.Dispose();

        Assert.That(waiting.RemoveAll(sentence => sentence.IsAbandoned), Is.EqualTo((ScheduledSentence[])[gone]));
        Assert.That(waiting.Tokens(firstOnly: false), Is.EqualTo(7));
        Assert.That(TakeAll(waiting), Is.EqualTo((string[])["there"]));
    }

    [Test]
    public void A_caller_without_a_name_is_its_own()
    {
        var waiting = new WaitingSentences();
        waiting.Add(Sentence("one", null, 1));
        waiting.Add(Sentence("two", null, 1));
        Assert.That(TakeAll(waiting), Is.EqualTo((string[])["one", "two"]));
        Assert.That(waiting.Next(), Is.Null);
    }

    private static List<string> TakeAll(WaitingSentences waiting)
    {
        var taken = new List<string>();
        while (waiting.Next() is { } next)
        {
            waiting.Take(next);
            taken.Add(next.Sentence.Tokens.Text);
        }

        return taken;
    }

    private ScheduledSentence Sentence(
        string name, string? client, int index, SpeechPriority priority = SpeechPriority.Interactive, int tokens = 10, TimeSpan age = default)
    {
        var sentence = new ReadSentence(new TokenSequence(name, [], new int[tokens], [], []), index, IsLast: false, new SpeechOptions(), default);
        var call = new SpeechCall(_scheduler, new SpeechSchedule { Client = client, Priority = priority }, default, default);
        return new ScheduledSentence(sentence, call, isStreamed: false) { Arrived = _clock++ - (long)(age.TotalSeconds * Stopwatch.Frequency) };
    }
}
