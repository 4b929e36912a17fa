namespace CudaTts.Models.WaveNet.Sampling.Cuda;

/// <summary>
/// How the layers are divided among blocks: <see cref="Members"/> blocks share a layer, <see cref="Slots"/> layers are under way at once, and what
/// weights a block keeps in its shared memory. A sample is the same whatever the plan.
/// </summary>
/// <param name="Members">Blocks that share a layer: as few as hold its weights, because one alone need not wait for others within the layer.</param>
/// <param name="Slots">Groups of blocks; with fewer than layers and head a group takes several in turn.</param>
/// <param name="Places">[groups, members]: where a member's weights begin in its block's shared memory, in elements, or -1 for global memory.</param>
/// <param name="SharedBytes">Of a block.</param>
internal sealed record SamplerPlan(int Members, int Slots, int[] Places, int SharedBytes)
{
    private const int MostMembers = 8;

    /// <summary>Blocks of the launch.</summary>
    public int Blocks => Members * Slots;

    /// <summary>The plan for a device.</summary>
    /// <param name="sizes">The network.</param>
    /// <param name="elementBytes">Bytes of a weight.</param>
    /// <param name="rows">Utterances that the kernel has vectors for.</param>
    /// <param name="blocks">Blocks that the device has under way at once.</param>
    /// <param name="sharedBytes">Shared memory that a block may have.</param>
    /// <param name="members">Blocks that share a layer, where that is asked for.</param>
    public static SamplerPlan For(SamplerSizes sizes, int elementBytes, int rows, int blocks, int sharedBytes, int? members = null)
    {
        var groups = sizes.Layers + 1;
        var vectorBytes = VectorBytes(sizes, rows);
        var room = (sharedBytes - vectorBytes) / elementBytes;
        var most = Math.Clamp(blocks / groups, 1, Math.Min(MostMembers, sizes.GateTiles));
        var chosen = members ?? Enumerable.Range(1, most).FirstOrDefault(count => LayerOf(sizes, member: 0, count) <= room, most);
        var slots = Math.Min(groups, Math.Max(1, blocks / chosen));
        var places = new int[groups * chosen];
        var used = new int[slots * chosen];
        for (var group = 0; group < groups; group++)
        {
            for (var member = 0; member < chosen; member++)
            {
                var block = (group % slots * chosen) + member;
                var elements = group < sizes.Layers ? LayerOf(sizes, member, chosen) : HeadOf(sizes, member, chosen);
                var fits = used[block] + elements <= room;
                places[(group * chosen) + member] = fits ? used[block] : -1;
                used[block] += fits ? elements : 0;
            }
        }

        return new SamplerPlan(chosen, slots, places, vectorBytes + (used.Max() * elementBytes));
    }

    /// <summary>Shared memory of a block before any weights: the vectors of so many utterances.</summary>
    public static int VectorBytes(SamplerSizes sizes, int rows) => checked(rows * sizes.VectorFloats * sizeof(float));

    private static int LayerOf(SamplerSizes sizes, int member, int members) =>
        (Own(sizes.GateTiles, member, members) * sizes.GateRecord)
        + ((Own(sizes.Residual / SamplerSizes.Tile, member, members) + Own(sizes.Skip / SamplerSizes.Tile, member, members)) * sizes.OutRecord);

    private static int HeadOf(SamplerSizes sizes, int member, int members) =>
        (Own(sizes.Hidden / SamplerSizes.Tile, member, members) * SamplerSizes.Tile * sizes.Skip)
        + (Own(sizes.Outputs / SamplerSizes.Tile, member, members) * SamplerSizes.Tile * sizes.Hidden);

    // A member has every members-th tile from its own on.
    private static int Own(int tiles, int member, int members) => tiles > member ? ((tiles - member - 1) / members) + 1 : 0;
}
