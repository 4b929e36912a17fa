using System.Collections.Concurrent;
using CudaTts.Compute.Cpu;

namespace CudaTts.Tests.Compute;

/// <summary>Steps that a team's threads take together.</summary>
[TestFixture]
internal sealed class LockstepTests
{
    [Test]
    public void Nobody_passes_a_barrier_before_all_have_arrived([Values(1, 2, 3, 5)] int members)
    {
        const int Rounds = 200;
        using var team = new ThreadTeam(members);
        using var steps = team.Gather();
        var arrived = new int[Rounds];
        var early = 0;

        steps.Run((member, round) =>
        {
            Interlocked.Increment(ref arrived[round]);
            steps.Barrier(member);
            if (Volatile.Read(ref arrived[round]) != steps.Members)
            {
                Interlocked.Increment(ref early);
            }

            steps.Barrier(member);
            return round == Rounds - 1;
        });

        Assert.Multiple(() =>
        {
            Assert.That(early, Is.Zero);
            Assert.That(arrived, Is.All.EqualTo(members).Or.EqualTo(1), "all, or the caller alone when the machine was too busy");
        });
    }

    [Test]
    public void Helpers_that_are_never_there_are_dismissed()
    {
        using var team = new ThreadTeam(2);
        using var steps = team.Gather();
        var taken = 0;

        BeLate(steps, step => (taken = Math.Max(taken, step)) == 2000);

        Assert.Multiple(() =>
        {
            Assert.That(steps.Members, Is.EqualTo(1));
            Assert.That(taken, Is.EqualTo(2000));
        });
    }

    [Test]
    public void Dismissed_helpers_are_asked_again_after_some_steps()
    {
        using var team = new ThreadTeam(2);
        using (var steps = team.Gather())
        {
            BeLate(steps, _ => steps.Members == 1);
        }

        Assert.That(MembersOf(team), Is.EqualTo(1), "right after the dismissal");
        var alone = 0;
        while (alone < 1000 && MembersAfterRun(team) == 1)
        {
            alone++;
        }

        Assert.That(alone, Is.InRange(1, 999));
    }

    [Test]
    public void Runs_start_no_threads_of_their_own()
    {
        using var team = new ThreadTeam(3);
        var threads = new ConcurrentDictionary<int, int>();
        for (var run = 0; run < 50; run++)
        {
            using var steps = team.Gather();
            steps.Run((member, step) =>
            {
                threads.TryAdd(Environment.CurrentManagedThreadId, member);
                steps.Barrier(member);
                return step == 3;
            });
            team.Run(100, _ => threads.TryAdd(Environment.CurrentManagedThreadId, 0));
        }

        Assert.That(threads, Has.Count.EqualTo(3));
    }

    [Test]
    public void Whoever_comes_while_the_helpers_are_taken_is_alone()
    {
        using var team = new ThreadTeam(3);
        var members = new ConcurrentBag<int>();
        using (var steps = team.Gather())
        {
            Elsewhere(() => members.Add(MembersOf(team)));
            steps.Run((member, _) =>
            {
                members.Add(MembersOf(team));
                steps.Barrier(member);
                return true;
            });
        }

        team.Run(2, _ => members.Add(MembersOf(team)));
        team.RunTasks(1, _ => members.Add(MembersOf(team)));
        Assert.Multiple(() =>
        {
            Assert.That(members, Has.Count.EqualTo(7).And.All.EqualTo(1));
            Assert.That(MembersOf(team), Is.EqualTo(3), "when all have given them back");
        });
    }

    [Test]
    public void Items_are_done_by_their_caller_while_others_take_steps()
    {
        using var team = new ThreadTeam(3);
        using var steps = team.Gather();
        var threads = new ConcurrentBag<int>();
        var caller = 0;
        Elsewhere(() =>
        {
            caller = Environment.CurrentManagedThreadId;
            team.Run(10, _ => threads.Add(Environment.CurrentManagedThreadId));
        });
        Assert.That(threads, Has.Count.EqualTo(10).And.All.EqualTo(caller));
    }

    [Test]
    public void A_team_that_ends_lets_steps_come_to_their_end()
    {
        const int Last = 100;
        var team = new ThreadTeam(3);
        var taken = new int[3];
        using (var steps = team.Gather())
        {
            steps.Run((member, step) =>
            {
                if (member == 1 && step == 1)
                {
                    team.Dispose();
                }

                steps.Barrier(member);
                taken[member]++;
                return step == Last;
            });
        }

        Assert.Multiple(() =>
        {
            Assert.That(taken[0], Is.EqualTo(Last + 1));
            Assert.That(taken[1..], Is.All.GreaterThan(1).And.All.EqualTo(taken[1]), "until the end, or dismissed when the machine was too busy");
            Assert.That(MembersAfterRun(team), Is.EqualTo(1), "its threads are gone");
        });
    }

    [Test]
    public void Shares_cover_everything_once([Values(1, 2, 3, 7)] int members, [Values(0, 1, 5, 64)] int items)
    {
        using var team = new ThreadTeam(members);
        using var steps = team.Gather();

        var covered = Enumerable.Range(0, members).SelectMany(member =>
        {
            var (start, end) = steps.Share(items, member);
            return Enumerable.Range(start, end - start);
        });

        Assert.That(covered, Is.EqualTo(Enumerable.Range(0, items)));
    }

    [Test]
    public void The_first_failure_is_thrown_and_releases_the_others([Values(0, 1, 2)] int culprit)
    {
        using var team = new ThreadTeam(3);
        using (var steps = team.Gather())
        {
            Assert.That(
                () => steps.Run((member, _) =>
                {
                    steps.Barrier(member);
                    if (member == culprit)
                    {
                        throw new TimeoutException();
                    }

                    steps.Barrier(member);
                    return false;
                }),
                Throws.TypeOf<TimeoutException>());
        }

        Assert.That(MembersAfterRun(team), Is.EqualTo(3), "the team works on after a failure");
    }

    // A helper that needs five milliseconds a step, until it is dismissed.
    private static void BeLate(Lockstep steps, Func<int, bool> isLast)
    {
        using var never = new ManualResetEventSlim();
        steps.Run((member, step) =>
        {
            if (member == 1)
            {
                never.Wait(millisecondsTimeout: 5);
            }

            steps.Barrier(member);
            return isLast(step);
        });
    }

    private static int MembersOf(ThreadTeam team)
    {
        using var steps = team.Gather();
        return steps.Members;
    }

    private static int MembersAfterRun(ThreadTeam team)
    {
        using var steps = team.Gather();
        steps.Run((member, step) =>
        {
            steps.Barrier(member);
            return step == 1;
        });
        return steps.Members;
    }

    private static void Elsewhere(ThreadStart call)
    {
        var thread = new Thread(call);
        thread.Start();
        thread.Join();
    }
}
