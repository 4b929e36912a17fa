using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Endpoints;

/// <summary>How the body of an answer with speech is made: bare audio, server-sent events, or lines of JSON.</summary>
internal abstract class SpeechForm(ResponseOutput output) : IAsyncDisposable
{
    /// <summary>The answer's Content-Type.</summary>
    public abstract string ContentType { get; }

    /// <summary>Time that resampling and encoding took.</summary>
    public virtual TimeSpan EncodeTime => TimeSpan.Zero;

    /// <summary>Where the bytes go.</summary>
    protected ResponseOutput Output { get; } = output;

    /// <summary>Takes the next piece of speech.</summary>
    public abstract ValueTask AddAsync(SpokenPiece piece, CancellationToken cancellation);

    /// <summary>Writes what is left.</summary>
    public abstract ValueTask FinishAsync(SpeechTotals totals, CancellationToken cancellation);

    /// <summary>Tells the client of a fault within the body; false where the form has no words for it.</summary>
    public virtual ValueTask<bool> FailAsync(ApiException error) => ValueTask.FromResult(false);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
