namespace CudaTts.Compute;

/// <summary>
/// What an object has made and has to dispose of, in the opposite order: all of it, or what there is by then where its construction fails.
/// </summary>
internal sealed class OwnedResources : IDisposable
{
    private readonly Stack<IDisposable> _owned = new();

    /// <summary>Takes something over.</summary>
    public T Add<T>(T owned)
        where T : IDisposable
    {
        _owned.Push(owned);
        return owned;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_owned.TryPop(out var owned))
        {
            owned.Dispose();
        }
    }
}
