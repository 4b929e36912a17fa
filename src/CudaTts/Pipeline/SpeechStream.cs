using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CudaTts.Models;

namespace CudaTts.Pipeline;

/// <summary>
/// Speaks while the decoder still runs. A chunk of audio needs its own frames and the context that postnet and vocoder see on both sides; with all of
/// it the chunk is what the whole utterance would have there. What has been heard cannot be taken back, so there is one attempt at each sentence.
/// </summary>
/// <remarks>
/// One thread drives decoder and vocoder by turns, because each fills the device. The decoder that stays on the chip may run on while a chunk is
/// vocoded, to the end of its launch, which is short for that reason: its weights leave a vocoder beside it little memory.
/// </remarks>
internal sealed class SpeechStream(Voice voice)
{
    /// <summary>
    /// Whether a sentence can be spoken so: its vocoder needs some context only, nothing changes the audio afterwards, and nothing is said before it
    /// that is cut off.
    /// </summary>
    public bool CanSpeak(ReadSentence sentence) =>
        voice.Vocoder.ContextFrames is not null && sentence.KeepsAudio && !LeadIn.IsFor(sentence.Tokens, attempt: 1)
        && (sentence.Options.Denoise ?? voice.Manifest.Defaults.Denoise) == 0;

    /// <summary>Speaks one sentence.</summary>
    public async IAsyncEnumerable<AudioChunk> SpeakAsync(ReadSentence sentence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var chunks = Channel.CreateUnbounded<AudioChunk>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var synthesis = Task.Run(() => Synthesize(sentence, chunks.Writer, abandoned.Token), CancellationToken.None);
        try
        {
            await foreach (var chunk in chunks.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return chunk;
            }

            await synthesis.ConfigureAwait(false);
        }
        finally
        {
            // Whoever stops listening stops the decoder, and its thread is gone before its buffers are.
            await abandoned.CancelAsync().ConfigureAwait(false);
            await synthesis.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Synthesize(ReadSentence sentence, ChannelWriter<AudioChunk> writer, CancellationToken cancellation)
    {
        AudioChunk Chunk(float[] samples, AttentionVerdict? verdict) => new(samples, voice.Vocoder.Mel.SampleRate, sentence.Index, verdict);
        try
        {
            var audio = new StreamedSentence(voice, sentence, cancellation);
            void Take(ReadOnlySpan<float> step)
            {
                if (audio.Add(step) is { } samples)
                {
                    writer.TryWrite(Chunk(samples, verdict: null));
                }
            }

            var options = SentenceBatches.Options(voice, sentence, attempt: 1) with { Frames = Take };
            var result = voice.Acoustic.SynthesizeBatch([sentence.Tokens.Ids], [options], cancellation)[0];
            cancellation.ThrowIfCancellationRequested();
            var mel = voice.Acoustic.Mel;
            writer.TryWrite(Chunk(audio.Rest(), result.Judge((double)mel.HopLength / mel.SampleRate)));
        }
        finally
        {
            // Whatever has become of it: the reader waits for this.
            writer.Complete();
        }
    }
}
