using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Models;
using CudaTts.Models.WaveNet;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.WaveNet;

/// <summary>A stored WaveNet: its inputs and outputs, and the weights of the formula.</summary>
internal sealed class WaveNetGolden
{
    /// <summary>Those of odd widths, which the emulated device can draw from begin to end.</summary>
    public static readonly string[] Tiny = ["mol_tiny", "mulaw_tiny", "gaussian_mixture_tiny", "2018_speakers_tiny", "nv_tiny"];

    /// <summary>All of them.</summary>
    public static readonly string[] Names = ["mol", "gaussian", "mulaw256", "2018_mol", "nv", .. Tiny];

    private static readonly Dictionary<string, WaveNetGolden> s_read = [];
    private readonly SafetensorsFile _file;

    private WaveNetGolden(string name)
    {
        Name = $"wavenet_{name}";
        _file = SafetensorsFile.Open(Golden.Path($"{Name}.safetensors"));
        var source = SourceConfig.Parse(Encoding.UTF8.GetBytes(_file.Metadata["config"]), Name);
        Trained = Procedural(ConfigOf(source, _file.Metadata["layout"]));
        Weights = WeightNorm.Fold(Trained);
        Config = _file.Metadata["layout"] == "nv"
            ? NvidiaLayout.Complete(NvidiaLayout.Infer(Weights), source, Name)
            : R9y9Layout.Complete(R9y9Layout.Infer(Weights), source, Name);
        WaveNetFormat.Instance.Check(Config, Name);
        Mel = _file.Weights.Take("mel", _file.Weights.Entry("mel").Shape);
        Options = new VocoderOptions
        {
            Given = ((string[])["mixture_uniform", "sample_uniform", "sample_normal"]).Where(_file.Weights.Contains)
                .ToDictionary(noise => noise, noise => _file.Weights.Take(noise, _file.Weights.Entry(noise).Shape)),
            Speaker = _file.Metadata.TryGetValue("speaker", out var speaker) ? int.Parse(speaker, CultureInfo.InvariantCulture) : null,
        };
    }

    public string Name { get; }

    public WaveNetConfig Config { get; }

    /// <summary>As the network is trained, with weight norm.</summary>
    public ModelWeights Trained { get; }

    public ModelWeights Weights { get; }

    public Tensor Mel { get; }

    /// <summary>The stored noise, and the speaker.</summary>
    public VocoderOptions Options { get; }

    public int Samples => Mel[2] * Config.Mel.HopLength;

    /// <summary>The samples or classes that were drawn.</summary>
    public float[] Drawn => Config.DrawsClasses
        ? Array.ConvertAll(MemoryMarshal.Cast<byte, long>(_file.Weights.Entry("classes").Bytes.Span).ToArray(), value => (float)value)
        : Output("samples");

    public static WaveNetGolden Read(string name)
    {
        lock (s_read)
        {
            return s_read.TryGetValue(name, out var golden) ? golden : s_read[name] = new WaveNetGolden(name);
        }
    }

    /// <summary>The weights of the formula, with the gains that these networks have.</summary>
    public static ModelWeights Procedural(WaveNetConfig config)
    {
        var tensors = WaveNetTensors.ExpectedWeightNormed(config).ToList();
        var weights = ProceduralWeights.Create(tensors);
        return new ModelWeights("procedural weights", tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            var values = weights.Take(tensor.Name, tensor.Shape);
            for (var i = 0; i < values.Length; i++)
            {
                values.Span[i] = Adjusted(config, tensor.Name, i, values.Span[i]);
            }

            return new WeightEntry(DataType.F32, tensor.Shape, MemoryMarshal.AsBytes(values.Span).ToArray());
        }));
    }

    /// <summary>A stored output, row by row as the file has it.</summary>
    public float[] Output(string name) => _file.Weights.Take(name, _file.Weights.Entry(name).Shape).Span.ToArray();

    /// <summary>The limit of an output in float32.</summary>
    public double Limit(string name) =>
        Nmse.Limit(double.Parse(_file.Metadata[$"torch_f32_nmse.{name}"], CultureInfo.InvariantCulture));

    /// <summary>[N, C] as the file has it, [C, N].</summary>
    public static float[] Transposed(ReadOnlySpan<float> values, int columns)
    {
        var rows = values.Length / columns;
        var transposed = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            transposed[(i % columns * rows) + (i / columns)] = values[i];
        }

        return transposed;
    }

    private static float Adjusted(WaveNetConfig config, string name, int index, float value) => name switch
    {
        "last_conv_layers.3.bias" when !config.DrawsClasses && IsLogScale(config, index) => value - 3,
        "last_conv_layers.3.weight_g" when config.DrawsClasses => 5 * value,
        "conv_end.conv.weight" => 5 * value,
        "upsample.weight" => 10 * value,
        _ when name.StartsWith("upsample_conv.", StringComparison.Ordinal) && name.EndsWith("weight_v", StringComparison.Ordinal) => Math.Abs(value),
        _ => value,
    };

    private static bool IsLogScale(WaveNetConfig config, int row) => row >= config.OutputChannels - config.Mixtures;

    // Only what the tensors' shapes follow from; the rest is what the import makes of config and tensors.
    private static WaveNetConfig ConfigOf(SourceConfig source, string layout)
    {
        if (layout == "nv")
        {
            var network = source.Section("wavenet_config")!;
            var widths = new WaveNetConfig
            {
                Layout = WaveNetLayout.Nvidia,
                InputType = SampleKind.MuLawClasses,
                QuantizeChannels = 256,
                OutputChannels = 256,
                Layers = network.Integer("n_layers")!.Value,
                Kernel = 2,
                ResidualChannels = network.Integer("n_residual_channels")!.Value,
                GateChannels = 2 * network.Integer("n_residual_channels")!.Value,
                SkipChannels = network.Integer("n_skip_channels")!.Value,
                Upsampling = Upsampling.Transposed,
                UpsampleWindow = network.Integer("upsamp_window")!.Value,
            };
            return widths with { Mel = widths.Mel with { Normalisation = "none" } };
        }

        var isEarlier = layout == "2018";
        var upsampling = source.Section("upsample_params") ?? source;
        return new WaveNetConfig
        {
            Layout = isEarlier ? WaveNetLayout.Earlier : WaveNetLayout.Current,
            InputType = source.Text("input_type") == "raw" ? SampleKind.Raw : SampleKind.MuLawClasses,
            QuantizeChannels = source.Integer("quantize_channels")!.Value,
            OutputChannels = source.Integer("out_channels")!.Value,
            Layers = source.Integer("layers")!.Value,
            Kernel = source.Integer("kernel_size")!.Value,
            ResidualChannels = source.Integer("residual_channels")!.Value,
            GateChannels = source.Integer("gate_channels")!.Value,
            SkipChannels = source.Integer("skip_out_channels")!.Value,
            SpeakerChannels = Math.Max(0, source.Integer("gin_channels")!.Value),
            Speakers = source.Integer("n_speakers")!.Value,
            Upsampling = isEarlier ? Upsampling.TransposedOfBands : Upsampling.Convolution,
            UpsampleScales = upsampling.Integers("upsample_scales")!,
            FrequencyKernel = upsampling.Integer("freq_axis_kernel_size") ?? 1,
            ContextFrames = source.Integer("cin_pad") ?? 0,
        };
    }
}
