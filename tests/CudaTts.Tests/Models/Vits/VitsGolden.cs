using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Tensors;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.Vits;

/// <summary>A golden file of a VITS or Piper: its network, what it was given, and what it made of that.</summary>
internal sealed class VitsGolden
{
    /// <summary>What lies between the stages, in order; audio is the last.</summary>
    public static readonly string[] Stages = ["text_encoding", "m_p", "logs_p", "log_durations", "z_p", "z", "audio"];

    private readonly SafetensorsFile _file;

    private VitsGolden(string name)
    {
        Name = name;
        _file = SafetensorsFile.Open(Golden.Path(name));
        Config = ConfigOf(_file.Metadata);
        Speaker = _file.Metadata.TryGetValue("speaker", out var speaker) ? int.Parse(speaker, CultureInfo.InvariantCulture) : null;
        Ids = Integers("ids");
        Durations = Integers("durations");
    }

    public string Name { get; }

    public VitsConfig Config { get; }

    public int? Speaker { get; }

    public int[] Ids { get; }

    public int[] Durations { get; }

    /// <summary>The metadata of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <summary>The factors and the noise that the outputs were made with.</summary>
    public VitsOptions Options => new()
    {
        NoiseScale = Number("noise_scale"),
        LengthScale = Number("length_scale"),
        DurationNoiseScale = Number("noise_scale_w"),
        Speaker = Speaker,
        DurationNoise = _file.Entries.ContainsKey("duration_noise") ? Tensor("duration_noise") : null,
        PriorNoise = Tensor("prior_noise"),
    };

    public static VitsGolden Read(string name) => new(name);

    public Tensor Tensor(string name) => _file.Weights.Take(name, _file.Entries[name].Shape);

    /// <summary>The limit of a stage in float32.</summary>
    public double Limit(string stage) => Nmse.Limit(Number($"torch_f32_nmse.{stage}"));

    /// <summary>The stages of a result, as the file calls them.</summary>
    public static Tensor Of(VitsResult result, Tensor audio, string stage) => stage switch
    {
        "text_encoding" => result.TextEncoding,
        "m_p" => result.Means,
        "logs_p" => result.LogDeviations,
        "log_durations" => result.LogDurations,
        "z_p" => result.PriorFrames,
        "z" => result.Frames,
        _ => audio,
    };

    /// <summary>How far a stage is from the stored one.</summary>
    public double Error(VitsResult result, Tensor audio, string stage)
    {
        var (actual, expected) = (Of(result, audio, stage), Tensor(stage));
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape), stage);
        return Nmse.Of(actual.Span, expected.Span);
    }

    private static VitsConfig ConfigOf(IReadOnlyDictionary<string, string> metadata)
    {
        var published = JsonNode.Parse(metadata["config"])!.AsObject();
        var isPiper = metadata["layout"] == "piper";
        var sizes = isPiper ? JsonNode.Parse(metadata["hyper_parameters"])!.AsObject() : published["model"]!.DeepClone().AsObject();
        var speakers = (int)(isPiper ? published["num_speakers"]! : published["data"]!["n_speakers"]!);
        sizes["model_type"] = VitsConfig.TypeName;
        sizes["n_symbols"] = int.Parse(metadata["n_symbols"], CultureInfo.InvariantCulture);
        sizes["n_speakers"] = isPiper && speakers == 1 ? 0 : speakers;
        return ModelFormat.Of<VitsConfig>().Parse(Encoding.UTF8.GetBytes(sizes.ToJsonString()), "golden");
    }

    private float Number(string key) => float.Parse(_file.Metadata[key], CultureInfo.InvariantCulture);

    private int[] Integers(string name) =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, long>(_file.Entries[name].Bytes.Span).ToArray(), value => (int)value);
}
