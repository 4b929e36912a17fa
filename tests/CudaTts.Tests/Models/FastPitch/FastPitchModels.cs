using System.Runtime.InteropServices;
using CudaTts.Models;
using CudaTts.Models.FastPitch;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.FastPitch;

/// <summary>The networks of the golden files, with the procedural weights that these were made with.</summary>
internal static class FastPitchModels
{
    private static readonly Dictionary<string, ModelWeights> s_weights = [];

    /// <summary>The config that a golden file holds.</summary>
    public static FastPitchConfig ConfigOf(SafetensorsFile golden) =>
        ConfigJson.Parse<FastPitchConfig>(System.Text.Encoding.UTF8.GetBytes(golden.Metadata["config"]), "the golden's config");

    /// <summary>The weights of a golden file's network, made once.</summary>
    public static ModelWeights WeightsOf(string name, FastPitchConfig config)
    {
        lock (s_weights)
        {
            return s_weights.TryGetValue(name, out var weights) ? weights : s_weights[name] = Create(config);
        }
    }

    /// <summary>The procedural weights of any config.</summary>
    public static ModelWeights Create(FastPitchConfig config) => new("procedural weights", FastPitchTensors.Expected(config)
        .ToDictionary(tensor => tensor.Name, tensor => Entry(tensor.Shape, Values(tensor.Name, tensor.Shape))));

    /// <summary>The same weights with one tensor's values changed.</summary>
    public static ModelWeights With(ModelWeights weights, string name, Action<Span<float>> change)
    {
        var entries = weights.Names.ToDictionary(key => key, weights.Entry);
        var tensor = weights.Take(name, entries[name].Shape);
        change(tensor.Span);
        entries[name] = Entry(entries[name].Shape, tensor.Span);
        return new ModelWeights($"{weights.Source} with another {name}", entries);
    }

    /// <summary>Writes a model folder.</summary>
    public static void WriteFolder(string folder, FastPitchConfig config, ModelWeights weights)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ConfigJson.FileName), ConfigJson.Write(config));
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFolder.WeightsFileName), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
    }

    private static WeightEntry Entry(int[] shape, ReadOnlySpan<float> values) => new(DataType.F32, shape, MemoryMarshal.AsBytes(values).ToArray());

    private static float[] Values(string name, int[] shape)
    {
        if (name.EndsWith("inv_freq", StringComparison.Ordinal))
        {
            return [.. Enumerable.Range(0, shape[0]).Select(i => 1 / MathF.Pow(10_000, i / (float)shape[0]))];
        }

        var values = ProceduralWeights.Values(name, shape, name.EndsWith("qkv_net.weight", StringComparison.Ordinal) ? 1.5f : null);
        if (name is "encoder.word_emb.weight" or "speaker_emb.weight")
        {
            values = [.. values.Select((_, i) => MathF.Sqrt(3) * ((2 * ProceduralWeights.Uniform(name, i)) - 1))];
        }

        return name == "duration_predictor.fc.bias" ? [values[0] + 1.3f] : values;
    }
}
