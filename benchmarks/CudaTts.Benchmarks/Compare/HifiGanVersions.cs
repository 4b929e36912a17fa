using CudaTts.Compute;
using CudaTts.Tests;
using CudaTts.Vocoders.HifiGan;

namespace CudaTts.Benchmarks.Compare;

/// <summary>The three public generators, and a mel to run them on.</summary>
internal static class HifiGanVersions
{
    /// <summary>Configs by their public names.</summary>
    public static IReadOnlyList<(string Name, HifiGanConfig Config)> All { get; } =
    [
        ("v1", new HifiGanConfig()),
        ("v2", new HifiGanConfig { InitialChannels = 128 }),
        ("v3", new HifiGanConfig
        {
            ResidualBlock = "2",
            UpsampleRates = [8, 8, 4],
            UpsampleKernels = [16, 16, 8],
            InitialChannels = 256,
            ResidualKernels = [3, 5, 7],
            ResidualDilations = [[1, 2], [2, 6], [3, 12]],
        }),
    ];

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
