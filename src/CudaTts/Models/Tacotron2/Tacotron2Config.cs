using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.Tacotron2;

/// <summary>Widths of a Tacotron 2 (arXiv:1712.05884), under the names of the public NVIDIA hparams. Defaults are the public full size.</summary>
public sealed record Tacotron2Config
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "tacotron2";

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>Rows of the symbol embedding.</summary>
    [JsonPropertyName("n_symbols")]
    public int Symbols { get; init; } = 148;

    /// <summary>Width of the symbol embedding.</summary>
    [JsonPropertyName("symbols_embedding_dim")]
    public int SymbolsEmbedding { get; init; } = 512;

    /// <summary>Width E of the encoder memory [B, T, E]; each direction of the LSTM has half of it.</summary>
    [JsonPropertyName("encoder_embedding_dim")]
    public int EncoderEmbedding { get; init; } = 512;

    /// <summary>Taps of the encoder's convolutions.</summary>
    [JsonPropertyName("encoder_kernel_size")]
    public int EncoderKernel { get; init; } = 5;

    /// <summary>Number of the encoder's convolutions.</summary>
    [JsonPropertyName("encoder_n_convolutions")]
    public int EncoderConvolutions { get; init; } = 3;

    /// <summary>Width of the attention LSTM.</summary>
    [JsonPropertyName("attention_rnn_dim")]
    public int AttentionRnn { get; init; } = 1024;

    /// <summary>Width of the attention's energies.</summary>
    [JsonPropertyName("attention_dim")]
    public int Attention { get; init; } = 128;

    /// <summary>Filters of the location convolution.</summary>
    [JsonPropertyName("attention_location_n_filters")]
    public int LocationFilters { get; init; } = 32;

    /// <summary>Taps of the location convolution.</summary>
    [JsonPropertyName("attention_location_kernel_size")]
    public int LocationKernel { get; init; } = 31;

    /// <summary>Width of the decoder LSTM.</summary>
    [JsonPropertyName("decoder_rnn_dim")]
    public int DecoderRnn { get; init; } = 1024;

    /// <summary>Width of the prenet's two layers.</summary>
    [JsonPropertyName("prenet_dim")]
    public int Prenet { get; init; } = 256;

    /// <summary>Width of the postnet's inner convolutions.</summary>
    [JsonPropertyName("postnet_embedding_dim")]
    public int PostnetEmbedding { get; init; } = 512;

    /// <summary>Taps of the postnet's convolutions.</summary>
    [JsonPropertyName("postnet_kernel_size")]
    public int PostnetKernel { get; init; } = 5;

    /// <summary>Number of the postnet's convolutions.</summary>
    [JsonPropertyName("postnet_n_convolutions")]
    public int PostnetConvolutions { get; init; } = 5;

    /// <summary>Mel bands of a frame.</summary>
    [JsonPropertyName("n_mel_channels")]
    public int MelBands { get; init; } = 80;

    /// <summary>Frames that one decoder step reads and writes.</summary>
    [JsonPropertyName("n_frames_per_step")]
    public int FramesPerStep { get; init; } = 1;

    /// <summary>What the mel means.</summary>
    [JsonPropertyName("mel")]
    public MelContract Mel { get; init; } = new();

    /// <summary>Values that one decoder step reads and writes: mel bands times frames per step.</summary>
    [JsonIgnore]
    public int StepWidth => MelBands * FramesPerStep;
}
