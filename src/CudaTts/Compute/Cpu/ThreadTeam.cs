using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// The threads that work for one device. They help the thread that asks, with items that whoever is free takes
/// (<see cref="Run(int, Action{int})"/>) or in steps that all take together (<see cref="Gather"/>); whoever asks while they help another works
/// alone, so that no caller waits for another.
/// </summary>
/// <remarks>
/// An utterance is thousands of short operations back to back, so whoever waits looks on for some microseconds, with the processor's pause that
/// leaves the core to its other hyper-thread; then lets other threads have the core; then sleeps.
/// </remarks>
internal sealed class ThreadTeam(int threads) : IDisposable
{
    // Together about as long as it takes to wake a thread up: longer costs more than it can save.
    private const int Looks = 1000;
    private const int Yields = 50;

    // About five microseconds of one core.
    private const long LeastProducts = 1 << 19;
    private readonly Lock _helpersLock = new();
    private readonly List<Thread> _helpers = [];

    // What sleepers wait on; whoever writes what they wait for holds it, so that no wake-up is lost.
    private readonly object _sleepers = new();
    private TeamWork? _work;
    private int _works;
    private volatile bool _isDisposed;

    [ThreadStatic]
    private static bool _worksAlone;

    [ThreadStatic]
    private static ThreadTeam? _owner;

    /// <summary>Whether this thread is the team's own, and so at work for a call of another thread.</summary>
    public bool IsOwnThread => _owner == this;

    /// <summary>Threads that work on one call, the caller included.</summary>
    public int Count => threads;

    /// <summary>What steps in lockstep have lost to waiting, whoever takes them.</summary>
    public LockstepBalance Balance { get; } = new();

    /// <summary>
    /// Calls <paramref name="body"/> for every item in [0, items), in no order, and returns when all are done. A call from within a
    /// body, or while another thread's call is running, does its items alone instead of waiting. The first failure is thrown when the items under
    /// way have ended; no others begin.
    /// </summary>
    public void Run(int items, Action<int> body)
    {
        if (items > 1 && TryTakeHelpers())
        {
            try
            {
                if (TryShare(new SharedItems(this, items, body)))
                {
                    return;
                }
            }
            finally
            {
                GiveHelpersBack();
            }
        }

        for (var item = 0; item < items; item++)
        {
            body(item);
        }
    }

    /// <summary>Does items of so many products together; alone, where waking the helpers costs more than they save.</summary>
    public void Run(int items, long products, Action<int> body)
    {
        if (products >= LeastProducts)
        {
            Run(items, body);
            return;
        }

        for (var item = 0; item < items; item++)
        {
            body(item);
        }
    }

    /// <summary>
    /// Calls <paramref name="body"/> for every item, each on one thread from begin to end: what large tasks that do not depend on each other want.
    /// </summary>
    public void RunTasks(int tasks, Action<int> body) => Run(tasks, task =>
    {
        var before = _worksAlone;
        _worksAlone = true;
        try
        {
            body(task);
        }
        finally
        {
            _worksAlone = before;
        }
    });

    /// <summary>
    /// Takes the helpers for steps in lockstep, until what is returned is disposed of, on this thread. The caller is alone where it would do items
    /// alone, and for some time after helpers were dismissed.
    /// </summary>
    public Lockstep Gather() => new(this, hasHelpers: Balance.AllowsHelp && TryTakeHelpers());

    /// <summary>Ends the threads as soon as they have done what they have begun, and waits for none. Later calls are done by their callers.</summary>
    public void Dispose()
    {
        lock (_sleepers)
        {
            _isDisposed = true;
            Advance(ref _works);
        }
    }

    /// <summary>Does a work with the helpers, each of whom looks at it sooner or later; false where they are gone.</summary>
    public bool TryShare(TeamWork work)
    {
        lock (_sleepers)
        {
            if (_isDisposed)
            {
                return false;
            }

            Volatile.Write(ref _work, work);
            Advance(ref _works);
        }

        work.Lead();
        work.WaitForHelpers();

        // A helper that comes now finds nothing, and what the work holds can be collected.
        Volatile.Write(ref _work, null);
        work.ThrowIfFailed();
        return true;
    }

    /// <summary>Ends what <see cref="Gather"/> began.</summary>
    public void GiveHelpersBack() => _helpersLock.Exit();

    /// <summary>Looks for some microseconds whether a number is another than it was.</summary>
    public static bool LookWhile(ref int number, int value)
    {
        for (var look = 0; look < Looks; look++)
        {
            if (Volatile.Read(ref number) != value)
            {
                return true;
            }

            Thread.SpinWait(1);
        }

        return false;
    }

    /// <summary>Leaves the core to others until a number is another than it was.</summary>
    public void SleepWhile(ref int number, int value)
    {
        for (var turn = 0; turn < Yields; turn++)
        {
            if (Volatile.Read(ref number) != value)
            {
                return;
            }

            Thread.Yield();
        }

        lock (_sleepers)
        {
            while (Volatile.Read(ref number) == value)
            {
                Monitor.Wait(_sleepers);
            }
        }
    }

    /// <summary>Changes a number that others may wait for.</summary>
    public void Advance(ref int number)
    {
        lock (_sleepers)
        {
            Volatile.Write(ref number, number + 1);
            Monitor.PulseAll(_sleepers);
        }
    }

    private bool TryTakeHelpers()
    {
        if (threads < 2 || _worksAlone || _helpersLock.IsHeldByCurrentThread || !_helpersLock.TryEnter())
        {
            return false;
        }

        try
        {
            // Steps need all of them: where one does not start nothing begins, and the next call tries once more.
            while (_helpers.Count < threads - 1)
            {
                var helper = new Thread(Help) { IsBackground = true, Name = $"compute {_helpers.Count + 1}" };
                helper.Start();
                _helpers.Add(helper);
            }

            return true;
        }
        catch
        {
            GiveHelpersBack();
            throw;
        }
    }

    private void Help()
    {
        _owner = this;
        var seen = 0;
        while (HelpOnce(ref seen))
        {
        }
    }

    // A method of its own, so that a thread that waits keeps no work alive.
    private bool HelpOnce(ref int seen)
    {
        if (!LookWhile(ref _works, seen))
        {
            SleepWhile(ref _works, seen);
        }

        // In this order, so that whoever sees the end sees too what was published before it: its caller counts on that.
        seen = Volatile.Read(ref _works);
        var isLast = _isDisposed;
        Volatile.Read(ref _work)?.Help();
        return !isLast;
    }
}

/// <summary>What a caller does together with a team's helpers, in parts that all have to be done.</summary>
internal abstract class TeamWork(ThreadTeam team, int parts)
{
    private int _left = parts;
    private int _isDone;
    private Exception? _failure;

    /// <summary>Whose helpers do it.</summary>
    protected ThreadTeam Team => team;

    /// <summary>Whether a part has failed.</summary>
    protected bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Does the caller's share.</summary>
    public abstract void Lead();

    /// <summary>Does a helper's share, if one is left.</summary>
    public abstract void Help();

    /// <summary>Returns when all parts are done.</summary>
    public void WaitForHelpers()
    {
        if (!ThreadTeam.LookWhile(ref _isDone, 0))
        {
            team.SleepWhile(ref _isDone, 0);
        }
    }

    /// <summary>Throws the first failure, which is the cause: others may follow from it.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Notes a failure.</summary>
    protected void Fail(Exception error) => Interlocked.CompareExchange(ref _failure, error, null);

    /// <summary>Notes that parts have been done.</summary>
    protected void Finish(int done)
    {
        if (Interlocked.Add(ref _left, -done) == 0)
        {
            team.Advance(ref _isDone);
        }
    }
}

/// <summary>Items that threads take one after the other.</summary>
internal sealed class SharedItems : TeamWork
{
    private readonly int _items;
    private readonly Action<int> _body;
    private int _taken;

    /// <summary>Prepares calls of <paramref name="body"/> for every item in [0, items).</summary>
    public SharedItems(ThreadTeam team, int items, Action<int> body)
        : base(team, items) => (_items, _body) = (items, body);

    /// <inheritdoc/>
    public override void Lead() => Help();

    /// <inheritdoc/>
    public override void Help()
    {
        var done = 0;
        for (var item = Take(); item < _items; item = Take())
        {
            Do(item);
            done++;
        }

        if (done > 0)
        {
            Finish(done);
        }
    }

    private int Take() => Interlocked.Increment(ref _taken) - 1;

    private void Do(int item)
    {
        if (HasFailed)
        {
            return;
        }

        try
        {
            _body(item);
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }
}

/// <summary>
/// Steps that threads take together, meeting at barriers, once. Every member has a thread of its own, without which a barrier would wait for ever;
/// the caller is member 0.
/// </summary>
internal sealed class Lockstep : TeamWork, IDisposable
{
    private readonly int _most;
    private Func<int, int, bool>? _takeStep;
    private volatile bool _isBroken;
    private volatile int _dismissedFrom = int.MaxValue;
    private int _joined;
    private int _arrived;
    private int _phase;
    private long _lost;

    /// <summary>Prepares the steps of a thread that has its team's helpers, or is alone.</summary>
    public Lockstep(ThreadTeam team, bool hasHelpers)
        : base(team, hasHelpers ? team.Count : 1) => Members = _most = hasHelpers ? team.Count : 1;

    /// <summary>Threads that take the steps, the caller included; falls to 1 when the helpers are dismissed.</summary>
    public int Members { get; private set; }

    /// <summary>
    /// Calls <paramref name="takeStep"/>(member, step) on every member, for steps from 0 on until it says on all of them that this was the last.
    /// Every step of several members has a barrier. The first failure is thrown when all have ended.
    /// </summary>
    public void Run(Func<int, int, bool> takeStep)
    {
        _takeStep = takeStep;
        if (_most == 1 || !Team.TryShare(this))
        {
            Members = 1;
            LeadSteps();
        }
    }

    /// <summary>Returns when every member has called it; what they wrote before is visible to all after.</summary>
    public void Barrier(int member)
    {
        if (Members == 1)
        {
            return;
        }

        // In this order: the phase changes after the mark of a failure, so whoever misses the mark sees the change.
        var phase = Volatile.Read(ref _phase);
        if (!_isBroken && Interlocked.Increment(ref _arrived) == Members)
        {
            _arrived = 0;
            Team.Advance(ref _phase);
        }
        else if (!_isBroken && !ThreadTeam.LookWhile(ref _phase, phase))
        {
            WaitForLate(member, phase);
        }

        if (_isBroken)
        {
            throw new OperationCanceledException("Another member of the team failed.");
        }
    }

    /// <summary>The part of [0, <paramref name="items"/>) that belongs to a member: contiguous, so each streams through its own memory.</summary>
    public (int Start, int End) Share(int items, int member) =>
        ((int)((long)items * member / Members), (int)((long)items * (member + 1) / Members));

    /// <summary>Steps of the same caller without its helpers.</summary>
    public Lockstep Alone() => new(Team, hasHelpers: false);

    /// <summary>Gives the helpers back.</summary>
    public void Dispose()
    {
        if (_most > 1)
        {
            Team.GiveHelpersBack();
        }
    }

    /// <inheritdoc/>
    public override void Lead() => Guard(LeadSteps);

    /// <inheritdoc/>
    public override void Help()
    {
        var member = Interlocked.Increment(ref _joined);
        if (member < _most)
        {
            Guard(() => FollowSteps(member));
        }
    }

    // The helpers learn of their dismissal only after a step whose barriers all have passed, so the caller has made up its mind.
    private void LeadSteps()
    {
        for (var step = 0; ; step++)
        {
            var start = Stopwatch.GetTimestamp();
            if (Members > 1 && Team.Balance.IsOverdrawn)
            {
                _dismissedFrom = step + 1;
            }

            var isLast = _takeStep!(0, step);
            Team.Balance.Count(Members, _lost, Stopwatch.GetTimestamp() - start);
            _lost = 0;
            if (_dismissedFrom == step + 1)
            {
                Members = 1;
                Team.Balance.BeginStepsAlone();
            }

            if (isLast)
            {
                return;
            }
        }
    }

    private void FollowSteps(int member)
    {
        for (var step = 0; step < _dismissedFrom && !_takeStep!(member, step); step++)
        {
        }
    }

    private void WaitForLate(int member, int phase)
    {
        var start = Stopwatch.GetTimestamp();
        Team.SleepWhile(ref _phase, phase);
        if (member == 0)
        {
            _lost += Stopwatch.GetTimestamp() - start;
        }
    }

    private void Guard(Action takeSteps)
    {
        try
        {
            takeSteps();
        }
        catch (Exception error)
        {
            Fail(error);
            _isBroken = true;
            Team.Advance(ref _phase);
        }

        Finish(1);
    }
}

/// <summary>
/// What helpers in lockstep cost: on a busy machine one may not be running while the others wait for it. When that has cost for a while more than a
/// third of the time, somewhat less than the half that one helper saves when it runs, the caller goes on alone for some steps.
/// </summary>
internal sealed class LockstepBalance
{
    private const int StepsAlone = 300;
    private static readonly long s_patience = Stopwatch.Frequency / 50;
    private long _debt;
    private int _stepsAlone;

    /// <summary>Whether it is worth while to ask for help.</summary>
    public bool AllowsHelp => Volatile.Read(ref _stepsAlone) == 0;

    /// <summary>Whether the helpers have cost too much.</summary>
    public bool IsOverdrawn => _debt > s_patience;

    /// <summary>Counts a step.</summary>
    /// <param name="members">Who took it.</param>
    /// <param name="lost">Of the time what the caller waited.</param>
    /// <param name="time">How long it took.</param>
    public void Count(int members, long lost, long time)
    {
        if (members > 1)
        {
            _debt = Math.Max(0, _debt + lost - (time / 3));
        }
        else if (!AllowsHelp)
        {
            Interlocked.Decrement(ref _stepsAlone);
        }
    }

    /// <summary>Lets the helpers be for some steps.</summary>
    public void BeginStepsAlone()
    {
        _debt = 0;
        Volatile.Write(ref _stepsAlone, StepsAlone);
    }
}
