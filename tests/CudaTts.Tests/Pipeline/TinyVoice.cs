using System.Runtime.InteropServices;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Pipeline;

/// <summary>A voice folder whose untrained model says nothing, quickly: what a pipeline does is the same.</summary>
internal static class TinyVoice
{
    public static Tacotron2Config Config { get; } = new()
    {
        SymbolsEmbedding = 16,
        EncoderEmbedding = 16,
        AttentionRnn = 24,
        DecoderRnn = 24,
        Prenet = 8,
        Attention = 8,
        LocationFilters = 4,
        PostnetEmbedding = 16,
        FramesPerStep = 2,
    };

    /// <summary>Writes the voice into a new folder and returns it.</summary>
    /// <param name="folder">Where the voice folder goes.</param>
    /// <param name="gateBias">Added to the gate's logit: a large one stops after the first step, a small one never.</param>
    /// <param name="frontEnd">The text front end.</param>
    /// <param name="spoiled">A tensor whose first value becomes NaN.</param>
    public static string Create(string folder, float gateBias = 100, string frontEnd = "english_cleaners", string? spoiled = null)
    {
        var acoustic = Directory.CreateDirectory(Path.Combine(folder, "acoustic")).FullName;
        File.WriteAllText(Path.Combine(acoustic, ConfigJson.FileName), ConfigJson.Write(Config));
        SafetensorsWriter.Write(Path.Combine(acoustic, ModelFolder.WeightsFileName), Tensors(gateBias, spoiled));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), Manifest(frontEnd));
        return folder;
    }

    /// <summary>The same with a HiFi-GAN, which runs where the acoustic model does.</summary>
    public static string CreateWithHifiGan(string folder, float gateBias = 100)
    {
        Create(folder, gateBias);
        var config = new HifiGanConfig { InitialChannels = 16, ResidualKernels = [3, 7], ResidualDilations = [[1, 3], [1, 3]] };
        var weights = WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config)));
        var vocoder = Directory.CreateDirectory(Path.Combine(folder, "vocoder")).FullName;
        File.WriteAllText(Path.Combine(vocoder, ConfigJson.FileName), ConfigJson.Write(config));
        SafetensorsWriter.Write(
            Path.Combine(vocoder, ModelFolder.WeightsFileName), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), Manifest(vocoder: "vocoder"));
        return folder;
    }

    public static string Manifest(string frontEnd = "english_cleaners", string vocoder = "griffin-lim", string acoustic = "acoustic") =>
        $$"""
        {
          "name": "tiny", "language": "en", "licence": "MIT", "origin": "procedural weights",
          "front_end": "{{frontEnd}}", "symbols": "nvidia-148", "acoustic": "{{acoustic}}", "vocoder": "{{vocoder}}",
          "defaults": { "max_seconds": 0.5, "pause_seconds": 0.1 }
        }
        """;

    private static IEnumerable<KeyValuePair<string, WeightEntry>> Tensors(float gateBias, string? spoiled)
    {
        foreach (var (name, shape) in Tacotron2Tensors.Expected(Config))
        {
            var values = ProceduralWeights.Values(name, shape);
            if (name == "decoder.gate_layer.linear_layer.bias")
            {
                values[0] = gateBias;
            }

            if (name == spoiled)
            {
                values[0] = float.NaN;
            }

            yield return KeyValuePair.Create(name, new WeightEntry(DataType.F32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
        }
    }
}
