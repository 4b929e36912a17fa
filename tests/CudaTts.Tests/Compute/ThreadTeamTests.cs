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

    [Test]
    public void No_item_begins_after_a_failure()
    {
        using var team = new ThreadTeam(2);
        var begun = 0;
        Assert.That(
            () => team.Run(1000, item =>
            {
                Interlocked.Increment(ref begun);
                ThrowAt(item, item);
            }),
            Throws.InvalidOperationException);
        Assert.That(begun, Is.LessThanOrEqualTo(2), "one a thread");
    }

    [Test]
    public void A_team_that_ends_lets_its_items_be_done([Values(1, 2, 5)] int threads)
    {
        var team = new ThreadTeam(threads);
        var done = 0;
        for (var call = 0; call < 3; call++)
        {
            team.Run(100, item =>
            {
                Interlocked.Increment(ref done);
                if (item == 50)
                {
                    team.Dispose();
                }
            });
        }

        Assert.That(done, Is.EqualTo(300));
    }

    [Test]
    public void Items_tasks_and_steps_of_several_threads_all_end([Values(2, 3, 5)] int threads)
    {
        const int Callers = 4;
        const int Calls = 300;
        using var team = new ThreadTeam(threads);
        var done = 0;
        Parallel.For(0, Callers, new ParallelOptions { MaxDegreeOfParallelism = Callers }, caller =>
        {
            var random = new Random(caller);
            for (var call = 0; call < Calls; call++)
            {
                switch (random.Next(4))
                {
                    case 0:
                        team.Run(20, _ => Interlocked.Increment(ref done));
                        break;
                    case 1:
                        team.RunTasks(2, _ => team.Run(10, _ => Interlocked.Increment(ref done)));
                        break;
                    case 2:
                        Interlocked.Add(ref done, TakeSteps(team, 20));
                        break;
                    default:
                        Assert.That(() => team.Run(20, item => ThrowAt(item, 7)), Throws.InvalidOperationException);
                        Interlocked.Add(ref done, 20);
                        break;
                }
            }
        });
        Assert.That(done, Is.EqualTo(Callers * Calls * 20));
    }

    private static int TakeSteps(ThreadTeam team, int count)
    {
        using var steps = team.Gather();
        var taken = 0;
        steps.Run((member, step) =>
        {
            steps.Barrier(member);
            if (member == 0)
            {
                taken++;
            }

            steps.Barrier(member);
            return step == count - 1;
        });
        return taken;
    }

    private static void ThrowAt(int item, int wrong)
    {
        if (item == wrong)
        {
            throw new InvalidOperationException($"item {item}");
        }
    }
}
