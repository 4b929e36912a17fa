using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>Inputs of kernel tests: seeded values, as a kernel of a precision sees them, in padded rows.</summary>
internal static class KernelValues
{
    /// <summary>NMSE within which a sum in float32 lies of the same sum in float64, with a wide margin.</summary>
    public const double Limit = 1e-11;

    public static IEnumerable<Precision> Precisions => [Precision.Full, Precision.Half];

    /// <summary>Values within -1 and 1 times a scale.</summary>
    public static Tensor Random(int seed, float scale, params int[] shape)
    {
        var random = new Random(seed);
        var values = new Tensor(shape);
        foreach (ref var value in values.Span)
        {
            value = scale * ((2 * random.NextSingle()) - 1);
        }

        return values;
    }

    /// <summary>The values that a matrix has after being stored in a precision.</summary>
    public static Tensor Rounded(Tensor values, Precision precision)
    {
        if (precision == Precision.Half)
        {
            foreach (ref var value in values.Span)
            {
                value = (float)(Half)value;
            }
        }

        return values;
    }

    /// <summary>Rows [R, C] with zeros up to a whole block of columns.</summary>
    public static Tensor Padded(Tensor rows) => WeightRows.PadColumns(rows, rows[1]);

    /// <summary>Rows [R, stride] without what lies beyond <paramref name="width"/>.</summary>
    public static float[] Unpadded(float[] rows, int stride, int width) => [.. rows.Where((_, i) => i % stride < width)];

    /// <summary>A step's weights as its kernels of a precision have them: rows [R, K] as they are, or in tensor cores' tiles.</summary>
    public static Tensor StepRows(Tensor rows, Precision precision) => precision == Precision.Half ? WeightRows.InTiles(rows) : rows;

    /// <summary>Rows in slots, with empty slots up to a number of whole groups.</summary>
    public static int[] InSlots(int count, params ReadOnlySpan<int> rows)
    {
        var slots = new int[count];
        slots.AsSpan().Fill(-1);
        rows.CopyTo(slots);
        return slots;
    }

    /// <summary>Slots for rows of the batch: one, or groups of eight.</summary>
    public static int[] InGroups(params ReadOnlySpan<int> rows) => InSlots(rows.Length == 1 ? 1 : (rows.Length + 7) / 8 * 8, rows);

    /// <summary>Sum in float64.</summary>
    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public static ReadOnlySpan<float> Row(Tensor rows, int row) => rows.Span.Slice(row * rows[1], rows[1]);
}
