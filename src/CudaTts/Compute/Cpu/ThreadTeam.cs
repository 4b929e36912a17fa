namespace CudaTts.Compute.Cpu;

/// <summary>
/// A fixed set of worker threads that share the items of one piece of work at a time with the thread that asks for it. Workers spin
/// for some microseconds before they sleep, because an utterance is thousands of short operations back to back.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    private const int SpinsBeforeSleep = 2000;
    private readonly Lock _oneAtATime = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly int _workers;
    private Thread[]? _threads;
    private volatile Work? _work;
    private volatile bool _disposed;
    private int _sleeping;

    [ThreadStatic]
    private static bool _worksAlone;

    [ThreadStatic]
    private static ThreadTeam? _owner;

    public ThreadTeam(int threads) => _workers = threads - 1;

    /// <summary>Whether this thread is one of several that have a task of their own each, and so asks for nobody's help.</summary>
    public static bool WorksAlone => _worksAlone;

    /// <summary>Whether this thread is the team's own, and so at work for a call of another thread.</summary>
    public bool IsOwnThread => _owner == this;

    /// <summary>Threads that work on one call, the caller included.</summary>
    public int Count => _workers + 1;

    /// <summary>
    /// Calls <paramref name="body"/> for every item in [0, items), in no order, and returns when all are done. A call from within a
    /// body, or while another thread's call is running, does its items alone instead of waiting.
    /// </summary>
    public void Run(int items, Action<int> body)
    {
        if (items < 2 || _workers == 0 || _worksAlone || _oneAtATime.IsHeldByCurrentThread || !_oneAtATime.TryEnter())
        {
            for (var item = 0; item < items; item++)
            {
                body(item);
            }

            return;
        }

        try
        {
            Share(new Work(items, body));
        }
        finally
        {
            _oneAtATime.Exit();
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

    /// <summary>Ends the worker threads.</summary>
    public void Dispose()
    {
        _disposed = true;
        if (_threads is not null)
        {
            _wake.Release(_workers);
        }
    }

    private void Share(Work work)
    {
        _threads ??= StartThreads();
        _work = work;
        Interlocked.MemoryBarrier();
        var sleeping = Volatile.Read(ref _sleeping);
        if (sleeping > 0)
        {
            _wake.Release(sleeping);
        }

        work.Help();
        var spinner = default(SpinWait);
        while (!work.IsDone)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        _work = null;
        work.ThrowIfFailed();
    }

    private Thread[] StartThreads()
    {
        var threads = new Thread[_workers];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Serve) { IsBackground = true, Name = $"compute {i + 1}" };
            threads[i].Start();
        }

        return threads;
    }

    private void Serve()
    {
        _owner = this;
        Work? last = null;
        var spins = 0;
        while (!_disposed)
        {
            var work = _work;
            if (work is not null && work != last)
            {
                work.Help();
                last = work;
                spins = 0;
            }
            else if (++spins < SpinsBeforeSleep)
            {
                Thread.SpinWait(8);
            }
            else
            {
                last = null;
                Sleep();
                spins = 0;
            }
        }
    }

    // Counted as sleeping before the last look at the work, and the asker publishes the work before it reads the count:
    // one of the two always sees the other.
    private void Sleep()
    {
        Interlocked.Increment(ref _sleeping);
        if (_work is null && !_disposed)
        {
            _wake.Wait();
        }

        Interlocked.Decrement(ref _sleeping);
    }

    private sealed class Work(int items, Action<int> body)
    {
        private int _next;
        private int _done;
        private Exception? _failure;

        public bool IsDone => Volatile.Read(ref _done) == items;

        public void Help()
        {
            for (var item = Interlocked.Increment(ref _next) - 1; item < items; item = Interlocked.Increment(ref _next) - 1)
            {
                try
                {
                    body(item);
                }
                catch (Exception error)
                {
                    _failure = error;
                }

                Interlocked.Increment(ref _done);
            }
        }

        public void ThrowIfFailed()
        {
            if (_failure is not null)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
            }
        }
    }
}
