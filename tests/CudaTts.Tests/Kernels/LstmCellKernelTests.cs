using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>One LSTM step against its definition, for one row, for groups of rows and for rows in any slot.</summary>
[TestFixture]
internal sealed class LstmCellKernelTests
{
    private const int Threads = 128;
    private const int Warps = 4;

    [Test]
    public void AgreesWithTheDefinition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 31, 33, 255, 257)] int units,
        [Values(1, 3, 9)] int rows)
    {
        var cell = new Cell(precision, rows, inputs: (17, 40), units);

        var (hidden, state) = cell.Run([.. Enumerable.Range(0, rows)]);

        Assert.Multiple(() =>
        {
            Assert.That(Nmse.Of(hidden, cell.Expected.Hidden), Is.LessThan(KernelValues.Limit), "hidden");
            Assert.That(Nmse.Of(state, cell.Expected.State), Is.LessThan(KernelValues.Limit), "cell");
        });
    }

    [Test]
    public void AgreesWithTheDefinitionAtFullSize([ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision)
    {
        var cell = new Cell(precision, rows: 1, inputs: (1024, 512), units: 1024);

        Assert.That(Nmse.Of(cell.Run([0]).Hidden, cell.Expected.Hidden), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void ARowIsTheSameAloneAndInAnySlot([ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision)
    {
        const int Units = 37;
        var cell = new Cell(precision, rows: 11, inputs: (24, 8), Units);

        var together = cell.Run([10, 3, 7, 2, 9, 4, 1, 0, 5, 8, 6, -1, -1, -1, -1, -1]);

        for (var row = 0; row < 11; row++)
        {
            var alone = cell.Run([row]);
            Assert.That(alone.Hidden.AsSpan(row * Units, Units).ToArray(), Is.EqualTo(together.Hidden.AsSpan(row * Units, Units).ToArray()), $"row {row}");
        }
    }

    [Test]
    public void RowsWithoutASlotStayAsTheyWere()
    {
        const int Units = 9;
        var cell = new Cell(Precision.Full, rows: 4, inputs: (8, 8), Units);

        var (hidden, state) = cell.Run([2, -1, -1, -1, -1, -1, -1, -1]);

        Assert.Multiple(() =>
        {
            Assert.That(hidden.AsSpan(0, 2 * Units).ToArray(), Is.All.Zero);
            Assert.That(state.AsSpan(0, 2 * Units).ToArray(), Is.EqualTo(cell.FirstState.AsSpan(0, 2 * Units).ToArray()));
            Assert.That(state.AsSpan(3 * Units).ToArray(), Is.EqualTo(cell.FirstState.AsSpan(3 * Units).ToArray()));
            Assert.That(state.AsSpan(2 * Units, Units).ToArray(), Is.Not.EqualTo(cell.FirstState.AsSpan(2 * Units, Units).ToArray()));
        });
    }

    [Test]
    public void AnotherGateOrderIsNoticed()
    {
        var cell = new Cell(Precision.Full, rows: 1, inputs: (17, 8), units: 33);

        var (hidden, _) = cell.Run([0], swapsGates: true);

        Assert.That(Nmse.Of(hidden, cell.Expected.Hidden), Is.GreaterThan(1e-3));
    }

    /// <summary>A cell of two inputs and its own state, with random weights and rows.</summary>
    private sealed class Cell
    {
        private readonly Precision _precision;
        private readonly Tensor _first;
        private readonly Tensor _second;
        private readonly Tensor _hidden;
        private readonly Tensor _state;
        private readonly Tensor _weights;
        private readonly Tensor _bias;

        public Cell(Precision precision, int rows, (int First, int Second) inputs, int units)
        {
            _precision = precision;
            var columns = inputs.First + inputs.Second + units;
            _first = KernelValues.Random(1, 1, rows, inputs.First);
            _second = KernelValues.Random(2, 1, rows, inputs.Second);
            _hidden = KernelValues.Random(3, 1, rows, units);
            _state = KernelValues.Random(4, 2, rows, units);
            _weights = KernelValues.Rounded(KernelValues.Random(5, 3 / MathF.Sqrt(columns), 4 * units, columns), precision);
            _bias = KernelValues.Random(6, 0.3f, 4 * units, 1);
            Expected = Reference();
        }

        public (float[] Hidden, float[] State) Expected { get; }

        public float[] FirstState => _state.Span.ToArray();

        private int Units => _state[1];

        public (float[] Hidden, float[] State) Run(int[] rows, bool swapsGates = false)
        {
            var device = TestDevice.Open(_precision);
            using var arrays = new DeviceArrays(device);
            var slots = new int[rows.Length == 1 ? 1 : (rows.Length + 7) / 8 * 8];
            slots.AsSpan().Fill(-1);
            rows.CopyTo(slots, 0);
            var stride = WeightRows.Padded(Units);
            var stacked = WeightRows.PadColumns(_weights, _first[1], _second[1], Units);
            if (swapsGates)
            {
                var half = stacked.Span[(stacked.Length / 2)..].ToArray();
                stacked.Span[..(stacked.Length / 2)].CopyTo(stacked.Span[(stacked.Length / 2)..]);
                half.CopyTo(stacked.Span);
            }

            var hidden = arrays.Of(new float[_state[0] * stride]);
            var state = arrays.Of<float>(KernelValues.Padded(_state).Span);
            device.Kernels[$"lstm_cell_{(slots.Length == 1 ? "" : "batch_")}{device.Suffix}"].Launch(
                arrays.Stream, new Dim3((Units + Warps - 1) / Warps, slots.Length == 1 ? 1 : slots.Length / 8), Threads, 0,
                arrays.Of<float>(KernelValues.Padded(_first).Span), arrays.Of<float>(KernelValues.Padded(_second).Span),
                arrays.Of<float>(KernelValues.Padded(_hidden).Span), arrays.Matrix(WeightRows.GatesByUnit(stacked).Span),
                arrays.Of<float>(WeightRows.GatesByUnit(_bias).Span), hidden, state, arrays.Of(slots), WeightRows.Padded(_first[1]),
                WeightRows.Padded(_second[1]), stride, Units, stride);
            return (KernelValues.Unpadded(arrays.Floats(hidden, _state[0] * stride), stride, Units),
                KernelValues.Unpadded(arrays.Floats(state, _state[0] * stride), stride, Units));
        }

        private (float[] Hidden, float[] State) Reference()
        {
            var (hidden, state) = (new float[_state.Length], new float[_state.Length]);
            for (var i = 0; i < hidden.Length; i++)
            {
                var (row, unit) = Math.DivRem(i, Units);
                float[] input = [.. KernelValues.Row(_first, row), .. KernelValues.Row(_second, row), .. KernelValues.Row(_hidden, row)];
                double Gate(int gate) =>
                    KernelValues.Dot(KernelValues.Row(_weights, (gate * Units) + unit), input) + _bias.Span[(gate * Units) + unit];
                var next = (KernelValues.Sigmoid(Gate(1)) * _state.Span[i]) + (KernelValues.Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
                (state[i], hidden[i]) = ((float)next, (float)(KernelValues.Sigmoid(Gate(3)) * Math.Tanh(next)));
            }

            return (hidden, state);
        }
    }
}
