using BenchmarkDotNet.Attributes;
using CudaTts.Models.HifiGan;
using CudaTts.Tests;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Benchmarks.Operations;

/// <summary>Reading the weights of a HiFi-GAN V1 (56 MB, 156 tensors) from a file that the system has cached.</summary>
public class SafetensorsBenchmarks
{
    private string _path = null!;

    [GlobalSetup]
    public void Setup()
    {
        _path = Path.GetTempFileName();
        var weights = ProceduralWeights.Create(HifiGanTensors.Expected(new HifiGanConfig()));
        SafetensorsWriter.Write(_path, weights.Names.ToDictionary(name => name, weights.Entry));
    }

    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    /// <summary>The header alone: names, types, shapes, and every rule of the format.</summary>
    [Benchmark]
    public int Open() => SafetensorsFile.Open(_path).Entries.Count;

    /// <summary>The header, and every tensor taken as a model takes it.</summary>
    [Benchmark]
    public int OpenAndTakeAll()
    {
        var weights = SafetensorsFile.Open(_path).Weights;
        return weights.Names.Sum(name => weights.Take(name, weights.Entry(name).Shape).Length);
    }
}
