using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>Frames, gate and the decision to stop.</summary>
[TestFixture]
internal sealed class ProjectionKernelTests
{
    private const int ChunkSteps = 4;
    private const int Offset = 1;
    private const int Step = 21;

    [Test]
    public void Agrees_with_the_definition(
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
    public void The_first_open_gate_ends_the_row(float gateLogit, int limit, int expected)
    {
        var (_, _, end) = new Projection(Precision.Full, rows: 3, frame: 5, gateLogit, limit).Run();

        Assert.That(end, Is.All.EqualTo(expected));
    }

    [Test]
    public void The_gate_must_exceed_its_threshold()
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

    // Rows 0 to 2 end by their limits, 3 goes on, 4 has a slot of its own; 5 and 6 wait.
    [TestCase(Precision.Full)]
    [TestCase(Precision.Half)]
    public void Rows_that_wait_take_free_slots_in_their_order(Precision precision)
    {
        var projection = new Projection(precision, rows: 7, frame: 5, gateLogit: float.PositiveInfinity, limit: 0)
        {
            Slots = [4, 1, -1, 3, 0, 2],
            Starts = [Step - 2, Step, 0, Step - 1, 3, 0, 0],
            Limits = [3, 1, Step + 1, 3, 1000, 9, 9],
            Queue = [5, 7],
        };

        projection.Run(0, out var handed);

        Assert.Multiple(() =>
        {
            Assert.That(handed.Rows, Is.EqualTo(new[] { 4, 1, -1, 3, 0, 2, -1, -1 }), "the rows of this step");
            Assert.That(handed.Slots, Is.EqualTo(new[] { 4, 5, -1, 3, 6, -1, -1, -1 }), "the rows of the next");
            Assert.That(handed.Starts, Is.EqualTo(new[] { Step - 2, Step, 0, Step - 1, 3, Step + 1, Step + 1 }));
            Assert.That(handed.Queue, Is.EqualTo(new[] { 7, 7 }));
        });
    }

    [TestCase(Precision.Full)]
    [TestCase(Precision.Half)]
    public void An_open_gate_gives_the_slot_away(Precision precision)
    {
        var projection = new Projection(precision, rows: 3, frame: 5, gateLogit: float.NegativeInfinity, limit: 1000)
        {
            Slots = [1], Starts = [0, Step, 0], Queue = [2, 3],
        };

        var (_, _, end) = projection.Run(0, out var handed);

        Assert.Multiple(() =>
        {
            Assert.That(end, Is.EqualTo(new[] { 1000, 1, 1000 }), "steps are counted from the row's first");
            Assert.That(handed.Slots, Is.EqualTo(new[] { 2 }));
            Assert.That(handed.Starts[2], Is.EqualTo(Step + 1));
        });
    }

    [Test]
    public void Slots_beyond_a_warp_are_handed_on_in_order_too()
    {
        var rows = Enumerable.Range(0, 150).ToArray();
        var projection = new Projection(Precision.Half, rows: 150, frame: 5, gateLogit: float.PositiveInfinity, limit: 0)
        {
            Slots = rows[..128],
            Limits = [.. rows.Select(row => row % 6 == 1 ? Step + 1 : 1000)],
            Queue = [128, 150],
        };

        projection.Run(0, out var handed);

        var ended = rows[..128].Where(row => row % 6 == 1).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(ended, Has.Count.EqualTo(22));
            Assert.That(handed.Slots, Is.EqualTo(rows[..128].Select(row => ended.IndexOf(row) is >= 0 and var rank ? 128 + rank : row)));
            Assert.That(handed.Queue, Is.EqualTo(new[] { 150, 150 }));
        });
    }

    [Test]
    public void A_perturbed_weight_is_noticed()
    {
        var projection = new Projection(Precision.Full, rows: 1, frame: 80, gateLogit: 0, limit: 1000);
        var expected = projection.Reference(0);

        var record = projection.Run(perturbation: 0.1f).Records.AsSpan(Offset * 83, 81).ToArray();

        Assert.That(Nmse.Of(record, expected), Is.GreaterThan(1e-5));
    }

    /// <summary>What became of the slots: the rows of this step and of the next, and the queue.</summary>
    private sealed record Handed(int[] Slots, int[] Rows, int[] Starts, int[] Queue);

    /// <summary>A projection of random states; its gate row is the last.</summary>
    private sealed class Projection(Precision precision, int rows, int frame, float gateLogit, int limit)
    {
        private readonly Tensor _hidden = KernelValues.Random(1, 1, rows, 33);
        private readonly Tensor _context = KernelValues.Random(2, 1, rows, 20);
        private readonly Tensor _weights = KernelValues.Rounded(KernelValues.Random(3, 0.5f, frame + 1, 53), precision);
        private readonly Tensor _bias = KernelValues.Random(4, 1, frame + 1, 1);

        /// <summary>Rows in slots; each in its own when not given.</summary>
        public int[]? Slots { get; init; }

        /// <summary>[B]: the step of the run that was a row's first; step 0 when not given.</summary>
        public int[]? Starts { get; init; }

        /// <summary>[B]: most steps of a row; the same for all when not given.</summary>
        public int[]? Limits { get; init; }

        /// <summary>The next row that waits, and the number of rows; none waits when not given.</summary>
        public int[]? Queue { get; init; }

        public (float[] Frames, float[] Records, int[] End) Run(float perturbation = 0) => Run(perturbation, out _);

        public (float[] Frames, float[] Records, int[] End) Run(float perturbation, out Handed handed)
        {
            var device = TestDevice.Open(precision);
            using var arrays = new DeviceArrays(device);
            var isHalf = precision == Precision.Half;
            var weights = WeightRows.PadColumns(_weights, 33, 20);
            weights.Span[0] += perturbation;
            var inSlots = Slots ?? [.. Enumerable.Range(0, rows)];
            var count = KernelValues.InGroups(inSlots).Length;
            var slots = arrays.Of(KernelValues.InSlots(Math.Max(count, 8), inSlots));
            var stride = WeightRows.Padded(frame);
            var (frames, end) = (arrays.Of(new float[rows * stride]), arrays.Of(Limits ?? [.. Enumerable.Repeat(limit, rows)]));
            var records = arrays.Of(new float[count * ChunkSteps * (frame + 3)]);
            var (chunkRows, starts) = (arrays.Of(new int[count * ChunkSteps]), arrays.Of(Starts ?? new int[rows]));
            var (queue, done) = (arrays.Of(Queue ?? [rows, rows]), arrays.Of(new int[1]));
            var (outputs, threads) = isHalf ? (16, 128) : (8, 256);
            device.Kernels[$"projection_{(isHalf || count == 1 ? "" : "batch_")}{device.Suffix}"].Launch(
                arrays.Stream, new Dim3((frame + outputs) / outputs, (count + 7) / 8), threads, 0,
                arrays.Of<float>(KernelValues.Padded(_hidden).Span), arrays.Of<float>(KernelValues.Padded(_context).Span),
                arrays.Matrix(KernelValues.StepRows(weights, precision).Span), arrays.Of<float>(_bias.Span), frames, records, end,
                arrays.Of([.. Enumerable.Repeat(gateLogit, rows)]), slots, chunkRows, starts, queue, done, arrays.Of(Step - Offset), 40, 24, frame,
                    stride,
                count, Offset, ChunkSteps, frame + 3);
            handed = new Handed(
                arrays.Integers(slots, count), arrays.Integers(chunkRows, count * ChunkSteps)[(Offset * count)..][..count],
                    arrays.Integers(starts, rows),
                arrays.Integers(queue, 2));
            Assert.That(arrays.Integers(done, 1), Is.All.Zero, "the counter is left as it was found");
            return (KernelValues.Unpadded(arrays.Floats(frames, rows * stride), stride, frame),
                arrays.Floats(records, count * ChunkSteps * (frame + 3)), arrays.Integers(end, rows));
        }

        public float[] Reference(int row)
        {
            float[] input = [.. KernelValues.Row(_hidden, row), .. KernelValues.Row(_context, row)];
            return [.. Enumerable.Range(0, frame + 1).Select(i => (float)(KernelValues.Dot(KernelValues.Row(_weights, i), input) + _bias.Span[i]))];
        }
    }
}
