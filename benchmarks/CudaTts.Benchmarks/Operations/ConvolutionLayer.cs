using CudaTts.Compute;
using CudaTts.Compute.Cpu;

namespace CudaTts.Benchmarks.Operations;

/// <summary>A convolution's sizes.</summary>
/// <param name="InputChannels">Cin.</param>
/// <param name="OutputChannels">Cout.</param>
/// <param name="Taps">K.</param>
/// <param name="Spacing">Dilation, or the stride of a transposed convolution.</param>
/// <param name="Length">Input steps T.</param>
/// <param name="Transposed">Whether it raises the rate.</param>
/// <param name="Defined">Whether it is computed as it is defined, rather than by the filter that the engine chooses.</param>
public sealed record ConvolutionLayer(
    int InputChannels, int OutputChannels, int Taps, int Spacing, int Length, bool Transposed = false, bool Defined = false)
{
    /// <summary>Random weights, padded so that the length stays, or grows by exactly the stride.</summary>
    internal Conv1dWeights Pack(CpuCompute compute)
    {
        var memory = compute.CreateModelMemory();
        var bias = RandomTensor.Create(OutputChannels);
        if (Transposed)
        {
            return memory.PackConvTranspose1d(RandomTensor.Create(InputChannels, OutputChannels, Taps), bias, Spacing, (Taps - Spacing) / 2);
        }

        var (weight, padding) = (RandomTensor.Create(OutputChannels, InputChannels, Taps), (Taps - 1) * Spacing / 2);
        return Defined ? memory.PackConv1d(weight, bias, Spacing, padding) : memory.PackCostlyConv1d(weight, bias, Spacing, padding);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{InputChannels}>{OutputChannels} k{Taps} {(Transposed ? "stride" : "dil.")} {Spacing}, T {Length}{(Defined ? " as defined" : "")}";
}
