using CudaTts.Audio;
using CudaTts.Models;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>
/// The chunks of a sentence that is heard while its decoder still runs. A chunk of audio needs its own frames and the context that postnet and
/// vocoder see on both sides; with all of it the chunk is, but for rounding, what the whole utterance would have there. What has been heard cannot be
/// taken back, so there is one attempt at each sentence.
/// </summary>
internal sealed class StreamedSentence(Voice voice, ReadSentence sentence)
{
    // 0.19 seconds at 22,050 Hz: long enough to play while the next chunk, twice as long, is made four times as fast as it is heard. That holds as
    // long as the context on both sides, which is made again, is no longer than the first chunk itself.
    private const int ShortestChunk = 16;
    private const int LongestChunk = 256;

    private readonly int _context = voice.Vocoder.ContextFrames;
    private readonly int _refinement = voice.Acoustic.RefinementContextFrames;
    private readonly int _bands = voice.Acoustic.Mel.MelBands;
    private readonly List<float[]> _frames = [];
    private readonly List<float[]> _chunks = [];
    private readonly List<Tensor> _refined = [];
    private readonly VocoderStream _stream = new();
    private int _start;
    private int _count = Ceiling.Multiple(Math.Max(ShortestChunk, voice.Vocoder.ContextFrames), voice.Vocoder.ChunkMultiple);

    /// <summary>Whether all that the next chunk depends on is there.</summary>
    public bool IsDue => _frames.Count >= _start + _count + _context + _refinement;

    /// <summary>All samples so far.</summary>
    public Waveform Audio => new([.. _chunks.SelectMany(chunk => chunk)], voice.Vocoder.Mel.SampleRate);

    /// <summary>The mel [1, bands, F] that the vocoder has read so far.</summary>
    public Tensor HeardMel => MelFrames.Join(_refined);

    /// <summary>
    /// Whether a sentence can be spoken so: nothing changes the audio afterwards, and nothing is said before it that is cut off.
    /// </summary>
    public static bool CanBe(Voice voice, ReadSentence sentence) =>
        sentence.KeepsAudio && !LeadIn.IsFor(voice, sentence.Tokens, attempt: 1)
        && (sentence.Options.Denoise ?? voice.Manifest.Defaults.Denoise) == 0;

    /// <summary>Takes the frames [frames a step x bands] of a decoder step.</summary>
    public void Add(ReadOnlySpan<float> step)
    {
        for (var at = 0; at < step.Length; at += _bands)
        {
            _frames.Add(step.Slice(at, _bands).ToArray());
        }
    }

    /// <summary>The next chunk, or all that is left when there are no more frames.</summary>
    public Chunk Next(bool isLast)
    {
        var (start, count) = (_start, isLast ? _frames.Count - _start : _count);
        var (from, to) = (Math.Max(0, start - _context), Math.Min(_frames.Count, start + count + _context));
        var (first, end) = (Math.Max(0, from - _refinement), Math.Min(_frames.Count, to + _refinement));
        (_start, _count) = (
            _start + count, Math.Max(_count, Ceiling.Multiple(Math.Min(2 * _count, LongestChunk), voice.Vocoder.ChunkMultiple)));
        return new Chunk(Mel(first, end), from - first, to - from, start, count, isLast)
        {
            Options = SentenceAttempts.VocoderOptions(voice, sentence) with { FirstFrame = from, Stream = _stream, IsEnd = isLast },
        };
    }

    /// <summary>The samples of a chunk, out of those [1, N] that the vocoder made of what it read, frames [1, bands, F].</summary>
    public float[] Take(Chunk chunk, Tensor mel, Tensor audio)
    {
        _refined.Add(MelFrames.Cut(mel, chunk.Start - chunk.Options.FirstFrame, chunk.Count));
        var hop = voice.Acoustic.Mel.HopLength;
        var samples = audio.Span.Slice((chunk.Start - chunk.Options.FirstFrame) * hop, chunk.Count * hop).ToArray();
        if (chunk.Start == 0)
        {
            EdgeFade.AtStart(samples, voice.Vocoder.Mel.SampleRate);
        }

        if (chunk.IsLast)
        {
            EdgeFade.AtEnd(samples, voice.Vocoder.Mel.SampleRate);
        }

        _chunks.Add(samples);
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

    /// <summary>A chunk before it is sound.</summary>
    /// <param name="Unrefined">Frames [1, bands, F] before the postnet, with its context.</param>
    /// <param name="From">Of these the first that the vocoder reads.</param>
    /// <param name="Frames">How many it reads.</param>
    /// <param name="Start">The chunk's first frame in the sentence.</param>
    /// <param name="Count">Frames of the chunk.</param>
    /// <param name="IsLast">Whether the sentence ends with it.</param>
    public sealed record Chunk(Tensor Unrefined, int From, int Frames, int Start, int Count, bool IsLast)
    {
        /// <summary>For the frames that the vocoder reads.</summary>
        public required VocoderOptions Options { get; init; }

        /// <summary>What the vocoder reads of the refined frames.</summary>
        public Tensor Window(Tensor refined) => MelFrames.Cut(refined, From, Frames);
    }
}
