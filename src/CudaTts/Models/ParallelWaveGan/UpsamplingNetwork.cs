using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.ParallelWaveGan;

/// <summary>
/// Brings the mel to the sample rate (layers/upsample.py, ConvInUpsampleNetwork): a convolution over frames, then repetition and smoothing in steps.
/// </summary>
internal sealed class UpsamplingNetwork
{
    private readonly Conv1dWeights _first;
    private readonly (int Scale, Tensor Taps)[] _stages;

    /// <param name="config">The widths.</param>
    /// <param name="take">Takes a tensor by its name.</param>
    /// <param name="memory">Where its weights go.</param>
    public UpsamplingNetwork(ParallelWaveGanConfig config, Func<string, Tensor> take, ModelMemory memory)
    {
        Margin = config.ContextWindow;
        _first = memory.PackConv1d(take("upsample_net.conv_in.weight"), null, dilation: 1, padding: Margin);
        _stages = [.. config.UpsampleScales.Select((scale, stage) =>
            (scale, memory.Store(take($"{ParallelWaveGanTensors.UpsampleName(stage)}.weight").Reshape((2 * scale) + 1))))];
    }

    /// <summary>Frames before and after the mel that the first convolution sees and the result does not have.</summary>
    public int Margin { get; }

    /// <summary>Runs the network.</summary>
    /// <param name="mel">[B, bands, F + 2 margin].</param>
    /// <param name="padded">A sequence of the mel's shape, in buffer 1.</param>
    /// <param name="sequence">Gives the sequence [B, bands, F x steps a frame] in buffer 0 or 1, for as many steps. The mel is in neither.</param>
    /// <param name="device">Where the weights are.</param>
    /// <returns>The conditioning [B, bands, F x hop], and the buffer that it is in.</returns>
    public (Tensor Conditioning, int Buffer) Run(Tensor mel, Tensor padded, Func<int, int, Tensor> sequence, ComputeDevice device)
    {
        device.Conv1d(mel, _first, padded);
        var (current, at, steps, crop) = (padded, 1, 1, Margin);
        foreach (var (scale, taps) in _stages)
        {
            (at, steps) = (1 - at, steps * scale);
            var next = sequence(at, steps);
            device.Stretch(current, taps, scale, crop, next);
            (current, crop) = (next, 0);
        }

        return (current, at);
    }
}
