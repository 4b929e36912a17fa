using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CudaTts.Models.Tacotron2.Attention;

namespace CudaTts.Pipeline;

/// <summary>A piece of speech on its way.</summary>
/// <param name="Samples">Samples [N], nominally within -1 and 1.</param>
/// <param name="SampleRate">Samples a second, Hz.</param>
/// <param name="Sentence">Which sentence of the text this is from, from 0.</param>
/// <param name="Verdict">With a sentence's last piece: whether the whole of it is what the text says.</param>
public readonly record struct AudioChunk(float[] Samples, int SampleRate, int Sentence, AttentionVerdict? Verdict);

/// <summary>
/// Speaks while the decoder still runs. A piece of audio needs its own frames and the context that postnet and vocoder see on both sides; with all of it the
/// piece is what the whole utterance would have there. What has been heard cannot be taken back, so there is one attempt at each sentence.
/// </summary>
/// <remarks>
/// One thread drives decoder and vocoder by turns, because each fills the device. The decoder that stays on the chip may run on while a piece is vocoded, to
/// the end of its launch, which is short for that reason: its weights leave a vocoder beside it little room.
/// </remarks>
internal sealed class SpeechStream(Voice voice)
{
    /// <summary>Whether a sentence can be spoken so: its vocoder needs some context only, and nothing changes the audio afterwards.</summary>
    public bool CanSpeak(ReadSentence sentence) =>
        voice.Vocoder.ContextFrames is not null && sentence.KeepsAudio && (sentence.Options.Denoise ?? voice.Manifest.Defaults.Denoise) == 0;

    /// <summary>Speaks one sentence.</summary>
    public async IAsyncEnumerable<AudioChunk> SpeakAsync(ReadSentence sentence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pieces = Channel.CreateUnbounded<AudioChunk>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var synthesis = Task.Run(() => Synthesize(sentence, pieces.Writer, abandoned.Token), CancellationToken.None);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return piece;
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
        AudioChunk Piece(float[] samples, AttentionVerdict? verdict) => new(samples, voice.Vocoder.Mel.SampleRate, sentence.Index, verdict);
        try
        {
            var audio = new StreamedSentence(voice, sentence, cancellation);
            void Take(ReadOnlySpan<float> step)
            {
                if (audio.Add(step) is { } samples)
                {
                    writer.TryWrite(Piece(samples, verdict: null));
                }
            }

            var options = SentenceBatches.Options(voice, sentence, attempt: 1) with { Frames = Take };
            var result = voice.Acoustic.Synthesize(sentence.Tokens.Ids, options, cancellation);
            cancellation.ThrowIfCancellationRequested();
            var contract = voice.AcousticConfig.Mel;
            writer.TryWrite(Piece(audio.Rest(), AttentionWatch.Judge(result, (double)contract.HopLength / contract.SampleRate)));
        }
        finally
        {
            // Whatever has become of it: the reader waits for this.
            writer.Complete();
        }
    }
}
