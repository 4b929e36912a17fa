using System.Runtime.CompilerServices;
using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <content>The operations of WaveGlow and Parallel WaveGAN.</content>
public sealed partial class CudaCompute
{
    [KernelConstant("vocoder_noise_threads")]
    [KernelConstant("wavenet_f32_threads")]
    [KernelConstant("wavenet_f16_threads")]
    private const int VocoderThreads = 256;
    [KernelConstant("wavenet_f32_steps")]
    private const int FloatWaveNetSteps = 32;
    [KernelConstant("wavenet_f16_steps")]
    private const int HalfWaveNetSteps = 64;
    [KernelConstant("wavenet_wgmma_steps")]
    private const int WarpgroupWaveNetSteps = 128;

    /// <inheritdoc/>
    internal override WaveNetLayerWeights PackWaveNetLayer(WaveNetLayerTensors tensors)
    {
        var bytes = WaveNetSharedBytes(tensors.Dilated[0] / 2, usesWarpgroups: false);
        return bytes <= Context.SharedMemoryPerBlock
            ? new CudaWaveNetLayerWeights(this, tensors)
            : throw new CudaTtsException(
                $"a WaveNet layer of {tensors.Dilated[0] / 2} gated channels needs {bytes} bytes of shared memory, the device {Name} has {Context.SharedMemoryPerBlock}; "
                + "use --device cpu.");
    }

    /// <summary>Whether a WaveNet layer is computed by wgmma: where that is asked for and the device has the memory.</summary>
    internal bool UsesWarpgroupsForWaveNet(int gateChannels) =>
        UsesWarpgroups && Type == ElementType.Float16 && WaveNetSharedBytes(gateChannels, usesWarpgroups: true) <= Context.SharedMemoryPerBlock;

    /// <inheritdoc/>
    internal override void FillNormal(Tensor sequence, RandomUse use, uint step, NoiseRow[] rows)
    {
        var stream = Enter();
        using var places = Memory.Borrow((long)rows.Length * Unsafe.SizeOf<NoiseRow>());
        stream.Upload<NoiseRow>(rows, places.Address);
        Kernels[$"normal_noise_{Suffix}"].Launch(
            stream, NumberGrid(sequence), VocoderThreads, 0,
            places.Address, LengthsOf(sequence), AddressOf(sequence), sequence.StepsPerUnit, sequence[2], sequence[1], (uint)use, step);
        GC.KeepAlive(sequence);
    }

    /// <inheritdoc/>
    private protected override void RunWaveNetLayer(
        Tensor input, Tensor conditioning, WaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate)
    {
        if (weights is not CudaWaveNetLayerWeights packed || packed.Owner != this)
        {
            throw new ArgumentException("These weights were packed for another device.");
        }

        var steps = WaveNetSteps(packed.UsesWarpgroups);
        Kernels[packed.UsesWarpgroups ? "wavenet_layer_wgmma_f16" : $"wavenet_layer_{Suffix}"].Launch(
            Enter(), new Dim3((input[2] + steps - 1) / steps, input[0]), VocoderThreads, WaveNetSharedBytes(weights.GateChannels, packed.UsesWarpgroups),
            AddressOf(input), AddressOf(conditioning), LengthsOf(input), AddressOf(packed.Gate), AddressOf(packed.GateBias), AddressOf(packed.Out), AddressOf(packed.OutBias),
            output is null ? default : AddressOf(output), AddressOf(skip), input.StepsPerUnit, input[2], weights.InputChannels, weights.ConditioningChannels,
            weights.GateChannels, weights.Kernel, weights.Dilation, packed.ResidualRows, weights.SkipChannels, weights.ResidualScale, accumulate ? 1 : 0);
        GC.KeepAlive(input);
        GC.KeepAlive(conditioning);
        GC.KeepAlive(packed);
        GC.KeepAlive(output);
        GC.KeepAlive(skip);
    }

    /// <inheritdoc/>
    private protected override void RunUndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early, Tensor output)
    {
        Kernels[$"undo_flow_step_{Suffix}"].Launch(
            Enter(), NumberGrid(output), VocoderThreads, 0,
            AddressOf(input), AddressOf(coupling), LengthsOf(input), AddressOf(step.Inverse), early is null ? default : AddressOf(early), AddressOf(output),
            input.StepsPerUnit, input[2], step.Channels, early?[1] ?? 0, step.TransformsFirstHalf ? 0 : step.Channels / 2);
        GC.KeepAlive(input);
        GC.KeepAlive(coupling);
        GC.KeepAlive(step);
        GC.KeepAlive(early);
        GC.KeepAlive(output);
    }

    /// <inheritdoc/>
    private protected override void RunStretch(Tensor input, Tensor taps, int factor, int crop, Tensor output)
    {
        Kernels[$"stretch_{Suffix}"].Launch(
            Enter(), NumberGrid(output), VocoderThreads, 0,
            AddressOf(input), LengthsOf(output), AddressOf(taps), AddressOf(output), output.StepsPerUnit, output[2], output[1], factor, crop);
        GC.KeepAlive(input);
        GC.KeepAlive(taps);
        GC.KeepAlive(output);
    }

    private int WaveNetSteps(bool usesWarpgroups) =>
        Type == ElementType.Float32 ? FloatWaveNetSteps : usesWarpgroups ? WarpgroupWaveNetSteps : HalfWaveNetSteps;

    // Half: a ring of three chunks, inputs [steps, 32] and weights [128, 32], and gated activations [steps, channels filled up to 64].
    // Float32: inputs [32, 33], weights [32, 64], gated activations [channels filled up to 32, 33].
    private int WaveNetSharedBytes(int gateChannels, bool usesWarpgroups) => Type == ElementType.Float16
        ? 2 * ((CudaWaveNetLayerWeights.HalfStages * (WaveNetSteps(usesWarpgroups) + CudaWaveNetLayerWeights.HalfColumns) * CudaWaveNetLayerWeights.HalfDepth)
            + (WaveNetSteps(usesWarpgroups) * ((gateChannels + 63) / 64 * 64)))
        : sizeof(float) * ((CudaWaveNetLayerWeights.FloatDepth * (FloatWaveNetSteps + 1 + CudaWaveNetLayerWeights.FloatColumns))
            + ((gateChannels + 31) / 32 * 32 * (FloatWaveNetSteps + 1)));

    private static Dim3 NumberGrid(Tensor sequence) => new(((sequence[1] * sequence[2]) + VocoderThreads - 1) / VocoderThreads, sequence[0]);
}
