using System.Diagnostics;

namespace CudaTts.Cli;

/// <summary>What can be said of this process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>The most physical memory this process has held, bytes.</summary>
    public static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Max(process.PeakWorkingSet64, Environment.WorkingSet);
    }
}
