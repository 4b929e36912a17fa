using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Tests.Emulation;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Cuda;

/// <summary>Uploads by way of page-locked memory; the emulated device makes such copies as late as it may.</summary>
[TestFixture]
internal sealed class UploadRingTests
{
    private const int Part = UploadRing.PartBytes;
    private const int All = UploadRing.Parts * Part;

    [TestCase(1)]
    [TestCase(Part - 1, 1, 1)]
    [TestCase(Part, Part, Part, Part, Part, 1)]
    [TestCase(Part + 1)]
    [TestCase(All + 1, 3, All - 1, 5)]
    [TestCase(3, 2 * All, 7, Part - 128, 128, 129)]
    public void What_is_uploaded_arrives(params int[] sizes)
    {
        var device = TestDevice.Open(Precision.Full);
        using var stream = new CudaStream(device.Context);
        using var arena = new CudaArena(device.Context, "a test", sizes.Sum(size => CudaArena.SizeOf(size)));
        var random = new Random(5);
        var sent = new List<(byte[] Bytes, CUdeviceptr Target)>();
        foreach (var size in sizes)
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            var target = arena.Take(size);
            stream.Upload<byte>(bytes, target);
            sent.Add(((byte[])bytes.Clone(), target));
            bytes.AsSpan().Clear();
        }

        foreach (var (bytes, target) in sent)
        {
            var arrived = new byte[bytes.Length];
            stream.Download<byte>(target, arrived);
            Assert.That(arrived.AsSpan().SequenceEqual(bytes), $"{bytes.Length} bytes");
        }
    }

    [Test]
    public void Small_uploads_wait_for_nothing()
    {
        var device = TestDevice.Open(Precision.Full);
        using var stream = new CudaStream(device.Context);
        using var memory = new CudaMemory(device.Context, 1024);
        void Upload() => stream.Upload<byte>(new byte[1000], memory.Address);
        Upload();

        var calls = EmulatedDriver.CallsIn(
            () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    Upload();
                }
            },
            "cuMemcpyHtoDAsync_v2", "cuStreamSynchronize", "cuEventSynchronize", "cuMemHostAlloc");

        Assert.That(calls, Is.EqualTo(new[] { 100, 0, 0, 0 }));
    }

    [Test]
    public void Threads_that_share_a_stream_upload_side_by_side()
    {
        const int Threads = 4, Ints = 50_000;
        var device = TestDevice.Open(Precision.Full);
        using var stream = new CudaStream(device.Context);
        using var memory = new CudaMemory(device.Context, sizeof(int) * Threads * Ints);
        Parallel.For(0, Threads, thread =>
        {
            for (var at = 0; at < Ints; at += 1000)
            {
                stream.Upload<int>(Enumerable.Repeat(thread + 1, 1000).ToArray(), memory.Address + (sizeof(int) * (((long)thread * Ints) + at)));
            }
        });

        var arrived = new int[Threads * Ints];
        stream.Download<int>(memory.Address, arrived);
        Assert.That(arrived, Is.EqualTo(Enumerable.Range(0, Threads * Ints).Select(i => (i / Ints) + 1)));
    }
}
