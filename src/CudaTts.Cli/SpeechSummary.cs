using System.Text.Json;
using CudaTts.Models;
using CudaTts.Pipeline;

namespace CudaTts.Cli;

/// <summary>What <c>say</c> remembers of sentences whose samples it has written and forgotten.</summary>
/// <param name="keepsMels">Whether mels and alignments are kept, for the plot.</param>
internal sealed class SpeechSummary(bool keepsMels)
{
    private readonly List<SentenceStats> _sentences = [];
    private readonly List<AcousticResult> _mels = [];
    private readonly List<string> _unspoken = [];
    private StopReason _stop;
    private SpeechTimings _timings;
    private long _samples;
    private int _tokens;
    private int _frames;

    public IReadOnlyList<SentenceStats> Sentences => _sentences;

    public IReadOnlyList<AcousticResult> Mels => _mels;

    public SpeechFaults Faults { get; private set; }

    public IReadOnlyList<string> FaultNames => NamesOf(Faults);

    /// <summary>When everything is said; nothing unless timestamps were asked for.</summary>
    public TimestampBuilder? Timestamps { get; init; }

    /// <summary>Length of the speech, the pauses included.</summary>
    public double AudioSeconds(SpeechSynthesizer synthesizer) => (double)_samples / synthesizer.Voice.Vocoder.Mel.SampleRate;

    public void Add(SpokenSentence sentence)
    {
        var verdict = sentence.Verdict;
        _sentences.Add(new SentenceStats(
            NamesOf(verdict.Faults), sentence.Attempts, verdict.Coverage, verdict.LongestSkip, verdict.LongestBackwardJump,
                verdict.LongestForwardJump,
            verdict.LongestStay, verdict.Spread, verdict.SecondsPerToken, verdict.TailLevel));
        if (keepsMels && sentence.Mel.Steps > 0)
        {
            _mels.Add(sentence.Mel);
        }

        Faults |= verdict.Faults;
        _stop = sentence.Mel.Stop > _stop ? sentence.Mel.Stop : _stop;
        _timings += sentence.Timings;
        _samples += sentence.Samples;
        Timestamps?.Add(sentence);
        _unspoken.AddRange(sentence.Tokens.Unspoken);
        _tokens += sentence.Tokens.Ids.Length;
        _frames += sentence.Mel.Mel[2];
    }

    public SpeechStats ToStats(string text, SpeechSynthesizer synthesizer, ulong seed, TimeSpan loadTime)
    {
        var audio = AudioSeconds(synthesizer);
        return new SpeechStats(
            text,
            synthesizer.Voice.Manifest.Name,
            synthesizer.Voice.Vocoder.Name,
            synthesizer.Device.Name,
            synthesizer.Voice.Acoustic.DecoderWay,
            synthesizer.Device.Threads,
            seed,
            _sentences.Count,
            _tokens,
            _frames,
            NameOf(_stop),
            Faults != SpeechFaults.None,
            _sentences.Sum(sentence => sentence.Attempts),
            _sentences,
            audio,
            loadTime.TotalSeconds,
            _timings.Text.TotalSeconds,
            _timings.Acoustic.TotalSeconds,
            _timings.Vocoder.TotalSeconds,
            _timings.Total.TotalSeconds,
            _timings.Total.TotalSeconds / audio,
            ProcessMemory.Peak())
        {
            Unspoken = [.. _unspoken.Distinct()],
        };
    }

    /// <summary>What is wrong, in the words of JSON.</summary>
    internal static string[] NamesOf(SpeechFaults faults) =>
        [.. Enum.GetValues<SpeechFaults>().Where(fault => fault != SpeechFaults.None && faults.HasFlag(fault)).Select(NameOf)];

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
