namespace CudaTts.Tests.Emulation;

/// <summary>Streams, events and graphs of the emulated device.</summary>
[NonParallelizable]
public sealed unsafe class GraphTests
{
    private EmulatedDevice _device = null!;

    [SetUp]
    public void Open() => _device = new EmulatedDevice();

    [TearDown]
    public void Close() => _device?.Dispose();

    [Test]
    public void A_graph_repeats_what_was_captured_and_capturing_does_nothing()
    {
        var (stream, values, copy) = (CreateStream(), EmulatedDevice.Allocate(new float[33]), EmulatedDevice.Allocate(new float[33]));
        Begin(stream);
        EmulatedDevice.Check(AddScalar(stream, values, 1.5f));
        EmulatedDevice.Check(AddScalar(stream, values, 0.25f));
        EmulatedDevice.Check(CopyOnDevice(copy, values, 33 * 4, stream));
        var graph = End(stream);
        Assert.That(EmulatedDevice.Read<float>(values, 33), Is.All.Zero);

        var executable = Instantiate(graph);
        EmulatedDevice.Check(Launch(executable, stream));
        EmulatedDevice.Check(Launch(executable, stream));
        Assert.That(EmulatedDevice.Read<float>(copy, 33), Is.All.EqualTo(3.5f));
    }

    [Test]
    public void An_update_changes_parameters_and_keeps_the_topology()
    {
        var (stream, values) = (CreateStream(), EmulatedDevice.Allocate(new float[33]));
        var executable = Instantiate(CaptureAdditions(stream, values, 1f, 2f));
        int information;
        EmulatedDevice.Check(Update(executable, CaptureAdditions(stream, values, 10f, 20f), &information));
        EmulatedDevice.Check(Launch(executable, stream));
        Assert.That(EmulatedDevice.Read<float>(values, 33), Is.All.EqualTo(30f));

        Assert.That(Update(executable, CaptureAdditions(stream, values, 5f), &information), Is.EqualTo(EmulatedDevice.GraphUpdateFailure));
        Assert.That(information, Is.EqualTo(2), "CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED");
        EmulatedDevice.Check(Launch(executable, stream));
        Assert.That(EmulatedDevice.Read<float>(values, 33), Is.All.EqualTo(60f), "a refused update leaves the graph as it was");
    }

    [Test]
    public void Another_stream_takes_part_when_it_waits_for_an_event_and_must_be_joined()
    {
        var (first, second, values) = (CreateStream(), CreateStream(), EmulatedDevice.Allocate(new float[33]));
        var (fork, join) = (CreateEvent(0), CreateEvent(0));
        Begin(first);
        Fork();
        EmulatedDevice.Check(AddScalar(second, values, 1f));
        nint graph;
        Assert.That(TryEnd(first, &graph), Is.EqualTo(EmulatedDevice.StreamCaptureUnjoined));

        Begin(first);
        Fork();
        EmulatedDevice.Check(AddScalar(second, values, 1f));
        EmulatedDevice.Check(Record(join, second));
        EmulatedDevice.Check(Wait(first, join));
        EmulatedDevice.Check(AddScalar(first, values, 2f));
        EmulatedDevice.Check(Launch(Instantiate(End(first)), first));
        Assert.That(EmulatedDevice.Read<float>(values, 33), Is.All.EqualTo(3f));

        void Fork()
        {
            EmulatedDevice.Check(Record(fork, first));
            EmulatedDevice.Check(Wait(second, fork));
        }
    }

    [Test]
    public void What_cannot_be_captured_breaks_the_capture()
    {
        var (stream, values) = (CreateStream(), EmulatedDevice.Allocate(new float[33]));
        Begin(stream);
        Assert.That(Synchronize(stream), Is.EqualTo(EmulatedDevice.StreamCaptureUnsupported));
        Assert.That(AddScalar(stream, values, 1f), Is.EqualTo(EmulatedDevice.StreamCaptureInvalidated));
        nint graph;
        Assert.That(TryEnd(stream, &graph), Is.EqualTo(EmulatedDevice.StreamCaptureInvalidated));

        Begin(stream);
        Assert.That(EmulatedDevice.Free(values), Is.EqualTo(EmulatedDevice.StreamCaptureUnsupported),
            "memory is not freed while a stream is captured");
        Assert.That(TryEnd(stream, &graph), Is.EqualTo(EmulatedDevice.StreamCaptureInvalidated));
        EmulatedDevice.Check(AddScalar(stream, values, 1f));
        Assert.That(EmulatedDevice.Read<float>(values, 33), Is.All.EqualTo(1f), "afterwards the stream works as before");
    }

    [TestCase("cuStreamCreate")]
    [TestCase("cuEventCreate")]
    public void What_a_thread_records_it_makes_no_streams_and_events_for(string function)
    {
        int Create()
        {
            nint handle;
            return ((delegate* unmanaged<nint*, uint, int>)EmulatedDevice.Function(function))(&handle, 0);
        }

        var stream = CreateStream();
        Begin(stream, mode: 1);
        var result = 0;
        var other = new Thread(() => result = Create());
        other.Start();
        other.Join();
        Assert.That(result, Is.Zero, "another thread may");
        Assert.That(Create(), Is.EqualTo(EmulatedDevice.StreamCaptureUnsupported));
        nint graph;
        Assert.That(TryEnd(stream, &graph), Is.EqualTo(EmulatedDevice.StreamCaptureInvalidated));
        EmulatedDevice.Check(Create());
    }

    [Test]
    public void A_copy_from_page_locked_memory_is_made_as_late_as_the_program_allows()
    {
        var (stream, copied, values) = (CreateStream(), CreateEvent(2), EmulatedDevice.Allocate(new int[3]));
        int* allocated;
        EmulatedDevice.Check(
            ((delegate* unmanaged<int**, nuint, uint, int>)EmulatedDevice.Function("cuMemHostAlloc"))(&allocated, 3 * sizeof(int), 0));
        var host = allocated;
        void Copy(int index) =>
            EmulatedDevice.Check(((delegate* unmanaged<ulong, void*, nuint, nint, int>)EmulatedDevice.Function("cuMemcpyHtoDAsync_v2"))(
            values + (sizeof(int) * (ulong)index), host + index, sizeof(int), stream));
        (host[0], host[1], host[2]) = (1, 1, 1);
        Copy(0);
        EmulatedDevice.Check(Record(copied, stream));
        Copy(1);
        EmulatedDevice.Check(((delegate* unmanaged<nint, int>)EmulatedDevice.Function("cuEventSynchronize"))(copied));
        (host[0], host[1]) = (2, 2);
        EmulatedDevice.Check(Synchronize(stream));
        Assert.That(EmulatedDevice.Read<int>(values, 2), Is.EqualTo(new[] { 1, 2 }),
            "only the first was waited for before its source was written again");

        Copy(2);
        EmulatedDevice.Check(AddScalar(stream, EmulatedDevice.Allocate(new float[33]), 1f));
        host[2] = 2;
        Assert.That(EmulatedDevice.Read<int>(values, 3), Is.EqualTo(new[] { 1, 2, 1 }), "a stream does its work in order");
    }

    [Test]
    public void A_graph_with_a_freed_pointer_does_not_run()
    {
        var (stream, values) = (CreateStream(), EmulatedDevice.Allocate(new float[33]));
        var executable = Instantiate(CaptureAdditions(stream, values, 1f));
        EmulatedDevice.Check(EmulatedDevice.Free(values));
        Assert.That(Launch(executable, stream), Is.EqualTo(EmulatedDevice.InvalidValue));
        Assert.That(EmulatedDevice.Report, Does.Contain("freed"));
    }

    [Test]
    public void Events_measure_time_when_they_may()
    {
        var (start, end, silent) = (CreateEvent(0), CreateEvent(0), CreateEvent(2));
        float milliseconds;
        var elapsed = (delegate* unmanaged<float*, nint, nint, int>)EmulatedDevice.Function("cuEventElapsedTime");
        Assert.That(elapsed(&milliseconds, start, end), Is.EqualTo(EmulatedDevice.InvalidHandle), "not recorded");
        EmulatedDevice.Check(Record(start, 0));
        EmulatedDevice.Check(Record(end, 0));
        EmulatedDevice.Check(Record(silent, 0));
        EmulatedDevice.Check(elapsed(&milliseconds, start, end));
        Assert.That(milliseconds, Is.GreaterThanOrEqualTo(0f));
        Assert.That(elapsed(&milliseconds, start, silent), Is.EqualTo(EmulatedDevice.InvalidHandle), "made without timing");
    }

    [Test]
    public void Objects_are_counted()
    {
        var before = EmulatedDevice.LiveObjects;
        var (stream, happening) = (CreateStream(), CreateEvent(0));
        Assert.That(EmulatedDevice.LiveObjects, Is.EqualTo(before + 2));
        EmulatedDevice.Check(((delegate* unmanaged<nint, int>)EmulatedDevice.Function("cuStreamDestroy_v2"))(stream));
        EmulatedDevice.Check(((delegate* unmanaged<nint, int>)EmulatedDevice.Function("cuEventDestroy_v2"))(happening));
        Assert.That(EmulatedDevice.LiveObjects, Is.EqualTo(before));
    }

    private static nint CreateStream()
    {
        nint stream;
        EmulatedDevice.Check(((delegate* unmanaged<nint*, uint, int>)EmulatedDevice.Function("cuStreamCreate"))(&stream, 1));
        return stream;
    }

    private static nint CreateEvent(uint flags)
    {
        nint handle;
        EmulatedDevice.Check(((delegate* unmanaged<nint*, uint, int>)EmulatedDevice.Function("cuEventCreate"))(&handle, flags));
        return handle;
    }

    private static void Begin(nint stream, int mode = 0) =>
        EmulatedDevice.Check(((delegate* unmanaged<nint, int, int>)EmulatedDevice.Function("cuStreamBeginCapture_v2"))(stream, mode));

    private static int TryEnd(nint stream, nint* graph) =>
        ((delegate* unmanaged<nint, nint*, int>)EmulatedDevice.Function("cuStreamEndCapture"))(stream, graph);

    private static nint End(nint stream)
    {
        nint graph;
        EmulatedDevice.Check(TryEnd(stream, &graph));
        return graph;
    }

    private static nint Instantiate(nint graph)
    {
        nint executable;
        EmulatedDevice.Check(
            ((delegate* unmanaged<nint*, nint, ulong, int>)EmulatedDevice.Function("cuGraphInstantiateWithFlags"))(&executable, graph, 0));
        return executable;
    }

    private static int Launch(nint executable, nint stream) =>
        ((delegate* unmanaged<nint, nint, int>)EmulatedDevice.Function("cuGraphLaunch"))(executable, stream);

    // information: the first of the result's three words, which is the kind of failure.
    private static int Update(nint executable, nint graph, int* information)
    {
        var words = stackalloc nint[3];
        var result = ((delegate* unmanaged<nint, nint, nint*, int>)EmulatedDevice.Function("cuGraphExecUpdate_v2"))(executable, graph, words);
        *information = (int)words[0];
        return result;
    }

    private static int Synchronize(nint stream) => ((delegate* unmanaged<nint, int>)EmulatedDevice.Function("cuStreamSynchronize"))(stream);

    private static int Record(nint handle, nint stream) =>
        ((delegate* unmanaged<nint, nint, int>)EmulatedDevice.Function("cuEventRecord"))(handle, stream);

    private static int Wait(nint stream, nint handle) =>
        ((delegate* unmanaged<nint, nint, uint, int>)EmulatedDevice.Function("cuStreamWaitEvent"))(stream, handle, 0);

    private static int CopyOnDevice(ulong destination, ulong source, int bytes, nint stream) =>
        ((delegate* unmanaged<ulong, ulong, nuint, nint, int>)EmulatedDevice.Function("cuMemcpyDtoDAsync_v2"))(
            destination, source, (nuint)bytes, stream);

    private int AddScalar(nint stream, ulong values, float scalar) =>
        EmulatedDevice.LaunchFunction(_device.Kernel("add_scalar"), (2, 1, 1), (32, 1, 1), 0, stream, false, values, scalar, 33);

    private nint CaptureAdditions(nint stream, ulong values, params float[] scalars)
    {
        Begin(stream);
        foreach (var scalar in scalars)
        {
            EmulatedDevice.Check(AddScalar(stream, values, scalar));
        }

        return End(stream);
    }
}
