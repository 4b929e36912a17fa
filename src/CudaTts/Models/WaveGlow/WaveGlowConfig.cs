using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.WaveGlow;

/// <summary>Widths of a WaveGlow (arXiv:1811.00002), under the names of the public config.json. Defaults are its 256-channel model.</summary>
public sealed record WaveGlowConfig
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "waveglow";

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>Steps of the flow.</summary>
    [JsonPropertyName("n_flows")]
    public int Flows { get; init; } = 12;

    /// <summary>Neighbouring samples that the flow sees as channels.</summary>
    [JsonPropertyName("n_group")]
    public int Group { get; init; } = 8;

    /// <summary>Before every so many steps of the flow (of its training direction) some channels leave it.</summary>
    [JsonPropertyName("n_early_every")]
    public int EarlyEvery { get; init; } = 4;

    /// <summary>How many channels leave.</summary>
    [JsonPropertyName("n_early_size")]
    public int EarlySize { get; init; } = 2;

    /// <summary>Layers of each coupling network; layer i has the dilation 2^i.</summary>
    [JsonPropertyName("n_layers")]
    public int Layers { get; init; } = 8;

    /// <summary>Channels of each coupling network.</summary>
    [JsonPropertyName("n_channels")]
    public int Channels { get; init; } = 256;

    /// <summary>Taps of the dilated convolutions.</summary>
    [JsonPropertyName("kernel_size")]
    public int Kernel { get; init; } = 3;

    /// <summary>Taps of the transposed convolution that brings the mel to the sample rate.</summary>
    [JsonPropertyName("upsample_kernel_size")]
    public int UpsampleKernel { get; init; } = 1024;

    /// <summary>
    /// Whether odd steps of the flow transform the first half of the channels instead of the second: models that were trained with the first
    /// public release (glow_old.py).
    /// </summary>
    [JsonPropertyName("alternate_halves")]
    public bool AlternateHalves { get; init; }

    /// <summary>Standard deviation of the noise unless told otherwise.</summary>
    [JsonPropertyName("sigma")]
    public float Sigma { get; init; } = 0.6f;

    /// <summary>What the mel means.</summary>
    [JsonPropertyName("mel")]
    public MelContract Mel { get; init; } = new();
}
