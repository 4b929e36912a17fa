using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>The encoder's recurrence against its definition: both directions, ragged rows.</summary>
[TestFixture]
internal sealed class LstmSequenceKernelTests
{
    private static readonly int[] s_ragged = [5, 1, 7, 3, 7, 2, 6, 4, 7];

    [Test]
    public void AgreesWithTheDefinition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 31, 33)] int units,
        [Values(1, 2, 9)] int rows)
    {
        var sequence = new Sequence(precision, s_ragged[..rows], units);

        Assert.That(Nmse.Of(sequence.Run(), sequence.Reference()), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void AgreesWithTheDefinitionAtFullSize()
    {
        var sequence = new Sequence(Precision.Half, [3], units: 256);

        Assert.That(Nmse.Of(sequence.Run(), sequence.Reference()), Is.LessThan(KernelValues.Limit));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void TheNumberOfBlocksChangesNothing(int blocks)
    {
        var sequence = new Sequence(Precision.Full, [4, 2], units: 21);

        Assert.That(sequence.Run(blocks), Is.EqualTo(sequence.Run()));
    }

    [Test]
    public void ARowIsTheSameAloneAndAmongOthers()
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
    public void ABackwardDirectionThatStartsAtThePaddingIsNoticed()
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

        public float[] Run(int blocks = 0)
        {
            var device = TestDevice.Open(precision);
            using var arrays = new DeviceArrays(device);
            var (rows, stride) = (lengths.Length, WeightRows.Padded(units));
            Tensor Direction(int index) =>
                WeightRows.GatesByUnit(WeightRows.PadColumns(_weights.Slice(index * 4 * units, 4 * units), units)).Reshape(4 * units, stride);
            var output = arrays.Of(new float[rows * _steps * 2 * units]);
            device.Kernels[$"lstm_sequence_{(rows == 1 ? "" : "batch_")}{device.Suffix}"].LaunchCooperative(
                arrays.Stream, new Dim3(blocks > 0 ? blocks : (units + 3) / 4, 2), 128, 0,
                arrays.Matrix(_gates.Span), arrays.Matrix(WeightRows.Below(Direction(0), Direction(1)).Span), output,
                arrays.Of(new float[4 * rows * stride]), arrays.Of(new float[2 * rows * stride]), arrays.Of(lengths), arrays.Of(0),
                rows, _steps, units, stride);
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
