using CudaTts.Compute.Cpu;
using CudaTts.Tensors;
using CudaTts.Tests.Models.Tacotron2;
using CudaTts.Weights;

namespace CudaTts.Tests.Compute;

/// <summary>The decoder's kernels against scalar float64.</summary>
[TestFixture]
[TestFixtureSource(typeof(Tacotron2Models), nameof(Tacotron2Models.Levels))]
internal sealed unsafe class DecoderTests(SimdLevel level)
{
    private readonly DecoderKernels _kernels = DecoderKernels.For(level);

    [Test]
    public void Matrix_times_vector_agrees_with_its_definition(
        [Values(1, 7, 8, 9, 33)] int rows, [Values(1, 7, 15, 16, 17, 100)] int columns, [Values] bool half)
    {
        var weights = ProceduralWeights.Create([("w", [rows, columns])]);
        weights = Tacotron2Models.Rounded(weights, half ? DataType.F16 : DataType.F32);
        var matrix = DecoderMatrix.FromRows(_kernels, weights.TakeMatrix("w", rows, columns));
        var x = Padded("x", columns, matrix.Columns);
        var bias = Padded("b", rows, matrix.Rows);
        var y = new Tensor(matrix.Rows);

        // In two parts, as two threads would.
        var middle = matrix.Panels / 2;
        matrix.Multiply(x.Pointer, bias.Pointer, y.Pointer, (0, middle));
        matrix.Multiply(x.Pointer, bias.Pointer, y.Pointer, (middle, matrix.Panels));

        var w = weights.Take("w", rows, columns);
        for (var row = 0; row < rows; row++)
        {
            double expected = bias.Span[row];
            for (var column = 0; column < columns; column++)
            {
                expected += (double)w.Span[(row * columns) + column] * x.Span[column];
            }

            Assert.That(y.Span[row], Is.EqualTo(expected).Within(2e-6), $"row {row}");
        }
    }

    [Test]
    public void Four_places_reach_every_panel_and_no_other([Range(0, 13)] int panels, [Values(0, 5)] int start)
    {
        var streams = PanelStreams.Of((start, start + panels));
        var reached = Enumerable.Range(0, streams.Count).Select(streams.At)
            .SelectMany(panel => (int[])[panel.First, panel.Second, panel.Third, panel.Fourth]);
        Assert.That(reached.Distinct().Order(), Is.EqualTo(Enumerable.Range(start, panels)));
    }

    [Test]
    public void A_vectors_product_does_not_depend_on_those_beside_it([Values(1, 2, 9, 33)] int rows, [Values] bool half)
    {
        const int Columns = 100;
        var weights = Tacotron2Models.Rounded(ProceduralWeights.Create([("w", [rows, Columns])]), half ? DataType.F16 : DataType.F32);
        var matrix = DecoderMatrix.FromRows(_kernels, weights.TakeMatrix("w", rows, Columns));
        var bias = Padded("b", rows, matrix.Rows);
        Tensor[] inputs = [Padded("x", Columns, matrix.Columns), Padded("z", Columns, matrix.Columns)];
        Tensor[] together = [new(matrix.Rows), new(matrix.Rows)];
        var alone = new Tensor(matrix.Rows);

        matrix.Multiply(
            [new VectorPair(inputs[0].Pointer, together[0].Pointer), new VectorPair(inputs[1].Pointer, together[1].Pointer)],
            bias.Pointer, (0, matrix.Panels));

        for (var vector = 0; vector < inputs.Length; vector++)
        {
            matrix.Multiply(inputs[vector].Pointer, bias.Pointer, alone.Pointer, (0, matrix.Panels));
            Assert.That(together[vector].Span.SequenceEqual(alone.Span), $"vector {vector}");
        }
    }

    [Test]
    public void Every_half_is_widened_exactly()
    {
        // One column times 1: the product is the weight itself. All 63,488 finite halves, subnormal ones included.
        var halves = Enumerable.Range(0, 65536).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(Half.IsFinite).ToArray();
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(halves.AsSpan()).ToArray();
        var weights = new ModelWeights("halves", new Dictionary<string, WeightEntry> { ["w"] = new(DataType.F16, [halves.Length, 1], bytes) });
        var matrix = DecoderMatrix.FromRows(_kernels, weights.TakeMatrix("w", halves.Length, 1));
        var x = new Tensor(matrix.Columns);
        x.Span[0] = 1;
        var y = new Tensor(matrix.Rows);

        matrix.Multiply(x.Pointer, new Tensor(matrix.Rows).Pointer, y.Pointer, (0, matrix.Panels));

        Assert.That(y.Span[..halves.Length].SequenceEqual(Array.ConvertAll(halves, half => (float)half)), "a half and its float differ");
    }

    [Test]
    public void Softmax_is_exact_at_its_edges([Values(1, 15, 16, 17)] int count, [Values(0f, 1e30f, -1e30f, 80f)] float offset)
    {
        var padded = DecoderMatrix.PaddedInput(count);
        var energies = new Tensor(padded);
        energies.Span.Fill(float.NegativeInfinity);
        for (var i = 0; i < count; i++)
        {
            energies.Span[i] = offset + (i % 5);
        }

        var weights = new Tensor(padded);
        _kernels.Softmax(energies.Pointer, weights.Pointer, padded);

        var powers = Enumerable.Range(0, count).Select(i => Math.Exp((double)energies.Span[i] - energies.Span.ToArray().Max())).ToArray();
        Assert.Multiple(() =>
        {
            for (var i = 0; i < count; i++)
            {
                Assert.That(weights.Span[i], Is.EqualTo(powers[i] / powers.Sum()).Within(1e-6));
            }

            Assert.That(weights.Span[count..].ToArray(), Is.All.Zero);
        });
    }

    [Test]
    public void Lstm_state_is_accurate_for_gates_of_any_size(
        [Values(0f, 1e-6f, 0.01f, 0.6f, 0.63f, 1f, 9f, 100f, 1e9f)] float size, [Values(-1, 1)] int sign)
    {
        var gates = new Tensor(64);
        for (var i = 0; i < gates.Length; i++)
        {
            gates.Span[i] = sign * size * (1 + (i * 0.01f));
        }

        var cell = Padded("c", 16, 16);
        var before = cell.Span.ToArray();
        var hidden = new Tensor(16);
        _kernels.UpdateLstm(gates.Pointer, cell.Pointer, hidden.Pointer, (0, 1));

        // A few units in the last place of the terms: of the sum itself it may be more, as they can cancel.
        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        var g = gates.Span;
        for (var unit = 0; unit < 16; unit++)
        {
            var (kept, added) = (Sigmoid(g[16 + unit]) * before[unit], Sigmoid(g[unit]) * Math.Tanh(g[32 + unit]));
            Assert.That(cell.Span[unit], Is.EqualTo(kept + added).Within((4e-7 * (Math.Abs(kept) + Math.Abs(added))) + 1e-37), $"c of unit {unit}");
            var output = Sigmoid(g[48 + unit]) * Math.Tanh(cell.Span[unit]);
            Assert.That(hidden.Span[unit], Is.EqualTo(output).Within((4e-7 * Math.Abs(output)) + 1e-37), $"h of unit {unit}");
        }
    }

    private static Tensor Padded(string name, int count, int length)
    {
        var tensor = new Tensor(length);
        ProceduralWeights.Values(name, [count, 1]).CopyTo(tensor.Span);
        return tensor;
    }
}
