using CudaTts.Compute;

namespace CudaTts.Cli;

/// <summary>What the stages of one text took in several runs, beside what they have to do and what the device could do at most.</summary>
internal sealed class StageTable
{
    private static readonly Stage[] s_order = Enum.GetValues<Stage>();

    private readonly SpeechSynthesizer _synthesizer;
    private readonly SpeechResult _result;
    private readonly List<IReadOnlyList<StageTime>> _runs = [];
    private readonly List<TimeSpan> _totals = [];

    /// <param name="synthesizer">Whose stages.</param>
    /// <param name="result">What every run makes.</param>
    public StageTable(SpeechSynthesizer synthesizer, SpeechResult result)
    {
        (_synthesizer, _result) = (synthesizer, result);
        Peak = PeakOf(synthesizer.Device);
    }

    /// <summary>What the device could do at most, or why that is not said.</summary>
    public BenchPeak Peak { get; }

    /// <summary>Time in which at least one run of a stage was under way: rows that several threads run side by side count once.</summary>
    public static TimeSpan Covered(IEnumerable<StageTime> stages, Stage stage) => Covered(stages.Where(time => time.Path == StageNames.Of(stage)));

    /// <summary>Takes the stages of one more run.</summary>
    public void Add(IReadOnlyList<StageTime> stages, TimeSpan total)
    {
        _runs.Add(stages);
        _totals.Add(total);
    }

    /// <summary>Each stage in the order of the pipeline, those within it behind it; at last all together.</summary>
    public List<BenchStage> Stages()
    {
        var paths = _runs.SelectMany(run => run).Select(time => time.Path).Distinct()
            .OrderBy(path => Array.FindIndex(s_order, stage => StageNames.Of(stage) == path.Split('/')[0]))
                .ThenBy(path => path, StringComparer.Ordinal);
        return [.. paths.Select(StageOf), Summary("total", "host", _totals)];
    }

    private BenchStage StageOf(string path)
    {
        var times = _runs.Select(run => run.Where(time => time.Path == path).ToList()).ToList();
        var onDevice = times.SelectMany(run => run).All(time => time.DeviceTime is not null);
        var stage = times.First(run => run.Count > 0)[0].Stage;
        var summary = Summary(path, onDevice ? "device" : "host", times.Select(Covered));
        var works = _result.Sentences.Select(sentence => _synthesizer.Voice.WorkOf(stage, sentence.Tokens.Ids.Length, sentence.Mel.Mel[2])).ToList();
        if (path.Contains('/', StringComparison.Ordinal) || works.Any(work => work is null))
        {
            return summary;
        }

        var work = works.Aggregate(default(StageWork), (sum, one) => sum + one!.Value);
        var (operations, bytes) = (work.Operations / summary.MedianSeconds, work.Bytes / summary.MedianSeconds);
        return summary with
        {
            Operations = work.Operations,
            Bytes = work.Bytes,
            OperationsPerSecond = operations,
            BytesPerSecond = bytes,
            ShareOfPeakOperations = operations / Peak.OperationsPerSecond,
            ShareOfPeakBandwidth = bytes / Peak.BytesPerSecond,
        };
    }

    private static BenchStage Summary(string name, string clock, IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToList();
        return new BenchStage(name, clock, (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2, sorted[0]);
    }

    private static TimeSpan Covered(IEnumerable<StageTime> times)
    {
        var (covered, end) = (TimeSpan.Zero, TimeSpan.MinValue);
        foreach (var (start, time) in times.Select(time => (Start: time.DeviceStart ?? time.HostStart, time.Time)).OrderBy(time => time.Start))
        {
            var from = start > end ? start : end;
            var to = start + time;
            covered += to > from ? to - from : TimeSpan.Zero;
            end = to > end ? to : end;
        }

        return covered;
    }

    private static BenchPeak PeakOf(ComputeDevice device)
    {
        if (device.Kind == DeviceKind.EmulatedGpu)
        {
            return new BenchPeak("the emulated device's times are those of the CPU that plays it and say nothing of a GPU", null, null);
        }

        if (device.Peak is not { } peak)
        {
            return new BenchPeak("the peak of this processor is not known", null, null);
        }

        var operations = device.Precision == Precision.Half ? peak.TensorOperations : peak.FloatOperations;
        return new BenchPeak(operations is null ? $"the rates of the {device.DisplayName} are not known" : null, operations, peak.MemoryBytes);
    }
}
