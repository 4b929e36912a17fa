using BenchmarkDotNet.Attributes;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Benchmarks.Operations;

/// <summary>
/// The convolutions that HiFi-GAN V1 spends its time in, at the lengths that 86 mel frames (one second) give them:
/// one of each stage's residual blocks, and the four that change the rate. And the two of FastPitch's transformer blocks at the length of a sentence.
/// Those that a filter computes come by their definition too.
/// </summary>
public class Conv1dBenchmarks
{
    private CpuCompute _compute = null!;
    private Conv1dWeights _weights = null!;
    private Tensor _input = null!;
    private Tensor _output = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [ParamsSource(nameof(Layers))]
    public ConvolutionLayer Layer { get; set; } = null!;

    public static IEnumerable<ConvolutionLayer> Layers =>
    [
        new(256, 256, 11, 5, 688),
        new(256, 256, 11, 5, 688, Defined: true),
        new(128, 128, 7, 3, 5504),
        new(128, 128, 7, 3, 5504, Defined: true),
        new(64, 64, 3, 1, 11008),
        new(64, 64, 3, 1, 11008, Defined: true),
        new(32, 32, 11, 5, 22016),
        new(32, 32, 11, 5, 22016, Defined: true),
        new(512, 256, 16, 8, 86, Transposed: true),
        new(256, 128, 16, 8, 688, Transposed: true),
        new(128, 64, 4, 2, 5504, Transposed: true),
        new(64, 32, 4, 2, 11008, Transposed: true),
        new(384, 1536, 3, 1, 1152),
        new(384, 1536, 3, 1, 1152, Defined: true),
        new(1536, 384, 3, 1, 1152),
        new(1536, 384, 3, 1, 1152, Defined: true),
    ];

    [GlobalSetup]
    public void Setup()
    {
        _compute = new CpuCompute(Threads);
        _weights = Layer.Pack(_compute);
        _input = RandomTensor.Create(1, Layer.InputChannels, Layer.Length);
        _output = new Tensor(1, Layer.OutputChannels, _weights.OutputLength(Layer.Length));
    }

    [GlobalCleanup]
    public void Cleanup() => _compute.Dispose();

    [Benchmark]
    public void Conv1d() => _compute.Conv1d(_input, _weights, _output);
}
