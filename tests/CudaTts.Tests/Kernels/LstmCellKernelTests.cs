using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>One LSTM step against its definition, for one row, for groups of rows of every size and for rows in any slot.</summary>
[TestFixture]
internal sealed class LstmCellKernelTests
{
    private const int Step = 50;

    [Test]
    public void Agrees_with_the_definition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 31, 33, 257)] int units,
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
    public void Every_number_of_rows_agrees_with_the_definition(
        [Values(7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65)] int rows, [Values(32, 45)] int units)
    {
        var cell = new Cell(Precision.Half, rows, inputs: (24, 40), units);

        Assert.That(Nmse.Of(cell.Run([.. Enumerable.Range(0, rows)]).Hidden, cell.Expected.Hidden), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void Inputs_count_beyond_half_precision()
    {
        // Near half precision's smallest numbers, where it has three or four digits in binary. Weights make up for it, because what the gates are
        // made of is exact to an absolute error only.
        var cell = new Cell(Precision.Half, rows: 9, inputs: (8, 8), units: 8, inputScale: 1e-4f);
        var rounded = new Cell(Precision.Half, rows: 9, inputs: (8, 8), units: 8, inputScale: 1e-4f) { RoundsInputs = true };

        Assert.Multiple(() =>
        {
            Assert.That(Nmse.Of(cell.Run([.. Enumerable.Range(0, 9)]).Hidden, cell.Expected.Hidden), Is.LessThan(KernelValues.Limit));
            Assert.That(Nmse.Of(rounded.Run([.. Enumerable.Range(0, 9)]).Hidden, cell.Expected.Hidden), Is.GreaterThan(KernelValues.Limit));
        });
    }

    [Test]
    public void Agrees_with_the_definition_at_full_size([ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision)
    {
        var cell = new Cell(precision, rows: 1, inputs: (1024, 512), units: 1024);

        Assert.That(Nmse.Of(cell.Run([0]).Hidden, cell.Expected.Hidden), Is.LessThan(KernelValues.Limit));
    }

    [TestCase(Precision.Full, 11)]
    [TestCase(Precision.Half, 7)]
    [TestCase(Precision.Half, 11)]
    [TestCase(Precision.Half, 20)]
    [TestCase(Precision.Half, 40)]
    [TestCase(Precision.Half, 70)]
    public void A_row_is_the_same_alone_and_in_any_slot(Precision precision, int rows)
    {
        const int Units = 37;
        var cell = new Cell(precision, rows, inputs: (24, 8), Units);
        var order = Enumerable.Range(0, rows).Select(slot => ((slot * 3) + 1) % rows).Distinct().ToArray();
        Assert.That(order, Has.Length.EqualTo(rows), "the order is a permutation");

        var together = cell.Run(order);

        foreach (var row in new[] { 0, 1, rows / 2, rows - 1 })
        {
            var alone = cell.Run([row]);
            Assert.That(alone.Hidden.AsSpan(row * Units, Units).ToArray(), Is.EqualTo(together.Hidden.AsSpan(row * Units, Units).ToArray()),
                $"row {row}");
            Assert.That(alone.State.AsSpan(row * Units, Units).ToArray(), Is.EqualTo(together.State.AsSpan(row * Units, Units).ToArray()),
                $"row {row}");
        }
    }

    [TestCase(Precision.Full, 8)]
    [TestCase(Precision.Half, 8)]
    [TestCase(Precision.Half, 16)]
    [TestCase(Precision.Half, 64)]
    public void Rows_without_a_slot_stay_as_they_were(Precision precision, int slots)
    {
        const int Units = 9;
        var cell = new Cell(precision, rows: 4, inputs: (8, 8), Units);

        var (hidden, state) = cell.Run(KernelValues.InSlots(slots, -1, 2));

        Assert.Multiple(() =>
        {
            Assert.That(hidden.AsSpan(0, 2 * Units).ToArray(), Is.All.Zero);
            Assert.That(state.AsSpan(0, 2 * Units).ToArray(), Is.EqualTo(cell.FirstState.AsSpan(0, 2 * Units).ToArray()));
            Assert.That(state.AsSpan(3 * Units).ToArray(), Is.EqualTo(cell.FirstState.AsSpan(3 * Units).ToArray()));
            Assert.That(state.AsSpan(2 * Units, Units).ToArray(), Is.Not.EqualTo(cell.FirstState.AsSpan(2 * Units, Units).ToArray()));
        });
    }

    [Test]
    public void A_new_row_has_nothing_of_who_had_its_slot_before([Values(9, 40)] int rows)
    {
        const int Units = 37;
        int[] order = [.. Enumerable.Range(0, rows)];
        var known = new Cell(Precision.Half, rows, inputs: (24, 8), Units).Run(order);

        // Rows 0, 3, 6 and so on are new. With zeros for what is early they are what they are with early inputs of zeros.
        var mixed = new Cell(Precision.Half, rows, inputs: (24, 8), Units) { Starts = [.. order.Select(row => row % 3 == 0 ? Step : row)] }.Run(
            order);
        var fresh = new Cell(Precision.Half, rows, inputs: (24, 8), Units) { HasEarlyInputs = false }.Run(order);

        for (var row = 0; row < rows; row++)
        {
            var expected = row % 3 == 0 ? fresh : known;
            Assert.That(mixed.Hidden.AsSpan(row * Units, Units).ToArray(), Is.EqualTo(expected.Hidden.AsSpan(row * Units, Units).ToArray()),
                $"row {row}");
        }

        Assert.That(fresh.Hidden, Is.Not.EqualTo(known.Hidden));
    }

    [TestCase(Precision.Full, 1)]
    [TestCase(Precision.Half, 1)]
    [TestCase(Precision.Half, 9)]
    public void Another_gate_order_is_noticed(Precision precision, int rows)
    {
        var cell = new Cell(precision, rows, inputs: (17, 8), units: 33);

        var (hidden, _) = cell.Run([.. Enumerable.Range(0, rows)], swapsGates: true);

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

        public Cell(Precision precision, int rows, (int First, int Second) inputs, int units, float inputScale = 1)
        {
            _precision = precision;
            var columns = inputs.First + inputs.Second + units;
            _first = KernelValues.Random(1, inputScale, rows, inputs.First);
            _second = KernelValues.Random(2, inputScale, rows, inputs.Second);
            _hidden = KernelValues.Random(3, inputScale, rows, units);
            _state = KernelValues.Random(4, 2, rows, units);
            _weights = KernelValues.Rounded(KernelValues.Random(5, 3 / (inputScale * MathF.Sqrt(columns)), 4 * units, columns), precision);
            _bias = KernelValues.Random(6, 0.3f, 4 * units, 1);
            Expected = Reference();
        }

        /// <summary>[B]: the first step of each row, where the early product was made before the slots of <see cref="Step"/> were known.</summary>
        public int[]? Starts { get; init; }

        /// <summary>Whether what is not late is there, or zeros.</summary>
        public bool HasEarlyInputs { get; init; } = true;

        /// <summary>Whether the kernel gets inputs that half precision can hold.</summary>
        public bool RoundsInputs { get; init; }

        public (float[] Hidden, float[] State) Expected { get; }

        public float[] FirstState => _state.Span.ToArray();

        private int Units => _state[1];

        public (float[] Hidden, float[] State) Run(int[] rows, bool swapsGates = false)
        {
            var device = TestDevice.Open(_precision);
            using var arrays = new DeviceArrays(device);
            var slots = Slots(rows);
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
            if (_precision == Precision.Half)
            {
                RunHalf(arrays, device, slots, stacked, hidden, state);
            }
            else
            {
                device.Kernels[slots.Length == 1 ? "lstm_cell_f32" : "lstm_cell_batch_f32"].Launch(
                    arrays.Stream, new Dim3((Units + 3) / 4, (slots.Length + 7) / 8), 128, 0,
                    Input(arrays, _first), Input(arrays, _second), Input(arrays, _hidden), arrays.Matrix(ByUnit(stacked).Span), Bias(arrays), hidden,
                        state,
                    arrays.Of(slots), WeightRows.Padded(_first[1]), WeightRows.Padded(_second[1]), stride, Units, stride);
            }

            return (KernelValues.Unpadded(arrays.Floats(hidden, _state[0] * stride), stride, Units),
                KernelValues.Unpadded(arrays.Floats(state, _state[0] * stride), stride, Units));
        }

        // One, or groups of eight; in half precision whole tiles of 8, 16, 32 or 64.
        private int[] Slots(int[] rows) => _precision == Precision.Full
            ? KernelValues.InGroups(rows)
            : KernelValues.InSlots(rows.Length switch { <= 8 => 8, <= 16 => 16, <= 32 => 32, _ => (rows.Length + 63) / 64 * 64 }, rows);

        // The second input is the late one.
        private void RunHalf(DeviceArrays arrays, CudaCompute device, int[] slots, Tensor stacked, CUdeviceptr hidden, CUdeviceptr state)
        {
            var (firstWidth, stride, tiles) = (WeightRows.Padded(_first[1]), WeightRows.Padded(Units), (Units + 31) / 32);
            var lateEnd = firstWidth + WeightRows.Padded(_second[1]);
            var early = ByUnit(WeightRows.Beside(WeightRows.Columns(stacked, ..firstWidth), WeightRows.Columns(stacked, lateEnd..)));
            var earlyWeights = arrays.Matrix(WeightRows.InTiles(early).Span);
            var lateWeights = arrays.Matrix(WeightRows.InTiles(ByUnit(WeightRows.Columns(stacked, firstWidth..lateEnd))).Span);
            var inSlots = arrays.Of(slots);
            if (slots.Length == 8)
            {
                device.Kernels["lstm_cell_f16"].Launch(
                    arrays.Stream, (Units + 3) / 4, 160, 0,
                    Input(arrays, _first), Input(arrays, _hidden), Input(arrays, _second), earlyWeights, lateWeights, Bias(arrays), hidden, state,
                        inSlots,
                    firstWidth, stride, lateEnd - firstWidth, Units, stride);
                return;
            }

            var (group, lateGroup) = (Math.Min(slots.Length, 64), Math.Min(slots.Length, 32));
            var parts = arrays.Of(new float[4 * slots.Length * 4 * Units]);
            device.Kernels[$"lstm_early_{group}_f16"].Launch(
                arrays.Stream, new Dim3(tiles, slots.Length / group, 4), group == 64 ? 256 : 128, SharedBytes(group),
                Input(arrays, _first), Input(arrays, _hidden), earlyWeights, parts, inSlots, firstWidth, stride, Units);
            device.Kernels[$"lstm_late_{lateGroup}_f16"].Launch(
                arrays.Stream, new Dim3(tiles, slots.Length / lateGroup), 128, SharedBytes(lateGroup),
                Input(arrays, _second), lateWeights, parts, Bias(arrays), hidden, state, inSlots, arrays.Of(Starts ?? new int[_state[0]]),
                arrays.Of(Step - 2), 2,
                Starts is null ? 0 : 1, lateEnd - firstWidth, Units, stride);
        }

        private static int SharedBytes(int group) => 4 * (8192 + (128 * group));

        private static Tensor ByUnit(Tensor stacked) => WeightRows.GatesByUnit(stacked).Reshape(stacked[0], stacked[1]);

        private CUdeviceptr Bias(DeviceArrays arrays) => arrays.Of<float>(WeightRows.GatesByUnit(_bias).Span);

        private CUdeviceptr Input(DeviceArrays arrays, Tensor rows)
        {
            var values = RoundsInputs ? KernelValues.Rounded(Tensor.From(rows.Span, rows.Shape), Precision.Half) : rows;
            return arrays.Of<float>(KernelValues.Padded(HasEarlyInputs || rows == _second ? values : new Tensor(rows.Shape)).Span);
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
