using CudaTts.Compute;

namespace CudaTts;

/// <summary>
/// The calls of an object that are under way, and its end: from then on no call begins, and whoever ends it waits for those that have begun. A call
/// within a call belongs to the outer one, which so comes to its own end.
/// </summary>
internal sealed class CallsUnderWay : IDisposable
{
    private readonly string _owner;
    private readonly ComputeDevice _device;
    private readonly Action _release;
    private readonly CancellationTokenSource _closing = new();

    // By thread how many calls lie within each other; also the lock, whose waiters are told when a thread has left, and of the end.
    private readonly Dictionary<int, int> _depths = [];
    private bool _isClosed;
    private bool _isReleased;

    /// <summary>Creates the state of an object without calls.</summary>
    /// <param name="owner">What the exception of a late call names.</param>
    /// <param name="device">Whose threads work for the calls.</param>
    /// <param name="release">Releases what the calls use: once, when the last of them has ended.</param>
    public CallsUnderWay(string owner, ComputeDevice device, Action release)
    {
        (_owner, _device, _release) = (owner, device, release);
        Closing = _closing.Token;
    }

    /// <summary>Cancelled when the object ends: for work that goes on between two calls, which nobody may ever come back to.</summary>
    public CancellationToken Closing { get; }

    private static int Thread => Environment.CurrentManagedThreadId;

    /// <summary>Begins a call, which ends on the thread that it has begun on.</summary>
    /// <exception cref="ObjectDisposedException">The object has been disposed of.</exception>
    public Call Enter()
    {
        lock (_depths)
        {
            var depth = _depths.GetValueOrDefault(Thread);
            if (_isClosed && depth == 0)
            {
                throw Ended();
            }

            _depths[Thread] = depth + 1;
        }

        return new Call(this);
    }

    /// <summary>
    /// Lets no further call begin, waits for those under way and releases what they use; a second time only waits for the end of the first.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is a callback of such a call, which would wait for itself.</exception>
    public void Dispose()
    {
        lock (_depths)
        {
            if (_depths.ContainsKey(Thread) || _device.IsOwnThread)
            {
                throw new InvalidOperationException(
                    $"Dispose of {_owner} was called by a callback of one of its own calls: cancel the call, and dispose when it has returned.");
            }

            if (_isClosed)
            {
                WaitWhile(() => !_isReleased);
                return;
            }

            _isClosed = true;
        }

        try
        {
            _closing.Cancel();
            _closing.Dispose();
            lock (_depths)
            {
                WaitWhile(() => _depths.Count > 0);
            }

            _release();
        }
        finally
        {
            lock (_depths)
            {
                _isReleased = true;
                Monitor.PulseAll(_depths);
            }
        }
    }

    /// <summary>The exception of a call that comes too late.</summary>
    public ObjectDisposedException Ended() => new(_owner);

    private void WaitWhile(Func<bool> isBusy)
    {
        while (isBusy())
        {
            Monitor.Wait(_depths);
        }
    }

    private void Leave()
    {
        lock (_depths)
        {
            if (--_depths[Thread] == 0)
            {
                _depths.Remove(Thread);
                Monitor.PulseAll(_depths);
            }
        }
    }

    /// <summary>A call under way.</summary>
    public readonly struct Call(CallsUnderWay calls) : IDisposable
    {
        /// <summary>Ends the call.</summary>
        public void Dispose() => calls.Leave();
    }
}
