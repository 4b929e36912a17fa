using CudaTts.Audio;
using CudaTts.Models;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Signals;

namespace CudaTts.Cli.Evaluation;

/// <summary>
/// Copy-synthesis: recordings to mels, mels through a vocoder, and the speech so made against the recordings at the vocoder's rate.
/// </summary>
/// <param name="vocoder">The vocoder, which this does not own.</param>
/// <param name="framing">How the frames of the mels lie over the samples.</param>
/// <param name="seed">Key of the vocoder's noise.</param>
/// <param name="recordings">Names and files.</param>
/// <param name="setting">With what.</param>
internal sealed class VocoderSource(
    Vocoder vocoder, MelFraming framing, ulong seed, IReadOnlyList<(string Name, string File)> recordings,
    IReadOnlyDictionary<string, string> setting) : EvaluationSource
{
    private readonly LogMelAnalyzer _analyzer = new(vocoder.Mel, framing);

    /// <inheritdoc/>
    public override string Kind => "vocoder";

    /// <inheritdoc/>
    public override string Title => $"Copy-synthesis by {vocoder.Name}";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Setting => setting;

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => Measure.OfPairs;

    /// <inheritdoc/>
    public override string Order => "PESQ (wide-band where there is one)";

    /// <inheritdoc/>
    public override int Count => recordings.Count;

    /// <inheritdoc/>
    public override IEnumerable<Func<MeasuredClip>> Clips(CancellationToken cancellation) => recordings.Select(recording =>
    {
        try
        {
            var natural = AudioFile.Read(recording.File).Resample(vocoder.Mel.SampleRate);
            var mel = _analyzer.Analyze(natural);
            var made = vocoder.Generate(mel, new VocoderOptions { Seed = seed }, cancellation);

            // A mel has whole hops only: the recording's rest of a hop has nothing to be compared with.
            var count = Math.Min(natural.Samples.Length, made[1]);
            var (reference, sound) = (SignalOf(natural.Samples.AsSpan(0, count)), SignalOf(made.Span[..count]));
            return () => PairSource.Compare(recording.Name, reference, sound);
        }
        catch (AudioException error)
        {
            return (Func<MeasuredClip>)(() => MeasuredClip.Failed(recording.Name, error.Message));
        }
    });

    /// <inheritdoc/>
    public override double Rank(EvaluatedClip clip) => PairSource.RankOfPair(clip);

    private Signal SignalOf(ReadOnlySpan<float> samples) => Signal.Of(new Waveform(samples.ToArray(), vocoder.Mel.SampleRate));
}
