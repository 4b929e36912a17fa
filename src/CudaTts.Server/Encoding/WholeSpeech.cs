using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Encoding;

/// <summary>Speech that is sent when all of it is there, so that its header says how long it is.</summary>
internal sealed class WholeSpeech(SpeechOrder order)
{
    private readonly List<float[]> _parts = [];
    private StreamResampler? _resampler;

    /// <summary>Takes the next piece.</summary>
    public void Add(SpokenPiece piece)
    {
        _resampler ??= new StreamResampler(piece.SampleRate, order.SampleRate);
        _parts.Add(_resampler.Add(piece.Samples));
    }

    /// <summary>Encodes all of it.</summary>
    public async Task<MemoryStream> EncodeAsync(CancellationToken cancellation)
    {
        if (_resampler is not null)
        {
            _parts.Add(_resampler.Finish());
        }

        var bytes = new MemoryStream();
        ValueTask Write(ReadOnlyMemory<byte> part)
        {
            bytes.Write(part.Span);
            return ValueTask.CompletedTask;
        }

        await using var encoder = order.Format.Open(new SoundShape(order.SampleRate, _parts.Sum(part => (long)part.Length)), Write);
        foreach (var part in _parts)
        {
            await encoder.AddAsync(part, cancellation);
        }

        await encoder.FinishAsync(cancellation);
        return bytes;
    }
}
