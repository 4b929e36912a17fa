using CudaTts.Compute.Cpu;

namespace CudaTts;

/// <summary>
/// The calls of an object that are under way, and its end: from then on no call begins, and whoever ends it waits for those that have begun. A call
/// within a call belongs to the outer one, which so comes to its own end.
/// </summary>
/// <param name="owner">What the exception of a late call names.</param>
internal sealed class CallsUnderWay(string owner)
{
    private readonly Lock _entering = new();
    private readonly ManualResetEventSlim _isIdle = new(initialState: true);
    private readonly CancellationTokenSource _closing = new();
    private readonly ThreadLocal<int> _depth = new();
    private bool _isClosed;
    private int _count;

    /// <summary>Cancelled when the object ends: for work that goes on between two calls, which nobody may ever come back to.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Begins a call, which ends on the thread that it has begun on.</summary>
    /// <exception cref="ObjectDisposedException">The object has been disposed of.</exception>
    public Call Enter()
    {
        lock (_entering)
        {
            if (_isClosed && _depth.Value == 0)
            {
                throw Ended();
            }

            _depth.Value++;
            _count++;
            _isIdle.Reset();
        }

        return new Call(this);
    }

    /// <summary>Lets no further call begin, and waits for those under way.</summary>
    /// <exception cref="InvalidOperationException">This is a callback of such a call, which would wait for itself.</exception>
    public void Close()
    {
        if (_depth.Value > 0 || ThreadTeam.IsHelper)
        {
            throw new InvalidOperationException(
                $"Dispose of {owner} was called by a callback of one of its own calls: cancel the call, and dispose when it has returned.");
        }

        lock (_entering)
        {
            _isClosed = true;
        }

        _closing.Cancel();
        _isIdle.Wait();
    }

    /// <summary>The exception of a call that comes too late.</summary>
    public ObjectDisposedException Ended() => new(owner);

    private void Leave()
    {
        lock (_entering)
        {
            _depth.Value--;
            if (--_count == 0)
            {
                _isIdle.Set();
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
