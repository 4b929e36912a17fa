using System.Runtime.CompilerServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// The order in which Winograd's groups of four outputs, a dilation apart, lie side by side. Of every 4 d steps the first d are of phase 0, the next
/// d of phase 1 and so on; the steps of one phase follow each other as its columns. As many such groups as four vectors hold are put from the one
/// order into the other by tables of lanes; runs that are longer than a vector are copied.
/// </summary>
internal sealed unsafe class PhaseOrder
{
    /// <summary>Phases, as many as a filter has outputs.</summary>
    public const int Phases = WinogradFilter.Outputs;

    /// <summary>Tables of lanes that make one vector of four: of the first two, of the others, and of these.</summary>
    public const int Tables = 3;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<(int, int), PhaseOrder> s_known = [];

    private readonly Tensor _split;
    private readonly Tensor _join;

    private PhaseOrder(int dilation, int width)
    {
        (Dilation, Columns) = (dilation, width / dilation * dilation);
        (_split, _join) = (new Tensor(Phases * Tables * width), new Tensor(Phases * Tables * width));
        for (var lane = 0; lane < Columns * Phases; lane++)
        {
            var (vector, step) = Math.DivRem(lane, Columns);
            step += step / dilation * (Phases - 1) * dilation;
            SetLane(Split, width, vector, lane % Columns, step + (vector * dilation));
            SetLane(Join, width, (step + (vector * dilation)) / width, (step + (vector * dilation)) % width, (vector * width) + (lane % Columns));
        }
    }

    /// <summary>Steps from an output of a group to the next.</summary>
    public int Dilation { get; }

    /// <summary>Columns of the groups that four vectors hold; none where a run is longer than a vector.</summary>
    public int Columns { get; }

    /// <summary>[phase, table, lane]: how four vectors of steps become a vector of columns.</summary>
    public int* Split => (int*)_split.Pointer;

    /// <summary>[vector, table, lane]: how a vector of columns of each phase becomes a vector of steps.</summary>
    public int* Join => (int*)_join.Pointer;

    /// <summary>The order for a dilation on vectors of so many numbers.</summary>
    public static PhaseOrder Of(int dilation, int width)
    {
        lock (s_lock)
        {
            return s_known.TryGetValue((dilation, width), out var order) ? order : s_known[(dilation, width)] = new PhaseOrder(dilation, width);
        }
    }

    /// <summary>Lane <paramref name="lane"/> of a vector becomes a number of the four vectors.</summary>
    private static void SetLane(int* tables, int width, int vector, int lane, int number)
    {
        var lanes = tables + (vector * Tables * width) + lane;
        var (pair, within) = Math.DivRem(number, 2 * width);
        lanes[pair * width] = within;
        lanes[2 * width] = (pair * width) + lane;
    }
}

/// <summary>Puts steps into <see cref="PhaseOrder"/> and back on one kind of vector unit.</summary>
internal static unsafe class PhaseOrder<TSimd, TVector>
    where TSimd : ISimd<TVector>
{
    /// <summary>
    /// phases[phase, column] = row[step]. Reads up to four vectors more than the row's steps, and writes up to one more than a phase's columns.
    /// </summary>
    /// <param name="order">Of the vector's width.</param>
    /// <param name="row">The steps, from the begin of a group on.</param>
    /// <param name="columns">Columns of each phase.</param>
    /// <param name="phases">The first phase's columns.</param>
    /// <param name="stride">Floats from one phase's columns to the next phase's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split(PhaseOrder order, float* row, int columns, float* phases, nint stride)
    {
        if (order.Columns == 0)
        {
            CopyRuns(row, order.Dilation, phases, stride, columns, isSplit: true);
            return;
        }

        var (width, ahead) = (TSimd.Width, order.Columns);
        for (var column = 0; column < columns; column += ahead, row += ahead * PhaseOrder.Phases)
        {
            var (a, b) = (TSimd.Load(row), TSimd.Load(row + width));
            var (c, d) = (TSimd.Load(row + (2 * width)), TSimd.Load(row + (3 * width)));
            var lanes = order.Split;
            var to = phases + column;
            for (var phase = 0; phase < PhaseOrder.Phases; phase++, to += stride, lanes += PhaseOrder.Tables * width)
            {
                TSimd.Store(to, Merge(a, b, c, d, lanes));
            }
        }

        GC.KeepAlive(order);
    }

    /// <summary>
    /// row[step] = phases[phase, column]. Reads up to one vector more than a phase's columns, and writes up to four more than the row's steps.
    /// </summary>
    /// <param name="order">Of the vector's width.</param>
    /// <param name="phases">The first phase's columns.</param>
    /// <param name="stride">Floats from one phase's columns to the next phase's.</param>
    /// <param name="row">Where the steps go, from the begin of a group on.</param>
    /// <param name="columns">Columns of each phase.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(PhaseOrder order, float* phases, nint stride, float* row, int columns)
    {
        if (order.Columns == 0)
        {
            CopyRuns(row, order.Dilation, phases, stride, columns, isSplit: false);
            return;
        }

        var (width, ahead) = (TSimd.Width, order.Columns);
        for (var column = 0; column < columns; column += ahead, row += ahead * PhaseOrder.Phases)
        {
            var from = phases + column;
            var (a, b) = (TSimd.Load(from), TSimd.Load(from + stride));
            var (c, d) = (TSimd.Load(from + (2 * stride)), TSimd.Load(from + (3 * stride)));
            var lanes = order.Join;
            for (var vector = 0; vector < PhaseOrder.Phases; vector++, lanes += PhaseOrder.Tables * width)
            {
                TSimd.Store(row + (vector * width), Merge(a, b, c, d, lanes));
            }
        }

        GC.KeepAlive(order);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Merge(TVector a, TVector b, TVector c, TVector d, int* lanes) =>
        TSimd.Permute(TSimd.Permute(a, b, lanes), TSimd.Permute(c, d, lanes + TSimd.Width), lanes + (2 * TSimd.Width));

    // What a run's last vector writes too much is written over by the next run.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRuns(float* row, int dilation, float* phases, nint stride, int columns, bool isSplit)
    {
        for (var column = 0; column < columns; column += dilation)
        {
            for (var phase = 0; phase < PhaseOrder.Phases; phase++, row += dilation)
            {
                var run = phases + (phase * stride) + column;
                for (var i = 0; i < dilation; i += TSimd.Width)
                {
                    if (isSplit)
                    {
                        TSimd.Store(run + i, TSimd.Load(row + i));
                    }
                    else
                    {
                        TSimd.Store(row + i, TSimd.Load(run + i));
                    }
                }
            }
        }
    }
}
