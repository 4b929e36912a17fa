using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>The prenet against its definition, with masks given and with masks from the counter generator.</summary>
[TestFixture]
internal sealed class PrenetKernelTests
{
    private const int KeepSteps = 3;
    private const int Start = 40;

    [Test]
    public void Agrees_with_the_definition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 31, 33, 255, 257)] int units,
        [Values(3, 80)] int frame,
        [Values(1, 9)] int rows,
        [Values(2, 5)] int step)
    {
        var prenet = new Prenet(precision, rows, frame, units);

        var actual = prenet.Run(step, Enumerable.Range(0, rows).ToArray());

        Assert.That(Nmse.Of(actual, prenet.Reference(step)), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void A_row_is_the_same_alone_and_in_any_slot([ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision)
    {
        const int Units = 33;
        var prenet = new Prenet(precision, rows: 3, frame: 80, Units);

        var together = prenet.Run(step: 1, 2, -1, 0, 1, -1, -1, -1, -1);

        for (var row = 0; row < 3; row++)
        {
            Assert.That(prenet.Run(step: 1, row).AsSpan(row * Units, Units).ToArray(), Is.EqualTo(together.AsSpan(row * Units, Units).ToArray()));
        }
    }

    [Test]
    public void Another_step_drops_other_units([Values(1, 7)] int step)
    {
        var prenet = new Prenet(Precision.Full, rows: 1, frame: 80, units: 64);

        Assert.That(Nmse.Of(prenet.Run(step, 0), prenet.Reference(step + 1)), Is.GreaterThan(1e-3));
    }

    /// <summary>A prenet whose even rows have masks for three steps and whose odd rows have none.</summary>
    private sealed class Prenet(Precision precision, int rows, int frame, int units)
    {
        private readonly Tensor _frames = KernelValues.Random(1, 4, rows, frame);
        private readonly Tensor _first = KernelValues.Rounded(KernelValues.Random(2, 0.5f, units, frame), precision);
        private readonly Tensor _second = KernelValues.Rounded(KernelValues.Random(3, 0.5f, units, units), precision);

        public float[] Run(int step, params int[] inSlots)
        {
            var device = TestDevice.Open(precision);
            using var arrays = new DeviceArrays(device);
            var slots = KernelValues.InSlots(Math.Max(KernelValues.InGroups(inSlots).Length, precision == Precision.Half ? 8 : 1), inSlots);
            var (frameStride, stride) = (WeightRows.Padded(frame), WeightRows.Padded(units));
            var output = arrays.Of(new float[rows * stride]);
            var keeps = Enumerable.Range(0, rows).Select(row => (ulong)arrays.Of<byte>(Mask(row)).Value).ToArray();
            var (group, isHalf) = (slots.Length == 1 ? 1 : 8, precision == Precision.Half);
            var (first, second) = (KernelValues.Padded(_first), KernelValues.Padded(_second));
            device.Kernels[$"prenet_{(group == 1 || isHalf ? "" : "batch_")}{device.Suffix}"].Launch(
                arrays.Stream, isHalf ? new Dim3((units + 15) / 16, slots.Length / 8) : new Dim3((units + 7) / 8, slots.Length / group), 256,
                group * stride * sizeof(float), arrays.Of<float>(KernelValues.Padded(_frames).Span),
                arrays.Matrix((isHalf ? WeightRows.InTiles(first) : WeightRows.ByColumnBlocks(first, 4)).Span),
                arrays.Matrix(KernelValues.StepRows(second, precision).Span), output, arrays.Of<ulong>(keeps),
                arrays.Of([.. Enumerable.Range(0, rows).Select(row => row % 2 == 0 ? KeepSteps : 0)]),
                arrays.Of<ulong>([.. Enumerable.Range(0, rows).Select(Seed)]),
                    arrays.Of<uint>([.. Enumerable.Range(0, rows).Select(row => (uint)row)]),
                arrays.Of(slots), arrays.Of([.. Enumerable.Range(0, rows).Select(row => Start - row)]), arrays.Of(Start + step - 1), 1,
                units, frameStride, stride);
            return KernelValues.Unpadded(arrays.Floats(output, rows * stride), stride, units);
        }

        public float[] Reference(int step)
        {
            var output = new List<float>();
            for (var row = 0; row < rows; row++)
            {
                // Every row came a step before the one above it.
                var hidden = Layer(_first, KernelValues.Row(_frames, row).ToArray(), row, step + row, layer: 0);
                output.AddRange(Layer(_second, hidden, row, step + row, layer: 1));
            }

            return [.. output];
        }

        private static ulong Seed(int row) => (ulong)row * 0x1_0000_0007;

        private byte[] Mask(int row) =>
            [.. Enumerable.Range(0, KeepSteps * 2 * units).Select(i => (byte)((((uint)i + 1) * (0x9E3779B1 + (uint)row)) >> 31))];

        private float[] Layer(Tensor weights, float[] input, int row, int step, int layer)
        {
            var output = new float[units];
            for (var unit = 0; unit < units; unit++)
            {
                var index = (layer * units) + unit;
                var keeps = row % 2 == 0 && step < KeepSteps
                    ? Mask(row)[(step * 2 * units) + index] != 0
                    : Philox.Uniform(Seed(row), RandomUse.PrenetDropout, (uint)row, (uint)step, (uint)index) < 0.5f;
                output[unit] = keeps ? (float)(2 * Math.Max(0, KernelValues.Dot(KernelValues.Row(weights, unit), input))) : 0;
            }

            return output;
        }
    }
}
