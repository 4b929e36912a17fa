using CudaTts.Compute.Cpu;

namespace CudaTts.Tests.Compute;

[TestFixture]
internal sealed class DecoderTeamTests
{
    [Test]
    public void Nobody_passes_a_barrier_before_all_have_arrived([Values(1, 2, 3, 5)] int members)
    {
        const int Rounds = 200;
        var team = new DecoderTeam(members);
        var arrived = new int[Rounds];
        var early = 0;

        team.Run((member, round) =>
        {
            Interlocked.Increment(ref arrived[round]);
            team.Barrier(member);
            if (Volatile.Read(ref arrived[round]) != team.Members)
            {
                Interlocked.Increment(ref early);
            }

            team.Barrier(member);
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
        var team = new DecoderTeam(2);
        var steps = 0;
        using var never = new ManualResetEventSlim();

        team.Run((member, step) =>
        {
            if (member == 1)
            {
                never.Wait(millisecondsTimeout: 5);
            }

            team.Barrier(member);
            steps = member == 0 ? step : steps;
            return step == 2000;
        });

        Assert.Multiple(() =>
        {
            Assert.That(team.Members, Is.EqualTo(1));
            Assert.That(steps, Is.EqualTo(2000));
        });
    }

    [Test]
    public void Shares_cover_everything_once([Values(1, 2, 3, 7)] int members, [Values(0, 1, 5, 64)] int items)
    {
        var team = new DecoderTeam(members);

        var covered = Enumerable.Range(0, members).SelectMany(member =>
        {
            var (start, end) = team.Share(items, member);
            return Enumerable.Range(start, end - start);
        });

        Assert.That(covered, Is.EqualTo(Enumerable.Range(0, items)));
    }

    [Test]
    public void The_first_failure_is_thrown_and_releases_the_others([Values(0, 1, 2)] int culprit)
    {
        var team = new DecoderTeam(3);

        Assert.That(
            () => team.Run((member, _) =>
            {
                team.Barrier(member);
                if (member == culprit)
                {
                    throw new TimeoutException();
                }

                team.Barrier(member);
                return false;
            }),
            Throws.TypeOf<TimeoutException>());
    }
}
