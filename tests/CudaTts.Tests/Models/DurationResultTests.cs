using CudaTts.Models;
using CudaTts.Tensors;

namespace CudaTts.Tests.Models;

[TestFixture]
internal sealed class DurationResultTests
{
    // Two bands of five frames; the second of four tokens is not spoken at all.
    private static readonly DurationResult s_result =
        new(Tensor.From([0, 1, 2, 3, 4, 10, 11, 12, 13, 14], 1, 2, 5), [2, 0, 1, 2], StopReason.Durations);

    [Test]
    public void Boundaries_are_the_sums_of_durations() => Assert.That(s_result.TokenBoundaries(), Is.EqualTo(new[] { 0, 2, 2, 3, 5 }));

    [Test]
    public void Every_frame_is_aligned_with_its_token()
    {
        Assert.That(s_result.Alignments.Shape, Is.EqualTo(new[] { 1, 5, 4 }));
        Assert.That(s_result.Alignments.Span.ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1 }));
    }

    [Test]
    public void The_last_tokens_have_their_own_frames()
    {
        var last = (DurationResult)s_result.OfLast(2);
        Assert.Multiple(() =>
        {
            Assert.That(last.Durations, Is.EqualTo(new[] { 1, 2 }));
            Assert.That(last.Mel.Shape, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(last.Mel.Span.ToArray(), Is.EqualTo(new float[] { 2, 3, 4, 12, 13, 14 }));
        });
    }

    [Test]
    public void There_is_no_attention_to_find_fault_with()
    {
        var verdict = s_result.Judge(0.5);
        Assert.That((verdict.IsGood, verdict.LongestStay, verdict.SecondsPerToken), Is.EqualTo((true, 1.0, 0.625)));
    }

    [Test]
    public void What_a_limit_cuts_off_is_a_fault() =>
        Assert.That((s_result with { Stop = StopReason.FrameLimit }).Judge(0.5).Faults, Is.EqualTo(SpeechFaults.FrameLimit));

    [Test]
    public void Parts_of_a_mel_joined_are_the_whole()
    {
        var parts = new[] { MelFrames.Cut(s_result.Mel, 0, 1), MelFrames.Cut(s_result.Mel, 1, 0), MelFrames.Cut(s_result.Mel, 1, 4) };
        Assert.That(MelFrames.Join(parts).Span.ToArray(), Is.EqualTo(s_result.Mel.Span.ToArray()));
        Assert.That(MelFrames.Join(parts[..1]).Span.ToArray(), Is.EqualTo(new float[] { 0, 10 }));
    }

    [TestCase(null, 0, null)]
    [TestCase(null, 3, null)]
    [TestCase(2, 3, null)]
    [TestCase(3, 3, "speaker: expected 0 to 2 for x, found 3.")]
    [TestCase(-1, 3, "speaker: expected 0 to 2 for x, found -1.")]
    [TestCase(0, 0, "speaker 0: x has one voice and no speakers to choose from; leave it out.")]
    public void A_speaker_who_is_not_there_is_refused(int? speaker, int speakers, string? message)
    {
        string? found = null;
        try
        {
            SpeakerChoice.Require(speaker, speakers, "x");
        }
        catch (CudaTtsException error)
        {
            found = error.Message;
        }

        Assert.That(found, Is.EqualTo(message));
    }
}
