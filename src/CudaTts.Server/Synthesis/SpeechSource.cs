using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace CudaTts.Server.Synthesis;

/// <summary>The one place where the server calls the engine.</summary>
internal static class SpeechSource
{
    /// <summary>Speaks an order: chunk by chunk where nobody needs whole sentences, else sentence by sentence.</summary>
    public static IAsyncEnumerable<SpokenPiece> SpeakAsync(SpeechOrder order, CancellationToken cancellation) =>
        IsChunked(order) ? StreamAsync(order, cancellation) : SpeakSentencesAsync(order, cancellation);

    /// <summary>
    /// Whether speech begins before its sentence is whole. Where the vocoder or a change of the audio needs the whole sentence anyway, nothing is won
    /// by that, and the further attempts at a sentence that a stream can't make would be lost.
    /// </summary>
    private static bool IsChunked(SpeechOrder order) =>
        order is { IsStreamed: true, IsEvents: false, HasTimestamps: false, HasPictures: false }
        && order.Voice.Synthesizer.Voice.Vocoder.ContextFrames is not null
        && order.Options is { Speed: 1, PitchSemitones: 0, VolumeDecibels: 0 };

    private static async IAsyncEnumerable<SpokenPiece> StreamAsync(
        SpeechOrder order, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var chunk in order.Voice.Synthesizer.StreamAsync(order.Input, order.Options, cancellation))
        {
            yield return new SpokenPiece(chunk.Samples, chunk.SampleRate, chunk.Sentence, Whole: null);
        }
    }

    private static async IAsyncEnumerable<SpokenPiece> SpeakSentencesAsync(
        SpeechOrder order, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var index = 0;
        await foreach (var sentence in SentencesAsync(order, cancellation))
        {
            var rate = sentence.Audio.SampleRate;
            if (sentence.PauseBefore.Samples > 0)
            {
                yield return new SpokenPiece(new float[sentence.PauseBefore.Samples], rate, index, Whole: null);
            }

            yield return new SpokenPiece(sentence.Audio.Samples, rate, index, sentence);
            if (sentence.PauseAfter.Samples > 0)
            {
                yield return new SpokenPiece(new float[sentence.PauseAfter.Samples], rate, index, Whole: null);
            }

            index++;
        }
    }

    // The engine's own call blocks its thread. One sentence waits for its reader, and the engine for nobody but the next wish of this loop.
    private static async IAsyncEnumerable<SpokenSentence> SentencesAsync(
        SpeechOrder order, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ready = Channel.CreateBounded<SpokenSentence>(new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true });
        var work = Task.Run(
            async () =>
            {
                try
                {
                    foreach (var sentence in order.Voice.Synthesizer.SpeakSentences(order.Input, order.Options, ending.Token))
                    {
                        await ready.Writer.WriteAsync(sentence, ending.Token);
                    }

                    ready.Writer.Complete();
                }
                catch (Exception error)
                {
                    ready.Writer.Complete(error);
                }
            },
            CancellationToken.None);
        try
        {
            await foreach (var sentence in ready.Reader.ReadAllAsync(cancellation))
            {
                yield return sentence;
            }
        }
        finally
        {
            await ending.CancelAsync();
            await work;
        }
    }
}
