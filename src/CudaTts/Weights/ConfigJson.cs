using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Acoustic.Tacotron2;
using CudaTts.Vocoders.HifiGan;

namespace CudaTts.Weights;

/// <summary>Reads and writes a model folder's config.json.</summary>
public static class ConfigJson
{
    /// <summary>Name of the file within a model folder.</summary>
    public const string FileName = "config.json";

    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <exception cref="WeightsException">The file is missing, not JSON, or not of this shape.</exception>
    public static T Read<T>(string path)
        where T : class
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
        where T : class
    {
        try
        {
            var config = JsonSerializer.Deserialize(json, TypeInfo<T>()) ?? throw new WeightsException($"{source}: expected a JSON object, found null.");
            ConfigCheck.Check(config, source);
            return config;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new WeightsException($"{source}: cannot be read as a model's config: {error.Message}", error);
        }
    }

    /// <summary>The config as indented JSON text.</summary>
    public static string Write<T>(T config)
        where T : class => JsonSerializer.Serialize(config, TypeInfo<T>());

    private static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)ConfigJsonContext.Default.GetTypeInfo(typeof(T))!;
}

[JsonSourceGenerationOptions(
    WriteIndented = true, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Tacotron2Config))]
[JsonSerializable(typeof(HifiGanConfig))]
internal sealed partial class ConfigJsonContext : JsonSerializerContext;
