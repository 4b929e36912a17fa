using CudaTts.Compute;

namespace CudaTts.Models;

/// <summary>Divides rows among runs, so that no run takes more rows or memory than its device allows.</summary>
internal static class RowGroups
{
    /// <summary>Groups of neighbouring rows.</summary>
    /// <param name="device">Limits rows and memory.</param>
    /// <param name="lengths">Steps of each row.</param>
    /// <param name="elementsPerStep">The widest activation's numbers for one step.</param>
    public static IEnumerable<Range> Of(ComputeDevice device, int[] lengths, long elementsPerStep)
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
