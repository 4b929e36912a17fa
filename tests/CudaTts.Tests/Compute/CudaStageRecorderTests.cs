using System.Runtime.InteropServices;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;
using CudaTts.Tests.Models.Tacotron2;

namespace CudaTts.Tests.Compute;

/// <summary>Stages and launches of a CUDA device, by its events.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class CudaStageRecorderTests(Precision precision)
{
    private static readonly int[] s_ids = [1, 2, 3, 4, 5];
    private static readonly Tacotron2Options s_options = new() { GateThreshold = 1, MaxSteps = 20 };

    [Test]
    public void Every_stage_of_the_acoustic_model_has_a_time_on_the_device()
    {
        var device = TestDevice.Open(precision);
        using var model = new Tacotron2Model(Tacotron2Models.Tiny, Tacotron2Models.WeightsOf(Tacotron2Models.Tiny), device);
        using var recorder = new StageRecorder(device);
        model.Synthesize(s_ids, s_options);

        var stages = recorder.TakeStages();

        Assert.That(stages.Select(stage => stage.Path), Is.EqualTo(new[] { "encoder", "decoder", "postnet/download", "postnet" }));
        Assert.That(stages.Select(stage => stage.DeviceTime), Is.All.Not.Null);
        Assert.That(stages.Select(stage => stage.DeviceTime!.Value), Is.All.GreaterThanOrEqualTo(TimeSpan.Zero));
        Assert.That(stages[1].DeviceTime, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(stages[1].DeviceStart!.Value, Is.GreaterThanOrEqualTo(stages[0].DeviceStart!.Value), "the decoder follows the encoder");
        Assert.That(recorder.TakeLaunches(), Is.Empty, "they were not asked for");
    }

    [Test]
    public void Launches_are_seen_one_by_one_without_graphs()
    {
        var device = TestDevice.Open(precision);
        var config = Tacotron2Models.Tiny;

        // Stepwise: a window is not for the decoder that stays on the chip.
        var options = s_options with { Window = AttentionWindow.Default };
        using var model = new Tacotron2Model(config, Tacotron2Models.WeightsOf(config), device);
        var unseen = model.Synthesize(s_ids, options);
        using var recorder = new StageRecorder(device, withLaunches: true);
        var seen = model.Synthesize(s_ids, options);

        var launches = recorder.TakeLaunches();

        Assert.That(seen.Mel.Span.ToArray(), Is.EqualTo(unseen.Mel.Span.ToArray()), "measuring changes no sample");
        var counts = launches.CountBy(launch => launch.Kernel.Name).ToDictionary();
        Assert.That(counts[$"attention_energies_{device.Suffix}"], Is.EqualTo(20));
        Assert.That(counts[$"lstm_cell_{device.Suffix}"], Is.EqualTo(40));
        Assert.That(launches.Select(launch => launch.Time), Is.All.GreaterThanOrEqualTo(TimeSpan.Zero));
        Assert.That(launches.Select(launch => launch.Block.Count), Is.All.GreaterThan(0));
        Assert.That(launches.Select(launch => launch.Stream).Distinct().Count(), Is.EqualTo(2), "the decoder's stream and the others'");
    }

    [Test]
    public void Nothing_is_left_behind()
    {
        var device = TestDevice.Open(precision);
        if (!device.Context.IsEmulated)
        {
            Assert.Ignore("only the emulated device counts what is alive");
        }

        var before = LiveObjects();
        using (var recorder = new StageRecorder(device, withLaunches: true))
        {
            Work(device);
            recorder.TakeStages();
            recorder.TakeLaunches();
            Work(device);
            Assert.That(LiveObjects(), Is.GreaterThan(before), "marks wait to be read");
        }

        Assert.That(LiveObjects(), Is.EqualTo(before));
        Assert.That((device.Stages, device.Context.RecordsLaunches), Is.EqualTo(((StageRecorder?)null, false)));
    }

    [Test]
    public void Marks_are_used_again()
    {
        var device = TestDevice.Open(precision);
        using var clock = new DeviceClock(device.Context);
        var (first, second) = (clock.Mark(device.Stream), clock.Mark(device.Stream));
        device.Context.Synchronize();
        var (start, time) = clock.Read(first, second);
        Assert.That(start, Is.GreaterThanOrEqualTo(TimeSpan.Zero));
        Assert.That(time, Is.GreaterThanOrEqualTo(TimeSpan.Zero));
        Assert.That(new[] { clock.Mark(device.Stream), clock.Mark(device.Stream) }, Is.EquivalentTo(new[] { first, second }));
        first.Dispose();
        second.Dispose();
    }

    private static void Work(CudaCompute device)
    {
        using var stage = device.BeginStage(Stage.Vocoder);
        var sequence = device.Allocate(ElementType.Float16, 2, 3);
        _ = device.Download(sequence);
    }

    private static unsafe long LiveObjects()
    {
        // Events that tests before this one dropped are not to go away in the midst of it.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (long)((delegate* unmanaged<nuint>)NativeLibrary.GetExport(CudaDriver.Used!.Library, "cudatts_emulated_live_objects"))();
    }
}
