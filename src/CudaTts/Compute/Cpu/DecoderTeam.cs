using System.Runtime.ExceptionServices;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// Threads that run one body together and meet at barriers. A decoder step is eight dependent phases of a few microseconds to a millisecond, so
/// members spin at a barrier instead of sleeping; they exist only while <see cref="Run"/> does, and an idle engine costs nothing.
/// Unlike <see cref="ThreadTeam"/>, every member is guaranteed a thread of its own: without that a barrier would wait for ever.
/// </summary>
internal sealed class DecoderTeam(int members)
{
    private const int SpinsBeforeYield = 4000;
    private volatile Exception? _failure;
    private volatile int _phase;
    private int _arrived;

    /// <summary>Threads that run the body, the caller included.</summary>
    public int Members { get; } = members;

    /// <summary>Calls <paramref name="body"/> on every member with its number, and returns when all are done. The first failure is thrown.</summary>
    public void Run(Action<int> body)
    {
        var threads = new Thread[Members - 1];
        for (var i = 0; i < threads.Length; i++)
        {
            var member = i + 1;
            threads[i] = new Thread(() => Guard(body, member)) { IsBackground = true, Name = $"decoder {member}" };
            threads[i].Start();
        }

        Guard(body, 0);
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
    public void Barrier()
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

        for (var spins = 0; _phase == phase; spins++)
        {
            if (_failure is not null)
            {
                throw new OperationCanceledException("Another member of the team failed.");
            }

            // Yielding lets the others proceed when there are more members than free cores.
            if (spins < SpinsBeforeYield)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>The part of [0, <paramref name="items"/>) that belongs to a member: contiguous, so that each streams through its own memory.</summary>
    public (int Start, int End) Share(int items, int member) =>
        ((int)((long)items * member / Members), (int)((long)items * (member + 1) / Members));

    private void Guard(Action<int> body, int member)
    {
        try
        {
            body(member);
        }
        catch (Exception error)
        {
            // The first failure is the cause; the others are members that were released from their barrier by it.
            Interlocked.CompareExchange(ref _failure, error, null);
        }
    }
}
