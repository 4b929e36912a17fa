using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Cuda;

/// <summary>A stream that several threads use.</summary>
[TestFixture]
internal sealed class SharedStreamTests
{
    private const int Count = 1000;

    [Test]
    public void Each_thread_finds_its_own_work_done_in_its_order()
    {
        const int Rounds = 30;
        var context = TestDevice.Open(Precision.Full).Context;
        using var stream = new CudaStream(context);
        var wrong = new int[2];
        var threads = Enumerable.Range(0, wrong.Length).Select(number => new Thread(() =>
        {
            using var memory = new CudaMemory(context, sizeof(int) * Count);
            var (sent, received) = (new int[Count], new int[Count]);
            for (var round = 0; round < Rounds; round++)
            {
                Array.Fill(sent, (number * Rounds) + round);
                stream.Upload<int>(sent, memory.Address);
                stream.Clear(memory.Address, sizeof(int) * (Count / 2));
                stream.Download<int>(memory.Address, received);
                Array.Clear(sent, 0, Count / 2);
                wrong[number] += received.AsSpan().SequenceEqual(sent) ? 0 : 1;
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.That(wrong, Is.All.Zero);
    }

    [Test]
    public void While_a_graph_is_recorded_other_threads_are_refused()
    {
        var context = TestDevice.Open(Precision.Full).Context;
        using var stream = new CudaStream(context);
        using var memory = new CudaMemory(context, sizeof(int) * Count);
        stream.Fill(memory.Address, 7, Count);
        Exception? error = null;

        using var graph = stream.Capture(() =>
        {
            stream.Fill(memory.Address, 9, Count);
            var other = new Thread(() => error = Assert.Catch(() => stream.Clear(memory.Address, sizeof(int) * Count)));
            other.Start();
            other.Join();
        });

        Assert.That(error, Is.TypeOf<InvalidOperationException>().With.Message.Contains("another thread"));
        var values = new int[Count];
        stream.Download<int>(memory.Address, values);
        Assert.That(values, Is.All.EqualTo(7), "nothing was run");
        graph.Launch(stream);
        stream.Download<int>(memory.Address, values);
        Assert.That(values, Is.All.EqualTo(9), "nothing else was recorded");
    }

    [Test]
    public void Times_of_launches_do_not_overlap()
    {
        const int Launches = 20;
        var device = TestDevice.Open(Precision.Full);
        using var clock = new DeviceClock(device.Context);
        using var recorder = new LaunchRecorder(clock);
        using var stream = new CudaStream(device.Context);
        var kernel = device.Kernels["convert_f32_to_f16"];
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            using var source = new CudaMemory(device.Context, sizeof(float) * Count);
            using var target = new CudaMemory(device.Context, sizeof(short) * Count);
            stream.Clear(source.Address, source.Bytes);
            for (var launch = 0; launch < Launches; launch++)
            {
                kernel.Launch(stream, 4, 256, 0, source.Address, target.Address, (long)Count);
            }

            stream.Synchronize();
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        var launches = recorder.Take().OrderBy(launch => launch.Start).ToList();

        Assert.That(launches, Has.Count.EqualTo(2 * Launches));
        var resolution = TimeSpan.FromMicroseconds(2);
        Assert.That(launches.Zip(launches.Skip(1), (one, next) => one.Start + one.Time <= next.Start + resolution), Is.All.True);
    }
}
