using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Encoding;

/// <summary>Speech on its way to bytes: resampled, and encoded. The encoder is opened with the first samples.</summary>
internal sealed class EncodedSpeech(SpeechOrder order, ByteSink sink) : IAsyncDisposable
{
    private StreamResampler? _resampler;
    private AudioEncoder? _encoder;

    /// <summary>Takes the next piece.</summary>
    public async ValueTask AddAsync(SpokenPiece piece, CancellationToken cancellation)
    {
        _resampler ??= new StreamResampler(piece.SampleRate, order.SampleRate);
        _encoder ??= order.Format.Open(new SoundShape(order.SampleRate, Samples: null), sink);
        await _encoder.AddAsync(_resampler.Add(piece.Samples), cancellation);
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellation)
    {
        if (_encoder is not null)
        {
            await _encoder.AddAsync(_resampler!.Finish(), cancellation);
            await _encoder.FinishAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _encoder?.DisposeAsync() ?? ValueTask.CompletedTask;
}
