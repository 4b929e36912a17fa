using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>Frames, gate and the decision to stop.</summary>
[TestFixture]
internal sealed class ProjectionKernelTests
{
    private const int ChunkSteps = 4;
    private const int Offset = 1;
    private const int Step = 21;

    [Test]
    public void AgreesWithTheDefinition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 31, 33, 80, 257)] int frame,
        [Values(1, 9)] int rows)
    {
        var projection = new Projection(precision, rows, frame, gateLogit: float.PositiveInfinity, limit: 1000);

        var (frames, records, end) = projection.Run();

        Assert.Multiple(() =>
        {
            for (var row = 0; row < rows; row++)
            {
                var record = records.AsSpan(((row * ChunkSteps) + Offset) * (frame + 3), frame + 1).ToArray();
                Assert.That(Nmse.Of(record, projection.Reference(row)), Is.LessThan(KernelValues.Limit), $"record of row {row}");
                Assert.That(frames.AsSpan(row * frame, frame).ToArray(), Is.EqualTo(record[..frame]), $"frame of row {row}");
            }

            Assert.That(end, Is.All.EqualTo(1000));
        });
    }

    [TestCase(float.NegativeInfinity, 1000, Step + 1, Description = "opens")]
    [TestCase(float.PositiveInfinity, 1000, 1000, Description = "never opens")]
    [TestCase(float.NaN, 1000, 1000, Description = "not a threshold")]
    [TestCase(float.NegativeInfinity, 5, 5, Description = "had ended before")]
    [TestCase(float.NegativeInfinity, Step + 1, Step + 1, Description = "opens at the limit")]
    public void TheFirstOpenGateEndsTheRow(float gateLogit, int limit, int expected)
    {
        var (_, _, end) = new Projection(Precision.Full, rows: 3, frame: 5, gateLogit, limit).Run();

        Assert.That(end, Is.All.EqualTo(expected));
    }

    [Test]
    public void TheGateMustExceedItsThreshold()
    {
        var closed = new Projection(Precision.Full, rows: 1, frame: 5, gateLogit: float.PositiveInfinity, limit: 1000);
        var logit = closed.Run().Records[(Offset * 8) + 5];

        var (_, _, atThreshold) = new Projection(Precision.Full, rows: 1, frame: 5, logit, limit: 1000).Run();
        var (_, _, above) = new Projection(Precision.Full, rows: 1, frame: 5, MathF.BitDecrement(logit), limit: 1000).Run();

        Assert.Multiple(() =>
        {
            Assert.That(atThreshold[0], Is.EqualTo(1000));
            Assert.That(above[0], Is.EqualTo(Step + 1));
        });
    }

    [Test]
    public void APerturbedWeightIsNoticed()
    {
        var projection = new Projection(Precision.Full, rows: 1, frame: 80, gateLogit: 0, limit: 1000);
        var expected = projection.Reference(0);

        var record = projection.Run(perturbation: 0.1f).Records.AsSpan(Offset * 83, 81).ToArray();

        Assert.That(Nmse.Of(record, expected), Is.GreaterThan(1e-5));
    }

    /// <summary>A projection of random states; its gate row is the last.</summary>
    private sealed class Projection(Precision precision, int rows, int frame, float gateLogit, int limit)
    {
        private readonly Tensor _hidden = KernelValues.Random(1, 1, rows, 33);
        private readonly Tensor _context = KernelValues.Random(2, 1, rows, 20);
        private readonly Tensor _weights = KernelValues.Rounded(KernelValues.Random(3, 0.5f, frame + 1, 53), precision);
        private readonly Tensor _bias = KernelValues.Random(4, 1, frame + 1, 1);

        public (float[] Frames, float[] Records, int[] End) Run(float perturbation = 0)
        {
            var device = TestDevice.Open(precision);
            using var arrays = new DeviceArrays(device);
            var weights = WeightRows.PadColumns(_weights, 33, 20);
            weights.Span[0] += perturbation;
            var slots = new int[rows == 1 ? 1 : (rows + 7) / 8 * 8];
            for (var slot = 0; slot < slots.Length; slot++)
            {
                slots[slot] = slot < rows ? slot : -1;
            }

            var stride = WeightRows.Padded(frame);
            var (frames, end) = (arrays.Of(new float[rows * stride]), arrays.Of([.. Enumerable.Repeat(limit, rows)]));
            var records = arrays.Of(new float[slots.Length * ChunkSteps * (frame + 3)]);
            device.Kernels[$"projection_{(rows == 1 ? "" : "batch_")}{device.Suffix}"].Launch(
                arrays.Stream, new Dim3((frame + 8) / 8, rows == 1 ? 1 : slots.Length / 8), 256, 0,
                arrays.Of<float>(KernelValues.Padded(_hidden).Span), arrays.Of<float>(KernelValues.Padded(_context).Span), arrays.Matrix(weights.Span),
                arrays.Of<float>(_bias.Span), frames, records, end, arrays.Of([.. Enumerable.Repeat(gateLogit, rows)]), arrays.Of(slots),
                arrays.Of(Step - Offset), 40, 24, frame, stride, Offset, ChunkSteps, frame + 3);
            return (KernelValues.Unpadded(arrays.Floats(frames, rows * stride), stride, frame),
                arrays.Floats(records, slots.Length * ChunkSteps * (frame + 3)), arrays.Integers(end, rows));
        }

        public float[] Reference(int row)
        {
            float[] input = [.. KernelValues.Row(_hidden, row), .. KernelValues.Row(_context, row)];
            return [.. Enumerable.Range(0, frame + 1).Select(i => (float)(KernelValues.Dot(KernelValues.Row(_weights, i), input) + _bias.Span[i]))];
        }
    }
}
