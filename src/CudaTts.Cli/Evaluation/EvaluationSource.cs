using CudaTts.Cli.Reports;
using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Evaluation;

/// <summary>Clips to be measured: pairs of files, recordings through a vocoder, texts through a voice.</summary>
internal abstract class EvaluationSource : IDisposable
{
    /// <summary>The kind of a report: pairs, vocoder or voice.</summary>
    public abstract string Kind { get; }

    /// <summary>What is evaluated, for a heading.</summary>
    public abstract string Title { get; }

    /// <summary>With what it is evaluated.</summary>
    public abstract IReadOnlyDictionary<string, string> Setting { get; }

    /// <summary>What is measured.</summary>
    public abstract IReadOnlyList<Measure> Measures { get; }

    /// <summary>By what clips are put in order, in words.</summary>
    public abstract string Order { get; }

    /// <summary>How many clips there are.</summary>
    public abstract int Count { get; }

    /// <summary>
    /// What is left to do for each clip, in order. What the enumeration itself does is done one clip after the other; what it returns may be called
    /// on several threads.
    /// </summary>
    public abstract IEnumerable<Func<MeasuredClip>> Clips(CancellationToken cancellation);

    /// <summary>How good a clip is, for the order of clips.</summary>
    public abstract double Rank(EvaluatedClip clip);

    /// <summary>What must be said of all clips together.</summary>
    public virtual IEnumerable<string> Notes(IReadOnlyList<EvaluatedClip> clips) => [];

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the source holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A clip with what its pictures and players are made of.</summary>
/// <param name="Clip">The figures.</param>
/// <param name="Shown">Its sounds, pitch and alignments; null where there is nothing to hear.</param>
internal sealed record MeasuredClip(EvaluatedClip Clip, ShownClip? Shown)
{
    /// <summary>A clip of which there is nothing to measure.</summary>
    public static MeasuredClip Failed(string name, string error) =>
        new(new EvaluatedClip(name, new Dictionary<string, double?>(), []) { Error = error }, null);
}
