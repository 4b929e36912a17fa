using CudaTts.Compute;

namespace CudaTts.Vocoders.HifiGan;

/// <summary>
/// Convolutions of growing dilation, each added to its own input (jik876/hifi-gan models.py, ResBlock1 and ResBlock2). Block "1"
/// follows each with an undilated one before the addition; block "2" does not.
/// </summary>
internal sealed class ResidualBlock
{
    private readonly (Conv1dWeights Dilated, Conv1dWeights? Plain)[] _layers;

    /// <param name="config">The widths.</param>
    /// <param name="branch">Which of the blocks that run side by side.</param>
    /// <param name="convolution">Prepares the convolution of a list ("convs1", "convs2" or "convs"), an index in it and a dilation.</param>
    public ResidualBlock(HifiGanConfig config, int branch, Func<string, int, int, Conv1dWeights> convolution)
    {
        var pairs = config.ResidualBlock == "1";
        _layers = [.. config.ResidualDilations[branch].Select((dilation, i) => pairs
            ? (convolution("convs1", i, dilation), convolution("convs2", i, 1))
            : (convolution("convs", i, dilation), (Conv1dWeights?)null))];
    }

    /// <summary>Computes output (+)= scale * block(input).</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="input">[B, C, T]; left as it is.</param>
    /// <param name="output">[B, C, T].</param>
    /// <param name="first">Room for an intermediate result, [B, C, T].</param>
    /// <param name="second">Room for another.</param>
    /// <param name="scale">Factor on the result.</param>
    /// <param name="accumulate">Whether to add to what the output holds.</param>
    public void Run(ComputeDevice device, Tensor input, Tensor output, Tensor first, Tensor second, float scale, bool accumulate)
    {
        var x = input;
        var leaky = new ConvFusion { InputSlope = HifiGanGenerator.Slope };
        for (var i = 0; i < _layers.Length; i++)
        {
            var last = i == _layers.Length - 1;
            var fusion = leaky with { Residual = x, Scale = last ? scale : 1, Accumulate = last && accumulate };
            var (dilated, plain) = _layers[i];
            if (plain is null)
            {
                var to = last ? output : x == first ? second : first;
                device.Conv1d(x, dilated, to, fusion);
                x = to;
            }
            else
            {
                // From the second layer on the sum replaces its own residual, which is read just before.
                var to = last ? output : first;
                device.Conv1d(x, dilated, second, leaky);
                device.Conv1d(second, plain, to, fusion);
                x = to;
            }
        }
    }
}
