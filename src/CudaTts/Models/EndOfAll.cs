namespace CudaTts.Models;

/// <summary>Cancelled when all of several are: of rows that are made together, one whose caller has gone ends nothing for the others.</summary>
internal sealed class EndOfAll : IDisposable
{
    private readonly CancellationTokenSource _all = new();
    private readonly List<CancellationTokenRegistration> _registrations;
    private int _left;

    /// <param name="tokens">At least one.</param>
    public EndOfAll(IReadOnlyList<CancellationToken> tokens)
    {
        _left = tokens.Count;
        _registrations = [.. tokens.Select(token => token.Register(() =>
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _all.Cancel();
            }
        }))];
    }

    /// <summary>What is to be looked at.</summary>
    public CancellationToken Token => _all.Token;

    /// <summary>Looks at the tokens no more.</summary>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _all.Dispose();
    }
}
