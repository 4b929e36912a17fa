using System.Runtime.InteropServices;

namespace CudaTts.Cli;

/// <summary>
/// Standard output that notices when its reader is gone. .NET's own takes what is written to a closed pipe as if somebody read it, so that a program
/// whose reader has left would speak to the end.
/// </summary>
internal sealed partial class StandardOutput : Stream
{
    private const int Descriptor = 1;
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;
    private const short CanWriteMore = 4;

    // Linux answers 11, macOS and the BSDs 35.
    private static readonly int s_tryAgain = OperatingSystem.IsLinux() ? 11 : 35;

    private readonly CancellationTokenSource _closed = new();

    private StandardOutput()
    {
    }

    /// <summary>Cancelled when the reader is gone.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Begins to watch the reader; the thread waits without work until it leaves.</summary>
    public static StandardOutput Watched()
    {
        var output = new StandardOutput();
        new Thread(output.Watch) { IsBackground = true, Name = "standard output" }.Start();
        return output;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="ClosedPipeException">Nobody reads any more.</exception>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = buffer)
            {
                written = Write(Descriptor, bytes, buffer.Length);
            }

            if (written >= 0)
            {
                buffer = buffer[(int)written..];
            }
            else
            {
                Recover(Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _closed.Dispose();
        base.Dispose(disposing);
    }

    private static void Recover(int error)
    {
        if (error == s_tryAgain)
        {
            var output = new Polled { Descriptor = Descriptor, Wanted = CanWriteMore };
            _ = Poll(ref output, 1, -1);
        }
        else if (error != Interrupted)
        {
            throw error == BrokenPipe
                ? new ClosedPipeException()
                : new IOException($"standard output: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    // Asked for nothing, poll answers when there is an error, and on the writing end of a pipe that is a reader that has left.
    private void Watch()
    {
        var output = new Polled { Descriptor = Descriptor };
        while (Poll(ref output, 1, -1) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
        }

        if (output.Found != 0)
        {
            _closed.Cancel();
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref Polled descriptors, nuint count, int milliseconds);

    private struct Polled
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}

/// <summary>The reader of standard output is gone; what other programs die of silently.</summary>
internal sealed class ClosedPipeException() : Exception("standard output is closed");
