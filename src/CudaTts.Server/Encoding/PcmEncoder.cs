using CudaTts.Audio;

namespace CudaTts.Server.Encoding;

/// <summary>
/// Samples of 16 bits, bare or behind a WAV header. Of a sound that is still being made nobody knows the length: its header has 0xFFFFFFFF for both
/// sizes, as OpenAI's has.
/// </summary>
internal sealed class PcmEncoder(ByteSink sink, byte[]? header) : AudioEncoder(sink)
{
    private byte[]? _header = header;

    /// <inheritdoc/>
    public override async ValueTask AddAsync(ReadOnlyMemory<float> samples, CancellationToken cancellation)
    {
        await WriteHeaderAsync();
        var bytes = new byte[samples.Length * Pcm16.BytesPerSample];
        Pcm16.Convert(samples.Span, bytes);
        await Sink(bytes);
    }

    /// <inheritdoc/>
    public override ValueTask FinishAsync(CancellationToken cancellation) => WriteHeaderAsync();

    private async ValueTask WriteHeaderAsync()
    {
        if (_header is { } first)
        {
            _header = null;
            await Sink(first);
        }
    }
}
