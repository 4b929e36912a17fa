using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>How kernels/self_attention.cu is launched.</summary>
internal static class SelfAttentionLaunch
{
    /// <summary>Threads of a block.</summary>
    [KernelConstant("self_attention_threads")]
    public const int Threads = 128;

    /// <summary>Queries of a block, and keys that it takes at a time.</summary>
    [KernelConstant("self_attention_tile")]
    public const int Tile = 32;

    /// <summary>Channels of a head that the smaller of its kernels takes.</summary>
    public const int FewChannels = 64;

    [KernelConstant("self_attention_row_floats")]
    private const int RowFloats = 36;

    /// <summary>The most channels of a head that the kernel for so many takes.</summary>
    /// <exception cref="CudaTtsException">There is no kernel for so many.</exception>
    public static int KernelFor(int channels) => channels switch
    {
        <= FewChannels => FewChannels,
        <= 2 * FewChannels => 2 * FewChannels,
        _ => throw new CudaTtsException(
            $"heads of {channels} channels: the kernels of attention take up to {2 * FewChannels}; use --device cpu."),
    };

    /// <summary>Dynamic shared memory: queries, keys and scores in padded rows, what each query keeps, relative places, values.</summary>
    public static int SharedBytes(int channels, int places) =>
        sizeof(float) * ((((2 * channels) + Tile) * RowFloats) + (2 * Tile) + (places * Tile) + (Tile * channels));
}
