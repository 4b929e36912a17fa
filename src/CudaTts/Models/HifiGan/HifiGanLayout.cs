using System.Text.RegularExpressions;
using CudaTts.Audio;
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

    /// <summary>The widths that the tensors have, rates as half of the kernels, and the public dilations.</summary>
    /// <param name="folded">The weights under official names.</param>
    /// <param name="melOf">The mel of so many bands and such a hop.</param>
    /// <exception cref="WeightsException">A tensor is missing, or the network is none of the public ones.</exception>
    public static HifiGanConfig Infer(ModelWeights folded, Func<int, int, MelContract> melOf)
    {
        var sizes = UpsamplingLayout.Infer(folded);
        return Config(sizes, melOf(sizes.Inputs, sizes.Hop));
    }

    /// <summary>The config that <paramref name="source"/> gives, in the official repository's names.</summary>
    /// <exception cref="WeightsException">A part is missing or of another form.</exception>
    public static HifiGanConfig FromSource(SourceConfig source, MelContract mel)
    {
        var contract = MelSource.Read(source, mel);
        var bands = source.Section("mel")?.Integer("mel_bands") ?? source.Integer(source.FirstOf("mel.mel_bands", "num_mels")) ?? contract.MelBands;
        var sizes = UpsamplingLayout.FromSource(source, bands);
        return Config(
            sizes with { FinalSlope = (float)(source.Number("final_leaky_relu_slope") ?? sizes.FinalSlope) }, contract with { MelBands = bands });
    }

    /// <summary>The config that a recipe of kan-bayashi gives; what it leaves out is as in its models/hifigan.py.</summary>
    /// <exception cref="WeightsException">A part is of another form, or the source describes a variant that is not supported.</exception>
    public static HifiGanConfig FromRecipe(SourceConfig source)
    {
        var network = source.Section("generator_params") ?? throw new WeightsException($"{source.Source}: generator_params is missing.");
        RequireSupported(source, network);
        var fallback = new HifiGanConfig();
        var rates = network.Integers(network.FirstOf("upsample_rates", "upsample_scales")) ?? fallback.UpsampleRates;
        var bands = network.Integer(network.FirstOf("mel.mel_bands", "in_channels")) ?? source.Integer("num_mels") ?? fallback.Mel.MelBands;
        return new HifiGanConfig
        {
            ResidualBlock = network.Flag("use_additional_convs") == false ? "2" : "1",
            UpsampleRates = rates,
            UpsampleKernels = network.Integers("upsample_kernel_sizes") ?? fallback.UpsampleKernels,
            InitialChannels = network.Integer(network.FirstOf("upsample_initial_channel", "channels")) ?? fallback.InitialChannels,
            ResidualKernels = network.Integers("resblock_kernel_sizes") ?? fallback.ResidualKernels,
            ResidualDilations = network.IntegerLists(network.FirstOf("resblock_dilation_sizes", "resblock_dilations")) ?? fallback.ResidualDilations,
            FinalSlope = fallback.FinalSlope,
            Mel = KanBayashiSource.Mel(source, KanBayashiSource.MelOfRecipes(bands, HopLength.Of(rates))),
        };
    }

    private static HifiGanConfig Config(UpsamplingSizes sizes, MelContract mel) => new()
    {
        ResidualBlock = sizes.ResidualBlock,
        UpsampleRates = sizes.UpsampleRates,
        UpsampleKernels = sizes.UpsampleKernels,
        InitialChannels = sizes.InitialChannels,
        ResidualKernels = sizes.ResidualKernels,
        ResidualDilations = sizes.ResidualDilations,
        FinalSlope = sizes.FinalSlope,
        Mel = mel,
    };

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
            (slope is not null && Math.Abs(slope.Value - UpsamplingStack.Slope) > 1e-6,
                FormattableString.Invariant($"negative_slope {slope}")));
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
