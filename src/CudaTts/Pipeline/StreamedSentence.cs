using CudaTts.Audio;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>Makes audio of a sentence's frames as they come, each chunk as soon as all that it depends on is there.</summary>
internal sealed class StreamedSentence(Voice voice, ReadSentence sentence, CancellationToken cancellation)
{
    // 0.19 seconds at 22,050 Hz: long enough to play while the next chunk, twice as long, is made four times as fast as it is heard. That holds as
    // long as the context on both sides, which is made again, is no longer than the first chunk itself.
    private const int ShortestChunk = 16;
    private const int LongestChunk = 256;

    private readonly int _context = voice.Vocoder.ContextFrames!.Value;
    private readonly int _refinement = voice.Acoustic.RefinementContextFrames;
    private readonly int _bands = voice.Acoustic.Mel.MelBands;
    private readonly List<float[]> _frames = [];
    private int _start;
    private int _count = Math.Max(ShortestChunk, voice.Vocoder.ContextFrames!.Value);

    /// <summary>Takes the frames [frames a step x bands] of a decoder step.</summary>
    /// <returns>Samples that are now certain, or none.</returns>
    public float[]? Add(ReadOnlySpan<float> step)
    {
        for (var at = 0; at < step.Length; at += _bands)
        {
            _frames.Add(step.Slice(at, _bands).ToArray());
        }

        if (_frames.Count < _start + _count + _context + _refinement)
        {
            return null;
        }

        var samples = Generate(_start, _count);
        (_start, _count) = (_start + _count, Math.Max(_count, Math.Min(2 * _count, LongestChunk)));
        return samples;
    }

    /// <summary>The samples that are left when there are no more frames.</summary>
    public float[] Rest()
    {
        var samples = Generate(_start, _frames.Count - _start);
        EdgeFade.AtEnd(samples, voice.Vocoder.Mel.SampleRate);
        return samples;
    }

    /// <summary>The samples of the frames [start, start + count), with as much context as there is.</summary>
    private float[] Generate(int start, int count)
    {
        var hop = voice.Acoustic.Mel.HopLength;
        var (from, to) = (Math.Max(0, start - _context), Math.Min(_frames.Count, start + count + _context));
        var (first, end) = (Math.Max(0, from - _refinement), Math.Min(_frames.Count, to + _refinement));
        var mel = Window(voice.Acoustic.Refine(Mel(first, end)), from - first, to - from);
        var noise = SentenceBatches.Noise(voice, sentence) with { FirstFrame = from };
        var audio = voice.Vocoder.Generate([mel], [noise], cancellation)[0];
        var samples = audio.Span.Slice((start - from) * hop, count * hop).ToArray();
        if (start == 0)
        {
            EdgeFade.AtStart(samples, voice.Vocoder.Mel.SampleRate);
        }

        return samples;
    }

    /// <summary>The frames [first, end) as a mel [1, bands, F].</summary>
    private Tensor Mel(int first, int end)
    {
        var mel = new Tensor(1, _bands, end - first);
        for (var frame = first; frame < end; frame++)
        {
            for (var band = 0; band < _bands; band++)
            {
                mel.Span[(band * (end - first)) + frame - first] = _frames[frame][band];
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
