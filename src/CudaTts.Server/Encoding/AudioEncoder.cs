namespace CudaTts.Server.Encoding;

/// <summary>Takes samples and gives bytes to its sink, as soon as there are any.</summary>
internal abstract class AudioEncoder(ByteSink sink) : IAsyncDisposable
{
    /// <summary>Where the bytes go.</summary>
    protected ByteSink Sink { get; } = sink;

    /// <summary>Takes the next samples.</summary>
    public abstract ValueTask AddAsync(ReadOnlyMemory<float> samples, CancellationToken cancellation);

    /// <summary>Writes what is left; nothing may be added afterwards.</summary>
    public abstract ValueTask FinishAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
