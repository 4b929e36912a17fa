using System.Runtime.CompilerServices;

namespace CudaTts.Server.Synthesis;

/// <summary>The one place where the server calls the engine, whose scheduler serves all requests at once.</summary>
internal static class SpeechSource
{
    /// <summary>
    /// Speaks an order: chunk by chunk where it is heard while it is being made, else in whole sentences, each tried until it is sound.
    /// </summary>
    public static IAsyncEnumerable<SpokenPiece> SpeakAsync(SpeechOrder order, CancellationToken cancellation) =>
        order.IsStreamed ? StreamAsync(order, cancellation) : SpeakSentencesAsync(order, cancellation);

    private static async IAsyncEnumerable<SpokenPiece> StreamAsync(
        SpeechOrder order, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var chunk in order.Voice.Synthesizer.StreamAsync(order.Input, order.Options, cancellation))
        {
            yield return new SpokenPiece(chunk.Samples, chunk.SampleRate, chunk.Sentence, chunk.Whole);
        }
    }

    private static async IAsyncEnumerable<SpokenPiece> SpeakSentencesAsync(
        SpeechOrder order, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var index = 0;
        await foreach (var sentence in order.Voice.Synthesizer.SpeakSentencesAsync(order.Input, order.Options, cancellation))
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
}
