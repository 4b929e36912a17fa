using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;

namespace CudaTts.Tests.Models.Tacotron2;

[TestFixture]
internal sealed class AttentionWatchTests
{
    private const double SecondsPerFrame = 256.0 / 22050;
    private const int Tokens = 40;

    [Test]
    public void Reading_every_token_in_turn_is_good()
    {
        var verdict = Judge(Path(Tokens));
        Assert.That(verdict.Faults, Is.EqualTo(SpeechFaults.None));
        Assert.That(verdict.IsGood, Is.True);
        Assert.That(verdict.Coverage, Is.EqualTo(1));
        Assert.That(verdict.SecondsPerToken, Is.EqualTo(6 * SecondsPerFrame).Within(1e-9));
    }

    [Test]
    public void A_frame_limit_is_a_fault() =>
        Assert.That(Judge(Path(Tokens), StopReason.FrameLimit).Faults, Is.EqualTo(SpeechFaults.FrameLimit));

    [Test]
    public void An_end_that_is_never_read_is_unfinished_and_skipped()
    {
        var verdict = Judge(Path(20));
        Assert.That(verdict.Faults, Is.EqualTo(SpeechFaults.Unfinished | SpeechFaults.Skipped));
        Assert.That(verdict.LongestSkip, Is.EqualTo(19));
    }

    [Test]
    public void A_hole_in_the_middle_is_a_skip()
    {
        var verdict = Judge([.. Path(15), .. Path(Tokens).Where(token => token >= 25)]);
        Assert.That(verdict.Faults, Is.EqualTo(SpeechFaults.Skipped));
        Assert.That(verdict.LongestForwardJump, Is.EqualTo(11));
        Assert.That(verdict.LongestSkip, Is.EqualTo(8), "the hole's edges share the attention of their neighbours");
    }

    [Test]
    public void Reading_again_is_a_repeat()
    {
        var verdict = Judge([.. Path(20), .. Path(Tokens).Where(token => token >= 10)]);
        Assert.That(verdict.Faults, Is.EqualTo(SpeechFaults.Repeated));
        Assert.That(verdict.LongestBackwardJump, Is.EqualTo(9));
    }

    [Test]
    public void Staying_on_one_token_is_stuck_but_silence_at_the_end_is_not()
    {
        Assert.That(Judge([.. Path(20), .. Enumerable.Repeat(19, 90), .. Path(Tokens).Where(token => token >= 20)]).Faults,
            Is.EqualTo(SpeechFaults.Stuck));
        Assert.That(Judge([.. Path(Tokens), .. Enumerable.Repeat(Tokens - 1, 90)]).Faults, Is.EqualTo(SpeechFaults.None));
    }

    [Test]
    public void Attention_everywhere_is_unfocused()
    {
        var path = Path(Tokens);
        Assert.That(Judge(path, spread: 0.2f).Faults.HasFlag(SpeechFaults.Unfocused), Is.False);
        Assert.That(Judge(path, spread: 0.8f).Faults.HasFlag(SpeechFaults.Unfocused), Is.True);
    }

    [Test]
    public void Speech_too_short_for_its_text_is_a_fault() =>
        Assert.That(Judge([.. Enumerable.Range(0, Tokens)]).Faults.HasFlag(SpeechFaults.Length), Is.True);

    [Test]
    public void A_loud_end_is_cut_off() => Assert.That(Judge(Path(Tokens), tail: 0).Faults, Is.EqualTo(SpeechFaults.CutOff));

    [Test]
    public void Fewer_faults_are_less_bad()
    {
        var (good, one, two) = (Judge(Path(Tokens)), Judge(Path(Tokens), tail: 0), Judge(Path(20)));
        Assert.That(good.Penalty, Is.LessThan(1));
        Assert.That(one.Penalty, Is.InRange(1, 2));
        Assert.That(two.Penalty, Is.GreaterThan(one.Penalty));
    }

    [Test]
    public void Boundaries_follow_the_attention()
    {
        var boundaries = AlignmentPath.Boundaries(Alignments(Path(Tokens), spread: 0.3f));
        Assert.That(boundaries, Is.EqualTo(Enumerable.Range(0, Tokens + 1).Select(token => token * 6)));
    }

    [TestCase(1, 1)]
    [TestCase(1, 5)]
    [TestCase(5, 1)]
    [TestCase(31, 33)]
    [TestCase(257, 33)]
    public void Boundaries_never_decrease_and_end_with_the_steps(int steps, int tokens)
    {
        var random = new Random(steps + tokens);
        var alignments = Tensor.From([.. Enumerable.Range(0, steps * tokens).Select(_ => random.NextSingle())], 1, steps, tokens);
        var boundaries = AlignmentPath.Boundaries(alignments);
        Assert.That(boundaries, Has.Length.EqualTo(tokens + 1).And.Ordered);
        Assert.That(boundaries[0], Is.Zero);
        Assert.That(boundaries[^1], Is.EqualTo(steps));
    }

    // Six steps a token.
    private static int[] Path(int tokens) => [.. Enumerable.Range(0, tokens * 6).Select(step => step / 6)];

    private static AttentionVerdict Judge(int[] path, StopReason stop = StopReason.Gate, float spread = 0.1f, float tail = -10)
    {
        var mel = new Tensor(1, 80, path.Length);
        for (var band = 0; band < 80; band++)
        {
            mel.Span.Slice(band * path.Length, path.Length)[^Math.Min(3, path.Length)..].Fill(tail);
        }

        var alignments = Alignments(path, spread);
        return AttentionWatch.Judge(
            new Tacotron2Result(mel, alignments, stop) { MelBeforePostnet = mel, GateLogits = new Tensor(1, path.Length) }, SecondsPerFrame);
    }

    // Most of the weight on the path, the rest everywhere.
    private static Tensor Alignments(int[] path, float spread)
    {
        var alignments = new Tensor(1, path.Length, Tokens);
        for (var step = 0; step < path.Length; step++)
        {
            var weights = alignments.Span.Slice(step * Tokens, Tokens);
            weights.Fill(spread / Tokens);
            weights[path[step]] += 1 - spread;
        }

        return alignments;
    }
}
