using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <content>The operations of networks that read a text as a whole.</content>
public sealed partial class CudaCompute
{
    [KernelConstant("depthwise_threads")]
    [KernelConstant("tokens_threads")]
    private const int TextThreads = 256;

    [KernelConstant("layer_norm_threads")]
    private const int LayerNormThreads = 128;

    [KernelConstant("layer_norm_steps")]
    private const int LayerNormSteps = 4;

    [KernelConstant("spline_threads")]
    private const int SplineThreads = 64;

    /// <summary>Dynamic shared memory of a block of the layer normalisation.</summary>
    internal static int LayerNormSharedBytes(int channels) => checked(LayerNormSteps * channels * sizeof(float));

    /// <inheritdoc/>
    private protected override void RunLayerNorm(Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion fusion)
    {
        CheckTypes(input, output, fusion.Residual, fusion.Addend, fusion.Mask);
        var channels = input[1];
        _operations.LayerNorm.Launch(
            Enter(), new Dim3(Ceiling.Of(input[2], LayerNormSteps), input[0]), LayerNormThreads, LayerNormSharedBytes(channels),
            AddressOf(input), AddressOrNull(fusion.Residual), AddressOrNull(fusion.Addend), AddressOrNull(fusion.Mask), AddressOf(weights.Scale),
            AddressOf(weights.Shift), LengthsOf(input), AddressOf(output), input.StepsPerUnit, input[2], channels, fusion.HasGelu ? 1 : 0);
    }

    /// <inheritdoc/>
    private protected override void RunSelfAttention(Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask)
    {
        CheckTypes(projected, output, mask);
        var (channels, places) = (output[1] / heads.Count, heads.RelativeKeys?[0] ?? 0);
        _operations.SelfAttention(SelfAttentionLaunch.KernelFor(channels)).Launch(
            Enter(), new Dim3(Ceiling.Of(output[2], SelfAttentionLaunch.Tile), heads.Count, output[0]), SelfAttentionLaunch.Threads,
            SelfAttentionLaunch.SharedBytes(channels, places),
            AddressOf(projected), AddressOrNull(heads.RelativeKeys), AddressOrNull(heads.RelativeValues), AddressOrNull(mask), LengthsOf(projected),
            AddressOf(output), projected.StepsPerUnit, projected[2], channels, places);
    }

    /// <inheritdoc/>
    private protected override void RunDepthwiseConv1d(Tensor input, DepthwiseWeights weights, Tensor output)
    {
        CheckTypes(input, output);
        _operations.Depthwise.Launch(
            Enter(), TextGrid(output), TextThreads, 0,
            AddressOf(input), AddressOf(weights.Taps), AddressOf(weights.Bias), LengthsOf(input), AddressOf(output), input.StepsPerUnit, input[2],
            input[1], weights.Taps[1], weights.Dilation);
    }

    /// <inheritdoc/>
    private protected override void RunUndoSpline(Tensor parameters, SplineCoupling coupling, Tensor variables)
    {
        CheckTypes(parameters, variables);
        _operations.UndoSpline.Launch(
            Enter(), new Dim3(Ceiling.Of(variables[2], SplineThreads), variables[0]), SplineThreads, 0,
            AddressOf(parameters), LengthsOf(variables), AddressOf(variables), variables.StepsPerUnit, variables[2], coupling.Channel, coupling.Bins,
            coupling.Bound, coupling.Factor);
    }

    /// <inheritdoc/>
    private protected override void RunGather(Tensor input, ReadOnlySpan<int> places, Tensor output)
    {
        CheckTypes(input, output);
        RunAtPlaces(_operations.Gather, input, places, output);
    }

    /// <inheritdoc/>
    private protected override void RunDrawFrames(Tensor distributions, ReadOnlySpan<int> places, Tensor frames)
    {
        CheckTypes(distributions, frames);
        RunAtPlaces(_operations.DrawFrames, distributions, places, frames);
    }

    /// <inheritdoc/>
    private protected override void RunAddPositions(Tensor input, Tensor frequencies, Tensor output, Tensor? mask)
    {
        CheckTypes(input, output, mask);
        _operations.AddPositions.Launch(
            Enter(), TextGrid(output), TextThreads, 0,
            AddressOf(input), AddressOf(frequencies), AddressOrNull(mask), LengthsOf(input), AddressOf(output), input.StepsPerUnit, input[2],
            input[1]);
    }

    /// <inheritdoc/>
    private protected override void RunAddRowVectors(Tensor sequence, Tensor vectors)
    {
        CheckTypes(sequence);
        using var stored = Memory.Borrow(sizeof(float) * (long)vectors.Length);
        var stream = Enter();
        stream.Upload<float>(vectors.Span, stored.Address);
        _operations.AddRowVectors.Launch(
            stream, TextGrid(sequence), TextThreads, 0,
            stored.Address, LengthsOf(sequence), AddressOf(sequence), sequence.StepsPerUnit, sequence[2], sequence[1]);
    }

    private static Dim3 TextGrid(Tensor sequence) => new(Ceiling.Of(sequence[1] * sequence[2], TextThreads), sequence[0]);

    private static CUdeviceptr AddressOrNull(Tensor? tensor) => tensor is null ? default : AddressOf(tensor);

    private void RunAtPlaces(CudaKernel kernel, Tensor source, ReadOnlySpan<int> places, Tensor target)
    {
        using var stored = Memory.Borrow(sizeof(int) * (long)places.Length);
        var stream = Enter();
        stream.Upload(places, stored.Address);
        kernel.Launch(
            stream, TextGrid(target), TextThreads, 0,
            AddressOf(source), stored.Address, LengthsOf(target), AddressOf(target), target.StepsPerUnit, target[2], source[2], target[1]);
    }

    // A sequence of another device's precision has as many numbers, but not as many bytes.
    private void CheckTypes(params ReadOnlySpan<Tensor?> sequences)
    {
        foreach (var sequence in sequences)
        {
            CheckType(sequence ?? sequences[0]!, Type);
        }
    }
}
