using CudaTts.Files;

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
            return Parse<TConfig>(InputFile.ReadBytes(path, InputFile.MostConfigBytes), path);
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }

    /// <summary>The config as indented JSON text.</summary>
    public static string Write<TConfig>(TConfig config)
        where TConfig : class, new() => ModelFormat.Of<TConfig>().Write(config);

    internal static TConfig Parse<TConfig>(ReadOnlyMemory<byte> json, string source)
        where TConfig : class, new() => ModelFormat.Of<TConfig>().Parse(json, source);
}
