using System.Runtime.InteropServices;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli;

/// <summary>
/// A voice of the published sizes, NVIDIA's Tacotron 2 and HiFi-GAN V1, whose weights are random: it takes the time that a trained one takes, and
/// says nothing. Its gate never opens, so every sentence is 7 seconds long.
/// </summary>
internal sealed class UntrainedVoice : IDisposable
{
    private const string GateBias = "decoder.gate_layer.linear_layer.bias";

    private const string Manifest = """
        {
          "name": "untrained", "language": "en", "licence": "MIT", "origin": "random numbers", "front_end": "english_cleaners",
          "symbols": "nvidia-148", "acoustic": "acoustic", "vocoder": "vocoder", "defaults": { "max_seconds": 7, "pause_seconds": 0 }
        }
        """;

    private readonly Random _random = new(1);

    /// <summary>Writes the voice, 85 MB, into the system's folder for temporary files.</summary>
    public UntrainedVoice()
    {
        Folder = Directory.CreateTempSubdirectory("cudatts-untrained-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(Folder, Voice.ManifestName), Manifest);
            Write("acoustic", ConfigJson.Write(new Tacotron2Config()), Tacotron2Tensors.Expected(new Tacotron2Config()));
            Write("vocoder", ConfigJson.Write(new HifiGanConfig()), HifiGanTensors.Expected(new HifiGanConfig()));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The voice's folder, until this is disposed.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void Write(string part, string config, IEnumerable<(string Name, int[] Shape)> tensors)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, part)).FullName;
        File.WriteAllText(Path.Combine(folder, ConfigJson.FileName), config);
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFolder.WeightsFileName),
            tensors.Select(tensor => KeyValuePair.Create(tensor.Name, Values(tensor.Name, tensor.Shape))));
    }

    // Products of unit variance keep every layer within what float16 holds; the means of batch normalisation are 0, its scales and variances 1.
    private WeightEntry Values(string name, int[] shape)
    {
        var values = new Half[shape.Aggregate(1, (product, size) => product * size)];
        if (name == GateBias)
        {
            values.AsSpan().Fill((Half)(-100f));
        }
        else if (shape.Length > 1)
        {
            var range = MathF.Sqrt(3f / (values.Length / shape[0]));
            foreach (ref var value in values.AsSpan())
            {
                value = (Half)(((2 * _random.NextSingle()) - 1) * range);
            }
        }
        else if (name.EndsWith("running_var", StringComparison.Ordinal) || name.EndsWith("1.weight", StringComparison.Ordinal))
        {
            values.AsSpan().Fill((Half)1f);
        }

        return new WeightEntry(DataType.F16, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
