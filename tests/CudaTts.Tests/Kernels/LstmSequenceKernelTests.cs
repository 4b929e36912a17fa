using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>The encoder's recurrence against its definition: both directions, ragged rows.</summary>
[TestFixture]
internal sealed class LstmSequenceKernelTests
{
    private static readonly int[] s_ragged = [5, 1, 7, 3, 7, 2, 6, 4, 7];

    [Test]
    public void Agrees_with_the_definition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 7, 8, 9, 33)] int units,
        [Values(1, 2, 7, 8, 9, 17)] int rows)
    {
        var sequence = new Sequence(precision, [.. Enumerable.Range(0, rows).Select(row => s_ragged[row % s_ragged.Length])], units);

        Assert.That(Nmse.Of(sequence.Run(), sequence.Reference()), Is.LessThan(KernelValues.Limit));
    }

    // 256 columns lie in registers; what is beyond, and other units of a warp, are read again in every step.
    [Test]
    public void Agrees_with_the_definition_at_full_size(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(256, 264)] int units,
        [Values(1, 2)] int rows)
    {
        var sequence = new Sequence(precision, rows == 1 ? [3] : [3, 2], units);

        Assert.That(Nmse.Of(sequence.Run(), sequence.Reference()), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void Agrees_with_the_definition_where_a_group_of_rows_ends_first([Values(0, 1, 5)] int longer)
    {
        // The second group, neither or the first has steps left when the other ends; the third has one step only.
        int[] lengths = [.. Enumerable.Repeat(2 + longer, 8), .. Enumerable.Repeat(3, 8), 1];
        var sequence = new Sequence(Precision.Full, lengths, units: 9);

        Assert.That(Nmse.Of(sequence.Run(), sequence.Reference()), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void Agrees_with_the_definition_in_one_step([Values(1, 9)] int rows)
    {
        var sequence = new Sequence(Precision.Full, [.. Enumerable.Repeat(1, rows)], units: 17);

        Assert.That(Nmse.Of(sequence.Run(), sequence.Reference()), Is.LessThan(KernelValues.Limit));
    }

    [TestCase(1, 21, 2)]
    [TestCase(2, 21, 2)]
    [TestCase(1, 21, 9)]
    [TestCase(5, 264, 1)]
    public void The_number_of_blocks_changes_nothing(int blocks, int units, int rows)
    {
        var sequence = new Sequence(Precision.Full, s_ragged[..rows], units);

        Assert.That(sequence.Run(blocks), Is.EqualTo(sequence.Run()));
    }

    [Test]
    public void Rows_without_lengths_are_full()
    {
        var sequence = new Sequence(Precision.Full, [3, 3], units: 9);

        Assert.That(sequence.Run(hasLengths: false), Is.EqualTo(sequence.Run()));
    }

    [Test]
    public void A_row_is_the_same_alone_and_among_others()
    {
        const int Units = 19;
        var sequence = new Sequence(Precision.Half, s_ragged, Units);
        var together = sequence.Run();
        var rowSize = s_ragged.Max() * 2 * Units;

        for (var row = 0; row < s_ragged.Length; row++)
        {
            var alone = sequence.Alone(row).Run();
            Assert.That(together.AsSpan(row * rowSize, alone.Length).ToArray(), Is.EqualTo(alone), $"row {row}");
            Assert.That(together.AsSpan((row * rowSize) + alone.Length, rowSize - alone.Length).ToArray(), Is.All.Zero, $"beyond row {row}");
        }
    }

    [Test]
    public void A_backward_direction_that_starts_at_the_padding_is_noticed()
    {
        var sequence = new Sequence(Precision.Full, [2, 5], units: 8);

        Assert.That(Nmse.Of(sequence.Run(), sequence.Reference(ignoresLengths: true)), Is.GreaterThan(1e-3));
    }

    /// <summary>A layer with random gates from the input and random recurrent weights.</summary>
    private sealed class Sequence(Precision precision, int[] lengths, int units)
    {
        private readonly int _steps = lengths.Max();
        private readonly Tensor _gates = KernelValues.Rounded(KernelValues.Random(1, 2, lengths.Length * lengths.Max(), 8 * units), precision);
        private readonly Tensor _weights = KernelValues.Rounded(KernelValues.Random(2, 3 / MathF.Sqrt(units), 8 * units, units), precision);

        private Sequence(Sequence of, Precision precision, int[] lengths, int units, int row)
            : this(precision, [lengths[row]], units)
        {
            of._weights.Span.CopyTo(_weights.Span);
            of._gates.Span.Slice(row * of._steps * 8 * units, _gates.Length).CopyTo(_gates.Span);
        }

        public Sequence Alone(int row) => new(this, precision, lengths, units, row);

        public float[] Run(int blocks = 0, bool hasLengths = true)
        {
            var device = TestDevice.Open(precision);
            using var arrays = new DeviceArrays(device);
            var (rows, stride) = (lengths.Length, WeightRows.Padded(units));
            Tensor Direction(int index) =>
                WeightRows.GatesByUnit(WeightRows.PadColumns(_weights.Slice(index * 4 * units, 4 * units), units)).Reshape(4 * units, stride);
            var unwritten = new float[rows * _steps * 2 * units];
            Array.Fill(unwritten, float.NaN);
            var output = arrays.Of(unwritten);
            device.Kernels[$"lstm_sequence_{(rows == 1 ? "" : "batch_")}{device.Suffix}"].LaunchCooperative(
                arrays.Stream, new Dim3(blocks > 0 ? blocks : (units + 7) / 8, 2), 256, CudaBidirectionalLstm.SharedBytes(units, rows == 1 ? 1 : 8),
                arrays.Matrix(_gates.Span), arrays.Matrix(WeightRows.Below(Direction(0), Direction(1)).Span), output,
                arrays.Of<ulong>(new ulong[4 * rows * units]), arrays.Of(new float[2 * rows * units]), hasLengths ? arrays.Of(lengths) : default,
                device.Context.AbandonedWait.WordFor(arrays.Stream), AbandonedWait.MostPolls, rows, _steps, units, stride);
            return arrays.Floats(output, rows * _steps * 2 * units);
        }

        /// <summary>[B, T, 2H] in float64.</summary>
        public float[] Reference(bool ignoresLengths = false)
        {
            var output = new float[lengths.Length * _steps * 2 * units];
            for (var row = 0; row < lengths.Length; row++)
            {
                for (var direction = 0; direction < 2; direction++)
                {
                    Recur(row, direction, ignoresLengths ? _steps : lengths[row], output);
                }
            }

            return output;
        }

        private void Recur(int row, int direction, int length, float[] output)
        {
            var (hidden, state) = (new double[units], new double[units]);
            for (var i = 0; i < length; i++)
            {
                var step = (row * _steps) + (direction == 0 ? i : length - 1 - i);
                var last = (double[])hidden.Clone();
                for (var unit = 0; unit < units; unit++)
                {
                    double Gate(int gate)
                    {
                        var weights = KernelValues.Row(_weights, (direction * 4 * units) + (gate * units) + unit);
                        double sum = KernelValues.Row(_gates, step)[(direction * 4 * units) + (gate * units) + unit];
                        for (var k = 0; k < units; k++)
                        {
                            sum += weights[k] * last[k];
                        }

                        return sum;
                    }

                    state[unit] = (KernelValues.Sigmoid(Gate(1)) * state[unit]) + (KernelValues.Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
                    hidden[unit] = KernelValues.Sigmoid(Gate(3)) * Math.Tanh(state[unit]);
                    output[(((step * 2) + direction) * units) + unit] = (float)hidden[unit];
                }
            }
        }
    }
}
