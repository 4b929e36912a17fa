using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using CudaTts.Cli.Reports;
using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Evaluation;

/// <summary>Measures the clips of a source on all cores, and keeps the sounds of the worst.</summary>
/// <param name="source">The clips.</param>
/// <param name="shown">How many sounds are kept.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class EvaluationRun(EvaluationSource source, int shown, ProgressBar progress)
{
    // The variance of a bootstrap of n values is too small by the factor (n - 1) / n, and few clips are rarely like all others.
    private const int FewClips = 20;

    private readonly Lock _adding = new();
    private readonly SortedDictionary<int, EvaluatedClip> _clips = [];
    private readonly PriorityQueue<ShownClip, (double Goodness, int Index)> _worst = new();

    /// <summary>The clips whose sounds were kept, the worst first; there after <see cref="Run"/>.</summary>
    public IReadOnlyList<ShownClip> Shown { get; private set; } = [];

    /// <summary>Measures all clips.</summary>
    /// <exception cref="CudaTtsException">A device or a voice failed; a clip that cannot be measured is named in the report.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; there is no half report.</exception>
    public EvaluationReport Run(CancellationToken cancellation)
    {
        var jobs = Partitioner.Create(source.Clips(cancellation).Index(), EnumerablePartitionerOptions.NoBuffering);
        var options = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.ForEach(jobs, options, job => Add(job.Index, job.Item()));
        }
        catch (AggregateException errors)
        {
            // One clip's failure ends the others, which then tell of nothing but that.
            var cause = errors.InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException) ?? errors.InnerExceptions[0];
            ExceptionDispatchInfo.Throw(cause);
        }

        // The queue gives the least bad first.
        var kept = new List<ShownClip>();
        while (_worst.TryDequeue(out var clip, out _))
        {
            kept.Insert(0, clip);
        }

        Shown = kept;
        return Report([.. _clips.Values.OrderBy(source.Rank)]);
    }

    private EvaluationReport Report(IReadOnlyList<EvaluatedClip> clips) => new()
    {
        Format = EvaluationReport.FormatName,
        Kind = source.Kind,
        Title = source.Title,
        Created = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Setting = source.Setting,
        Summary = ReportStatistics.Summarise(source.Measures, clips),
        Clips = clips,
        Notes =
        [
            $"clips are ordered by {source.Order}, the worst first",
            "intervals are of 95 %, by bootstrap over clips, 2000 replicates: they say how far the mean of other clips of this kind might be, "
                + "not how well a listener would tell them apart",
            .. clips.Count < FewClips ? [$"of {clips.Count} clips such an interval is too narrow; take {FewClips} or more"] : Array.Empty<string>(),
            .. source.Notes(clips),
        ],
    };

    private void Add(int index, MeasuredClip measured)
    {
        lock (_adding)
        {
            _clips.Add(index, measured.Clip);
            if (measured.Shown is { } sound)
            {
                _worst.Enqueue(sound, (-source.Rank(measured.Clip), -index));
                if (_worst.Count > shown)
                {
                    _worst.Dequeue();
                }
            }

            progress.Report($"{_clips.Count} of {source.Count} clips", (double)_clips.Count / source.Count);
        }
    }
}
