using System.ComponentModel;
using System.Diagnostics;
using CudaTts.Audio;

namespace CudaTts.Server.Encoding;

/// <summary>Formats that ffmpeg writes, through two pipes: what it has encoded is passed on while it waits for more.</summary>
internal sealed class FfmpegEncoder : AudioEncoder
{
    private const int BlockBytes = 16 << 10;

    private readonly Process _process;
    private readonly Task _passing;
    private readonly Task<string> _message;

    public FfmpegEncoder(Process process, ByteSink sink)
        : base(sink)
    {
        _process = process;
        _passing = PassAsync();
        _message = process.StandardError.ReadToEndAsync();
    }

    /// <inheritdoc/>
    public override async ValueTask AddAsync(ReadOnlyMemory<float> samples, CancellationToken cancellation)
    {
        var bytes = new byte[samples.Length * Pcm16.BytesPerSample];
        Pcm16.Convert(samples.Span, bytes);
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(bytes, cancellation);
            await _process.StandardInput.BaseStream.FlushAsync(cancellation);
        }
        catch (IOException error)
        {
            throw Failed(await _message, error);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FinishAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        await _passing.WaitAsync(cancellation);
        await _process.WaitForExitAsync(cancellation);
        if (_process.ExitCode != 0)
        {
            throw Failed(await _message, cause: null);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }

        await _passing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
        await base.DisposeAsync();
    }

    private static FileException Failed(string message, Exception? cause)
    {
        var text = $"ffmpeg has failed: {message.Split('\n')[0]}";
        return cause is null ? new FileException(text) : new FileException(text, cause);
    }

    private async Task PassAsync()
    {
        var block = new byte[BlockBytes];
        while (await _process.StandardOutput.BaseStream.ReadAsync(block) is var count and > 0)
        {
            await Sink(block.AsMemory(0, count));
        }
    }
}
