using System.Runtime.CompilerServices;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <content>The operations of WaveGlow and Parallel WaveGAN.</content>
public sealed partial class CudaCompute
{
    [KernelConstant("vocoder_noise_threads")]
    [KernelConstant("wavenet_f32_threads")]
    [KernelConstant("wavenet_f16_threads")]
    private const int VocoderThreads = 256;

    /// <inheritdoc/>
    internal override void FillNormal(Tensor sequence, RandomUse use, uint step, NoiseRow[] rows)
    {
        var stream = Enter();
        using var places = Memory.Borrow((long)rows.Length * Unsafe.SizeOf<NoiseRow>());
        stream.Upload<NoiseRow>(rows, places.Address);
        _operations.NormalNoise.Launch(
            stream, NumberGrid(sequence), VocoderThreads, 0,
            places.Address, LengthsOf(sequence), AddressOf(sequence), sequence.StepsPerUnit, sequence[2], sequence[1], (uint)use, step);
    }

    /// <inheritdoc/>
    private protected override void RunWaveNetLayer(
        Tensor input, Tensor? conditioning, WaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, Tensor? gateVectors)
    {
        if (weights is not CudaWaveNetLayerWeights packed || packed.Owner != this)
        {
            throw new ArgumentException("These weights were packed for another device.");
        }

        using var biases = gateVectors is null ? null : Borrow(ElementType.Float32, gateVectors[0], packed.GateBias.Length);
        if (biases is not null)
        {
            Enter().Upload<float>(packed.GateBiasWith(gateVectors!).Span, AddressOf(biases.Tensor));
        }

        packed.Layer.Launch(
            Enter(), new Dim3(Ceiling.Of(input[2], packed.Steps), input[0]), VocoderThreads, packed.SharedBytes,
            AddressOf(input), AddressOrNull(conditioning), LengthsOf(input), AddressOf(packed.Gate), AddressOf(biases?.Tensor ?? packed.GateBias),
            AddressOf(packed.Out), AddressOf(packed.OutBias), AddressOrNull(output), AddressOf(skip), biases is null ? 0 : packed.GateBias.Length,
            input.StepsPerUnit, input[2], weights.InputChannels, weights.ConditioningChannels, weights.GateChannels, weights.Kernel, weights.Dilation,
            packed.ResidualRows, weights.SkipChannels, weights.ResidualScale, accumulate ? 1 : 0);
    }

    /// <inheritdoc/>
    private protected override void RunUndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early, Tensor output)
    {
        _operations.UndoFlowStep.Launch(
            Enter(), NumberGrid(output), VocoderThreads, 0,
            AddressOf(input), AddressOf(coupling), LengthsOf(input), AddressOf(step.Inverse), early is null ? default : AddressOf(early),
                AddressOf(output),
            input.StepsPerUnit, input[2], step.Channels, early?[1] ?? 0, step.TransformsFirstHalf ? 0 : step.Channels / 2);
    }

    /// <inheritdoc/>
    private protected override void RunStretch(Tensor input, Tensor taps, int factor, int crop, Tensor output)
    {
        _operations.Stretch.Launch(
            Enter(), NumberGrid(output), VocoderThreads, 0,
            AddressOf(input), LengthsOf(output), AddressOf(taps), AddressOf(output), output.StepsPerUnit, output[2], output[1], factor, crop);
    }

    private static Dim3 NumberGrid(Tensor sequence) => new(Ceiling.Of(sequence[1] * sequence[2], VocoderThreads), sequence[0]);
}
