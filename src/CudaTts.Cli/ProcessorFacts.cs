using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace CudaTts.Cli;

/// <summary>What can be said of this machine's processor and this process's memory.</summary>
internal static class ProcessorFacts
{
    /// <summary>The processor's name as its maker writes it, or at least its architecture.</summary>
    public static string Name() => X86Base.IsSupported && X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0 && BrandString() is { Length: > 0 } brand
        ? brand
        : $"{RuntimeInformation.ProcessArchitecture} processor";

    /// <summary>The most physical memory this process has held, bytes.</summary>
    public static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Max(process.PeakWorkingSet64, Environment.WorkingSet);
    }

    // CPUID leaves 0x80000002 to 0x80000004 spell 48 bytes (AMD64 Architecture Programmer's Manual, volume 3, appendix E.4.2).
    private static string BrandString()
    {
        Span<int> words = stackalloc int[12];
        for (var leaf = 0; leaf < 3; leaf++)
        {
            (words[4 * leaf], words[(4 * leaf) + 1], words[(4 * leaf) + 2], words[(4 * leaf) + 3]) = X86Base.CpuId(unchecked((int)0x80000002) + leaf, 0);
        }

        return System.Text.Encoding.ASCII.GetString(MemoryMarshal.AsBytes(words)).Trim('\0', ' ');
    }
}
