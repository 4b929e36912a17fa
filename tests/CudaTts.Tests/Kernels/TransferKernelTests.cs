using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>Embedding and layouts.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class TransferKernelTests(Precision precision)
{
    [Test]
    public void A_sequence_comes_back_as_it_went([Values(1, 31, 33, 80, 257)] int channels, [Values(1, 31, 33, 255)] int steps)
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
    public void Steps_of_a_sequence_are_neighbours_in_memory()
    {
        var device = TestDevice.Open(precision);
        var sequence = device.Allocate(6).AsSequence(device.Rows(3), 2);
        device.Upload(Tensor.From([1, 2, 3, 10, 20, 30], 1, 2, 3), sequence);

        Assert.That(device.Download(sequence.Reshape(6)).Span.ToArray(), Is.EqualTo(new float[] { 1, 10, 2, 20, 3, 30 }));
    }

    [Test]
    public void Embedding_looks_up_rows([Values(1, 31, 33, 255, 512)] int channels, [Values(1, 33, 257)] int steps)
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
    public void An_id_beyond_the_table_is_refused([Values(-1, 9)] int id)
    {
        var device = TestDevice.Open(precision);
        var output = device.Allocate(8).AsSequence(device.Rows(2), 4);
        Assert.That(() => device.Embed([0, id], device.Store(new Tensor(9, 4)), output), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
