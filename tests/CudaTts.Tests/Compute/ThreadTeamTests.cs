using CudaTts.Compute.Cpu;

namespace CudaTts.Tests;

internal sealed class ThreadTeamTests
{
    [Test]
    public void Every_item_is_done_once([Values(1, 2, 5)] int threads, [Values(0, 1, 2, 7, 1000)] int items)
    {
        using var team = new ThreadTeam(threads);
        for (var repetition = 0; repetition < 20; repetition++)
        {
            var done = new int[items];
            team.Run(items, item => Interlocked.Increment(ref done[item]));
            Assert.That(done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void A_call_within_a_call_is_done_by_its_caller()
    {
        using var team = new ThreadTeam(3);
        var done = new int[6 * 5];
        team.Run(6, outer => team.Run(5, inner => Interlocked.Increment(ref done[(outer * 5) + inner])));
        Assert.That(done, Is.All.EqualTo(1));
    }

    [Test]
    public void A_callers_exception_reaches_it()
    {
        using var team = new ThreadTeam(2);
        Assert.That(() => team.Run(8, item => ThrowAt(item, 5)), Throws.InvalidOperationException.With.Message.EqualTo("item 5"));

        var done = 0;
        team.Run(8, _ => Interlocked.Increment(ref done));
        Assert.That(done, Is.EqualTo(8), "the team works on after a failure");
    }

    [Test]
    public void Calls_from_several_threads_all_end()
    {
        using var team = new ThreadTeam(2);
        var done = 0;
        Parallel.For(0, 200, _ => team.Run(10, _ => Interlocked.Increment(ref done)));
        Assert.That(done, Is.EqualTo(2000));
    }

    private static void ThrowAt(int item, int wrong)
    {
        if (item == wrong)
        {
            throw new InvalidOperationException($"item {item}");
        }
    }
}
