using System.Diagnostics;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Encoding;

/// <summary>Speech on its way to bytes: resampled, and encoded. The encoder is opened with the first samples.</summary>
internal sealed class EncodedSpeech(SpeechOrder order, ByteSink sink) : IAsyncDisposable
{
    private StreamResampler? _resampler;
    private AudioEncoder? _encoder;
    private TimeSpan _spent;
    private TimeSpan _waited;

    /// <summary>Time that resampling and encoding took, without the waits for who takes the bytes.</summary>
    public TimeSpan Time => _spent > _waited ? _spent - _waited : TimeSpan.Zero;

    /// <summary>Takes the next piece.</summary>
    public async ValueTask AddAsync(SpokenPiece piece, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        _resampler ??= new StreamResampler(piece.SampleRate, order.SampleRate);
        _encoder ??= order.Format.Open(new SoundShape(order.SampleRate, Samples: null), WriteAsync);
        await _encoder.AddAsync(_resampler.Add(piece.Samples), cancellation);
        _spent += Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        if (_encoder is not null)
        {
            await _encoder.AddAsync(_resampler!.Finish(), cancellation);
            await _encoder.FinishAsync(cancellation);
        }

        _spent += Stopwatch.GetElapsedTime(start);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _encoder?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var start = Stopwatch.GetTimestamp();
        await sink(bytes);
        _waited += Stopwatch.GetElapsedTime(start);
    }
}
