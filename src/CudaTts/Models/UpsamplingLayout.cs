using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>Reads the widths of an <see cref="UpsamplingStack"/> off a checkpoint, as far as its tensors or its config tell.</summary>
internal static class UpsamplingLayout
{
    // Dilations leave no trace in the shapes; these are the public ones (config_v1.json, config_v2.json, config_v3.json of jik876/hifi-gan).
    private static readonly int[][] s_pairedDilations = [[1, 3, 5], [1, 3, 5], [1, 3, 5]];
    private static readonly int[][] s_singleDilations = [[1, 2], [2, 6], [3, 12]];

    /// <summary>The widths that the tensors have, rates as half of the kernels, and the public dilations.</summary>
    /// <param name="folded">The weights, weight norm folded in.</param>
    /// <param name="prefix">What their names begin with.</param>
    /// <exception cref="WeightsException">A tensor is missing, or the network is none of the public ones.</exception>
    public static UpsamplingSizes Infer(ModelWeights folded, string prefix = "")
    {
        var first = folded.ShapeOf($"{prefix}conv_pre.weight", 3);
        var kernels = Kernels(folded, $"{prefix}ups.{{0}}.weight");
        var block = ResidualBlockOf(folded, prefix);
        var list = block == "1" ? "convs1" : "convs";
        var blockKernels = Kernels(folded, $"{prefix}resblocks.{{0}}.{list}.0.weight");
        var dilations = block == "1" ? s_pairedDilations : s_singleDilations;
        var perBlock = Kernels(folded, $"{prefix}resblocks.0.{list}.{{0}}.weight").Length;
        if (kernels.Length == 0 || blockKernels.Length != kernels.Length * dilations.Length || perBlock != dilations[0].Length)
        {
            throw new WeightsException(
                $"{folded.Source}: {kernels.Length} transposed convolutions, {blockKernels.Length} residual blocks of {perBlock} convolutions: "
                + "none of the public HiFi-GANs; give its config.json with --config.");
        }

        return new UpsamplingSizes
        {
            Inputs = first[1],
            ResidualBlock = block,
            UpsampleRates = [.. kernels.Select(kernel => kernel / 2)],
            UpsampleKernels = kernels,
            InitialChannels = first[0],
            ResidualKernels = blockKernels[..dilations.Length],
            ResidualDilations = dilations,
        };
    }

    /// <summary>Whether the network has blocks of paired convolutions ("1") or of single ones ("2").</summary>
    public static string ResidualBlockOf(ModelWeights folded, string prefix = "") =>
        folded.Contains($"{prefix}resblocks.0.convs1.0.weight") ? "1" : "2";

    /// <summary>The widths that a config gives in the official repository's names.</summary>
    /// <param name="source">The config.</param>
    /// <param name="inputs">Channels of what the network reads.</param>
    /// <exception cref="WeightsException">A part is missing or of another form.</exception>
    public static UpsamplingSizes FromSource(SourceConfig source, int inputs)
    {
        return new UpsamplingSizes
        {
            Inputs = inputs,
            ResidualBlock = source.Text("resblock") ?? throw Missing("resblock"),
            UpsampleRates = source.Integers("upsample_rates") ?? throw Missing("upsample_rates"),
            UpsampleKernels = source.Integers("upsample_kernel_sizes") ?? throw Missing("upsample_kernel_sizes"),
            InitialChannels = source.Integer("upsample_initial_channel") ?? throw Missing("upsample_initial_channel"),
            ResidualKernels = source.Integers("resblock_kernel_sizes") ?? throw Missing("resblock_kernel_sizes"),
            ResidualDilations = source.IntegerLists("resblock_dilation_sizes") ?? throw Missing("resblock_dilation_sizes"),
        };

        WeightsException Missing(string key) => new($"{source.Source}: {key} is missing; a HiFi-GAN's config has it.");
    }

    private static int[] Kernels(ModelWeights weights, string pattern)
    {
        var kernels = new List<int>();
        while (weights.Contains(pattern.Replace("{0}", $"{kernels.Count}", StringComparison.Ordinal)))
        {
            kernels.Add(weights.ShapeOf(pattern.Replace("{0}", $"{kernels.Count}", StringComparison.Ordinal), 3)[2]);
        }

        return [.. kernels];
    }
}
