using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Tests;

namespace CudaTts.Benchmarks.Compare;

/// <summary>The three public generators, and a mel to run them on.</summary>
internal static class HifiGanVersions
{
    /// <summary>Configs by their public names.</summary>
    public static IReadOnlyList<(string Name, HifiGanConfig Config)> All { get; } =
        [("v1", HifiGanConfig.V1), ("v2", HifiGanConfig.V2), ("v3", HifiGanConfig.V3)];

    /// <summary>Values in the range of log-mel, -8 to -2, as [1, 80, F].</summary>
    public static Tensor Mel(int frames)
    {
        var mel = new Tensor(1, 80, frames);
        for (var i = 0; i < mel.Length; i++)
        {
            mel.Span[i] = (6 * ProceduralWeights.Uniform("benchmark.mel", i)) - 8;
        }

        return mel;
    }
}
