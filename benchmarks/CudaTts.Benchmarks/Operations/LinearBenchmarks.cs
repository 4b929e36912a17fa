using BenchmarkDotNet.Attributes;
using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Benchmarks.Operations;

/// <summary>
/// Matrix times one vector (the decoder's shape: bound by reading the weights) and times many (the encoder's: bound by arithmetic).
/// </summary>
public class LinearBenchmarks
{
    private const int Inputs = 1024;
    private const int Outputs = 4096;
    private CpuCompute _compute = null!;
    private LinearWeights _weights = null!;
    private Tensor _input = null!;
    private Tensor _output = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [Params(1, 8, 128)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _compute = new CpuCompute(Threads);
        _weights = _compute.PackLinear(RandomTensor.Create(Outputs, Inputs), RandomTensor.Create(Outputs));
        _input = RandomTensor.Create(Rows, Inputs);
        _output = new Tensor(Rows, Outputs);
    }

    [GlobalCleanup]
    public void Cleanup() => _compute.Dispose();

    [Benchmark]
    public void Linear() => _compute.Linear(_input, _weights, _output);
}
