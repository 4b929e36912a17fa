using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>Where each weight lies after packing.</summary>
[TestFixture]
internal sealed class WeightRowsTests
{
    [TestCase(1, 8)]
    [TestCase(8, 8)]
    [TestCase(31, 32)]
    [TestCase(257, 264)]
    public void Widths_are_rounded_up_to_whole_blocks(int width, int padded) => Assert.That(WeightRows.Padded(width), Is.EqualTo(padded));

    [Test]
    public void Every_input_begins_at_a_block()
    {
        var padded = WeightRows.PadColumns(Numbered(2, 12), 9, 3);

        Assert.Multiple(() =>
        {
            Assert.That(padded.Shape, Is.EqualTo(new[] { 2, 24 }));
            Assert.That(padded.Span[..9].ToArray(), Is.EqualTo(Range(1, 9)));
            Assert.That(padded.Span[9..16].ToArray(), Is.All.Zero);
            Assert.That(padded.Span[16..19].ToArray(), Is.EqualTo(Range(10, 3)));
            Assert.That(padded.Span[24..33].ToArray(), Is.EqualTo(Range(13, 9)));
        });
    }

    [Test]
    public void Gates_of_a_unit_lie_together()
    {
        // Rows i0, i1, f0, f1, g0, g1, o0, o1 of one column.
        var byUnit = WeightRows.GatesByUnit(Numbered(8, 1));

        Assert.Multiple(() =>
        {
            Assert.That(byUnit.Shape, Is.EqualTo(new[] { 2, 4, 1 }));
            Assert.That(byUnit.Span.ToArray(), Is.EqualTo(new float[] { 1, 3, 5, 7, 2, 4, 6, 8 }));
        });
    }

    [Test]
    public void Column_blocks_hold_all_rows()
    {
        var blocks = WeightRows.ByColumnBlocks(Numbered(2, 4), 2);

        Assert.Multiple(() =>
        {
            Assert.That(blocks.Shape, Is.EqualTo(new[] { 2, 2, 2 }));
            Assert.That(blocks.Span.ToArray(), Is.EqualTo(new float[] { 1, 2, 5, 6, 3, 4, 7, 8 }));
        });
    }

    [Test]
    public void Tiles_hold_each_lanes_rows_and_columns()
    {
        var tiles = WeightRows.InTiles(Numbered(17, 24));

        Assert.Multiple(() =>
        {
            Assert.That(tiles.Shape, Is.EqualTo(new[] { 2, 2, 32, 8 }));

            // Lane 5 of the first tile's first chunk: rows 1 and 9, columns 4 to 7.
            Assert.That(tiles.Span.Slice(5 * 8, 8).ToArray(), Is.EqualTo(new float[] { 29, 30, 221, 222, 31, 32, 223, 224 }));

            // Row 16 is the second tile's first, and its columns from 24 on are added.
            Assert.That(tiles.Span.Slice((3 * 32 * 8) + 8, 8).ToArray(), Is.EqualTo(new float[] { 405, 406, 0, 0, 407, 408, 0, 0 }));
            Assert.That(tiles.Span.Slice((3 * 32 * 8) + 16, 8).ToArray(), Is.All.Zero);
        });
    }

    [Test]
    public void Matrices_are_joined_beside_and_below()
    {
        var (left, right) = (Numbered(2, 2), Numbered(2, 1));

        Assert.Multiple(() =>
        {
            Assert.That(WeightRows.Beside(left, right).Span.ToArray(), Is.EqualTo(new float[] { 1, 2, 1, 3, 4, 2 }));
            Assert.That(WeightRows.Below(left, left).Shape, Is.EqualTo(new[] { 4, 2 }));
            Assert.That(WeightRows.Below(left, left).Span.ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4, 1, 2, 3, 4 }));
        });
    }

    private static Tensor Numbered(int rows, int columns) => Tensor.From(Range(1, rows * columns), rows, columns);

    private static float[] Range(int first, int count) => [.. Enumerable.Range(first, count).Select(value => (float)value)];
}
