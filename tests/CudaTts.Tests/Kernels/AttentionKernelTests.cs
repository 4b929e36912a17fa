using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>The parts of location-sensitive attention against their definitions, over ragged rows.</summary>
[TestFixture]
internal sealed class AttentionKernelTests
{
    private const int ChunkSteps = 4;
    private const int Offset = 2;

    [Test]
    public void Queries_agree_with_the_definition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 31, 33, 255, 257)] int columns,
        [Values(1, 9)] int rows)
    {
        const int Width = 20;
        var hidden = KernelValues.Random(1, 1, rows, columns);
        var weights = KernelValues.Rounded(KernelValues.Random(2, 1, Width, columns), precision);
        var device = TestDevice.Open(precision);
        using var arrays = new DeviceArrays(device);
        int[] all = [.. Enumerable.Range(0, rows)];
        var slots = precision == Precision.Half ? KernelValues.InSlots((rows + 7) / 8 * 8, all) : KernelValues.InGroups(all);
        var query = arrays.Of(new float[rows * Width]);
        var isHalf = precision == Precision.Half;
        device.Kernels[$"attention_query_{(isHalf || rows == 1 ? "" : "batch_")}{device.Suffix}"].Launch(
            arrays.Stream, new Dim3(isHalf ? 2 : 3, (slots.Length + 7) / 8), isHalf ? 128 : 256, 0,
            arrays.Of<float>(KernelValues.Padded(hidden).Span), arrays.Matrix(KernelValues.StepRows(KernelValues.Padded(weights), precision).Span),
                query,
            arrays.Of(slots), WeightRows.Padded(columns), Width);

        Assert.That(Nmse.Of(arrays.Floats(query, rows * Width), Products(hidden, weights)), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void Keys_agree_with_the_definition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision, [Values(1, 8, 31)] int count,
            [Values(6, 257)] int columns)
    {
        const int Width = 33;
        var vectors = KernelValues.Random(1, 1, count, columns);
        var weights = KernelValues.Rounded(KernelValues.Random(2, 1, Width, columns), precision);
        var device = TestDevice.Open(precision);
        using var arrays = new DeviceArrays(device);
        var keys = arrays.Of(new float[count * Width]);
        device.Kernels[$"attention_keys_{device.Suffix}"].Launch(
            arrays.Stream, new Dim3((count + 7) / 8, (Width + 7) / 8), 256, 0,
            arrays.Of<float>(KernelValues.Padded(vectors).Span), arrays.Matrix(KernelValues.Padded(weights).Span), keys, count,
            WeightRows.Padded(columns), Width);

        Assert.That(Nmse.Of(arrays.Floats(keys, count * Width), Products(vectors, weights)), Is.LessThan(KernelValues.Limit));
    }

    [Test]
    public void Memory_is_padded_with_zeros()
    {
        const int Steps = 3, Columns = 5, Stride = 8, Tokens = 4;
        var encoded = KernelValues.Random(1, 1, 2, Steps, Columns);
        var device = TestDevice.Open(Precision.Full);
        using var arrays = new DeviceArrays(device);
        var memory = arrays.Of(new float[2 * Tokens * Stride]);
        device.Kernels["attention_memory_f32"].Launch(
            arrays.Stream, new Dim3(1, Tokens, 2), 256, 0, arrays.Of<float>(encoded.Span), memory, arrays.Of(3, 2), Steps, Columns, Stride);

        var actual = arrays.Floats(memory, 2 * Tokens * Stride);
        for (var i = 0; i < actual.Length; i++)
        {
            var (row, token, column) = (i / (Tokens * Stride), i / Stride % Tokens, i % Stride);
            var expected = token < 3 - row && column < Columns ? encoded.Span[(((row * Steps) + token) * Columns) + column] : 0;
            Assert.That(actual[i], Is.EqualTo(expected), $"row {row}, token {token}, column {column}");
        }
    }

    [Test]
    public void Alignment_and_context_agree_with_the_definition(
        [ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision,
        [Values(1, 31, 33, 255, 257)] int tokens, [Values(1, 20, 128, 257)] int width, [Values(1, 31)] int taps)
    {
        var attention = new Attention([tokens, Math.Max(1, tokens / 2)], width, taps, columns: 40) { Precision = precision };

        attention.CheckAgainstDefinition([1, -1, 0, -1, -1, -1, -1, -1]);
    }

    [Test]
    public void Taps_beyond_a_whole_group_agree_with_the_definition([Values(3, 32, 33, 63, 65)] int taps, [Values(1, 40)] int tokens)
    {
        var attention = new Attention([tokens, 3], width: 130, taps, columns: 8);

        attention.CheckAgainstDefinition([1, 0]);
    }

    [Test]
    public void The_filter_lies_in_pairs_of_taps()
    {
        // Signals 0 and 1, three taps each, of two components.
        var pairs = PairedLocationFilter.InPairs(Tensor.From([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, 3, 2));

        Assert.That(pairs.Shape, Is.EqualTo(new[] { 16, 2, 2, 2 }));
        Assert.That(pairs.Span[..16].ToArray(), Is.EqualTo(new float[] { 1, 7, 3, 9, 2, 8, 4, 10, 5, 11, 0, 0, 6, 12, 0, 0 }));
        Assert.That(pairs.Span[16..].ToArray(), Is.All.Zero);
    }

    [Test]
    public void The_longest_rows_agree_with_the_definition([Values(1023, 1024)] int tokens)
    {
        var attention = new Attention([tokens], width: 8, taps: 31, columns: 33);

        attention.CheckAgainstDefinition([0]);
    }

    [TestCase(0, 0)]
    [TestCase(1, 3)]
    [TestCase(2, 200)]
    [TestCase(9, 1)]
    public void A_window_closes_all_but_the_tokens_around_the_last_peak(int behind, int ahead)
    {
        var attention = new Attention([257, 40, 3], width: 20, taps: 31, columns: 40) { Windows = [behind, ahead, -1, -1, behind, ahead] };

        attention.CheckAgainstDefinition([0, 1, 2, -1, -1, -1, -1, -1]);
    }

    [Test]
    public void Shifted_taps_are_noticed()
    {
        var attention = new Attention([33], width: 20, taps: 31, columns: 40);

        var (energies, _, _) = attention.Run([0]);

        Assert.That(Nmse.Of(energies.AsSpan(0, 33), attention.Energies(0, shift: 1)), Is.GreaterThan(1e-3));
    }

    [Test]
    public void Large_energies_do_not_overflow()
    {
        var attention = new Attention([40], width: 128, taps: 3, columns: 8, scale: 40);

        attention.CheckAgainstDefinition([0]);
    }

    private static float[] Products(Tensor vectors, Tensor weights)
    {
        var products = new float[vectors[0] * weights[0]];
        for (var i = 0; i < products.Length; i++)
        {
            products[i] = (float)KernelValues.Dot(KernelValues.Row(vectors, i / weights[0]), KernelValues.Row(weights, i % weights[0]));
        }

        return products;
    }

    /// <summary>One step of attention over random keys, signals and memories; rows have their own numbers of tokens.</summary>
    private sealed class Attention
    {
        private readonly int[] _tokens;
        private readonly int _stride;
        private readonly Tensor _query;
        private readonly Tensor _keys;
        private readonly Tensor _previous;
        private readonly Tensor _cumulative;
        private readonly Tensor _location;
        private readonly Tensor _v;
        private readonly Tensor _memory;

        public Attention(int[] tokens, int width, int taps, int columns, float scale = 3)
        {
            (_tokens, _stride) = (tokens, tokens.Max() + 3);
            Windows = [.. Enumerable.Repeat(-1, 2 * tokens.Length)];
            _query = KernelValues.Random(1, 1, tokens.Length, width);
            _keys = KernelValues.Random(2, 1, tokens.Length * _stride, width);
            _previous = KernelValues.Random(3, 0.5f, tokens.Length, _stride);
            _cumulative = KernelValues.Random(4, 2, tokens.Length, _stride);
            _location = KernelValues.Random(5, 1 / MathF.Sqrt(2 * taps), 2, taps, width);
            _v = KernelValues.Random(6, scale / MathF.Sqrt(width), 1, width);
            _memory = KernelValues.Random(7, 1, tokens.Length * _stride, columns);
        }

        /// <summary>That of the model's weights; it decides which tanh is used.</summary>
        public Precision Precision { get; init; } = Precision.Full;

        /// <summary>[B, 2]: tokens behind and ahead, -1 for all.</summary>
        public int[] Windows { get; init; }

        private int Width => _query[1];

        private int Taps => _location[1];

        private int Columns => _memory[1];

        private int RecordWidth => 5 + _stride;

        /// <summary>Energies [B, stride]; context [B, columns]; records of the slots.</summary>
        public (float[] Energies, float[] Context, float[] Records) Run(int[] slots) => Run(slots, out _, out _);

        public void CheckAgainstDefinition(int[] slots)
        {
            var (energies, context, records) = Run(slots, out var previous, out var cumulative);
            for (var slot = 0; slot < slots.Length; slot++)
            {
                if (slots[slot] is >= 0 and var row)
                {
                    var count = _tokens[row];
                    var expected = Energies(row, shift: 0);
                    var open = Open(row);
                    var weights = Softmax([.. expected.Select((energy, token) => open[token] ? energy : float.NegativeInfinity)]);
                    var inside = energies.AsSpan(row * _stride, count).ToArray().Where((_, token) => open[token]).ToArray();
                    var outside = energies.AsSpan(row * _stride, count).ToArray().Where((_, token) => !open[token]);
                    var record = records.AsSpan((((slot * ChunkSteps) + Offset) * RecordWidth) + 5, count).ToArray();
                    Assert.Multiple(() =>
                    {
                        Assert.That(Nmse.Of(inside, [.. expected.Where((_, token) => open[token])]), Is.LessThan(KernelValues.Limit), "energies");
                        Assert.That(outside, Is.All.EqualTo(float.NegativeInfinity), "energies outside of the window");
                        Assert.That(Nmse.Of(record, weights), Is.LessThan(KernelValues.Limit), "weights");
                        Assert.That(previous.AsSpan(row * _stride, count).ToArray(), Is.EqualTo(record), "previous");
                        Assert.That(
                            cumulative.AsSpan(row * _stride, count).ToArray(),
                            Is.EqualTo(record.Select((weight, token) => KernelValues.Row(_cumulative, row)[token] + weight)), "cumulative");
                        Assert.That(Nmse.Of(context.AsSpan(row * Columns, Columns), Context(row, weights)), Is.LessThan(KernelValues.Limit),
                            "context");
                    });
                }
            }
        }

        public float[] Energies(int row, int shift)
        {
            var energies = new float[_tokens[row]];
            for (var token = 0; token < energies.Length; token++)
            {
                double energy = 0;
                for (var a = 0; a < Width; a++)
                {
                    double sum = _query.Span[(row * Width) + a] + _keys.Span[(((row * _stride) + token) * Width) + a];
                    for (var tap = 0; tap < Taps; tap++)
                    {
                        var at = token + tap - (Taps / 2) + shift;
                        if (at >= 0 && at < energies.Length)
                        {
                            sum += (double)_location.Span[(tap * Width) + a] * KernelValues.Row(_previous, row)[at];
                            sum += (double)_location.Span[((Taps + tap) * Width) + a] * KernelValues.Row(_cumulative, row)[at];
                        }
                    }

                    energy += _v.Span[a] * Math.Tanh(sum);
                }

                energies[token] = (float)energy;
            }

            return energies;
        }

        private bool[] Open(int row)
        {
            var previous = KernelValues.Row(_previous, row)[.._tokens[row]].ToArray();
            var peak = Array.IndexOf(previous, previous.Max());
            return [.. previous.Select(
                (_, token) => Windows[(2 * row) + 1] < 0 || (token >= peak - Windows[2 * row] && token <= peak + Windows[(2 * row) + 1]))];
        }

        private static float[] Softmax(float[] energies)
        {
            var powers = energies.Select(energy => Math.Exp(energy - (double)energies.Max())).ToArray();
            return [.. powers.Select(power => (float)(power / powers.Sum()))];
        }

        private float[] Context(int row, float[] weights)
        {
            var context = new double[Columns];
            for (var i = 0; i < weights.Length * Columns; i++)
            {
                context[i % Columns] += (double)weights[i / Columns] * _memory.Span[(row * _stride * Columns) + i];
            }

            return [.. context.Select(value => (float)value)];
        }

        private (float[] Energies, float[] Context, float[] Records) Run(int[] slots, out float[] previousAfter, out float[] cumulativeAfter)
        {
            var device = TestDevice.Open(Precision);
            using var arrays = new DeviceArrays(device);
            var rows = _tokens.Length;
            var (previous, cumulative) = (arrays.Of<float>(_previous.Span), arrays.Of<float>(_cumulative.Span));
            var (energies, context) = (arrays.Of(new float[rows * _stride]), arrays.Of(new float[rows * Columns]));
            var records = arrays.Of(new float[slots.Length * ChunkSteps * RecordWidth]);
            var (inSlots, tokens) = (arrays.Of(slots), arrays.Of(_tokens));
            device.Kernels[$"attention_energies_{device.Suffix}"].Launch(
                arrays.Stream, new Dim3((_stride + 7) / 8, slots.Length), 128, 2 * (PairedLocationFilter.PaddedTaps(Taps) + 8) * sizeof(float),
                arrays.Of<float>(_query.Span), arrays.Of<float>(_keys.Span), previous, cumulative,
                    arrays.Of<float>(PairedLocationFilter.InPairs(_location).Span),
                arrays.Of<float>(_v.Span), energies, inSlots, tokens, arrays.Of(Windows), Width, Taps, _stride);
            device.Kernels["attention_context_f32"].Launch(
                arrays.Stream, new Dim3((Columns + 31) / 32, slots.Length), 256, _stride * sizeof(float),
                energies, arrays.Of<float>(_memory.Span), context, previous, cumulative, records, inSlots, tokens, Columns, Columns, _stride, Offset,
                ChunkSteps, 5, RecordWidth);
            (previousAfter, cumulativeAfter) = (arrays.Floats(previous, rows * _stride), arrays.Floats(cumulative, rows * _stride));
            return (arrays.Floats(energies, rows * _stride), arrays.Floats(context, rows * Columns),
                arrays.Floats(records, slots.Length * ChunkSteps * RecordWidth));
        }
    }
}
