using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.WaveGlow;

namespace CudaTts.Models;

/// <summary>Reads and writes a model folder's config.json.</summary>
public static class ConfigJson
{
    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Name of the file within a model folder.</summary>
    public const string FileName = "config.json";

    /// <summary>Reads <paramref name="path"/>; what it leaves out has the value of <c>new T()</c>.</summary>
    /// <exception cref="WeightsException">The file is missing, not JSON, or not of this shape.</exception>
    public static T Read<T>(string path)
        where T : class, new()
    {
        try
        {
            return Parse<T>(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    internal static T Parse<T>(ReadOnlySpan<byte> json, string source)
        where T : class, new()
    {
        try
        {
            var given = JsonNode.Parse(json, documentOptions: s_options) as JsonObject
                ?? throw new WeightsException($"{source}: expected a JSON object.");
            var complete = JsonSerializer.SerializeToNode(new T(), TypeInfo<T>())!.AsObject();
            Overlay(complete, given);
            var config = complete.Deserialize(TypeInfo<T>())!;
            ConfigCheck.Check(config, source);
            return config;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new WeightsException($"{source}: cannot be read as a model's config: {error.Message}", error);
        }
    }

    /// <summary>The config as indented JSON text.</summary>
    public static string Write<T>(T config)
        where T : class => JsonSerializer.Serialize(config, TypeInfo<T>());

    // The serializer's generated code sets absent init-only properties to zero or null instead of leaving their defaults.
    private static void Overlay(JsonObject complete, JsonObject given)
    {
        foreach (var (key, value) in given)
        {
            if (value is JsonObject section && complete[key] is JsonObject defaults)
            {
                Overlay(defaults, section);
            }
            else
            {
                complete[key] = value?.DeepClone();
            }
        }
    }

    private static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)ConfigJsonContext.Default.GetTypeInfo(typeof(T))!;
}

[JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Tacotron2Config))]
[JsonSerializable(typeof(HifiGanConfig))]
[JsonSerializable(typeof(WaveGlowConfig))]
[JsonSerializable(typeof(ParallelWaveGanConfig))]
internal sealed partial class ConfigJsonContext : JsonSerializerContext;
