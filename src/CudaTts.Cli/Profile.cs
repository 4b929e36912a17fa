using CudaTts.Compute;
using CudaTts.Cuda;

namespace CudaTts.Cli;

/// <summary>Speaks one text several times and says what its time went to.</summary>
internal sealed class Profile(string text, int runs, CancellationToken cancellation)
{
    private readonly List<StageTime> _stages = [];
    private readonly List<LaunchTime> _launches = [];

    /// <summary>Measures, by events on the device; a profiler outside is told of the same stages by name.</summary>
    /// <param name="synthesizer">The voice.</param>
    /// <param name="trace">A file for the time of every single stage and launch, or none.</param>
    public ProfileReport Measure(SpeechSynthesizer synthesizer, string? trace)
    {
        var result = Speak(synthesizer);
        using var recorder = new StageRecorder(synthesizer.Device, withLaunches: true);
        var table = new StageTable(synthesizer, result);
        for (var run = 0; run < runs; run++)
        {
            var total = Speak(synthesizer).Timings.Total;
            var stages = recorder.TakeStages();
            _stages.AddRange(stages);
            _launches.AddRange(recorder.TakeLaunches());
            table.Add(stages, total);
        }

        var name = synthesizer.Device.DisplayName;
        if (trace is not null)
        {
            TraceFile.Write(trace, name, _stages, _launches);
        }

        return new ProfileReport(
            text, synthesizer.Voice.Manifest.Name, synthesizer.Voice.Vocoder.Title, synthesizer.Device.Name, name,
            synthesizer.Device.Precision == Precision.Half ? "float16" : "float32", runs, result.Audio.Duration.TotalSeconds,
                Note(synthesizer.Device.Kind),
            table.Stages(), KernelTable.Of(_launches, runs));
    }

    /// <summary>Only speaks, for a profiler outside.</summary>
    public void Run(SpeechSynthesizer synthesizer)
    {
        _ = Speak(synthesizer);
        for (var run = 0; run < runs; run++)
        {
            Nvtx.Push(NsightTool.RunRange);
            _ = Speak(synthesizer);
            Nvtx.Pop();
        }
    }

    private SpeechResult Speak(SpeechSynthesizer synthesizer) => synthesizer.Speak(text, new SpeechOptions { Attempts = 1, Seed = 0 }, cancellation);

    private static string Note(DeviceKind kind) => kind switch
    {
        DeviceKind.EmulatedGpu =>
            "the emulated device plays a GPU on the CPU: its times are no GPU's, it has no registers; "
                + "launches, grids, blocks and shared memory are a GPU's",
        DeviceKind.Gpu =>
            "two events stand around every launch, which makes short kernels seem slower, and the decoder's steps are launched without graphs",
        _ => "the CPU has stages only; kernels are a GPU's",
    };
}
