using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>Reads and writes a model folder's config.json.</summary>
public static class ConfigJson
{
    /// <summary>Name of the file within a model folder.</summary>
    public const string FileName = "config.json";

    /// <summary>Reads <paramref name="path"/>; what it leaves out has the value of <c>new TConfig()</c>.</summary>
    /// <exception cref="WeightsException">The file is missing, not JSON, not of this shape, or not valid.</exception>
    public static TConfig Read<TConfig>(string path)
        where TConfig : class, new()
    {
        try
        {
            return Parse<TConfig>(SmallFile.Read(path, SmallFile.MostConfigBytes), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The config as indented JSON text.</summary>
    public static string Write<TConfig>(TConfig config)
        where TConfig : class, new() => ModelFormat.Of<TConfig>().Write(config);

    internal static TConfig Parse<TConfig>(ReadOnlySpan<byte> json, string source)
        where TConfig : class, new() => ModelFormat.Of<TConfig>().Parse(json, source);
}
