using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.HifiGan;

/// <summary>Widths of a HiFi-GAN generator (arXiv:2010.05646), under the names of the public config.json. Defaults are V1.</summary>
public sealed record HifiGanConfig
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "hifigan";

    /// <summary>config_v1.json of jik876/hifi-gan.</summary>
    internal static HifiGanConfig V1 { get; } = new();

    /// <summary>config_v2.json of jik876/hifi-gan: V1 with a quarter of the channels.</summary>
    internal static HifiGanConfig V2 { get; } = V1 with { InitialChannels = 128 };

    /// <summary>config_v3.json of jik876/hifi-gan.</summary>
    internal static HifiGanConfig V3 { get; } = V1 with
    {
        ResidualBlock = "2",
        UpsampleRates = [8, 8, 4],
        UpsampleKernels = [16, 16, 8],
        InitialChannels = 256,
        ResidualKernels = [3, 5, 7],
        ResidualDilations = [[1, 2], [2, 6], [3, 12]],
    };

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>"1": blocks of three pairs of convolutions; "2": blocks of two single convolutions.</summary>
    [JsonPropertyName("resblock")]
    public string ResidualBlock { get; init; } = "1";

    /// <summary>Stride of each transposed convolution; their product is the hop.</summary>
    [JsonPropertyName("upsample_rates")]
    public int[] UpsampleRates { get; init; } = [8, 8, 2, 2];

    /// <summary>Taps of each transposed convolution.</summary>
    [JsonPropertyName("upsample_kernel_sizes")]
    public int[] UpsampleKernels { get; init; } = [16, 16, 4, 4];

    /// <summary>Channels after the first convolution; each transposed convolution halves them.</summary>
    [JsonPropertyName("upsample_initial_channel")]
    public int InitialChannels { get; init; } = 512;

    /// <summary>Taps of the residual blocks that run side by side in each stage.</summary>
    [JsonPropertyName("resblock_kernel_sizes")]
    public int[] ResidualKernels { get; init; } = [3, 7, 11];

    /// <summary>Dilations within each residual block.</summary>
    [JsonPropertyName("resblock_dilation_sizes")]
    public int[][] ResidualDilations { get; init; } = [[1, 3, 5], [1, 3, 5], [1, 3, 5]];

    /// <summary>Slope of the last leaky ReLU; the official code leaves PyTorch's default there, all others are 0.1.</summary>
    [JsonPropertyName("final_leaky_relu_slope")]
    public float FinalSlope { get; init; } = 0.01f;

    /// <summary>What the mel means.</summary>
    [JsonPropertyName("mel")]
    public MelContract Mel { get; init; } = new();

    /// <summary>The widths of the network.</summary>
    internal UpsamplingSizes Sizes => new()
    {
        Inputs = Mel.MelBands,
        ResidualBlock = ResidualBlock,
        UpsampleRates = UpsampleRates,
        UpsampleKernels = UpsampleKernels,
        InitialChannels = InitialChannels,
        ResidualKernels = ResidualKernels,
        ResidualDilations = ResidualDilations,
        FinalSlope = FinalSlope,
    };
}
