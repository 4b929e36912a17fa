using System.Text.RegularExpressions;
using CudaTts.Audio;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.HifiGan;

/// <summary>
/// Recognises the HiFi-GAN generators of jik876/hifi-gan and of kan-bayashi/ParallelWaveGAN (another naming of the same network), and reads
/// their widths off their tensors as far as these tell.
/// </summary>
internal static partial class HifiGanLayout
{
    /// <summary>Beginnings of names that tell where the network begins: the official layout's, then kan-bayashi's.</summary>
    public static readonly string[] Landmarks = ["conv_pre.", "input_conv."];

    // Dilations leave no trace in the shapes; these are the public ones (config_v1.json, config_v2.json, config_v3.json).
    private static readonly int[][] s_pairedDilations = [[1, 3, 5], [1, 3, 5], [1, 3, 5]];
    private static readonly int[][] s_singleDilations = [[1, 2], [2, 6], [3, 12]];

    /// <summary>The official name of a tensor of either layout.</summary>
    public static string Canonical(string name)
    {
        var official = KanBayashiBlock().Replace(name, "resblocks.$1.$2.$3.");
        official = KanBayashiUpsample().Replace(official, "ups.$1.");
        official = KanBayashiInput().Replace(official, "conv_pre.");
        return KanBayashiOutput().Replace(official, "conv_post.");
    }

    /// <summary>Whether the network at a prefix raises the mel's rate, which tells it from others that begin with the same names.</summary>
    public static bool HasUpsampling(CheckpointFile checkpoint, string prefix) => checkpoint.Entries.Keys.Any(name =>
        name.StartsWith($"{prefix}ups.0.", StringComparison.Ordinal) || name.StartsWith($"{prefix}upsamples.0.1.", StringComparison.Ordinal));

    /// <summary>
    /// Blocks of "convs1" without "convs2" (kan-bayashi's use_additional_convs = False) as the official blocks of single convolutions.
    /// </summary>
    public static ModelWeights SingleConvolutions(ModelWeights folded)
    {
        var isPaired = folded.Names.Any(name => name.Contains(".convs2.", StringComparison.Ordinal));
        return isPaired ? folded : new ModelWeights(
            folded.Source, folded.Names.ToDictionary(name => name.Replace(".convs1.", ".convs.", StringComparison.Ordinal), folded.Entry));
    }

    /// <summary>Whether the network has blocks of paired convolutions ("1") or of single ones ("2").</summary>
    public static string ResidualBlockOf(ModelWeights folded) => folded.Contains("resblocks.0.convs1.0.weight") ? "1" : "2";

    /// <summary>The widths that the tensors have, rates as half of the kernels, and the public dilations.</summary>
    /// <param name="folded">The weights under official names.</param>
    /// <param name="melOf">The mel of so many bands and such a hop.</param>
    /// <exception cref="WeightsException">A tensor is missing, or the network is none of the public ones.</exception>
    public static HifiGanConfig Infer(ModelWeights folded, Func<int, int, MelContract> melOf)
    {
        var first = Shape(folded, "conv_pre.weight");
        var kernels = Kernels(folded, "ups.{0}.weight");
        var block = ResidualBlockOf(folded);
        var list = block == "1" ? "convs1" : "convs";
        var blockKernels = Kernels(folded, $"resblocks.{{0}}.{list}.0.weight");
        var dilations = block == "1" ? s_pairedDilations : s_singleDilations;
        var perBlock = Kernels(folded, $"resblocks.0.{list}.{{0}}.weight").Length;
        if (kernels.Length == 0 || blockKernels.Length != kernels.Length * dilations.Length || perBlock != dilations[0].Length)
        {
            throw new WeightsException(
                $"{folded.Source}: {kernels.Length} transposed convolutions, {blockKernels.Length} residual blocks of {perBlock} convolutions: "
                + "none of the public HiFi-GANs; give its config.json with --config.");
        }

        var rates = kernels.Select(kernel => kernel / 2).ToArray();
        var hop = HopLength.Of(rates);
        return new HifiGanConfig
        {
            ResidualBlock = block,
            UpsampleRates = rates,
            UpsampleKernels = kernels,
            InitialChannels = first[0],
            ResidualKernels = blockKernels[..dilations.Length],
            ResidualDilations = dilations,
            Mel = melOf(first[1], hop),
        };
    }

    /// <summary>The config that <paramref name="source"/> gives, in the official repository's names.</summary>
    /// <exception cref="WeightsException">A part is missing or of another form.</exception>
    public static HifiGanConfig FromSource(SourceConfig source, MelContract mel)
    {
        var fallback = new HifiGanConfig();
        var contract = MelSource.Read(source, mel);
        return new HifiGanConfig
        {
            ResidualBlock = source.Text("resblock") ?? throw Missing("resblock"),
            UpsampleRates = source.Integers("upsample_rates") ?? throw Missing("upsample_rates"),
            UpsampleKernels = source.Integers("upsample_kernel_sizes") ?? throw Missing("upsample_kernel_sizes"),
            InitialChannels = source.Integer("upsample_initial_channel") ?? throw Missing("upsample_initial_channel"),
            ResidualKernels = source.Integers("resblock_kernel_sizes") ?? throw Missing("resblock_kernel_sizes"),
            ResidualDilations = source.IntegerLists("resblock_dilation_sizes") ?? throw Missing("resblock_dilation_sizes"),
            FinalSlope = (float)(source.Number("final_leaky_relu_slope") ?? fallback.FinalSlope),
            Mel = contract with { MelBands = source.Section("mel")?.Integer("mel_bands") ?? source.Integer("num_mels") ?? contract.MelBands },
        };

        WeightsException Missing(string key) => new($"{source.Source}: {key} is missing; a HiFi-GAN's config has it.");
    }

    /// <summary>The config that a recipe of kan-bayashi gives; what it leaves out is as in its models/hifigan.py.</summary>
    /// <exception cref="WeightsException">A part is of another form, or the source describes a variant that is not supported.</exception>
    public static HifiGanConfig FromRecipe(SourceConfig source)
    {
        var network = source.Section("generator_params") ?? throw new WeightsException($"{source.Source}: generator_params is missing.");
        RequireSupported(source, network);
        var fallback = new HifiGanConfig();
        var rates = network.Integers("upsample_scales") ?? fallback.UpsampleRates;
        var bands = network.Integer("in_channels") ?? source.Integer("num_mels") ?? fallback.Mel.MelBands;
        return new HifiGanConfig
        {
            ResidualBlock = network.Flag("use_additional_convs") == false ? "2" : "1",
            UpsampleRates = rates,
            UpsampleKernels = network.Integers("upsample_kernel_sizes") ?? fallback.UpsampleKernels,
            InitialChannels = network.Integer("channels") ?? fallback.InitialChannels,
            ResidualKernels = network.Integers("resblock_kernel_sizes") ?? fallback.ResidualKernels,
            ResidualDilations = network.IntegerLists("resblock_dilations") ?? fallback.ResidualDilations,
            FinalSlope = fallback.FinalSlope,
            Mel = KanBayashiSource.Mel(source, KanBayashiSource.MelOfRecipes(bands, HopLength.Of(rates))),
        };
    }

    // The slope and the outer kernel are fixed here, as they are in the official network.
    private static void RequireSupported(SourceConfig source, SourceConfig network)
    {
        var activation = network.Text("nonlinear_activation");
        var slope = network.Section("nonlinear_activation_params")?.Number("negative_slope");
        KanBayashiSource.RequireSupported(
            source, "HiFi-GAN",
            (source.Text("generator_type") is not (null or "HiFiGANGenerator"), $"generator_type {source.Text("generator_type")}"),
            (network.Flag("use_causal_conv") == true, "use_causal_conv"),
            (network.Integer("out_channels") is not (null or 1), $"out_channels {network.Integer("out_channels")}"),
            (network.Integer("kernel_size") is not (null or 7), $"kernel_size {network.Integer("kernel_size")}"),
            (network.Flag("bias") == false, "bias: false"),
            (activation is not (null or "LeakyReLU"), $"nonlinear_activation {activation}"),
            (slope is not null && Math.Abs(slope.Value - HifiGanGenerator.Slope) > 1e-6,
                FormattableString.Invariant($"negative_slope {slope}")));
    }

    private static int[] Kernels(ModelWeights weights, string pattern)
    {
        var kernels = new List<int>();
        while (weights.Contains(pattern.Replace("{0}", $"{kernels.Count}", StringComparison.Ordinal)))
        {
            kernels.Add(Shape(weights, pattern.Replace("{0}", $"{kernels.Count}", StringComparison.Ordinal))[2]);
        }

        return [.. kernels];
    }

    private static int[] Shape(ModelWeights weights, string name)
    {
        var shape = weights.Entry(name).Shape;
        return shape.Length == 3
            ? shape
            : throw new WeightsException($"{weights.Source}: tensor '{name}': expected 3 dimensions, found shape {Tensor.Describe(shape)}.");
    }

    [GeneratedRegex(@"^blocks\.(\d+)\.(convs[12])\.(\d+)\.1\.")]
    private static partial Regex KanBayashiBlock();

    [GeneratedRegex(@"^upsamples\.(\d+)\.1\.")]
    private static partial Regex KanBayashiUpsample();

    [GeneratedRegex(@"^input_conv\.")]
    private static partial Regex KanBayashiInput();

    [GeneratedRegex(@"^output_conv\.1\.")]
    private static partial Regex KanBayashiOutput();
}
