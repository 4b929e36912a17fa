using System.Buffers.Binary;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>Embedding, layouts and samples.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class TransferKernelTests(Precision precision)
{
    [Test]
    public void ASequenceComesBackAsItWent([Values(1, 31, 33, 80, 257)] int channels, [Values(1, 31, 33, 255)] int steps)
    {
        var device = TestDevice.Open(precision);
        var rows = device.Rows(steps, (steps + 1) / 2);
        var host = ConvolutionCase.Random(precision, 1, 2, channels, steps);
        var sequence = device.Allocate(host.Length).AsSequence(rows, channels);

        device.Upload(host, sequence);
        var back = device.Download(sequence);

        for (var i = 0; i < host.Length; i++)
        {
            var isReal = i % steps < rows.Values[i / steps / channels];
            Assert.That(back.Span[i], Is.EqualTo(isReal ? host.Span[i] : 0), $"element {i}");
        }
    }

    [Test]
    public void StepsOfASequenceAreNeighboursInMemory()
    {
        var device = TestDevice.Open(precision);
        var sequence = device.Allocate(6).AsSequence(device.Rows(3), 2);
        device.Upload(Tensor.From([1, 2, 3, 10, 20, 30], 1, 2, 3), sequence);

        Assert.That(device.Download(sequence.Reshape(6)).Span.ToArray(), Is.EqualTo(new float[] { 1, 10, 2, 20, 3, 30 }));
    }

    [Test]
    public void EmbeddingLooksUpRows([Values(1, 31, 33, 255, 512)] int channels, [Values(1, 33, 257)] int steps)
    {
        var device = TestDevice.Open(precision);
        var table = ConvolutionCase.Random(precision, 1, 9, channels);
        var rows = device.Rows(steps, (steps + 1) / 2);
        int[] ids = [.. Enumerable.Range(0, 2 * steps).Select(i => i % steps < rows.Values[i / steps] ? i * 7 % 9 : -1)];
        var output = device.Allocate(2 * channels * steps).AsSequence(rows, channels);

        device.Embed(ids, device.Store(table), output);

        var actual = device.Download(output);
        for (var i = 0; i < actual.Length; i++)
        {
            var id = ids[(i / steps / channels * steps) + (i % steps)];
            Assert.That(actual.Span[i], Is.EqualTo(id < 0 ? 0 : table.Span[(id * channels) + (i / steps % channels)]), $"element {i}");
        }
    }

    [Test]
    public void AnIdBeyondTheTableIsRefused([Values(-1, 9)] int id)
    {
        var device = TestDevice.Open(precision);
        var output = device.Allocate(8).AsSequence(device.Rows(2), 4);
        Assert.That(() => device.Embed([0, id], device.Store(new Tensor(9, 4)), output), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void SamplesAreRoundedAsTheHostDoes([Values(1, 31, 33, 255, 257, 4096)] int count)
    {
        var samples = KernelValues.Rounded(KernelValues.Random(3, 1.1f, count), precision);
        float[] edges = [1, -1, 0.5f / 32768, -0.5f / 32768, 1.5f / 32768, 32767.5f / 32768, 0];
        edges.AsSpan(0, Math.Min(count, edges.Length)).CopyTo(samples.Span);
        KernelValues.Rounded(samples, precision);
        var bytes = new byte[2 * count];
        Pcm16.Convert(samples.Span, bytes);

        var (actual, damaged) = ToPcm(samples);

        Assert.That(actual, Is.EqualTo(Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i)))));
        Assert.That(damaged, Is.EqualTo(uint.MaxValue));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void TheFirstDamagedSampleIsReported(float value)
    {
        var samples = new Tensor(700);
        samples.Span[600] = value;
        samples.Span[333] = value;

        Assert.That(ToPcm(samples).Damaged, Is.EqualTo(333));
    }

    private (short[] Samples, uint Damaged) ToPcm(Tensor samples)
    {
        var device = TestDevice.Open(precision);
        using var arrays = new DeviceArrays(device);
        var (source, target, damaged) = (arrays.Matrix(samples.Span), arrays.Of<short>(new short[samples.Length]), arrays.Of<uint>([uint.MaxValue]));
        device.Kernels[$"pcm16_{device.Suffix}"].Launch(arrays.Stream, (samples.Length + 255) / 256, 256, 0, source, target, damaged, samples.Length);
        var (values, first) = (new short[samples.Length], new uint[1]);
        arrays.Stream.Download<short>(target, values);
        arrays.Stream.Download<uint>(damaged, first);
        return (values, first[0]);
    }
}
