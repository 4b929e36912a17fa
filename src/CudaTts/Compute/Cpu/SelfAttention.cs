using System.Runtime.CompilerServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// <see cref="ComputeDevice.SelfAttention"/>. A piece of work is one head's tile of queries, as wide as the kernel of all products makes its tiles:
/// its scores are [key, query], so that the softmax runs down the columns of a tile, and its memory grows with the keys alone. Keys and values are
/// packed once for all queries, into the blocks of rows that the kernel reads. A key that is masked has a bias of minus infinity.
/// </summary>
internal static unsafe class SelfAttention<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    // So much less than any score that a column without keys gives zeros.
    private const float LeastScore = -1e30f;
    private const float LeastSum = 1e-30f;

    private static readonly int Most = TileKernel<TSimd, TVector>.MostRows;
    private static readonly int Tile = TileKernel<TSimd, TVector>.Vectors * TSimd.Width;

    [ThreadStatic]
    private static Tensor? _packed;

    [ThreadStatic]
    private static Tensor? _scratch;

    public static void Run(ThreadTeam team, Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask)
    {
        var sizes = new Sizes(projected[0], heads.Count, output[1] / heads.Count, projected[2], heads.RelativeKeys?[0] ?? 0);
        var packed = new Packed(Scratch(ref _packed, sizes.PackedFloats), sizes);
        PackShared(heads, mask, sizes, packed);
        team.Run(sizes.Batch * sizes.Heads, head =>
        {
            PackRows(Rows(projected, sizes, head, part: 1), 1, sizes.Steps, sizes.Steps, sizes.Width, packed.Keys + (head * sizes.KeyFloats));
            PackRows(Rows(projected, sizes, head, part: 2), sizes.Steps, sizes.Width, 1, sizes.Steps, packed.Values + (head * sizes.ValueFloats));
        });
        team.Run(sizes.Batch * sizes.Heads * sizes.Tiles, item =>
        {
            var (head, first) = (item / sizes.Tiles, item % sizes.Tiles * Tile);
            var work = new TileMemory(Scratch(ref _scratch, TileMemory.Floats(sizes)), sizes);
            PackQueries(Rows(projected, sizes, head, part: 0) + first, sizes, Math.Min(Tile, sizes.Steps - first), work.Queries);
            Score(packed, sizes, head, first, work);
            SoftMax(work.Scores, sizes.Steps, work.Inverses);
            Attend(packed, sizes, head, first, work, output.Pointer + ((nint)head * sizes.Width * sizes.Steps) + first);
        });
        GC.KeepAlive((projected, heads, output, mask));
    }

    /// <summary>[D, T] of one head of one row: its queries, keys or values.</summary>
    private static float* Rows(Tensor projected, in Sizes sizes, int head, int part)
    {
        var (row, index) = (head / sizes.Heads, head % sizes.Heads);
        return projected.Pointer + ((nint)((((row * 3) + part) * sizes.Heads) + index) * sizes.Width * sizes.Steps);
    }

    /// <summary>The masks of the rows as biases of their keys, and the relative embeddings.</summary>
    private static void PackShared(AttentionHeads heads, Tensor? mask, in Sizes sizes, in Packed packed)
    {
        var biases = new Span<float>(packed.Biases, sizes.Batch * sizes.KeyRows);
        biases.Clear();
        for (var row = 0; row < sizes.Batch && mask is not null; row++)
        {
            for (var key = 0; key < sizes.Steps; key++)
            {
                biases[(row * sizes.KeyRows) + key] = mask.Pointer[((nint)row * sizes.Steps) + key] == 0 ? float.NegativeInfinity : 0;
            }
        }

        if (sizes.Relative > 0)
        {
            PackRows(heads.RelativeKeys!.Pointer, sizes.Width, sizes.Relative, 1, sizes.Width, packed.RelativeKeys);
            PackRows(heads.RelativeValues!.Pointer, 1, sizes.Width, sizes.Width, sizes.Relative, packed.RelativeValues);
        }
    }

    /// <summary>packed[block, k, row] = from[row * rowStride + k * stride]; rows that do not fill a block are zero.</summary>
    private static void PackRows(float* from, int rowStride, int rows, int stride, int depth, float* packed)
    {
        for (var block = 0; block < rows; block += Most)
        {
            for (var k = 0; k < depth; k++)
            {
                for (var row = block; row < block + Most; row++)
                {
                    *packed++ = row < rows ? from[((nint)row * rowStride) + ((nint)k * stride)] : 0;
                }
            }
        }
    }

    /// <summary>[D, query], divided by the root of D; zero past the last query.</summary>
    private static void PackQueries(float* from, in Sizes sizes, int count, float* queries)
    {
        var scale = 1 / MathF.Sqrt(sizes.Width);
        for (var channel = 0; channel < sizes.Width; channel++, from += sizes.Steps, queries += Tile)
        {
            for (var query = 0; query < Tile; query++)
            {
                queries[query] = query < count ? from[query] * scale : 0;
            }
        }
    }

    /// <summary>scores[key, query], with what is relative.</summary>
    private static void Score(in Packed packed, in Sizes sizes, int head, int first, in TileMemory work)
    {
        var operands = new TileOperands(sizes.Width, Tile, Taps: 1, Dilation: 0);
        var keys = packed.Keys + (head * sizes.KeyFloats);
        var biases = packed.Biases + ((nint)(head / sizes.Heads) * sizes.KeyRows);
        for (var key = 0; key < sizes.Steps; key += Most)
        {
            TileKernel<TSimd, TVector>.Multiply(
                Most, operands, keys + ((nint)key * sizes.Width), work.Queries, biases + key, work.Scores + ((nint)key * Tile));
        }

        for (var offset = 0; offset < sizes.Relative; offset += Most)
        {
            TileKernel<TSimd, TVector>.Multiply(
                Most, operands, packed.RelativeKeys + ((nint)offset * sizes.Width), work.Queries, packed.Zeros, work.Relative + (offset * Tile));
        }

        for (var offset = 0; offset < sizes.Relative; offset++)
        {
            var (from, until) = sizes.QueriesAt(first, offset);
            var scores = work.Scores + ((nint)(first + offset - sizes.Window) * Tile);
            for (var query = from; query < until; query++)
            {
                scores[((nint)query * Tile) + query] += work.Relative[(offset * Tile) + query];
            }
        }
    }

    /// <summary>Exponentials of what the scores of each column are less than its largest, and the inverses of their sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftMax(float* scores, int keys, float* inverses)
    {
        for (var column = 0; column < Tile; column += TSimd.Width)
        {
            var largest = TSimd.Create(LeastScore);
            var score = scores + column;
            for (var key = 0; key < keys; key++, score += Tile)
            {
                largest = TSimd.Max(largest, TSimd.Load(score));
            }

            largest = TSimd.Multiply(largest, TSimd.Create(-1));
            var sum = TSimd.Create(0);
            score = scores + column;
            for (var key = 0; key < keys; key++, score += Tile)
            {
                var power = TSimd.Exp(TSimd.Add(TSimd.Load(score), largest));
                TSimd.Store(score, power);
                sum = TSimd.Add(sum, power);
            }

            TSimd.Store(inverses + column, TSimd.Divide(TSimd.Create(1), TSimd.Max(sum, TSimd.Create(LeastSum))));
        }
    }

    /// <summary>The sums of the values, and of the relative ones.</summary>
    private static void Attend(in Packed packed, in Sizes sizes, int head, int first, in TileMemory work, float* output)
    {
        new Span<float>(work.Relative, sizes.Relative * Tile).Clear();
        for (var offset = 0; offset < sizes.Relative; offset++)
        {
            var (from, until) = sizes.QueriesAt(first, offset);
            var powers = work.Scores + ((nint)(first + offset - sizes.Window) * Tile);
            for (var query = from; query < until; query++)
            {
                work.Relative[(offset * Tile) + query] = powers[((nint)query * Tile) + query];
            }
        }

        var ofKeys = new TileOperands(sizes.Steps, Tile, Taps: 1, Dilation: 0);
        var relative = new TileOperands(sizes.Relative, Tile, Taps: 1, Dilation: 0);
        var values = packed.Values + (head * sizes.ValueFloats);
        for (var channel = 0; channel < sizes.Width; channel += Most)
        {
            TileKernel<TSimd, TVector>.Multiply(Most, ofKeys, values + ((nint)channel * sizes.Steps), work.Scores, packed.Zeros, work.Sums);
            TileKernel<TSimd, TVector>.Multiply(
                Most, relative, packed.RelativeValues + (channel * sizes.Relative), work.Relative, packed.Zeros, work.Sums + (Most * Tile));
            for (var row = 0; row < Math.Min(Most, sizes.Width - channel); row++)
            {
                Store(work.Sums + (row * Tile), work.Inverses, output + ((nint)(channel + row) * sizes.Steps), Math.Min(Tile, sizes.Steps - first));
            }
        }
    }

    /// <summary>output = (sums + relative sums) * inverses.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store(float* sums, float* inverses, float* output, int count)
    {
        for (var i = 0; i < count; i += TSimd.Width)
        {
            var sum = TSimd.Add(TSimd.Load(sums + i), TSimd.Load(sums + (Most * Tile) + i));
            PartialVector<TSimd, TVector>.Store(output + i, TSimd.Multiply(sum, TSimd.Load(inverses + i)), count - i);
        }
    }

    private static float* Scratch(ref Tensor? scratch, long floats)
    {
        if (scratch is null || scratch.Length < floats)
        {
            scratch = new Tensor(checked((int)floats));
        }

        return scratch.Pointer;
    }

    /// <summary>Numbers of rows, heads, channels of a head, steps, and relative places.</summary>
    private readonly record struct Sizes(int Batch, int Heads, int Width, int Steps, int Relative)
    {
        public int Window => (Relative - 1) / 2;

        public int Tiles => Ceiling.Of(Steps, Tile);

        public int KeyRows => Ceiling.Multiple(Steps, Most);

        public int RelativeRows => Ceiling.Multiple(Relative, Most);

        public nint KeyFloats => (nint)KeyRows * Width;

        public nint ValueFloats => (nint)ValueRows * Steps;

        public int ValueRows => Ceiling.Multiple(Width, Most);

        public long PackedFloats =>
            (Batch * Heads * ((long)KeyFloats + ValueFloats)) + ((long)Batch * KeyRows) + (RelativeRows * Width) + (ValueRows * Relative) + Most;

        /// <summary>The queries of a tile that have a key at this place of the window.</summary>
        public (int From, int Until) QueriesAt(int first, int offset)
        {
            var shift = first + offset - Window;
            return (Math.Max(0, -shift), Math.Min(Math.Min(Tile, Steps - first), Steps - shift));
        }
    }

    /// <summary>What all queries share.</summary>
    private readonly struct Packed
    {
        public Packed(float* memory, in Sizes sizes)
        {
            Keys = memory;
            Values = Keys + (sizes.Batch * sizes.Heads * sizes.KeyFloats);
            Biases = Values + (sizes.Batch * sizes.Heads * sizes.ValueFloats);
            RelativeKeys = Biases + ((nint)sizes.Batch * sizes.KeyRows);
            RelativeValues = RelativeKeys + (sizes.RelativeRows * sizes.Width);
            Zeros = RelativeValues + (sizes.ValueRows * sizes.Relative);
            new Span<float>(Zeros, Most).Clear();
        }

        /// <summary>The keys, [head, block, D, key].</summary>
        public float* Keys { get; }

        /// <summary>The values, [head, block, key, channel].</summary>
        public float* Values { get; }

        /// <summary>What masks the keys, [row, key].</summary>
        public float* Biases { get; }

        /// <summary>The relative keys, [block, D, place].</summary>
        public float* RelativeKeys { get; }

        /// <summary>The relative values, [block, place, channel].</summary>
        public float* RelativeValues { get; }

        /// <summary>The bias of everything else.</summary>
        public float* Zeros { get; }
    }

    /// <summary>What a tile of queries needs for itself.</summary>
    private readonly struct TileMemory
    {
        public TileMemory(float* memory, in Sizes sizes)
        {
            Queries = memory;
            Scores = Queries + ((nint)sizes.Width * Tile);
            Relative = Scores + ((nint)sizes.KeyRows * Tile);
            Sums = Relative + (sizes.RelativeRows * Tile);
            Inverses = Sums + (2 * Most * Tile);
        }

        /// <summary>The queries, [D, query].</summary>
        public float* Queries { get; }

        /// <summary>The scores, then their exponentials, [key, query].</summary>
        public float* Scores { get; }

        /// <summary>What is relative of them, [place, query].</summary>
        public float* Relative { get; }

        /// <summary>Sums of the values, and of the relative ones.</summary>
        public float* Sums { get; }

        /// <summary>The inverses of the exponentials' sums, [query].</summary>
        public float* Inverses { get; }

        public static long Floats(in Sizes sizes) =>
            (long)Tile * (sizes.Width + sizes.KeyRows + sizes.RelativeRows + (2 * Most) + 1);
    }
}
