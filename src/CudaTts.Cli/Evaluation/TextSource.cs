using System.Collections.Concurrent;
using CudaTts.Audio;
using CudaTts.Cli.Reports;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Pitch;
using CudaTts.Quality.Recognition;
using CudaTts.Quality.Signals;

namespace CudaTts.Cli.Evaluation;

/// <summary>Texts that have been said: what of them a recogniser understands, how fast they are, how loud, with what pauses and pitch.</summary>
/// <param name="recogniser">What listens; null for nobody.</param>
/// <param name="words">How words are spelled for comparison.</param>
internal abstract class TextSource(Recogniser? recogniser, SpokenWords words) : EvaluationSource
{
    private readonly ConcurrentBag<WordErrors> _errors = [];

    /// <inheritdoc/>
    public override string Kind => "voice";

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => Measure.OfVoices;

    /// <inheritdoc/>
    public override string Order => "attention faults, then word error rate";

    /// <inheritdoc/>
    public override double Rank(EvaluatedClip clip) => clip.Error is not null
        ? double.NegativeInfinity
        : -(clip.Measures.GetValueOrDefault("attention_faults") ?? 0) - (clip.Measures.GetValueOrDefault("word_error_rate") ?? 0);

    /// <inheritdoc/>
    public override IEnumerable<string> Notes(IReadOnlyList<EvaluatedClip> clips)
    {
        var (wrong, said) = (_errors.Sum(error => error.Errors), _errors.Sum(error => error.Words));
        if (said > 0)
        {
            yield return FormattableString.Invariant(
                $"word error of all words together: {(double)wrong / said:F4} ({wrong} of {said}); the recogniser errs by itself: compare it with ")
                + "its figure for recordings of the same texts, never with zero";
        }
    }

    /// <summary>Measures one clip.</summary>
    /// <param name="name">The clip.</param>
    /// <param name="text">What was to be said.</param>
    /// <param name="phones">Number of its phones; 0 where they are not known.</param>
    /// <param name="speech">What was said.</param>
    /// <param name="cancellation">Ends the recogniser.</param>
    protected MeasuredClip MeasureSpeech(string name, string text, int phones, Waveform speech, CancellationToken cancellation)
    {
        var signal = Signal.Of(speech);
        var pitch = PitchTrack.Of(signal);
        var said = words.Of(text);
        var measures = SpeechMeasures.Of(signal, said.Count, phones, pitch);
        string? heard;
        try
        {
            heard = recogniser?.Hear(speech, cancellation);
        }
        catch (CudaTtsException error)
        {
            return MeasuredClip.Failed(name, error.Message);
        }

        var pairs = heard is null ? [] : WordErrors.Align(said, words.Of(heard));
        if (heard is not null)
        {
            var errors = WordErrors.Of(pairs);
            _errors.Add(errors);
            measures["word_error_rate"] = errors.Rate;
        }

        string[] notes = PauseMeasures.Of(signal) is null ? ["nothing sounds: no rate, no pauses"] : [];
        var clip = new EvaluatedClip(name, measures, notes) { Text = text, Heard = heard };
        return new MeasuredClip(clip, new ShownClip(clip, null, signal)
        {
            SoundPitch = pitch,
            Words = pairs,
        });
    }
}
