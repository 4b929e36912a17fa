using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// Weights as the kernels read them that multiply a matrix by the inputs of few rows (kernels/decoder.cuh): rows are whole 128-bit loads, and each
/// input of a layer that reads several begins at a load's start. What is added is zero.
/// </summary>
internal static class WeightRows
{
    /// <summary>Rows, and columns, of a tile for tensor cores.</summary>
    [KernelConstant("tile_rows")]
    public const int TileRows = 16;

    /// <summary>Halves in one 128-bit load, and two loads of floats.</summary>
    public const int Block = 8;

    /// <summary>Gates of an LSTM cell.</summary>
    [KernelConstant("gate_count")]
    public const int Gates = 4;

    /// <summary>A width rounded up to whole blocks.</summary>
    public static int Padded(int width) => Ceiling.Multiple(width, Block);

    /// <summary>The columns of inputs that lie side by side, each input padded.</summary>
    /// <param name="rows">[R, sum of the widths].</param>
    /// <param name="widths">Of the inputs.</param>
    /// <returns>[R, sum of the padded widths].</returns>
    public static Tensor PadColumns(Tensor rows, params ReadOnlySpan<int> widths)
    {
        var columns = 0;
        foreach (var width in widths)
        {
            columns += Padded(width);
        }

        var padded = new Tensor(rows[0], columns);
        for (var row = 0; row < rows[0]; row++)
        {
            var source = rows.Span.Slice(row * rows[1], rows[1]);
            var target = padded.Span.Slice(row * columns, columns);
            foreach (var width in widths)
            {
                source[..width].CopyTo(target);
                source = source[width..];
                target = target[Padded(width)..];
            }
        }

        return padded;
    }

    /// <summary>Two matrices side by side.</summary>
    /// <param name="left">[R, K].</param>
    /// <param name="right">[R, L].</param>
    /// <returns>[R, K + L].</returns>
    public static Tensor Beside(Tensor left, Tensor right)
    {
        var both = new Tensor(left[0], left[1] + right[1]);
        for (var row = 0; row < left[0]; row++)
        {
            var target = both.Span.Slice(row * both[1], both[1]);
            left.Span.Slice(row * left[1], left[1]).CopyTo(target);
            right.Span.Slice(row * right[1], right[1]).CopyTo(target[left[1]..]);
        }

        return both;
    }

    /// <summary>Some columns of a matrix.</summary>
    public static Tensor Columns(Tensor rows, Range range)
    {
        var (first, count) = range.GetOffsetAndLength(rows[1]);
        var columns = new Tensor(rows[0], count);
        for (var row = 0; row < rows[0]; row++)
        {
            rows.Span.Slice((row * rows[1]) + first, count).CopyTo(columns.Span[(row * count)..]);
        }

        return columns;
    }

    /// <summary>Two matrices one below the other.</summary>
    /// <param name="upper">[R, K].</param>
    /// <param name="lower">[S, K].</param>
    /// <returns>[R + S, K].</returns>
    public static Tensor Below(Tensor upper, Tensor lower)
    {
        var both = new Tensor(upper[0] + lower[0], upper[1]);
        upper.Span.CopyTo(both.Span);
        lower.Span.CopyTo(both.Span[upper.Length..]);
        return both;
    }

    /// <summary>Gates i, f, g, o, which a checkpoint stacks, with those of one unit together.</summary>
    /// <param name="stacked">[4H, K].</param>
    /// <returns>[H, 4, K].</returns>
    public static Tensor GatesByUnit(Tensor stacked)
    {
        var (hidden, columns) = (stacked[0] / Gates, stacked[1]);
        var byUnit = new Tensor(hidden, Gates, columns);
        for (var row = 0; row < stacked[0]; row++)
        {
            var (gate, unit) = Math.DivRem(row, hidden);
            stacked.Span.Slice(row * columns, columns).CopyTo(byUnit.Span[(((unit * Gates) + gate) * columns)..]);
        }

        return byUnit;
    }

    /// <summary>The sum of an LSTM's two bias vectors.</summary>
    /// <returns>[4H, 1], stacked as in the checkpoint.</returns>
    public static Tensor LstmBias(Tensor inputBias, Tensor hiddenBias)
    {
        var bias = new Tensor(inputBias.Length, 1);
        for (var i = 0; i < bias.Length; i++)
        {
            bias.Span[i] = inputBias.Span[i] + hiddenBias.Span[i];
        }

        return bias;
    }

    /// <summary>Rows as tensor cores take them (kernels/decoder_f16.cuh): a lane's rows and columns of each tile and chunk side by side.</summary>
    /// <param name="rows">[R, K].</param>
    /// <returns>[R / 16, K / 16, 32 lanes, 8], both rounded up; what is added is zero.</returns>
    public static Tensor InTiles(Tensor rows)
    {
        const int Tile = TileRows;
        const int Lanes = 32;
        var (tiles, chunks) = (Ceiling.Of(rows[0], Tile), Ceiling.Of(rows[1], Tile));
        var packed = new Tensor(tiles, chunks, Lanes, Block);
        for (var row = 0; row < rows[0]; row++)
        {
            var (tile, inTile) = Math.DivRem(row, Tile);
            for (var column = 0; column < rows[1]; column++)
            {
                // Lane 4 g + t has rows g and g + 8 and columns 4 t to 4 t + 3: two of the first row, two of the second, and so again.
                var (chunk, inChunk) = Math.DivRem(column, Tile);
                var lane = (inTile % 8 * 4) + (inChunk / 4);
                var place = (inChunk % 4 / 2 * 4) + (inTile / 8 * 2) + (inChunk % 2);
                packed.Span[(((((tile * chunks) + chunk) * Lanes) + lane) * Block) + place] = rows.Span[(row * rows[1]) + column];
            }
        }

        return packed;
    }

    /// <summary>Blocks of columns, each block's rows together: what threads that take a row each read side by side.</summary>
    /// <param name="rows">[R, K].</param>
    /// <param name="block">Columns of a block; divides K.</param>
    /// <returns>[K / block, R, block].</returns>
    public static Tensor ByColumnBlocks(Tensor rows, int block)
    {
        var (count, columns) = (rows[0], rows[1]);
        var blocks = new Tensor(columns / block, count, block);
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < columns; column += block)
            {
                rows.Span.Slice((row * columns) + column, block).CopyTo(blocks.Span[((column * count) + (row * block))..]);
            }
        }

        return blocks;
    }
}
