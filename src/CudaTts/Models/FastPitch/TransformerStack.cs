using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// Feed-forward transformer blocks (arXiv:1905.09263, section 3.1), which know places by what is added to the first one's input. Each is
/// self-attention, then two convolutions with a ReLU between; either's result is normalised together with what it was made of.
/// </summary>
internal sealed class TransformerStack
{
    // The workspace's buffers.
    private const int Narrow = 1;
    private const int Wide = 2;

    private readonly ComputeDevice _device;
    private readonly TransformerSizes _sizes;
    private readonly AttentionHeads _heads;
    private readonly Tensor _frequencies;
    private readonly Block[] _blocks;

    /// <summary>Packs the weights.</summary>
    /// <param name="name">What the tensors' names begin with.</param>
    /// <param name="sizes">Of the blocks.</param>
    /// <param name="layers">Where they come from, and where they go.</param>
    public TransformerStack(string name, TransformerSizes sizes, LayerReader layers)
    {
        (_device, _sizes, _heads) = (layers.Memory.Device, sizes, layers.Memory.PackHeads(sizes.Heads, sizes.HeadWidth));
        _frequencies = layers.Memory.Store(Frequencies(layers.Weights, $"{name}.pos_emb.inv_freq", sizes.Width));
        _blocks = [.. Enumerable.Range(0, sizes.Layers).Select(layer => new Block($"{name}.layers.{layer}", sizes, layers))];
    }

    /// <summary>What <see cref="Run"/> needs of a workspace: for each buffer how many times H x T numbers.</summary>
    public static int[] Buffers(TransformerSizes sizes) =>
    [
        1,
        Ceiling.Of(Math.Max(sizes.Attention, sizes.Width), sizes.Width),
        Ceiling.Of(Math.Max(Math.Max(3 * sizes.Attention, sizes.Filter), sizes.Width), sizes.Width),
    ];

    /// <summary>Runs all blocks on a sequence [B, H, T] in the workspace's first buffer, in place.</summary>
    /// <param name="workspace">Has the buffers of <see cref="Buffers"/> first.</param>
    /// <param name="rows">The lengths of the sequence's rows.</param>
    /// <param name="sequence">What becomes of it stays there.</param>
    /// <param name="mask">[B, 1, T], 0 for steps that count for nothing; none where all count.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    public void Run(Workspace workspace, RowLengths rows, Tensor sequence, Tensor? mask, CancellationToken cancellation)
    {
        var projected = workspace.Sequence(Wide, rows, 3 * _sizes.Attention);
        var attended = workspace.Sequence(Narrow, rows, _sizes.Attention);
        var mixed = workspace.Sequence(Wide, rows, _sizes.Width);
        var inner = workspace.Sequence(Wide, rows, _sizes.Filter);
        var outer = workspace.Sequence(Narrow, rows, _sizes.Width);
        var fusion = new LayerNormFusion { Residual = sequence, Mask = mask };
        _device.AddPositions(sequence, _frequencies, sequence, mask);
        foreach (var block in _blocks)
        {
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            _device.Conv1d(sequence, block.Projection, projected);
            _device.SelfAttention(projected, _heads, attended, mask);
            _device.Conv1d(attended, block.Mixing, mixed);
            _device.LayerNorm(mixed, block.AttentionNorm, sequence, fusion);
            _device.Conv1d(sequence, block.Widening, inner, new ConvFusion { Activation = Activation.Relu });
            _device.Conv1d(inner, block.Narrowing, outer);
            _device.LayerNorm(outer, block.ConvolutionNorm, sequence, fusion);
        }
    }

    // A file in half precision has rounded them, by which places of a long text would be off by more than their distance; they are no parameters.
    private static Tensor Frequencies(ModelWeights weights, string name, int width)
    {
        var frequencies = weights.Take(name, width / 2);
        if (weights.Entry(name).Type is DataType.F16 or DataType.BF16)
        {
            for (var i = 0; i < frequencies.Length; i++)
            {
                frequencies.Span[i] = (float)Math.Pow(10_000, -2.0 * i / width);
            }
        }

        return frequencies;
    }

    private sealed class Block(string name, TransformerSizes sizes, LayerReader layers)
    {
        public Conv1dWeights Projection { get; } = layers.Linear($"{name}.dec_attn.qkv_net", 3 * sizes.Attention, sizes.Width);

        public Conv1dWeights Mixing { get; } = layers.Linear($"{name}.dec_attn.o_net", sizes.Width, sizes.Attention, hasBias: false);

        public LayerNormWeights AttentionNorm { get; } = layers.Norm($"{name}.dec_attn.layer_norm", sizes.Width);

        public Conv1dWeights Widening { get; } = layers.Convolution($"{name}.pos_ff.CoreNet.0", sizes.Filter, sizes.Width, sizes.Kernel);

        public Conv1dWeights Narrowing { get; } = layers.Convolution($"{name}.pos_ff.CoreNet.2", sizes.Width, sizes.Filter, sizes.Kernel);

        public LayerNormWeights ConvolutionNorm { get; } = layers.Norm($"{name}.pos_ff.layer_norm", sizes.Width);
    }
}
