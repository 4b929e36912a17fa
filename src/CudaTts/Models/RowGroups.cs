using CudaTts.Compute;

namespace CudaTts.Models;

/// <summary>Divides rows among runs, so that no run takes more rows or memory than its device allows.</summary>
internal static class RowGroups
{
    // Of a buffer. What reads it counts in 32 bits, and beyond its end by a tile.
    private const long MostElementsOfRow = 1L << 30;

    /// <summary>Groups of neighbouring rows.</summary>
    /// <param name="device">Limits rows and memory.</param>
    /// <param name="lengths">Steps of each row.</param>
    /// <param name="elementsPerStep">The widest activation's numbers for one step.</param>
    /// <param name="steps">What a step is called in messages: <c>tokens</c>, or <c>frames</c>.</param>
    /// <exception cref="CudaTtsException">A row is too long for any run.</exception>
    public static IEnumerable<Range> Of(ComputeDevice device, int[] lengths, long elementsPerStep, string steps)
    {
        var longestRow = lengths.DefaultIfEmpty().Max();
        if (longestRow * elementsPerStep > MostElementsOfRow)
        {
            throw new CudaTtsException(
                $"expected at most {MostElementsOfRow / elementsPerStep} {steps} of an utterance, found {longestRow}: a network of these widths has "
                + "no room for more at once; divide the text.");
        }

        return Divide(device, lengths, elementsPerStep);
    }

    private static IEnumerable<Range> Divide(ComputeDevice device, int[] lengths, long elementsPerStep)
    {
        for (int first = 0, rows; first < lengths.Length; first += rows)
        {
            var longest = lengths[first];
            for (rows = 1; rows < device.MostRows && first + rows < lengths.Length; rows++)
            {
                longest = Math.Max(longest, lengths[first + rows]);
                if ((rows + 1L) * longest * elementsPerStep > device.MostElements)
                {
                    break;
                }
            }

            yield return first..(first + rows);
        }
    }
}
