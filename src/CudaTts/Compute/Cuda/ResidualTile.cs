using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// A kernel of kernels/residual_f16.cu or residual_sm90a.cu: which part of a layer of residual blocks one block of threads computes.
/// </summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Rows">Steps of the first convolution.</param>
/// <param name="Columns">Channels at most.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="ChunkChannels">Channels that are multiplied at a time.</param>
internal sealed record ResidualTile(string Kernel, int Rows, int Columns, int Threads, int ChunkChannels)
{
    /// <summary>Chunks of weights that are under way.</summary>
    public const int Stages = 4;

    // Rows through which a warp passes its sums.
    private const int TransitRows = 16;

    private static readonly ResidualTile[] s_tiles =
    [
        new("residual_256x16_f16", Rows: 256, Columns: 16, Threads: 256, ChunkChannels: 16),
        new("residual_256x32_f16", Rows: 256, Columns: 32, Threads: 256, ChunkChannels: 32),
        new("residual_128x64_f16", Rows: 128, Columns: 64, Threads: 256, ChunkChannels: 32),
        new("residual_128x128_f16", Rows: 128, Columns: 128, Threads: 256, ChunkChannels: 32),
        new("residual_128x256_f16", Rows: 128, Columns: 256, Threads: 512, ChunkChannels: 32),
    ];

    private static readonly ResidualTile[] s_warpgroupTiles =
    [
        new("residual_wgmma_128x64_f16", Rows: 128, Columns: 64, Threads: 256, ChunkChannels: 32),
        new("residual_wgmma_128x128_f16", Rows: 128, Columns: 128, Threads: 256, ChunkChannels: 32),
        new("residual_wgmma_128x256_f16", Rows: 128, Columns: 256, Threads: 512, ChunkChannels: 32),
    ];

    /// <summary>All tiles that there are.</summary>
    public static IEnumerable<ResidualTile> All => s_tiles.Concat(s_warpgroupTiles);

    /// <summary>
    /// The tile of a stage, or none where its layers have to be separate convolutions: channels that are
    /// no whole 16-byte vectors or more than 256, blocks of different lengths, convolutions that are not
    /// those of <see cref="ResidualLayer"/>'s public checkpoints, or more memory than a block may have.
    /// </summary>
    /// <param name="weights">The stage.</param>
    /// <param name="sharedBytes">Most shared memory of a block, bytes.</param>
    public static ResidualTile? For(ResidualBlockWeights weights, int sharedBytes)
    {
        var (blocks, channels) = (weights.Blocks, weights.Channels);
        var tiles = blocks[0][0].Dilated is CudaConv1dWeights { UsesWarpgroups: true } ? s_warpgroupTiles : s_tiles;
        var tile = tiles.FirstOrDefault(tile => channels <= tile.Columns);
        var layers = blocks.SelectMany(block => block).ToList();
        return tile is not null
            && channels % 8 == 0
            && blocks.All(block => block.Length == blocks[0].Length)
            && layers.All(layer => IsFusible(layer) && layer.Plain is null == layers[0].Plain is null)
            && Enumerable.Range(0, blocks[0].Length).All(i => tile.Steps(weights, i) > 0 && tile.SharedBytes(weights, i) <= sharedBytes)
            ? tile
            : null;
    }

    /// <summary>
    /// Steps of the layer's output that a block computes: those that the second convolution reaches on both sides are made again by its neighbours.
    /// </summary>
    public int Steps(ResidualBlockWeights weights, int layer) =>
        Rows - weights.Blocks.Max(block => block[layer].Plain is { } plain ? plain.Kernel - 1 : 0);

    /// <summary>Dynamic shared memory of a block, as kernels/residual_f16.cuh lays it out.</summary>
    public int SharedBytes(ResidualBlockWeights weights, int layer)
    {
        var transit = Threads / 32 * TransitRows * (Math.Min(Columns, 32) + 8) * sizeof(float);
        return Math.Max(transit, weights.Blocks.Max(block => SharedBytes(block[layer], weights.Channels)));
    }

    /// <summary>
    /// Whether at least half of the multiprocessors get a block. With fewer the separate convolutions, whose blocks divide the channels too, keep
    /// more of them busy. The results are the same bits, so they do not depend on it.
    /// </summary>
    /// <param name="blocks">Blocks of the launch.</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static bool Fills(long blocks, int multiprocessors) => 2 * blocks >= multiprocessors;

    private static bool IsFusible(ResidualLayer layer) =>
        layer.Dilated.Kernel % 2 == 1 && (layer.Plain is null || (layer.Plain.Kernel == layer.Dilated.Kernel && layer.Plain.Dilation == 1));

    private int SharedBytes(ResidualLayer layer, int channels)
    {
        var (taps, chunks) = (layer.Dilated.Kernel, Ceiling.Of(channels, ChunkChannels));
        var windows = Math.Min(chunks, 1 + ((Stages - 2 + taps) / taps));
        var windowRows = Rows + ((taps - 1) * Math.Min(layer.Dilated.Dilation, Rows));
        var between = layer.Plain is null ? 0 : chunks * (Rows + taps - 1);
        return checked(((Stages * Columns) + (windows * windowRows) + between) * ChunkChannels * 2);
    }
}
