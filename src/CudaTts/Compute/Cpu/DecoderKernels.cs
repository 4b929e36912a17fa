using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>The inner loops of an autoregressive decoder step, at one vector width. Buffers are padded with zeros.</summary>
internal abstract unsafe class DecoderKernels
{
    /// <summary>Tokens that <see cref="LocationEnergies"/> computes side by side.</summary>
    public const int TokenBlock = 4;

    /// <summary>Columns that <see cref="WeightedSum"/> computes side by side, at most.</summary>
    public const int ColumnBlock = 64;

    /// <summary>What the attention width is padded to, at most.</summary>
    public const int AttentionBlock = 32;

    /// <summary>Floats in a vector.</summary>
    public abstract int Width { get; }

    /// <summary>The loops for a level of vector instructions.</summary>
    public static DecoderKernels For(SimdLevel level) => level switch
    {
        SimdLevel.Avx512 => new DecoderKernels<Simd512, Vector512<float>>(),
        SimdLevel.Avx2 => new DecoderKernels<Simd256, Vector256<float>>(),
        _ => new DecoderKernels<SimdPortable, Vector<float>>(),
    };

    /// <summary>y = W x + b for some panels of a <see cref="DecoderMatrix"/> in float32; all pointers are to what belongs to its first row.</summary>
    public abstract void Multiply(float* panels, int columns, PanelStreams streams, float* x, float* b, float* y);

    /// <summary>y = W x + b for some panels of a <see cref="DecoderMatrix"/> in half precision.</summary>
    public abstract void Multiply(ushort* panels, int columns, PanelStreams streams, float* x, float* b, float* y);

    /// <summary>
    /// An LSTM's state from its gates, blocks [Start, End) of <see cref="DecoderMatrix.GateBlock"/> units:
    /// c = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c). Gates lie as <see cref="DecoderMatrix.GateRow"/> says, in the order i, f, g, o.
    /// </summary>
    public abstract void UpdateLstm(float* gates, float* cell, float* hidden, (int Start, int End) blocks);

    /// <summary>
    /// Energies e[t] = v . tanh(query + keys[t] + location[t]) of token blocks [Start, End), where location[t] is a convolution over two signals.
    /// </summary>
    /// <param name="attention">Widths and constants.</param>
    /// <param name="query">[attention width].</param>
    /// <param name="keys">[tokens, attention width].</param>
    /// <param name="previous">The weights of the last step, with half a kernel of zeros on both sides.</param>
    /// <param name="cumulative">The sum of the weights of all steps, padded likewise.</param>
    /// <param name="energies">[tokens].</param>
    /// <param name="blocks">Blocks of <see cref="TokenBlock"/> tokens to compute.</param>
    public abstract void LocationEnergies(
        in LocationOperands attention, float* query, float* keys, float* previous, float* cumulative, float* energies, (int Start, int End) blocks);

    /// <summary>weights = exp(energies - max) / sum over <paramref name="count"/> entries, a multiple of 16; padding holds minus infinity.</summary>
    public abstract void Softmax(float* energies, float* weights, int count);

    /// <summary>sum over t of weights[t] rows[t, column] for blocks [Start, End) of <see cref="ColumnBlock"/> columns.</summary>
    public abstract void WeightedSum(float* weights, int tokens, float* rows, int columns, float* sum, (int Start, int End) blocks);
}

/// <summary>
/// Panels that are read at a time, in four places far from each other: a core has more of the memory's ways under way than with one place, and
/// reads as much as half faster.
/// </summary>
/// <param name="Count">How many panels from each place on.</param>
/// <param name="First">The first place's first panel.</param>
/// <param name="Second">The second place's.</param>
/// <param name="Third">The third place's.</param>
/// <param name="Fourth">The fourth place's.</param>
internal readonly record struct PanelStreams(int Count, int First, int Second, int Third, int Fourth)
{
    private const int Streams = 4;

    /// <summary>
    /// Divides panels [Start, End). Where their number is no multiple of four, places overlap: some panels are computed twice, to the same sums.
    /// </summary>
    public static PanelStreams Of((int Start, int End) panels)
    {
        var count = Ceiling.Of(panels.End - panels.Start, Streams);
        var others = panels.End - panels.Start - count;
        return new PanelStreams(
            count,
            panels.Start,
            panels.Start + (others / (Streams - 1)),
            panels.Start + (2 * others / (Streams - 1)),
            panels.Start + others);
    }

    /// <summary>One panel from each place.</summary>
    public PanelStreams At(int index) => new(1, First + index, Second + index, Third + index, Fourth + index);
}

/// <summary>The constants of location-sensitive attention.</summary>
/// <param name="Width">Attention width, padded to <see cref="DecoderKernels.AttentionBlock"/>.</param>
/// <param name="Taps">Taps of the location convolution.</param>
/// <param name="Location">[2, taps, width]: from (previous, cumulative) weights to the attention width.</param>
/// <param name="V">[width]: from the attention width to the energy.</param>
internal readonly unsafe record struct LocationOperands(int Width, int Taps, nint Location, nint V);

/// <inheritdoc/>
internal sealed unsafe class DecoderKernels<TSimd, TVector> : DecoderKernels
    where TSimd : IDecoderSimd<TVector>
{
    public override int Width => TSimd.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(float* panels, int columns, PanelStreams streams, float* x, float* b, float* y)
    {
        const int Rows = DecoderMatrix.PanelRows;
        var width = TSimd.Width;
        float* w0 = panels + ((nint)streams.First * Rows * columns), w1 = panels + ((nint)streams.Second * Rows * columns);
        float* w2 = panels + ((nint)streams.Third * Rows * columns), w3 = panels + ((nint)streams.Fourth * Rows * columns);
        for (var panel = 0; panel < streams.Count; panel++)
        {
            TVector r0 = TSimd.Create(0f), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
            for (var k = 0; k < columns; k += width)
            {
                var v = TSimd.Load(x + k);
                r0 = TSimd.MultiplyAdd(TSimd.Load(w0), v, r0);
                r1 = TSimd.MultiplyAdd(TSimd.Load(w0 + width), v, r1);
                r2 = TSimd.MultiplyAdd(TSimd.Load(w1), v, r2);
                r3 = TSimd.MultiplyAdd(TSimd.Load(w1 + width), v, r3);
                r4 = TSimd.MultiplyAdd(TSimd.Load(w2), v, r4);
                r5 = TSimd.MultiplyAdd(TSimd.Load(w2 + width), v, r5);
                r6 = TSimd.MultiplyAdd(TSimd.Load(w3), v, r6);
                r7 = TSimd.MultiplyAdd(TSimd.Load(w3 + width), v, r7);
                w0 += Rows * width;
                w1 += Rows * width;
                w2 += Rows * width;
                w3 += Rows * width;
            }

            StoreSums(r0, r1, b, y, streams.First + panel);
            StoreSums(r2, r3, b, y, streams.Second + panel);
            StoreSums(r4, r5, b, y, streams.Third + panel);
            StoreSums(r6, r7, b, y, streams.Fourth + panel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(ushort* panels, int columns, PanelStreams streams, float* x, float* b, float* y)
    {
        const int Rows = DecoderMatrix.PanelRows;
        var width = TSimd.Width;
        var scale = TSimd.Create(DecoderMatrix.HalfScale);
        ushort* w0 = panels + ((nint)streams.First * Rows * columns), w1 = panels + ((nint)streams.Second * Rows * columns);
        ushort* w2 = panels + ((nint)streams.Third * Rows * columns), w3 = panels + ((nint)streams.Fourth * Rows * columns);
        for (var panel = 0; panel < streams.Count; panel++)
        {
            TVector r0 = TSimd.Create(0f), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
            for (var k = 0; k < columns; k += width)
            {
                Prefetch(w0, w1, w2, w3);
                var v = TSimd.Multiply(TSimd.Load(x + k), scale);
                r0 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w0), v, r0);
                r1 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w0 + width), v, r1);
                r2 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w1), v, r2);
                r3 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w1 + width), v, r3);
                r4 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w2), v, r4);
                r5 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w2 + width), v, r5);
                r6 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w3), v, r6);
                r7 = TSimd.MultiplyAdd(TSimd.LoadScaledHalf(w3 + width), v, r7);
                w0 += Rows * width;
                w1 += Rows * width;
                w2 += Rows * width;
                w3 += Rows * width;
            }

            StoreSums(r0, r1, b, y, streams.First + panel);
            StoreSums(r2, r3, b, y, streams.Second + panel);
            StoreSums(r4, r5, b, y, streams.Third + panel);
            StoreSums(r6, r7, b, y, streams.Fourth + panel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void UpdateLstm(float* gates, float* cell, float* hidden, (int Start, int End) blocks)
    {
        const int Block = DecoderMatrix.GateBlock;
        for (var unit = blocks.Start * Block; unit < blocks.End * Block; unit += TSimd.Width)
        {
            var gate = gates + (unit / Block * 4 * Block) + (unit % Block);
            var input = DecoderActivation<TSimd, TVector>.Sigmoid(TSimd.Load(gate));
            var forget = DecoderActivation<TSimd, TVector>.Sigmoid(TSimd.Load(gate + Block));
            var candidate = DecoderActivation<TSimd, TVector>.Tanh(TSimd.Load(gate + (2 * Block)));
            var output = DecoderActivation<TSimd, TVector>.Sigmoid(TSimd.Load(gate + (3 * Block)));
            var next = TSimd.MultiplyAdd(forget, TSimd.Load(cell + unit), TSimd.Multiply(input, candidate));
            TSimd.Store(cell + unit, next);
            TSimd.Store(hidden + unit, TSimd.Multiply(output, DecoderActivation<TSimd, TVector>.Tanh(next)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LocationEnergies(
        in LocationOperands attention, float* query, float* keys, float* previous, float* cumulative, float* energies, (int Start, int End) blocks)
    {
        var width = TSimd.Width;
        var stride = attention.Width;
        var v = (float*)attention.V;
        for (var token = blocks.Start * TokenBlock; token < blocks.End * TokenBlock; token += TokenBlock)
        {
            TVector e0 = TSimd.Create(0f), e1 = e0, e2 = e0, e3 = e0;
            for (var a = 0; a < stride; a += 2 * width)
            {
                // Four tokens x two vectors: each location weight is loaded once for four tokens.
                var key = keys + ((nint)token * stride) + a;
                TVector q0 = TSimd.Load(query + a), q1 = TSimd.Load(query + a + width);
                TVector r00 = TSimd.Add(q0, TSimd.Load(key)), r01 = TSimd.Add(q1, TSimd.Load(key + width));
                key += stride;
                TVector r10 = TSimd.Add(q0, TSimd.Load(key)), r11 = TSimd.Add(q1, TSimd.Load(key + width));
                key += stride;
                TVector r20 = TSimd.Add(q0, TSimd.Load(key)), r21 = TSimd.Add(q1, TSimd.Load(key + width));
                key += stride;
                TVector r30 = TSimd.Add(q0, TSimd.Load(key)), r31 = TSimd.Add(q1, TSimd.Load(key + width));
                var location = (float*)attention.Location + a;
                for (var signal = 0; signal < 2; signal++)
                {
                    var window = (signal == 0 ? previous : cumulative) + token;
                    for (var tap = 0; tap < attention.Taps; tap++, window++, location += stride)
                    {
                        TVector l0 = TSimd.Load(location), l1 = TSimd.Load(location + width);
                        var w = TSimd.Broadcast(window);
                        r00 = TSimd.MultiplyAdd(l0, w, r00);
                        r01 = TSimd.MultiplyAdd(l1, w, r01);
                        w = TSimd.Broadcast(window + 1);
                        r10 = TSimd.MultiplyAdd(l0, w, r10);
                        r11 = TSimd.MultiplyAdd(l1, w, r11);
                        w = TSimd.Broadcast(window + 2);
                        r20 = TSimd.MultiplyAdd(l0, w, r20);
                        r21 = TSimd.MultiplyAdd(l1, w, r21);
                        w = TSimd.Broadcast(window + 3);
                        r30 = TSimd.MultiplyAdd(l0, w, r30);
                        r31 = TSimd.MultiplyAdd(l1, w, r31);
                    }
                }

                TVector v0 = TSimd.Load(v + a), v1 = TSimd.Load(v + a + width);
                e0 = AddEnergy(v0, r00, v1, r01, e0);
                e1 = AddEnergy(v0, r10, v1, r11, e1);
                e2 = AddEnergy(v0, r20, v1, r21, e2);
                e3 = AddEnergy(v0, r30, v1, r31, e3);
            }

            energies[token] = TSimd.Sum(e0);
            energies[token + 1] = TSimd.Sum(e1);
            energies[token + 2] = TSimd.Sum(e2);
            energies[token + 3] = TSimd.Sum(e3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Softmax(float* energies, float* weights, int count)
    {
        var largest = TSimd.Load(energies);
        for (var i = 0; i < count; i += TSimd.Width)
        {
            largest = TSimd.Max(largest, TSimd.Load(energies + i));
        }

        var shift = TSimd.Create(-TSimd.Largest(largest));
        var sum = TSimd.Create(0f);
        for (var i = 0; i < count; i += TSimd.Width)
        {
            var power = TSimd.Exp(TSimd.Add(TSimd.Load(energies + i), shift));
            TSimd.Store(weights + i, power);
            sum = TSimd.Add(sum, power);
        }

        var scale = TSimd.Create(1f / TSimd.Sum(sum));
        for (var i = 0; i < count; i += TSimd.Width)
        {
            TSimd.Store(weights + i, TSimd.Multiply(TSimd.Load(weights + i), scale));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void WeightedSum(float* weights, int tokens, float* rows, int columns, float* sum, (int Start, int End) blocks)
    {
        var width = TSimd.Width;
        for (var column = blocks.Start * ColumnBlock; column < blocks.End * ColumnBlock; column += 4 * width)
        {
            TVector s0 = TSimd.Create(0f), s1 = s0, s2 = s0, s3 = s0;
            var row = rows + column;
            for (var token = 0; token < tokens; token++, row += columns)
            {
                var weight = TSimd.Broadcast(weights + token);
                s0 = TSimd.MultiplyAdd(weight, TSimd.Load(row), s0);
                s1 = TSimd.MultiplyAdd(weight, TSimd.Load(row + width), s1);
                s2 = TSimd.MultiplyAdd(weight, TSimd.Load(row + (2 * width)), s2);
                s3 = TSimd.MultiplyAdd(weight, TSimd.Load(row + (3 * width)), s3);
            }

            TSimd.Store(sum + column, s0);
            TSimd.Store(sum + column + width, s1);
            TSimd.Store(sum + column + (2 * width), s2);
            TSimd.Store(sum + column + (3 * width), s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddEnergy(TVector v0, TVector r0, TVector v1, TVector r1, TVector energy) =>
        TSimd.MultiplyAdd(
            v1, DecoderActivation<TSimd, TVector>.Tanh(r1), TSimd.MultiplyAdd(v0, DecoderActivation<TSimd, TVector>.Tanh(r0), energy));

    // Widening takes so many instructions that a core, which looks ahead over some hundred of them, sees too few of the lines to come; with float32
    // it sees enough.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(ushort* w0, ushort* w1, ushort* w2, ushort* w3)
    {
        const int Ahead = 1024;
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(w0 + Ahead);
            Sse.Prefetch0(w1 + Ahead);
            Sse.Prefetch0(w2 + Ahead);
            Sse.Prefetch0(w3 + Ahead);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSums(TVector r0, TVector r1, float* b, float* y, int panel)
    {
        var row = panel * DecoderMatrix.PanelRows;
        y[row] = TSimd.Sum(r0) + b[row];
        y[row + 1] = TSimd.Sum(r1) + b[row + 1];
    }
}
