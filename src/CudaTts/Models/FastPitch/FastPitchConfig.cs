using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// Widths of a FastPitch (arXiv:2006.06873; 1.1 predicts energy as well), under the names of NVIDIA's constructor, which a checkpoint's <c>config</c>
/// has. Defaults are the published size.
/// </summary>
public sealed record FastPitchConfig
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "fastpitch";

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>Mel bands of a frame.</summary>
    [JsonPropertyName("n_mel_channels")]
    public int MelBands { get; init; } = 80;

    /// <summary>Rows of the symbol embedding.</summary>
    [JsonPropertyName("n_symbols")]
    public int Symbols { get; init; } = 148;

    /// <summary>The id that counts as padding even inside a text: nobody attends to it, and it has no frames. -1 where no id does.</summary>
    [JsonPropertyName("padding_idx")]
    public int PaddingId { get; init; } = 0;

    /// <summary>Width H of the tokens and the frames between the layers.</summary>
    [JsonPropertyName("symbols_embedding_dim")]
    public int Width { get; init; } = 384;

    /// <summary>Blocks of the encoder.</summary>
    [JsonPropertyName("in_fft_n_layers")]
    public int EncoderLayers { get; init; } = 6;

    /// <summary>Heads of the encoder's attention.</summary>
    [JsonPropertyName("in_fft_n_heads")]
    public int EncoderHeads { get; init; } = 1;

    /// <summary>Width of a head of the encoder.</summary>
    [JsonPropertyName("in_fft_d_head")]
    public int EncoderHeadWidth { get; init; } = 64;

    /// <summary>Taps of the encoder's convolutions.</summary>
    [JsonPropertyName("in_fft_conv1d_kernel_size")]
    public int EncoderKernel { get; init; } = 3;

    /// <summary>Channels between the two convolutions of an encoder's block.</summary>
    [JsonPropertyName("in_fft_conv1d_filter_size")]
    public int EncoderFilter { get; init; } = 1536;

    /// <summary>Width of what the encoder puts out, which is H.</summary>
    [JsonPropertyName("in_fft_output_size")]
    public int EncoderOutput { get; init; } = 384;

    /// <summary>Blocks of the decoder.</summary>
    [JsonPropertyName("out_fft_n_layers")]
    public int DecoderLayers { get; init; } = 6;

    /// <summary>Heads of the decoder's attention.</summary>
    [JsonPropertyName("out_fft_n_heads")]
    public int DecoderHeads { get; init; } = 1;

    /// <summary>Width of a head of the decoder.</summary>
    [JsonPropertyName("out_fft_d_head")]
    public int DecoderHeadWidth { get; init; } = 64;

    /// <summary>Taps of the decoder's convolutions.</summary>
    [JsonPropertyName("out_fft_conv1d_kernel_size")]
    public int DecoderKernel { get; init; } = 3;

    /// <summary>Channels between the two convolutions of a decoder's block.</summary>
    [JsonPropertyName("out_fft_conv1d_filter_size")]
    public int DecoderFilter { get; init; } = 1536;

    /// <summary>Width of what the decoder puts out, which is H.</summary>
    [JsonPropertyName("out_fft_output_size")]
    public int DecoderOutput { get; init; } = 384;

    /// <summary>Taps of the duration predictor's convolutions.</summary>
    [JsonPropertyName("dur_predictor_kernel_size")]
    public int DurationKernel { get; init; } = 3;

    /// <summary>Channels of the duration predictor's convolutions.</summary>
    [JsonPropertyName("dur_predictor_filter_size")]
    public int DurationFilter { get; init; } = 256;

    /// <summary>Number of the duration predictor's convolutions.</summary>
    [JsonPropertyName("dur_predictor_n_layers")]
    public int DurationLayers { get; init; } = 2;

    /// <summary>Taps of the pitch predictor's convolutions.</summary>
    [JsonPropertyName("pitch_predictor_kernel_size")]
    public int PitchKernel { get; init; } = 3;

    /// <summary>Channels of the pitch predictor's convolutions.</summary>
    [JsonPropertyName("pitch_predictor_filter_size")]
    public int PitchFilter { get; init; } = 256;

    /// <summary>Number of the pitch predictor's convolutions.</summary>
    [JsonPropertyName("pitch_predictor_n_layers")]
    public int PitchLayers { get; init; } = 2;

    /// <summary>Taps of the convolution that embeds the pitch.</summary>
    [JsonPropertyName("pitch_embedding_kernel_size")]
    public int PitchEmbeddingKernel { get; init; } = 3;

    /// <summary>Whether energy is predicted and embedded, which FastPitch 1.0 does not do.</summary>
    [JsonPropertyName("energy_conditioning")]
    public bool HasEnergy { get; init; } = true;

    /// <summary>Whether a frame's energy was measured on its spectrum, as NeMo's is, and not on the log-mel, as NVIDIA's.</summary>
    [JsonPropertyName("energy_of_spectrum")]
    public bool HasSpectrumEnergy { get; init; }

    /// <summary>Taps of the energy predictor's convolutions.</summary>
    [JsonPropertyName("energy_predictor_kernel_size")]
    public int EnergyKernel { get; init; } = 3;

    /// <summary>Channels of the energy predictor's convolutions.</summary>
    [JsonPropertyName("energy_predictor_filter_size")]
    public int EnergyFilter { get; init; } = 256;

    /// <summary>Number of the energy predictor's convolutions.</summary>
    [JsonPropertyName("energy_predictor_n_layers")]
    public int EnergyLayers { get; init; } = 2;

    /// <summary>Taps of the convolution that embeds the energy.</summary>
    [JsonPropertyName("energy_embedding_kernel_size")]
    public int EnergyEmbeddingKernel { get; init; } = 3;

    /// <summary>Number of speakers; 1 where nobody can be chosen.</summary>
    [JsonPropertyName("n_speakers")]
    public int SpeakerCount { get; init; } = 1;

    /// <summary>Factor on the speaker's embedding.</summary>
    [JsonPropertyName("speaker_emb_weight")]
    public double SpeakerWeight { get; init; } = 1;

    /// <summary>What the mel means.</summary>
    [JsonPropertyName("mel")]
    public MelContract Mel { get; init; } = new();

    /// <summary>The encoder's blocks.</summary>
    [JsonIgnore]
    internal TransformerSizes Encoder => new(Width, EncoderLayers, EncoderHeads, EncoderHeadWidth, EncoderKernel, EncoderFilter);

    /// <summary>The decoder's blocks.</summary>
    [JsonIgnore]
    internal TransformerSizes Decoder => new(Width, DecoderLayers, DecoderHeads, DecoderHeadWidth, DecoderKernel, DecoderFilter);

    /// <summary>The predictor of a token's duration.</summary>
    [JsonIgnore]
    internal PredictorSizes Duration => new("duration_predictor", Width, DurationLayers, DurationKernel, DurationFilter);

    /// <summary>The predictor of a token's pitch.</summary>
    [JsonIgnore]
    internal PredictorSizes Pitch => new("pitch_predictor", Width, PitchLayers, PitchKernel, PitchFilter);

    /// <summary>The predictor of a token's energy, where there is one.</summary>
    [JsonIgnore]
    internal PredictorSizes? Energy => HasEnergy ? new("energy_predictor", Width, EnergyLayers, EnergyKernel, EnergyFilter) : null;
}

/// <summary>Sizes of a stack of feed-forward transformer blocks.</summary>
/// <param name="Width">H.</param>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Heads">Of a block's attention.</param>
/// <param name="HeadWidth">Channels of a head.</param>
/// <param name="Kernel">Taps of a block's two convolutions.</param>
/// <param name="Filter">Channels between these.</param>
internal sealed record TransformerSizes(int Width, int Layers, int Heads, int HeadWidth, int Kernel, int Filter)
{
    /// <summary>Channels of what a block's heads put out together.</summary>
    public int Attention => Heads * HeadWidth;
}

/// <summary>Sizes of a predictor of one number a token.</summary>
/// <param name="Name">What its tensors' names begin with.</param>
/// <param name="Width">H.</param>
/// <param name="Layers">Number of convolutions.</param>
/// <param name="Kernel">Taps of these.</param>
/// <param name="Filter">Channels of these.</param>
internal sealed record PredictorSizes(string Name, int Width, int Layers, int Kernel, int Filter);
