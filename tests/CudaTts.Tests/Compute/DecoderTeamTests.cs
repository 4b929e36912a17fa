using CudaTts.Compute.Cpu;

namespace CudaTts.Tests.Compute;

[TestFixture]
internal sealed class DecoderTeamTests
{
    [Test]
    public void NobodyPassesABarrierBeforeAllHaveArrived([Values(1, 2, 3, 5)] int members)
    {
        const int Rounds = 200;
        var team = new DecoderTeam(members);
        var arrived = new int[Rounds];
        var early = 0;

        team.Run(_ =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                Interlocked.Increment(ref arrived[round]);
                team.Barrier();
                if (Volatile.Read(ref arrived[round]) != members)
                {
                    Interlocked.Increment(ref early);
                }
            }
        });

        Assert.Multiple(() =>
        {
            Assert.That(early, Is.Zero);
            Assert.That(arrived, Is.All.EqualTo(members));
        });
    }

    [Test]
    public void SharesCoverEverythingOnce([Values(1, 2, 3, 7)] int members, [Values(0, 1, 5, 64)] int items)
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
    public void TheFirstFailureIsThrownAndReleasesTheOthers([Values(0, 1, 2)] int culprit)
    {
        var team = new DecoderTeam(3);

        Assert.That(
            () => team.Run(member =>
            {
                team.Barrier();
                if (member == culprit)
                {
                    throw new TimeoutException();
                }

                team.Barrier();
            }),
            Throws.TypeOf<TimeoutException>());
    }
}
