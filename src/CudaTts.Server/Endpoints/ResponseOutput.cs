using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;

namespace CudaTts.Server.Endpoints;

/// <summary>
/// The bytes between who makes an answer and who reads it: so many and no more are made ahead of a client that reads slowly. Writers may be several;
/// each write is whole.
/// </summary>
internal sealed class ResponseOutput : IDisposable
{
    private readonly Pipe _pipe;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationToken _cancellation;

    public ResponseOutput(int most, CancellationToken cancellation)
    {
        _pipe = new Pipe(new PipeOptions(
            pauseWriterThreshold: most, resumeWriterThreshold: most / 2, useSynchronizationContext: false));
        _cancellation = cancellation;
    }

    /// <summary>Where the bytes are read.</summary>
    public PipeReader Reader => _pipe.Reader;

    /// <summary>Whether any byte has been written.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Time that writers have waited for room.</summary>
    public TimeSpan WriteTime { get; private set; }

    /// <summary>Writes bytes, when there is room for them.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length == 0)
        {
            return;
        }

        await _turn.WaitAsync(_cancellation);
        try
        {
            HasBegun = true;
            var start = Stopwatch.GetTimestamp();
            await _pipe.Writer.WriteAsync(bytes, _cancellation);
            WriteTime += Stopwatch.GetElapsedTime(start);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Writes the last bytes without waiting for room, as the work has ended and nothing follows them.</summary>
    public async ValueTask WriteLastAsync(ReadOnlyMemory<byte> bytes)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            _pipe.Writer.Write(bytes.Span);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Says that nothing comes any more, and why.</summary>
    public ValueTask CompleteAsync(Exception? error = null) => _pipe.Writer.CompleteAsync(error);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();
}
