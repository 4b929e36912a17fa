using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <content>Convolutions and embedding.</content>
public sealed partial class CudaCompute
{
    /// <summary>
    /// Environment variable: the instructions of tensor cores by which convolutions in half precision are computed, <c>mma</c> (mma.sync), as when it
    /// is not set, or <c>wgmma</c>, which compute capability 9.0 alone has.
    /// </summary>
    public const string ConvolutionVariable = "CUDATTS_CONVOLUTION";

    private const int EmbeddingThreads = 128;
    private static readonly Version s_hopper = new(9, 0);

    /// <summary>Whether weights of convolutions are packed for wgmma where there are kernels for their layer; tests set it.</summary>
    internal bool UsesWarpgroups { get; set; }

    /// <inheritdoc/>
    internal override void Embed(ReadOnlySpan<int> ids, Tensor table, Tensor output)
    {
        var (batch, channels, steps) = (output[0], output[1], output[2]);
        CheckShape(output, [ids.Length / steps, table[1], steps]);
        for (var i = 0; i < ids.Length; i++)
        {
            if (i % steps < (output.Rows?.Values[i / steps] ?? steps))
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)ids[i], (uint)table[0], nameof(ids));
            }
        }

        using var stored = Memory.Borrow(sizeof(int) * (long)ids.Length);
        var stream = Enter();
        stream.Upload(ids, stored.Address);
        _operations.Embedding.Launch(
            stream, new Dim3(steps, batch), EmbeddingThreads, 0,
            stored.Address, LengthsOf(output), AddressOf(table), AddressOf(output), steps, channels);
    }

    /// <inheritdoc/>
    private protected override void Convolve(Tensor input, Conv1dWeights weights, Tensor output, ConvFusion fusion)
    {
        if (weights is not CudaConv1dWeights packed || packed.Owner != this)
        {
            throw new ArgumentException("These weights were packed for another device.");
        }

        CheckType(input, packed.Packed.Type);
        CheckType(output, Type);
        CheckType(fusion.Residual ?? output, Type);

        if (output.Length > 0)
        {
            Convolve(packed.KernelFor((long)packed.ProductRows(output[2]) * input[0]), input, packed, output, fusion);
        }
    }

    /// <summary>The same, by a kernel of the caller's choice.</summary>
    internal void Convolve(ConvolutionKernel by, Tensor input, CudaConv1dWeights weights, Tensor output, ConvFusion fusion)
    {
        var grid = new Dim3(
            Ceiling.Of(weights.ProductRows(output[2]), by.Tile.Rows), Ceiling.Of(weights.Columns, by.Tile.Columns), input[0]);
        by.Kernel.Launch(
            Enter(), grid, by.Tile.Threads, by.SharedBytes,
            AddressOf(input), LengthsOf(input), AddressOf(weights.Packed), AddressOf(weights.Bias),
            fusion.Residual is null ? default : AddressOf(fusion.Residual), AddressOf(output),
            input.StepsPerUnit, input[2], output[2], weights.InputChannels, weights.OutputChannels, weights.Stride, weights.Trim,
                weights.OutputLength(0),
            weights.Taps, weights.Dilation, weights.FirstStep, fusion.InputSlope, (int)fusion.Activation, fusion.Scale, fusion.Accumulate ? 1 : 0);
    }

    // Until a GPU has shown that wgmma is faster and right, it has to be asked for.
    private static bool WantsWarpgroups(CudaContext context, KernelLibrary kernels) => Environment.GetEnvironmentVariable(ConvolutionVariable) switch
    {
        null or "" or "mma" => false,
        "wgmma" when context.ComputeCapability == s_hopper && kernels.Has("conv1d_wgmma_128x128_f16") => true,
        "wgmma" => throw new CudaTtsException(
            $"{ConvolutionVariable}=wgmma: expected a device of compute capability 9.0 and kernels for it; found compute capability "
            + $"{context.ComputeCapability}; say mma."),
        var other => throw new CudaTtsException($"{ConvolutionVariable}: expected mma or wgmma; found '{other}'."),
    };

    private static void CheckType(Tensor tensor, ElementType expected)
    {
        if (tensor.Type != expected)
        {
            throw new ArgumentException($"A tensor of {expected} was expected; found {tensor}.");
        }
    }
}
