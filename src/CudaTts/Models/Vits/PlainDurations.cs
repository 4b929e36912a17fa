using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>Durations that follow from the text alone (models.py, class DurationPredictor).</summary>
internal sealed class PlainDurations : DurationPredictor
{
    private readonly Conv1dWeights _first;
    private readonly LayerNormWeights _firstNorm;
    private readonly Conv1dWeights _second;
    private readonly LayerNormWeights _secondNorm;
    private readonly Conv1dWeights _last;

    /// <param name="take">Takes a tensor of <see cref="VitsTensors.Expected"/>.</param>
    /// <param name="speakers">What speakers add to the text encoding, if any.</param>
    /// <param name="memory">Where its weights go.</param>
    public PlainDurations(Func<string, Tensor> take, SpeakerProjection? speakers, ModelMemory memory)
        : base(memory.Device, speakers)
    {
        Conv1dWeights Convolution(string name)
        {
            var weight = take($"{name}.weight");
            return memory.PackCostlyConv1d(weight, take($"{name}.bias"), dilation: 1, padding: weight[2] / 2);
        }

        (_first, _second, _last) = (Convolution("dp.conv_1"), Convolution("dp.conv_2"), Convolution("dp.proj"));
        (_firstNorm, _secondNorm) = (TextEncoder.Norm(take, "dp.norm_1", memory), TextEncoder.Norm(take, "dp.norm_2", memory));
    }

    /// <inheritdoc/>
    public override int Width => VitsTensors.DurationChannels;

    /// <inheritdoc/>
    public override Tensor Run(Tensor text, VitsOptions[] options, int[] voices, Tensor[] buffers)
    {
        var relu = new ConvFusion { Activation = Activation.Relu };
        var x = buffers[0].AsSequence(text.Rows!, Width);
        var y = buffers[1].AsSequence(text.Rows!, Width);
        AddSpeakers(text, voices);
        Device.Conv1d(text, _first, x, relu);
        Device.LayerNorm(x, _firstNorm, x);
        Device.Conv1d(x, _second, y, relu);
        Device.LayerNorm(y, _secondNorm, y);
        var durations = buffers[0].AsSequence(text.Rows!, channels: 1);
        Device.Conv1d(y, _last, durations);
        return Device.Download(durations);
    }
}
