using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.WaveGlow;

/// <summary>
/// The network within one step of the flow (glow.py, class WN): from the half of the channels that stays and the mel, shifts and logarithms of
/// scales for the other half.
/// </summary>
internal sealed class CouplingNetwork
{
    private readonly Conv1dWeights _start;
    private readonly WaveNetLayerWeights[] _layers;
    private readonly Conv1dWeights _end;

    /// <param name="config">The widths.</param>
    /// <param name="flow">Which step of the flow.</param>
    /// <param name="readsSecondHalf">Whether the half that stays is the second.</param>
    /// <param name="take">Takes a tensor of this step by what follows <c>WN.i.</c> in its name.</param>
    /// <param name="memory">Where its weights go.</param>
    public CouplingNetwork(WaveGlowConfig config, int flow, bool readsSecondHalf, Func<string, Tensor> take, ModelMemory memory)
    {
        var channels = WaveGlowGeometry.ChannelsOf(config, flow);
        _start = memory.PackConv1d(Widened(take("start.weight"), channels, readsSecondHalf), take("start.bias"), dilation: 1, padding: 0);
        var conditioning = take("cond_layer.weight").Reshape(config.Layers, 2 * config.Channels, config.Mel.MelBands * config.Group);
        var conditioningBias = take("cond_layer.bias").Reshape(config.Layers, 2 * config.Channels);
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => memory.PackWaveNetLayer(
            Layer(config, layer, conditioning.Slice(layer, 1), conditioningBias.Slice(layer, 1), take)))];
        _end = memory.PackConv1d(take("end.weight"), take("end.bias"), dilation: 1, padding: 0);
    }

    /// <summary>Computes the coupling's parameters.</summary>
    /// <param name="audio">[B, G, T]; only the half that stays is looked at.</param>
    /// <param name="conditioning">[B, bands x group, T].</param>
    /// <param name="buffers">Three buffers [B, channels, T]; their contents are lost.</param>
    /// <param name="coupling">Receives shifts and logarithms of scales, [B, G, T].</param>
    /// <param name="device">Where the weights are.</param>
    public void Run(Tensor audio, Tensor conditioning, (Tensor X, Tensor Next, Tensor Skip) buffers, Tensor coupling, ComputeDevice device)
    {
        var (x, next, skip) = buffers;
        device.Conv1d(audio, _start, x);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var output = _layers[layer].HasResidual ? next : null;
            device.WaveNetLayer(x, conditioning, _layers[layer], output, skip, accumulate: layer > 0);
            (x, next) = (next, x);
        }

        device.Conv1d(skip, _end, coupling);
    }

    // Zeros for the half that is to be transformed: so no device needs a view of half of the channels.
    private static Tensor Widened(Tensor weight, int channels, bool readsSecondHalf)
    {
        var (outputs, half) = (weight[0], weight[1]);
        var widened = new Tensor(outputs, channels, 1);
        for (var row = 0; row < outputs; row++)
        {
            weight.Span.Slice(row * half, half).CopyTo(widened.Span[((row * channels) + (readsSecondHalf ? channels - half : 0))..]);
        }

        return widened;
    }

    private static WaveNetLayerTensors Layer(
        WaveGlowConfig config, int layer, Tensor conditioning, Tensor conditioningBias, Func<string, Tensor> take)
    {
        var width = config.Channels;
        var gateBias = take($"in_layers.{layer}.bias");
        for (var row = 0; row < gateBias.Length; row++)
        {
            gateBias.Span[row] += conditioningBias.Span[row];
        }

        var weight = take($"res_skip_layers.{layer}.weight");
        var bias = take($"res_skip_layers.{layer}.bias");
        var hasResidual = layer < config.Layers - 1;
        return new WaveNetLayerTensors
        {
            Dilated = take($"in_layers.{layer}.weight"),
            GateBias = gateBias,
            Conditioning = conditioning.Reshape(2 * width, config.Mel.MelBands * config.Group, 1),
            Residual = hasResidual ? weight.Slice(0, width) : null,
            ResidualBias = hasResidual ? bias.Slice(0, width) : null,
            Skip = hasResidual ? weight.Slice(width, width) : weight,
            SkipBias = hasResidual ? bias.Slice(width, width) : bias,
            Dilation = 1 << layer,
        };
    }
}
