using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Tests;

/// <summary>Operations whose output a test wants in a tensor of its own.</summary>
internal static class NewOutput
{
    public static Tensor Conv1d(this ComputeDevice device, Tensor input, Conv1dWeights weights, ConvFusion? fusion = null)
    {
        var output = new Tensor(input[0], weights.OutputChannels, weights.OutputLength(input[2]));
        device.Conv1d(input, weights, output, fusion);
        return output;
    }
}
