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
internal sealed class SpeechStream(Voice voice, CallsUnderWay calls)
{
    /// <summary>Runs a call on a thread of its own, which ends when the synthesiser does.</summary>
    /// <exception cref="ObjectDisposedException">It has ended.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, T> run, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, calls.Closing);
        try
        {
            return await Task.Run(
                () =>
                {
                    using var call = calls.Enter();
                    return run(ending.Token);
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (calls.Closing.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw calls.Ended();
        }
    }

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
        var synthesis = SynthesizeAsync(sentence, chunks.Writer, abandoned.Token);
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

    private async Task SynthesizeAsync(ReadSentence sentence, ChannelWriter<AudioChunk> writer, CancellationToken cancellation)
    {
        try
        {
            writer.TryWrite(await RunAsync(ending => Synthesize(sentence, writer, ending), cancellation).ConfigureAwait(false));
        }
        finally
        {
            // Whatever has become of it: the reader waits for this.
            writer.Complete();
        }
    }

    /// <summary>Writes all chunks but the last, which it returns.</summary>
    private AudioChunk Synthesize(ReadSentence sentence, ChannelWriter<AudioChunk> writer, CancellationToken cancellation)
    {
        AudioChunk Chunk(float[] samples, AttentionVerdict? verdict) => new(samples, voice.Vocoder.Mel.SampleRate, sentence.Index, verdict);
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
        return Chunk(audio.Rest(), result.Judge((double)mel.HopLength / mel.SampleRate));
    }
}
