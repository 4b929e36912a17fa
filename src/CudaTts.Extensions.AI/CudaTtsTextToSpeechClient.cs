using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CudaTts.Audio;
using CudaTts.Models;
using Microsoft.Extensions.AI;

namespace CudaTts.Extensions.AI;

/// <summary>
/// A <see cref="SpeechSynthesizer"/> as an <see cref="ITextToSpeechClient"/>. One client may be used by many threads. It does not own the
/// synthesiser: disposing of it does nothing.
/// </summary>
[Experimental("MEAI001")]
public sealed class CudaTtsTextToSpeechClient : ITextToSpeechClient
{
    /// <summary>Key of the additional property that names what is wrong with speech which is probably not what the text says.</summary>
    public const string FaultsKey = "cudatts.faults";

    /// <summary>Key of the additional property that has the samples a second, Hz.</summary>
    public const string SampleRateKey = "cudatts.sample_rate";

    // A WAV file that is still being made has no length yet: players of streams take this for "until the end".
    private const uint UnknownLength = uint.MaxValue;
    private const int WavHeaderBytes = 44;
    private const int RiffLengthOffset = 4;

    private readonly SpeechSynthesizer _synthesizer;
    private readonly TextToSpeechClientMetadata _metadata;

    /// <summary>Makes a client of a synthesiser.</summary>
    public CudaTtsTextToSpeechClient(SpeechSynthesizer synthesizer)
    {
        ArgumentNullException.ThrowIfNull(synthesizer);
        _synthesizer = synthesizer;
        _metadata = new TextToSpeechClientMetadata("cudatts", defaultModelId: synthesizer.Voice.Acoustic.Name);
    }

    private string Model => _synthesizer.Voice.Acoustic.Name;

    /// <inheritdoc/>
    public async Task<TextToSpeechResponse> GetAudioAsync(
        string text, TextToSpeechOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var format = SpeechAudioFormats.Of(options?.AudioFormat);
        var settings = SpeechSettings.Of(this, options, _synthesizer.Voice);
        var sentences = new List<SpokenSentence>();
        await foreach (var sentence in _synthesizer.SpeakSentencesAsync(text, settings, cancellationToken).ConfigureAwait(false))
        {
            sentences.Add(sentence);
        }

        var speech = SpeechResult.Of(sentences);
        var (tokens, frames) = (speech.Sentences.Sum(sentence => sentence.Tokens.Ids.Length), speech.Sentences.Sum(sentence => sentence.Mel.Mel[2]));
        return new TextToSpeechResponse([new DataContent(BytesOf(speech.Audio, format), SpeechAudioFormats.MediaTypeOf(format))])
        {
            ResponseId = Guid.NewGuid().ToString("N"),
            ModelId = Model,
            RawRepresentation = speech,
            AdditionalProperties = PropertiesOf(speech.Audio.SampleRate, speech.Faults),
            Usage = new UsageDetails { InputTokenCount = tokens, OutputTokenCount = frames, TotalTokenCount = tokens + frames },
        };
    }

    /// <summary>
    /// Speaks a text chunk by chunk: sessionopen, audioupdating for each chunk, sessionclose. The chunks' bytes joined are one file or one stream of
    /// samples. A sentence that is probably not what the text says is told of by an update of kind error, which does not end the speech.
    /// </summary>
    /// <inheritdoc/>
    public IAsyncEnumerable<TextToSpeechResponseUpdate> GetStreamingAudioAsync(
        string text, TextToSpeechOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var format = SpeechAudioFormats.Of(options?.AudioFormat);
        return StreamAsync(text, SpeechSettings.Of(this, options, _synthesizer.Voice), format, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(TextToSpeechClientMetadata) ? _metadata
            : serviceType == typeof(SpeechSynthesizer) ? _synthesizer
            : serviceType == typeof(Voice) ? _synthesizer.Voice
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the synthesiser belongs to whoever made it.</summary>
    public void Dispose()
    {
    }

    private async IAsyncEnumerable<TextToSpeechResponseUpdate> StreamAsync(
        string text, SpeechOptions settings, SpeechAudioFormat format, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var id = Guid.NewGuid().ToString("N");
        yield return UpdateOf(id, TextToSpeechResponseUpdateKind.SessionOpen, []);
        var isFirst = true;
        await foreach (var chunk in _synthesizer.StreamAsync(text, settings, cancellation).ConfigureAwait(false))
        {
            var bytes = isFirst && format == SpeechAudioFormat.Wav ? BeginningOf(chunk) : SamplesOf(chunk.Samples);
            isFirst = false;
            var update = UpdateOf(id, TextToSpeechResponseUpdateKind.AudioUpdating, [new DataContent(bytes, SpeechAudioFormats.MediaTypeOf(format))]);
            update.RawRepresentation = chunk;
            update.AdditionalProperties = PropertiesOf(chunk.SampleRate, chunk.Verdict?.Faults ?? SpeechFaults.None);
            yield return update;
            if (chunk.Verdict is { IsGood: false } verdict)
            {
                var message = $"Sentence {chunk.Sentence} is probably not what the text says: {verdict.Faults}.";
                var fault = new ErrorContent(message) { ErrorCode = verdict.Faults.ToString() };
                yield return UpdateOf(id, TextToSpeechResponseUpdateKind.Error, [fault]);
            }
        }

        yield return UpdateOf(id, TextToSpeechResponseUpdateKind.SessionClose, []);
    }

    private TextToSpeechResponseUpdate UpdateOf(string id, TextToSpeechResponseUpdateKind kind, IList<AIContent> contents) =>
        new(contents) { Kind = kind, ResponseId = id, ModelId = Model };

    private static AdditionalPropertiesDictionary PropertiesOf(int sampleRate, SpeechFaults faults)
    {
        var properties = new AdditionalPropertiesDictionary { [SampleRateKey] = sampleRate };
        if (faults != SpeechFaults.None)
        {
            properties[FaultsKey] = faults.ToString();
        }

        return properties;
    }

    private static byte[] BytesOf(Waveform audio, SpeechAudioFormat format)
    {
        if (format == SpeechAudioFormat.Pcm)
        {
            return SamplesOf(audio.Samples);
        }

        using var stream = new MemoryStream(WavHeaderBytes + (audio.Samples.Length * Pcm16.BytesPerSample));
        WavFile.Write(stream, audio);
        return stream.ToArray();
    }

    private static byte[] BeginningOf(AudioChunk chunk)
    {
        var bytes = BytesOf(new Waveform(chunk.Samples, chunk.SampleRate), SpeechAudioFormat.Wav);
        BitConverter.TryWriteBytes(bytes.AsSpan(RiffLengthOffset), UnknownLength);
        BitConverter.TryWriteBytes(bytes.AsSpan(WavHeaderBytes - sizeof(uint)), UnknownLength);
        return bytes;
    }

    private static byte[] SamplesOf(float[] samples)
    {
        var bytes = new byte[samples.Length * Pcm16.BytesPerSample];
        Pcm16.Convert(samples, bytes);
        return bytes;
    }
}
