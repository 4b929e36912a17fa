namespace CudaTts.Cli;

/// <summary>Reads a stream through a buffer; a wait for more can be cancelled, and what comes next can be looked at.</summary>
internal sealed class CancellableStream(Stream inner, CancellationToken cancellation) : Stream
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <summary>Whether the stream has an end that is there already.</summary>
    public override bool CanSeek => inner.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>What comes next, as far as it has come; empty at the end.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        if (_start == _end)
        {
            // On a thread of its own: a read of a pipe cannot be called back.
            _end = Task.Run(() => inner.Read(_buffer), CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();
            _start = 0;
        }

        return _buffer.AsSpan(_start, _end - _start);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var next = Peek();
        var count = Math.Min(next.Length, buffer.Length);
        next[..count].CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        var next = Peek();
        if (next.IsEmpty)
        {
            return -1;
        }

        _start++;
        return next[0];
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
