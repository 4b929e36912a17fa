using System.Text.Json.Serialization;
using CudaTts.Audio;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// Widths of a WaveNet vocoder (arXiv:1609.03499), as far as they can under the names of hparams.json of r9y9/wavenet_vocoder. Defaults are its
/// recipe of a mixture of logistics.
/// </summary>
internal sealed record WaveNetConfig
{
    /// <summary>The value of <see cref="ModelType"/>.</summary>
    public const string TypeName = "wavenet";

    /// <summary>Says which network config.json describes.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = TypeName;

    /// <summary>How the tensors are called, and what that implies of the network.</summary>
    [JsonPropertyName("layout")]
    public WaveNetLayout Layout { get; init; }

    /// <summary>What the network reads and draws.</summary>
    [JsonPropertyName("input_type")]
    public SampleKind InputType { get; init; }

    /// <summary>How many classes the samples are of, or were before they became numbers: mu + 1 of the mu-law.</summary>
    [JsonPropertyName("quantize_channels")]
    public int QuantizeChannels { get; init; } = 65536;

    /// <summary>What numbers are drawn from; classes have no such distribution.</summary>
    [JsonPropertyName("output_distribution")]
    public SampleDistribution Distribution { get; init; }

    /// <summary>Rows of the network's output.</summary>
    [JsonPropertyName("out_channels")]
    public int OutputChannels { get; init; } = 30;

    /// <summary>The number of residual layers.</summary>
    [JsonPropertyName("layers")]
    public int Layers { get; init; } = 24;

    /// <summary>Layers after which the dilations begin anew; within, layer i has the dilation 2^i.</summary>
    [JsonPropertyName("dilation_cycle")]
    public int DilationCycle { get; init; } = 6;

    /// <summary>Taps of the dilated convolutions.</summary>
    [JsonPropertyName("kernel_size")]
    public int Kernel { get; init; } = 3;

    /// <summary>Channels between layers.</summary>
    [JsonPropertyName("residual_channels")]
    public int ResidualChannels { get; init; } = 128;

    /// <summary>Rows of the gated products: half under the tanh, half under the logistic function.</summary>
    [JsonPropertyName("gate_channels")]
    public int GateChannels { get; init; } = 256;

    /// <summary>Channels of the skip connections.</summary>
    [JsonPropertyName("skip_out_channels")]
    public int SkipChannels { get; init; } = 128;

    /// <summary>How the layers' skip connections are summed.</summary>
    [JsonPropertyName("skip_sum")]
    public SkipSum SkipSum { get; init; }

    /// <summary>Channels of a speaker's vector; 0 where there is one voice without a number.</summary>
    [JsonPropertyName("gin_channels")]
    public int SpeakerChannels { get; init; }

    /// <summary>How many speakers there are to choose from.</summary>
    [JsonPropertyName("n_speakers")]
    public int Speakers { get; init; }

    /// <summary>How the mel comes to the sample rate.</summary>
    [JsonPropertyName("upsampling")]
    public Upsampling Upsampling { get; init; }

    /// <summary>Steps of the upsampling; their product is the hop.</summary>
    [JsonPropertyName("upsample_scales")]
    public int[] UpsampleScales { get; init; } = [4, 4, 4, 4];

    /// <summary>Bands that an upsampling step sees at once.</summary>
    [JsonPropertyName("freq_axis_kernel_size")]
    public int FrequencyKernel { get; init; } = 1;

    /// <summary>Frames that the upsampling sees on each side.</summary>
    [JsonPropertyName("cin_pad")]
    public int ContextFrames { get; init; } = 2;

    /// <summary>Taps of the transposed convolution over frames, where that is the upsampling.</summary>
    [JsonPropertyName("upsample_window")]
    public int UpsampleWindow { get; init; }

    /// <summary>Least logarithm of a scale, for networks that were sampled with one.</summary>
    [JsonPropertyName("log_scale_min")]
    public float? LeastLogScale { get; init; }

    /// <summary>The class before the first sample, where samples are classes.</summary>
    [JsonPropertyName("first_class")]
    public int FirstClass { get; init; } = 127;

    /// <summary>Factor of the sample before in undoing the pre-emphasis that the network was trained with; 0 for none.</summary>
    [JsonPropertyName("deemphasis")]
    public float Deemphasis { get; init; }

    /// <summary>What the audio was multiplied by before training.</summary>
    [JsonPropertyName("global_gain_scale")]
    public float Gain { get; init; } = 1;

    /// <summary>What the mel means.</summary>
    [JsonPropertyName("mel")]
    public MelContract Mel { get; init; } = new()
    {
        LowestFrequency = 125,
        HighestFrequency = 7600,
        Log = MelLog.Log10,
        Floor = 1e-10,
        Normalisation = "mean-variance",
    };

    /// <summary>Whether samples are classes.</summary>
    internal bool DrawsClasses => InputType == SampleKind.MuLawClasses;

    /// <summary>Channels before the last product.</summary>
    internal int HiddenChannels => Layout == WaveNetLayout.Nvidia ? OutputChannels : SkipChannels;

    /// <summary>Components of the mixture that a number is drawn from; 1 where there is no mixture.</summary>
    internal int Mixtures => DrawsClasses || OutputChannels == 2 ? 1 : OutputChannels / 3;

    /// <summary>Whether a component is chosen before a number is drawn.</summary>
    internal bool ChoosesComponent => !DrawsClasses && (Mixtures > 1 || (Distribution == SampleDistribution.Logistic && OutputChannels >= 3));

    /// <summary>The dilation of a layer.</summary>
    internal int Dilation(int layer) => 1 << (layer % DilationCycle);

    /// <summary>Samples on which the next depends, itself included.</summary>
    internal int ReceptiveField => 1 + Enumerable.Range(0, Layers).Sum(layer => (Kernel - 1) * Dilation(layer));
}

/// <summary>How public code calls a WaveNet's tensors.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WaveNetLayout>))]
internal enum WaveNetLayout
{
    /// <summary>r9y9/wavenet_vocoder since August 2019.</summary>
    [JsonStringEnumMemberName("current")]
    Current,

    /// <summary>r9y9/wavenet_vocoder before that, whose upsampling is called <c>upsample_conv</c>.</summary>
    [JsonStringEnumMemberName("2018")]
    Earlier,

    /// <summary>The PyTorch network of NVIDIA/nv-wavenet.</summary>
    [JsonStringEnumMemberName("nv")]
    Nvidia,
}

/// <summary>What a sample is to the network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SampleKind>))]
internal enum SampleKind
{
    /// <summary>A number from -1 to 1, as it is heard.</summary>
    [JsonStringEnumMemberName("raw")]
    Raw,

    /// <summary>A number from -1 to 1 under the mu-law.</summary>
    [JsonStringEnumMemberName("mulaw")]
    MuLaw,

    /// <summary>A class of the mu-law.</summary>
    [JsonStringEnumMemberName("mulaw-quantize")]
    MuLawClasses,
}

/// <summary>What a sample that is a number is drawn from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SampleDistribution>))]
internal enum SampleDistribution
{
    /// <summary>A mixture of logistic distributions.</summary>
    [JsonStringEnumMemberName("Logistic")]
    Logistic,

    /// <summary>A normal distribution or a mixture of them.</summary>
    [JsonStringEnumMemberName("Normal")]
    Normal,
}

/// <summary>How the layers' skip connections become one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SkipSum>))]
internal enum SkipSum
{
    /// <summary>The sum, divided by the root of the layers' number.</summary>
    [JsonStringEnumMemberName("scaled")]
    Scaled,

    /// <summary>From the second layer on (sum + skip) / root of 2.</summary>
    [JsonStringEnumMemberName("recursive")]
    Recursive,

    /// <summary>The sum as it is.</summary>
    [JsonStringEnumMemberName("plain")]
    Plain,
}

/// <summary>How a mel comes to the sample rate.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Upsampling>))]
internal enum Upsampling
{
    /// <summary>A convolution over frames, then repetition and smoothing in steps (ConvInUpsampleNetwork).</summary>
    [JsonStringEnumMemberName("convolution")]
    Convolution,

    /// <summary>Repetition and smoothing in steps (UpsampleNetwork).</summary>
    [JsonStringEnumMemberName("smoothing")]
    Smoothing,

    /// <summary>Transposed convolutions over bands and time, each before a ReLU.</summary>
    [JsonStringEnumMemberName("transposed-2d")]
    TransposedOfBands,

    /// <summary>One transposed convolution of all bands.</summary>
    [JsonStringEnumMemberName("transposed")]
    Transposed,

    /// <summary>Repetition and nothing more.</summary>
    [JsonStringEnumMemberName("repetition")]
    Repetition,
}
