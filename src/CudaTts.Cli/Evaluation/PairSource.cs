using CudaTts.Audio;
using CudaTts.Cli.Reports;
using CudaTts.Quality;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Signals;

namespace CudaTts.Cli.Evaluation;

/// <summary>Pairs of recordings: what it should sound like, and what it does.</summary>
/// <param name="title">What the pairs are, for a heading.</param>
/// <param name="pairs">Names and files.</param>
internal sealed class PairSource(string title, IReadOnlyList<RecordingPair> pairs) : EvaluationSource
{
    /// <inheritdoc/>
    public override string Kind => "pairs";

    /// <inheritdoc/>
    public override string Title => title;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Setting { get; } = new Dictionary<string, string> { ["cudatts"] = Build.Version };

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => Measure.OfPairs;

    /// <inheritdoc/>
    public override string Order => "PESQ (wide-band where there is one)";

    /// <inheritdoc/>
    public override int Count => pairs.Count;

    /// <inheritdoc/>
    public override IEnumerable<Func<MeasuredClip>> Clips(CancellationToken cancellation) => pairs.Select(pair => (Func<MeasuredClip>)(() =>
    {
        try
        {
            return Compare(pair.Name, Signal.Of(AudioFile.Read(pair.Reference)), Signal.Of(AudioFile.Read(pair.Degraded)));
        }
        catch (AudioException error)
        {
            return MeasuredClip.Failed(pair.Name, error.Message);
        }
    }));

    /// <inheritdoc/>
    public override double Rank(EvaluatedClip clip) => RankOfPair(clip);

    /// <summary>Measures one pair.</summary>
    public static MeasuredClip Compare(string name, Signal reference, Signal degraded)
    {
        var (scores, referencePitch, soundPitch) = PairEvaluation.MeasureWithPitch(reference, degraded);
        var clip = new EvaluatedClip(name, PairMeasures.Of(scores), scores.Notes);
        return new MeasuredClip(clip, new ShownClip(clip, reference, degraded) { ReferencePitch = referencePitch, SoundPitch = soundPitch });
    }

    /// <summary>The PESQ of a pair; what has none comes first.</summary>
    public static double RankOfPair(EvaluatedClip clip) =>
        clip.Measures.GetValueOrDefault("pesq_wb") ?? clip.Measures.GetValueOrDefault("pesq_nb") ?? double.NegativeInfinity;
}

/// <summary>Two recordings of one clip.</summary>
/// <param name="Name">The clip.</param>
/// <param name="Reference">The file of what it should sound like.</param>
/// <param name="Degraded">The file of what it sounds like.</param>
internal sealed record RecordingPair(string Name, string Reference, string Degraded);
