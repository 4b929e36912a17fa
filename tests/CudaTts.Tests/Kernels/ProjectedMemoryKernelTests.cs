using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>
/// What the weights over the context make of each token, rounded to half. The decoder itself is in Models/Tacotron2/PersistentDecoderTests.
/// </summary>
[TestFixture]
internal sealed class ProjectedMemoryKernelTests
{
    private const int Batch = 2;

    // Rounded to half: a quarter of the last place squared on average. That the memory counts with 22 bits adds less than a thousandth of it.
    private const double Limit = 2e-7;

    [Test]
    public void Agrees_with_the_definition(
        [Values(1, 7, 33, 65)] int tokens, [Values(1, 16, 36, 145)] int rows, [Values(1, 24, 255, 264)] int columns)
    {
        var (memory, weights, stride) = (KernelValues.Random(1, 1, Batch * tokens, columns), Weights(rows, columns), Stride(tokens));

        var actual = Run(memory, weights, tokens);

        var expected = new float[Batch * rows * stride];
        for (var i = 0; i < expected.Length; i++)
        {
            var (row, output, token) = (i / (rows * stride), i / stride % rows, i % stride);
            expected[i] = token < tokens
                ? (float)KernelValues.Dot(KernelValues.Row(memory, (row * tokens) + token), KernelValues.Row(weights, output)) : 0;
        }

        Assert.That(Nmse.Of(actual, expected), Is.LessThan(Limit));
        Assert.That(actual.Where((_, i) => i % stride >= tokens), Is.All.Zero);
        expected[0] += 10;
        Assert.That(Nmse.Of(actual, expected), Is.GreaterThan(Limit), "another number is noticed");
    }

    [Test]
    public void What_is_beyond_half_precision_becomes_its_largest()
    {
        var memory = new Tensor(Batch, 1);
        memory.Span[0] = 1e3f;
        memory.Span[1] = -1e3f;
        var weights = new Tensor(4, 1);
        weights.Span.Fill(1e3f);

        var actual = Run(memory, weights, tokens: 1);

        Assert.That((actual[0], actual[4 * Stride(1)]), Is.EqualTo(((float)Half.MaxValue, (float)Half.MinValue)));
    }

    [Test]
    public void The_memory_counts_with_more_bits_than_a_half_has()
    {
        // 1 + 2^-20 less 1: nothing would be left of it, had it been rounded to half.
        var memory = new Tensor(Batch, 2);
        memory.Span.Fill(1);
        memory.Span[0] += 1.0f / (1 << 20);
        var weights = new Tensor(1, 2);
        (weights.Span[0], weights.Span[1]) = (1, -1);

        var actual = Run(memory, weights, tokens: 1);

        Assert.That((actual[0], actual[Stride(1)]), Is.EqualTo(((float)(Half)(1.0f / (1 << 20)), 0.0f)));
    }

    private static Tensor Weights(int rows, int columns) => KernelValues.Rounded(KernelValues.Random(2, 1, rows, columns), Precision.Half);

    private static int Stride(int tokens) => (tokens + 63) / 64 * 64;

    private static float[] Run(Tensor memory, Tensor weights, int tokens)
    {
        var device = TestDevice.Open(Precision.Half);
        using var arrays = new DeviceArrays(device);
        var (rows, stride) = (weights[0], Stride(tokens));
        var poison = new Half[Batch * rows * stride];
        Array.Fill(poison, Half.NaN);
        var projected = arrays.Of<Half>(poison);
        device.Kernels["projected_memory_f16"].Launch(
            arrays.Stream, new Dim3(stride / 64, (rows + 127) / 128, Batch), 256, 0,
            arrays.Of<float>(KernelValues.Padded(memory).Span), arrays.Matrix(WeightRows.InTiles(weights).Span), projected, tokens, stride,
            WeightRows.Padded(weights[1]), rows);
        arrays.Stream.Download<Half>(projected, poison);
        return Array.ConvertAll(poison, value => (float)value);
    }
}
