using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// <see cref="ComputeDevice.UndoSpline"/>, in double precision: durations come of it, and it is a few hundred steps of each utterance.
/// </summary>
internal static class RationalQuadraticSpline
{
    private const int StepsPerItem = 32;

    public static void Undo(ThreadTeam team, Tensor parameters, SplineCoupling coupling, Tensor variables)
    {
        var steps = variables[2];
        var items = Ceiling.Of(steps, StepsPerItem);
        team.Run(variables[0] * items, item =>
        {
            var (row, start) = (item / items, item % items * StepsPerItem);
            var all = parameters.Slice(row, 1).Span;
            var values = variables.Span.Slice(((2 * row) + coupling.Channel) * steps, steps);
            Span<double> ofStep = new double[(3 * coupling.Bins) - 1];
            for (var step = start; step < Math.Min(start + StepsPerItem, steps); step++)
            {
                if (Math.Abs(values[step]) <= coupling.Bound)
                {
                    for (var i = 0; i < ofStep.Length; i++)
                    {
                        ofStep[i] = all[(i * steps) + step];
                    }

                    values[step] = (float)Undo(values[step], ofStep, coupling);
                }
            }
        });
    }

    /// <summary>
    /// The x whose y is given: within its bin a root of a quadratic equation (arXiv:1906.04032, appendix A.3). The discriminant is never negative but
    /// for rounding.
    /// </summary>
    private static double Undo(double y, Span<double> parameters, SplineCoupling coupling)
    {
        var bins = coupling.Bins;
        var widths = parameters[..bins];
        var heights = parameters[bins..(2 * bins)];
        var slopes = parameters[(2 * bins)..];
        Divide(widths, coupling);
        Divide(heights, coupling);
        var bin = 0;
        var (left, lower) = (-(double)coupling.Bound, -(double)coupling.Bound);
        while (bin < bins - 1 && y >= lower + heights[bin])
        {
            left += widths[bin];
            lower += heights[bin];
            bin++;
        }

        var (width, height) = bin == bins - 1 ? (coupling.Bound - left, coupling.Bound - lower) : (widths[bin], heights[bin]);
        var (slope, before, after) = (height / width, Slope(slopes, bin - 1), Slope(slopes, bin));
        var above = y - lower;
        var bend = before + after - (2 * slope);
        var a = (height * (slope - before)) + (above * bend);
        var b = (height * before) - (above * bend);
        var c = -slope * above;
        var discriminant = Math.Max((b * b) - (4 * a * c), 0);
        return left + (2 * c / (-b - Math.Sqrt(discriminant)) * width);
    }

    /// <summary>Makes of numbers the sizes of bins that fill [-bound, bound].</summary>
    private static void Divide(Span<double> numbers, SplineCoupling coupling)
    {
        var largest = double.NegativeInfinity;
        foreach (var number in numbers)
        {
            largest = Math.Max(largest, number);
        }

        double sum = 0;
        foreach (ref var number in numbers)
        {
            number = Math.Exp((number - largest) * coupling.Factor);
            sum += number;
        }

        var free = 1 - (SplineCoupling.Least * numbers.Length);
        foreach (ref var number in numbers)
        {
            number = 2 * coupling.Bound * (SplineCoupling.Least + (free * number / sum));
        }
    }

    // The slopes of both ends are 1, so that the tails go on as the identity.
    private static double Slope(ReadOnlySpan<double> inner, int index) =>
        (uint)index < (uint)inner.Length
            ? SplineCoupling.Least + Math.Max(inner[index], 0) + double.LogP1(Math.Exp(-Math.Abs(inner[index])))
            : 1;
}
