using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.FastPitch;

/// <summary>Predicts one number a token: convolutions, each with a ReLU and then a layer normalisation, and a linear layer.</summary>
internal sealed class TokenPredictor
{
    private readonly ComputeDevice _device;
    private readonly PredictorSizes _sizes;
    private readonly (Conv1dWeights Convolution, LayerNormWeights Norm)[] _layers;
    private readonly Conv1dWeights _last;

    /// <summary>Packs the weights.</summary>
    /// <param name="sizes">Of the predictor.</param>
    /// <param name="layers">Where they come from, and where they go.</param>
    public TokenPredictor(PredictorSizes sizes, LayerReader layers)
    {
        (_device, _sizes) = (layers.Memory.Device, sizes);
        _layers =
        [
            .. Enumerable.Range(0, sizes.Layers).Select(layer => (
                layers.Convolution($"{sizes.Name}.layers.{layer}.conv", sizes.Filter, layer == 0 ? sizes.Width : sizes.Filter, sizes.Kernel),
                layers.Norm($"{sizes.Name}.layers.{layer}.norm", sizes.Filter))),
        ];
        _last = layers.Linear($"{sizes.Name}.fc", 1, sizes.Filter);
    }

    /// <summary>How many times H x T numbers each of the two buffers that <see cref="Predict"/> works in holds.</summary>
    public static int BufferOf(PredictorSizes sizes) => Ceiling.Of(sizes.Filter, sizes.Width);

    /// <summary>Predicts from tokens [B, H, T]; what is past a row's end is of no account.</summary>
    /// <param name="workspace">Where there is room.</param>
    /// <param name="rows">The lengths of the rows.</param>
    /// <param name="tokens">Left as they are.</param>
    /// <param name="buffers">Three of the workspace's buffers: two for the layers, one for the result.</param>
    /// <returns>[B, 1, T], on the host.</returns>
    public Tensor Predict(Workspace workspace, RowLengths rows, Tensor tokens, (int First, int Second, int Result) buffers)
    {
        var x = tokens;
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var y = workspace.Sequence(layer % 2 == 0 ? buffers.First : buffers.Second, rows, _sizes.Filter);
            _device.Conv1d(x, _layers[layer].Convolution, y, new ConvFusion { Activation = Activation.Relu });
            _device.LayerNorm(y, _layers[layer].Norm, y);
            x = y;
        }

        var result = workspace.Sequence(buffers.Result, rows, 1);
        _device.Conv1d(x, _last, result);
        return _device.Download(result);
    }
}
