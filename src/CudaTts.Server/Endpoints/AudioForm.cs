using CudaTts.Server.Encoding;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Endpoints;

/// <summary>An answer that is an audio file, as far as it has been made.</summary>
internal sealed class AudioForm(SpeechOrder order, ResponseOutput output) : SpeechForm(output)
{
    private readonly EncodedSpeech _speech = new(order, output.WriteAsync);

    /// <inheritdoc/>
    public override string ContentType => order.Format.MediaType(order.SampleRate);

    /// <inheritdoc/>
    public override TimeSpan EncodeTime => _speech.Time;

    /// <inheritdoc/>
    public override ValueTask AddAsync(SpokenPiece piece, CancellationToken cancellation) => _speech.AddAsync(piece, cancellation);

    /// <inheritdoc/>
    public override ValueTask FinishAsync(SpeechTotals totals, CancellationToken cancellation) => _speech.FinishAsync(cancellation);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _speech.DisposeAsync();
        await base.DisposeAsync();
    }
}
