using System.Text.Json;
using CudaTts.Files;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Models;

/// <summary>One model on disk: config.json, which names the network, and model.safetensors.</summary>
public sealed class ModelFolder
{
    /// <summary>Name of the weight file within a model folder.</summary>
    public const string WeightsFileName = "model.safetensors";

    private readonly string _configPath;

    private ModelFolder(string configPath, string type, ModelWeights weights)
    {
        _configPath = configPath;
        Type = type;
        Weights = weights;
    }

    /// <summary>The <c>model_type</c> of config.json.</summary>
    public string Type { get; }

    /// <summary>The weights, memory-mapped.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Opens a model folder.</summary>
    /// <exception cref="WeightsException">A file is missing or malformed, or config.json has no <c>model_type</c>.</exception>
    public static ModelFolder Open(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var configPath = Path.Combine(folder, ConfigJson.FileName);
        var weightsPath = Path.Combine(folder, WeightsFileName);
        if (!Directory.Exists(folder))
        {
            throw new WeightsException($"{folder}: there is no such model folder; 'cudatts convert' makes one of a checkpoint.");
        }

        var missing = !File.Exists(configPath) ? ConfigJson.FileName : !File.Exists(weightsPath) ? WeightsFileName : null;
        return missing is null
            ? new ModelFolder(configPath, ReadType(configPath), SafetensorsFile.Open(weightsPath).Weights)
            : throw new WeightsException(
                $"{folder}: expected a model folder with {ConfigJson.FileName} and {WeightsFileName}, {missing} is missing.");
    }

    /// <summary>The config as the network's own type.</summary>
    /// <exception cref="WeightsException">config.json is not of this shape.</exception>
    public T Config<T>()
        where T : class, new() => ConfigJson.Read<T>(_configPath);

    private static string ReadType(string path)
    {
        try
        {
            using var config = JsonInput.Parse(InputFile.ReadBytes(path, InputFile.MostConfigBytes), path);
            if (config.RootElement.TryGetProperty("model_type", out var type) && type.ValueKind == JsonValueKind.String)
            {
                return type.GetString()!;
            }
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }

        throw new WeightsException($"{path}: expected a 'model_type' that names the network, found none; 'cudatts convert' writes it.");
    }
}
