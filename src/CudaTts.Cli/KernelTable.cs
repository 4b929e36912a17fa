using CudaTts.Cuda;

namespace CudaTts.Cli;

/// <summary>Launches of the same kernel, added up.</summary>
internal static class KernelTable
{
    /// <summary>Each kernel, the longest first.</summary>
    /// <param name="launches">Of all runs.</param>
    /// <param name="runs">How many runs.</param>
    public static List<ProfileKernel> Of(IReadOnlyList<LaunchTime> launches, int runs)
    {
        var all = launches.Sum(launch => launch.Time.TotalSeconds);
        return
        [
            .. launches.GroupBy(launch => launch.Kernel).Select(kernel => Summary(kernel.Key, [.. kernel], runs, all))
                .OrderByDescending(kernel => kernel.SecondsPerRun),
        ];
    }

    /// <summary>
    /// A kernel's launches; of several shapes, grid, block and what follows from them are those of the one that took longest in all.
    /// </summary>
    private static ProfileKernel Summary(CudaKernel kernel, List<LaunchTime> launches, int runs, double all)
    {
        var shapes = launches.GroupBy(launch => (launch.Grid, launch.Block, launch.SharedBytes)).ToList();
        var (grid, block, sharedBytes) = shapes.MaxBy(shape => shape.Sum(launch => launch.Time.TotalSeconds))!.Key;
        var seconds = launches.Sum(launch => launch.Time.TotalSeconds);
        var threads = (int)block.Count;
        var context = launches[0].Kernel.Context;
        var resident = kernel.BlocksPerMultiprocessor(threads, sharedBytes) * threads;
        return new ProfileKernel(
            kernel.Name, (double)launches.Count / runs, seconds / runs, seconds / launches.Count, all > 0 ? seconds / all : 0, Text(grid),
                Text(block),
            shapes.Count, kernel.Attribute(FunctionAttribute.SharedSizeBytes) + sharedBytes)
        {
            // The emulated device has no registers: what it says of them, and what follows, is made up.
            Registers = context.IsEmulated ? null : kernel.Attribute(FunctionAttribute.NumRegs),
            LocalBytes = context.IsEmulated ? null : kernel.Attribute(FunctionAttribute.LocalSizeBytes),
            TheoreticalOccupancy = context.IsEmulated ? null : (double)resident / context.Attribute(DeviceAttribute.MaxThreadsPerMultiprocessor),
        };
    }

    private static string Text(Dim3 size) => size.Z > 1 ? $"{size.X}x{size.Y}x{size.Z}" : size.Y > 1 ? $"{size.X}x{size.Y}" : $"{size.X}";
}
