using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CudaTts.Acoustic.Tacotron2;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts;

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
internal sealed class SpeechStream(Voice voice)
{
    // 0.19 seconds at 22,050 Hz: long enough to play while the next piece, twice as long, is made four times as fast as it is heard. That holds as long
    // as the context on both sides, which is made again, is no longer than the first piece itself.
    private const int ShortestChunkFrames = 16;
    private const int LongestChunkFrames = 256;

    /// <summary>Whether a sentence can be spoken so: its vocoder needs some context only, and nothing changes the audio afterwards.</summary>
    public bool CanSpeak(ReadSentence sentence) =>
        voice.Vocoder.ContextFrames is not null && sentence.KeepsAudio && (sentence.Options.Denoise ?? voice.Manifest.Defaults.Denoise) == 0;

    /// <summary>Speaks one sentence.</summary>
    public async IAsyncEnumerable<AudioChunk> SpeakAsync(ReadSentence sentence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var lookAhead = voice.Vocoder.ContextFrames!.Value + voice.Acoustic.PostnetContextFrames;
        var contract = voice.AcousticConfig.Mel;
        var channel = Channel.CreateUnbounded<float[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var synthesis = Synthesize(sentence, channel.Writer, abandoned.Token);
        try
        {
            var frames = new List<float[]>();
            var (start, count) = (0, Math.Max(ShortestChunkFrames, voice.Vocoder.ContextFrames!.Value));
            await foreach (var frame in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                frames.Add(frame);
                if (frames.Count >= start + count + lookAhead)
                {
                    yield return new AudioChunk(Generate(frames, start, count, sentence, cancellation), contract.SampleRate, sentence.Index, Verdict: null);
                    (start, count) = (start + count, Math.Max(count, Math.Min(2 * count, LongestChunkFrames)));
                }
            }

            var result = await synthesis.ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            var verdict = AttentionWatch.Judge(result, (double)contract.HopLength / contract.SampleRate);
            yield return new AudioChunk(Generate(frames, start, frames.Count - start, sentence, cancellation), contract.SampleRate, sentence.Index, verdict);
        }
        finally
        {
            // Whoever stops listening stops the decoder, and its thread is gone before its buffers are.
            await abandoned.CancelAsync().ConfigureAwait(false);
            await ((Task)synthesis).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task<Tacotron2Result> Synthesize(ReadSentence sentence, ChannelWriter<float[]> writer, CancellationToken cancellation) =>
        Task.Run(
            () =>
            {
                var bands = voice.AcousticConfig.MelBands;
                var options = SentenceBatches.Options(voice, sentence, attempt: 1) with { Frames = step => WriteFrames(step, bands, writer) };
                try
                {
                    return voice.Acoustic.Synthesize(sentence.Tokens.Ids, options, cancellation);
                }
                finally
                {
                    writer.Complete();
                }
            },
            CancellationToken.None);

    private static void WriteFrames(ReadOnlySpan<float> step, int bands, ChannelWriter<float[]> writer)
    {
        for (var start = 0; start < step.Length; start += bands)
        {
            writer.TryWrite(step.Slice(start, bands).ToArray());
        }
    }

    /// <summary>The samples of the frames [start, start + count), with as much context as there is.</summary>
    private float[] Generate(List<float[]> frames, int start, int count, ReadSentence sentence, CancellationToken cancellation)
    {
        var context = voice.Vocoder.ContextFrames!.Value;
        var hop = voice.AcousticConfig.Mel.HopLength;
        var postnet = voice.Acoustic.PostnetContextFrames;
        var (from, to) = (Math.Max(0, start - context), Math.Min(frames.Count, start + count + context));
        var (first, end) = (Math.Max(0, from - postnet), Math.Min(frames.Count, to + postnet));
        var refined = voice.Acoustic.Refine(MelOf(frames, first, end));
        var mel = Window(refined, from - first, to - from);
        DecoderRecord.CheckFinite(mel.Span, "the postnet");
        var noise = SentenceBatches.Noise(voice, sentence) with { FirstFrame = from };
        var audio = voice.Vocoder.Generate([mel], [noise], cancellation)[0];
        return audio.Span.Slice((start - from) * hop, count * hop).ToArray();
    }

    /// <summary>The frames [first, end) as a mel [1, bands, F].</summary>
    private static Tensor MelOf(List<float[]> frames, int first, int end)
    {
        var bands = frames[0].Length;
        var mel = new Tensor(1, bands, end - first);
        for (var frame = first; frame < end; frame++)
        {
            for (var band = 0; band < bands; band++)
            {
                mel.Span[(band * (end - first)) + frame - first] = frames[frame][band];
            }
        }

        return mel;
    }

    /// <summary>The frames [from, from + count) of a mel [1, bands, F].</summary>
    private static Tensor Window(Tensor mel, int from, int count)
    {
        var window = new Tensor(1, mel[1], count);
        for (var band = 0; band < mel[1]; band++)
        {
            mel.Span.Slice((band * mel[2]) + from, count).CopyTo(window.Span[(band * count)..]);
        }

        return window;
    }
}
