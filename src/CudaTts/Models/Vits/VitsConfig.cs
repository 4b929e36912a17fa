using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.Vits;

/// <summary>
/// A VITS (arXiv:2106.06103), single- or multi-speaker, or a Piper, which is one: its widths under the names of the public config.json. Defaults are
/// those of the published LJSpeech model.
/// </summary>
public sealed record VitsConfig
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "vits";

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>Number of symbols that the text encoder knows.</summary>
    [JsonPropertyName("n_symbols")]
    public int Symbols { get; init; } = 178;

    /// <summary>Number of speakers to choose from; 0 where there is one voice without a number.</summary>
    [JsonPropertyName("n_speakers")]
    public int Speakers { get; init; }

    /// <summary>Channels of a latent frame.</summary>
    [JsonPropertyName("inter_channels")]
    public int InterChannels { get; init; } = 192;

    /// <summary>Channels of the text encoder, the duration predictor and the flow.</summary>
    [JsonPropertyName("hidden_channels")]
    public int HiddenChannels { get; init; } = 192;

    /// <summary>Channels within the text encoder's feed-forward layers.</summary>
    [JsonPropertyName("filter_channels")]
    public int FilterChannels { get; init; } = 768;

    /// <summary>Heads of the text encoder's attention.</summary>
    [JsonPropertyName("n_heads")]
    public int Heads { get; init; } = 2;

    /// <summary>Layers of the text encoder.</summary>
    [JsonPropertyName("n_layers")]
    public int Layers { get; init; } = 6;

    /// <summary>Taps of the text encoder's feed-forward layers.</summary>
    [JsonPropertyName("kernel_size")]
    public int Kernel { get; init; } = 3;

    /// <summary>"1": the decoder's residual blocks are of three pairs of convolutions; "2": of two single ones.</summary>
    [JsonPropertyName("resblock")]
    public string ResidualBlock { get; init; } = "1";

    /// <summary>Taps of the decoder's residual blocks.</summary>
    [JsonPropertyName("resblock_kernel_sizes")]
    public int[] ResidualKernels { get; init; } = [3, 7, 11];

    /// <summary>Dilations within each of the decoder's residual blocks.</summary>
    [JsonPropertyName("resblock_dilation_sizes")]
    public int[][] ResidualDilations { get; init; } = [[1, 3, 5], [1, 3, 5], [1, 3, 5]];

    /// <summary>Stride of each of the decoder's transposed convolutions; their product is the hop.</summary>
    [JsonPropertyName("upsample_rates")]
    public int[] UpsampleRates { get; init; } = [8, 8, 2, 2];

    /// <summary>Taps of each transposed convolution.</summary>
    [JsonPropertyName("upsample_kernel_sizes")]
    public int[] UpsampleKernels { get; init; } = [16, 16, 4, 4];

    /// <summary>Channels after the decoder's first convolution.</summary>
    [JsonPropertyName("upsample_initial_channel")]
    public int InitialChannels { get; init; } = 512;

    /// <summary>Channels of a speaker's vector, 0 without speakers.</summary>
    [JsonPropertyName("gin_channels")]
    public int SpeakerChannels { get; init; }

    /// <summary>Whether durations are drawn from noise by flows; else they follow from the text alone.</summary>
    [JsonPropertyName("use_sdp")]
    public bool HasStochasticDurations { get; init; } = true;

    /// <summary>Samples a second, Hz.</summary>
    [JsonPropertyName("sampling_rate")]
    public int SampleRate { get; init; } = 22050;

    /// <summary>Length of the Fourier transform that the network was trained with, samples; nothing is computed by it.</summary>
    [JsonPropertyName("filter_length")]
    public int FftLength { get; init; } = 1024;

    /// <summary>Factor on the noise that latent frames are drawn with, unless told otherwise.</summary>
    [JsonPropertyName("noise_scale")]
    public float NoiseScale { get; init; } = 0.667f;

    /// <summary>Factor on all durations, unless told otherwise.</summary>
    [JsonPropertyName("length_scale")]
    public float LengthScale { get; init; } = 1;

    /// <summary>Factor on the noise that durations are drawn with, unless told otherwise.</summary>
    [JsonPropertyName("noise_scale_w")]
    public float DurationNoiseScale { get; init; } = 0.8f;

    /// <summary>Whether the blank, id 0, stands between and around all tokens. A Piper has rules of its own.</summary>
    [JsonPropertyName("add_blank")]
    public bool AddsBlanks { get; init; } = true;

    /// <summary>How a text becomes the ids that the network was trained on.</summary>
    [JsonPropertyName("text")]
    public VitsText Text { get; init; } = new();

    /// <summary>The widths of the decoder.</summary>
    internal UpsamplingSizes Decoder => new()
    {
        Inputs = InterChannels,
        ResidualBlock = ResidualBlock,
        UpsampleRates = UpsampleRates,
        UpsampleKernels = UpsampleKernels,
        InitialChannels = InitialChannels,
        ResidualKernels = ResidualKernels,
        ResidualDilations = ResidualDilations,
        HasFinalBias = false,
    };

    /// <summary>What the two halves of the network agree on: latent frames, which are no mel.</summary>
    internal MelContract Latent => new()
    {
        SampleRate = SampleRate,
        FftLength = FftLength,
        WindowLength = FftLength,
        HopLength = Decoder.Hop,
        MelBands = InterChannels,
        HighestFrequency = SampleRate / 2.0,
        Normalisation = MelContract.Latent,
    };
}
