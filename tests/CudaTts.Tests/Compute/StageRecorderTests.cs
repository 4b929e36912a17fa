using CudaTts.Compute;
using CudaTts.Compute.Cpu;

namespace CudaTts.Tests.Compute;

/// <summary>Stages on the CPU: how they lie within each other, and that nobody pays for them who does not ask.</summary>
[TestFixture]
internal sealed class StageRecorderTests
{
    [Test]
    public void Stages_lie_within_each_other()
    {
        using var device = new CpuCompute(threads: 1);
        using var recorder = new StageRecorder(device);
        using (device.BeginStage(Stage.Vocoder))
        {
            using (device.BeginStage(Stage.Download))
            {
            }

            using (device.BeginHostStage(Stage.Samples))
            {
            }
        }

        using (device.BeginStage(Stage.Text))
        {
        }

        var stages = recorder.TakeStages();
        Assert.That(stages.Select(stage => stage.Path), Is.EqualTo(new[] { "vocoder/download", "vocoder/samples", "vocoder", "text" }));
        Assert.That(stages.Select(stage => stage.DeviceTime), Is.All.Null);
        Assert.That(stages[2].HostTime, Is.GreaterThanOrEqualTo(stages[0].HostTime + stages[1].HostTime));
        Assert.That(stages[2].HostStart, Is.LessThanOrEqualTo(stages[0].HostStart));
        Assert.That(recorder.TakeStages(), Is.Empty, "what has been taken");
        Assert.That(recorder.TakeLaunches(), Is.Empty, "the CPU launches no kernels");
    }

    [Test]
    public void Threads_have_stages_of_their_own()
    {
        using var device = new CpuCompute(threads: 1);
        using var recorder = new StageRecorder(device);
        using (device.BeginStage(Stage.Decoder))
        {
            var other = new Thread(() =>
            {
                using var stage = device.BeginStage(Stage.Vocoder);
            });
            other.Start();
            other.Join();
        }

        Assert.That(recorder.TakeStages().Select(stage => stage.Path), Is.EqualTo(new[] { "vocoder", "decoder" }));
    }

    [Test]
    public void A_stage_that_fails_ends_all_the_same()
    {
        using var device = new CpuCompute(threads: 1);
        using var recorder = new StageRecorder(device);
        Assert.That(
            () =>
            {
                using var stage = device.BeginStage(Stage.Encoder);
                throw new CudaTtsException("on purpose");
            },
            Throws.TypeOf<CudaTtsException>());
        using (device.BeginStage(Stage.Postnet))
        {
        }

        Assert.That(recorder.TakeStages().Select(stage => stage.Path), Is.EqualTo(new[] { "encoder", "postnet" }));
    }

    [Test]
    public void Without_a_recorder_a_stage_is_nothing_and_allocates_nothing()
    {
        using var device = new CpuCompute(threads: 1);
        using (device.BeginStage(Stage.Encoder))
        {
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            using var stage = device.BeginStage(Stage.Encoder);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        using (var recorder = new StageRecorder(device))
        {
            Assert.That(() => new StageRecorder(device), Throws.InvalidOperationException);
        }

        Assert.That(device.Stages, Is.Null);
    }
}
