namespace CudaTts.Files;

/// <summary>
/// A file that somebody writes who does not know its name: what fails in it says which file it is, and what fails beside it does not.
/// </summary>
internal sealed class NamedStream(FileStream inner, string name) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => inner.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => inner.CanWrite;

    /// <inheritdoc/>
    public override long Length => inner.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => inner.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw FileFault.NotWritten(name, error);
        }
    }

    /// <inheritdoc/>
    public override void Flush() => Guard(inner.Flush);

    /// <summary>Waits until what was written is on the disk.</summary>
    public void FlushToDisk() => Guard(() => inner.Flush(flushToDisk: true));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        // What is buffered is written first.
        Guard(() => inner.Seek(offset, origin));
        return inner.Position;
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => Guard(() => inner.SetLength(value));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Guard(inner.Dispose);
        }

        base.Dispose(disposing);
    }

    private void Guard(Action action) => FileFault.Guard(name, action);
}
