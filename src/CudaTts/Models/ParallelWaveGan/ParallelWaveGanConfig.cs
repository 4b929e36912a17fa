using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.ParallelWaveGan;

/// <summary>
/// Widths of a Parallel WaveGAN generator (arXiv:1910.11480), under the names of <c>generator_params</c> in kan-bayashi/ParallelWaveGAN's config.yml.
/// Defaults are its v1.
/// </summary>
public sealed record ParallelWaveGanConfig
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "parallel_wavegan";

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>The number of residual layers.</summary>
    [JsonPropertyName("layers")]
    public int Layers { get; init; } = 30;

    /// <summary>Cycles of dilations; within one, layer i has the dilation 2^i.</summary>
    [JsonPropertyName("stacks")]
    public int Stacks { get; init; } = 3;

    /// <summary>Taps of the dilated convolutions.</summary>
    [JsonPropertyName("kernel_size")]
    public int Kernel { get; init; } = 3;

    /// <summary>Channels between layers.</summary>
    [JsonPropertyName("residual_channels")]
    public int ResidualChannels { get; init; } = 64;

    /// <summary>Rows of the gated products: half under the tanh, half under the logistic function.</summary>
    [JsonPropertyName("gate_channels")]
    public int GateChannels { get; init; } = 128;

    /// <summary>Channels of the skip connections.</summary>
    [JsonPropertyName("skip_channels")]
    public int SkipChannels { get; init; } = 64;

    /// <summary>Frames on each side that the first convolution over the mel sees.</summary>
    [JsonPropertyName("aux_context_window")]
    public int ContextWindow { get; init; } = 2;

    /// <summary>Steps of the upsampling; their product is the hop.</summary>
    [JsonPropertyName("upsample_scales")]
    public int[] UpsampleScales { get; init; } = [4, 4, 4, 4];

    /// <summary>What the mel means.</summary>
    [JsonPropertyName("mel")]
    public MelContract Mel { get; init; } = new()
    {
        LowestFrequency = 80,
        HighestFrequency = 7600,
        Log = MelLog.Log10,
        Floor = 1e-10,
        Normalisation = "mean-variance",
    };
}
