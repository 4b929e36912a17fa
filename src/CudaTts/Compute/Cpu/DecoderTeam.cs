using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// Threads that take the same steps together and meet at barriers. A decoder step is eight dependent phases of a few microseconds to a millisecond,
/// so members spin at a barrier instead of sleeping; they exist only while <see cref="Run"/> does, and an idle engine costs nothing.
/// Unlike <see cref="ThreadTeam"/>, every member is guaranteed a thread of its own: without that a barrier would wait for ever.
/// </summary>
internal sealed class DecoderTeam(int members)
{
    private const int SpinsBeforeYield = 2000;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(20);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private volatile Exception? _failure;
    private volatile int _phase;
    private volatile int _dismissedFrom = int.MaxValue;
    private int _arrived;
    private TimeSpan _lost;

    /// <summary>Threads that take the steps, the caller included; falls to 1 when the helpers are dismissed.</summary>
    public int Members { get; private set; } = members;

    /// <summary>
    /// Calls <paramref name="takeStep"/>(member, step) on every member, for steps from 0 on until it says on all of them that this was the last.
    /// The caller is member 0. The first failure is thrown when all have ended.
    /// </summary>
    public void Run(Func<int, int, bool> takeStep)
    {
        var threads = new List<Thread>();
        Guard(() =>
        {
            // Within the guard: where one does not start, those that have would wait for it.
            for (var member = 1; member < Members; member++)
            {
                threads.Add(Start(takeStep, member));
            }

            Lead(takeStep);
        });
        foreach (var thread in threads)
        {
            thread.Join();
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Returns when every member has called it; what they wrote before is visible to all after.</summary>
    public void Barrier(int member)
    {
        if (Members == 1)
        {
            return;
        }

        var phase = _phase;
        if (Interlocked.Increment(ref _arrived) == Members)
        {
            _arrived = 0;
            _phase = phase + 1;
            return;
        }

        for (var spins = 0; _phase == phase && spins < SpinsBeforeYield; spins++)
        {
            Thread.SpinWait(1);
        }

        if (_phase == phase)
        {
            WaitForLate(phase, member);
        }
    }

    private void WaitForLate(int phase, int member)
    {
        var start = _clock.Elapsed;
        while (_phase == phase)
        {
            if (_failure is not null)
            {
                throw new OperationCanceledException("Another member of the team failed.");
            }

            Thread.Yield();
        }

        if (member == 0)
        {
            _lost += _clock.Elapsed - start;
        }
    }

    /// <summary>The part of [0, <paramref name="items"/>) that belongs to a member: contiguous, so each streams through its own memory.</summary>
    public (int Start, int End) Share(int items, int member) =>
        ((int)((long)items * member / Members), (int)((long)items * (member + 1) / Members));

    private Thread Start(Func<int, int, bool> takeStep, int member)
    {
        var thread = new Thread(() => Guard(() => Help(takeStep, member))) { IsBackground = true, Name = $"decoder {member}" };
        thread.Start();
        return thread;
    }

    // On a busy machine a helper may not be running while the others wait for it. When that has cost more than a third of the time, somewhat
    // less than the half that one helper saves when it runs, the caller goes on alone. The first steps do not count: starting a thread takes time.
    private void Lead(Func<int, int, bool> takeStep)
    {
        for (var step = 0; ; step++)
        {
            if (Members > 1 && _lost > s_patience + (_clock.Elapsed / 3))
            {
                _dismissedFrom = step + 1;
            }

            if (takeStep(0, step))
            {
                return;
            }

            if (_dismissedFrom == step + 1)
            {
                Members = 1;
            }
        }
    }

    // A helper looks at the dismissal only after a step whose barriers all have passed, so the caller has made up its mind.
    private void Help(Func<int, int, bool> takeStep, int member)
    {
        for (var step = 0; step < _dismissedFrom && !takeStep(member, step); step++)
        {
        }
    }

    private void Guard(Action body)
    {
        try
        {
            body();
        }
        catch (Exception error)
        {
            // The first failure is the cause; the others are members that were released from their barrier by it.
            Interlocked.CompareExchange(ref _failure, error, null);
        }
    }
}
