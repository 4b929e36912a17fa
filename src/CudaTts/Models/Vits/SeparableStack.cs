using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>
/// Depthwise convolutions of growing dilation, each followed by a 1x1 convolution (modules.py, class DDSConv):
/// x += gelu(norm(pointwise * gelu(norm(depthwise * x)))).
/// </summary>
internal sealed class SeparableStack
{
    private readonly ComputeDevice _device;
    private readonly Layer[] _layers;

    /// <param name="name">What the tensors' names begin with.</param>
    /// <param name="take">Takes a tensor of <see cref="VitsTensors.Expected"/>.</param>
    /// <param name="memory">Where its weights go.</param>
    public SeparableStack(string name, Func<string, Tensor> take, ModelMemory memory)
    {
        _device = memory.Device;
        _layers = new Layer[VitsTensors.SeparableLayers];
        for (var (layer, dilation) = (0, 1); layer < _layers.Length; (layer, dilation) = (layer + 1, dilation * VitsTensors.DurationKernel))
        {
            var taps = take($"{name}.convs_sep.{layer}.weight");
            _layers[layer] = new Layer(
                new DepthwiseWeights(
                    memory.Store(taps.Reshape(taps[0], taps[2])), memory.Store(take($"{name}.convs_sep.{layer}.bias")), dilation),
                TextEncoder.Norm(take, $"{name}.norms_1.{layer}", memory),
                memory.PackConv1d(take($"{name}.convs_1x1.{layer}.weight"), take($"{name}.convs_1x1.{layer}.bias"), dilation: 1, padding: 0),
                TextEncoder.Norm(take, $"{name}.norms_2.{layer}", memory));
        }
    }

    /// <summary>Runs it on x [B, H, T] in place.</summary>
    /// <param name="x">Changed.</param>
    /// <param name="first">For intermediate results, of the same shape.</param>
    /// <param name="second">Another.</param>
    public void Run(Tensor x, Tensor first, Tensor second)
    {
        foreach (var layer in _layers)
        {
            _device.DepthwiseConv1d(x, layer.Depthwise, first);
            _device.LayerNorm(first, layer.DepthwiseNorm, first, new LayerNormFusion { HasGelu = true });
            _device.Conv1d(first, layer.Pointwise, second);
            _device.LayerNorm(second, layer.PointwiseNorm, x, new LayerNormFusion { HasGelu = true, Addend = x });
        }
    }

    private sealed record Layer(DepthwiseWeights Depthwise, LayerNormWeights DepthwiseNorm, Conv1dWeights Pointwise, LayerNormWeights PointwiseNorm);
}
