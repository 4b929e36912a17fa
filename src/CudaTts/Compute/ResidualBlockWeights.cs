using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// The residual blocks of one stage of HiFi-GAN, whose mean is the stage's output (arXiv:2010.05646, section 2.2: "multi-receptive field fusion";
/// jik876/hifi-gan models.py, ResBlock1 and ResBlock2). All read the same input, and each is a sequence of <see cref="ResidualLayer"/>s.
/// Here the layers are separate convolutions; a derived class has them as its device fuses them.
/// </summary>
internal class ResidualBlockWeights
{
    /// <param name="blocks">The layers of each block.</param>
    /// <param name="slope">Of every leaky ReLU.</param>
    /// <exception cref="ArgumentException">There is no block or an empty one, or a layer changes channels or length.</exception>
    public ResidualBlockWeights(ResidualLayer[][] blocks, float slope)
    {
        if (blocks.Length == 0 || blocks.Any(block => block.Length == 0))
        {
            throw new ArgumentException("Residual blocks were expected, each of one layer at least.");
        }

        (Blocks, Slope, Channels) = (blocks, slope, blocks[0][0].Dilated.InputChannels);
        foreach (var convolution in blocks.SelectMany(block => block).SelectMany(layer => layer.Convolutions))
        {
            if (convolution.IsTransposed || convolution.InputChannels != Channels || convolution.OutputChannels != Channels
                || convolution.OutputLength(0) != 0)
            {
                throw new ArgumentException($"A convolution of {Channels} channels that keeps the length was expected; found {convolution.Sizes}.");
            }
        }
    }

    /// <summary>The layers of each block.</summary>
    public ResidualLayer[][] Blocks { get; }

    /// <summary>The negative slope of every leaky ReLU.</summary>
    public float Slope { get; }

    /// <summary>Channels of all sequences.</summary>
    public int Channels { get; }

    /// <summary>Steps on each side of a step that its result depends on.</summary>
    public int Reach => Blocks.Max(block => block.SelectMany(layer => layer.Convolutions).Sum(layer => layer.Dilation * (layer.Kernel - 1) / 2));

    /// <summary>How many sequences each of the two buffers for intermediate results has to hold.</summary>
    public virtual int BufferSequences => 1;

    /// <summary>Computes the mean block after block; see <see cref="ComputeDevice.ResidualBlocks"/>.</summary>
    public void RunSeparately(
        ComputeDevice device, Tensor input, Tensor output, Tensor firstBuffer, Tensor secondBuffer, CancellationToken cancellation)
    {
        var (first, second) = (Sequence(firstBuffer, input), Sequence(secondBuffer, input));
        for (var branch = 0; branch < Blocks.Length; branch++)
        {
            cancellation.ThrowIfCancellationRequested();
            var x = input;
            var layers = Blocks[branch];
            for (var i = 0; i < layers.Length; i++)
            {
                // From the second layer on a pair's sum replaces its own residual, which is read just before.
                var to = i == layers.Length - 1 ? output : layers[i].Plain is null && x == first ? second : first;
                layers[i].Run(device, x, second, to, FusionOf(branch, i, x));
                x = to;
            }
        }
    }

    /// <summary>
    /// What a layer's last convolution does besides: it adds what the layer reads, and in a block's last layer its share of the mean.
    /// </summary>
    public ConvFusion FusionOf(int branch, int layer, Tensor x)
    {
        var isLast = layer == Blocks[branch].Length - 1;
        return new ConvFusion { InputSlope = Slope, Residual = x, Scale = isLast ? 1f / Blocks.Length : 1, Accumulate = isLast && branch > 0 };
    }

    /// <summary>The <paramref name="index"/>th sequence of a buffer, of the same shape as another.</summary>
    public static Tensor Sequence(Tensor buffer, Tensor like, int index = 0) =>
        buffer.Slice(index * like.Length, like.Length).AsSequence(like.Rows!, like[1], like.StepsPerUnit);
}

/// <summary>
/// One layer of a residual block: <c>x + plain * leaky(dilated * leaky(x))</c>, or without <paramref name="Plain"/> <c>x + dilated * leaky(x)</c>,
/// where <c>*</c> is a convolution that keeps channels and length.
/// </summary>
/// <param name="Dilated">The first convolution.</param>
/// <param name="Plain">The second, of block "1".</param>
internal readonly record struct ResidualLayer(Conv1dWeights Dilated, Conv1dWeights? Plain)
{
    /// <summary>The convolutions that the layer has, in order.</summary>
    public IEnumerable<Conv1dWeights> Convolutions => Plain is null ? [Dilated] : [Dilated, Plain];

    /// <summary>Runs it as convolutions.</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="x">[B, C, T].</param>
    /// <param name="between">For what lies between two convolutions; neither x nor the output.</param>
    /// <param name="output">[B, C, T]; of two convolutions it may be x.</param>
    /// <param name="fusion">What the last convolution does besides, with x as the residual.</param>
    public void Run(ComputeDevice device, Tensor x, Tensor between, Tensor output, ConvFusion fusion)
    {
        if (Plain is null)
        {
            device.Conv1d(x, Dilated, output, fusion);
            return;
        }

        device.Conv1d(x, Dilated, between, new ConvFusion { InputSlope = fusion.InputSlope });
        device.Conv1d(between, Plain, output, fusion);
    }
}
