using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Server.Encoding;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Endpoints;

/// <summary>An answer of lines of JSON: samples as they are made, and behind the samples of a sentence what was said when.</summary>
internal sealed class CaptionForm(SpeechOrder order, ResponseOutput output) : SpeechForm(output)
{
    private readonly SentenceCaptions _captions = new(order);
    private StreamResampler? _resampler;
    private int _sentence;

    /// <inheritdoc/>
    public override string ContentType => "application/x-ndjson";

    /// <inheritdoc/>
    public override async ValueTask AddAsync(SpokenPiece piece, CancellationToken cancellation)
    {
        _resampler ??= new StreamResampler(piece.SampleRate, order.SampleRate);
        _sentence = piece.Sentence;
        await WriteAudioAsync(_resampler.Add(piece.Samples));
        if (piece.Whole is { } sentence && _captions.Add(sentence) is var (time, places))
        {
            var faults = SpeechTotals.NamesOf(sentence.Verdict.Faults);
            var line = new SentenceLine(
                "sentence", piece.Sentence, time.Text, time.Start, time.End, SentenceCaptions.WordsOf(time, places),
                SentenceCaptions.TokensOf(sentence.Tokens, places), new VerdictBody(sentence.Verdict.IsGood, faults), sentence.Attempts)
            {
                Mel = order.HasPictures ? Pictures.OfMel(sentence.Mel) : null,
                Alignment = order.HasPictures ? Pictures.OfAlignment(sentence.Mel) : null,
            };
            await WriteAsync(line, CaptionJson.Instance.SentenceLine);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FinishAsync(SpeechTotals totals, CancellationToken cancellation)
    {
        if (_resampler is not null)
        {
            await WriteAudioAsync(_resampler.Finish());
        }

        await WriteAsync(
            new DoneLine("done", Math.Round(totals.Seconds, 6), totals.Usage, SpeechTotals.NamesOf(totals.Faults)), CaptionJson.Instance.DoneLine);
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> FailAsync(ApiException error)
    {
        await Output.WriteLastAsync(BytesOf(new ErrorLine("error", ErrorEnvelope.Of(error).Error), CaptionJson.Instance.ErrorLine));
        return true;
    }

    private async ValueTask WriteAudioAsync(float[] samples)
    {
        if (samples.Length > 0)
        {
            var bytes = new byte[samples.Length * Pcm16.BytesPerSample];
            Pcm16.Convert(samples, bytes);
            await WriteAsync(new AudioLine("audio", _sentence, order.SampleRate, bytes), CaptionJson.Instance.AudioLine);
        }
    }

    private static byte[] BytesOf<T>(T line, JsonTypeInfo<T> type) => [.. JsonSerializer.SerializeToUtf8Bytes(line, type), (byte)'\n'];

    private ValueTask WriteAsync<T>(T line, JsonTypeInfo<T> type) => Output.WriteAsync(BytesOf(line, type));
}
