using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.GriffinLim;

/// <summary>Widths of the network that makes linear spectrograms of mels, for Griffin-Lim to find the phases of.</summary>
internal sealed record GriffinLimConfig
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "spectrogram-network";

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>Channels of the network, which runs at the mel's own rate.</summary>
    [JsonPropertyName("channels")]
    public int Channels { get; init; } = 192;

    /// <summary>Dilations within each residual block; the blocks follow one another.</summary>
    [JsonPropertyName("resblock_dilation_sizes")]
    public int[][] ResidualDilations { get; init; } = [[1, 3], [1, 3], [1, 3]];

    /// <summary>What the mel means; its spectrum is what the network makes.</summary>
    [JsonPropertyName("mel")]
    public MelContract Mel { get; init; } = new();

    /// <summary>Frequencies of the mel's spectrum.</summary>
    internal int Bins => (Mel.FftLength / 2) + 1;
}
