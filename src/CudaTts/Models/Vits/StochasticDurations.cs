using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>
/// Durations drawn from noise (arXiv:2106.06103, section 2.2.2; models.py, class StochasticDurationPredictor): two channels of noise a token go
/// backwards through couplings by splines that depend on the text, and the first becomes the logarithm of the duration.
/// </summary>
internal sealed class StochasticDurations : DurationPredictor
{
    private const int NoiseChannels = 2;
    private const float Bound = 5;

    private readonly int _channels;
    private readonly Conv1dWeights _first;
    private readonly SeparableStack _stack;
    private readonly Conv1dWeights _last;
    private readonly Flow[] _flows;
    private readonly float _shift;
    private readonly float _scale;

    /// <param name="config">The widths.</param>
    /// <param name="take">Takes a tensor of <see cref="VitsTensors.Expected"/>.</param>
    /// <param name="speakers">What speakers add, if any.</param>
    /// <param name="memory">Where its weights go.</param>
    public StochasticDurations(VitsConfig config, Func<string, Tensor> take, SpeakerProjection? speakers, ModelMemory memory)
        : base(memory.Device, speakers)
    {
        _channels = config.HiddenChannels;
        Conv1dWeights Pointwise(string name) => memory.PackConv1d(take($"{name}.weight"), take($"{name}.bias"), dilation: 1, padding: 0);
        (_first, _last) = (Pointwise("dp.pre"), Pointwise("dp.proj"));
        _stack = new SeparableStack("dp.convs", take, memory);

        // The channels are flipped before every coupling, which is to say that the couplings transform the first and the second in turn.
        _flows = [.. VitsTensors.DurationFlows.Select((flow, i) => new Flow(
            memory.PackConv1d(
                Widened(take($"dp.flows.{flow}.pre.weight"), 1 - (i % 2)), take($"dp.flows.{flow}.pre.bias"), dilation: 1, padding: 0),
            new SeparableStack($"dp.flows.{flow}.convs", take, memory),
            Pointwise($"dp.flows.{flow}.proj"),
            new SplineCoupling(i % 2, VitsTensors.Bins, Bound, 1 / MathF.Sqrt(_channels))))];

        // After the last flip: four in all, so the first channel is the first again.
        _shift = take("dp.flows.0.m").Span[0];
        _scale = MathF.Exp(-take("dp.flows.0.logs").Span[0]);
    }

    /// <inheritdoc/>
    public override int Width => Math.Max(_channels, (3 * VitsTensors.Bins) - 1);

    /// <inheritdoc/>
    public override Tensor Run(Tensor text, VitsOptions[] options, int[] voices, Tensor[] buffers)
    {
        var rows = text.Rows!;
        var condition = text;
        Tensor Sequence(int buffer, int channels) => buffers[buffer].AsSequence(rows, channels);
        var (x, first, second) = (Sequence(0, _channels), Sequence(1, _channels), Sequence(2, _channels));
        Device.Conv1d(text, _first, x);
        AddSpeakers(x, voices);
        _stack.Run(x, first, second);
        Device.Conv1d(x, _last, condition);

        var variables = Sequence(3, NoiseChannels);
        FillNoise(variables, options);
        foreach (var flow in _flows)
        {
            Device.Conv1d(variables, flow.First, x, new ConvFusion { Residual = condition });
            flow.Stack.Run(x, first, second);
            var parameters = Sequence(1, flow.Last.OutputChannels);
            Device.Conv1d(x, flow.Last, parameters);
            Device.UndoSpline(parameters, flow.Spline, variables);
        }

        var durations = Device.Download(variables);
        for (var row = 0; row < rows.Count; row++)
        {
            foreach (ref var value in durations.Slice(row, 1).Span[..rows.Longest])
            {
                value = (value - _shift) * _scale;
            }
        }

        return durations;
    }

    private void FillNoise(Tensor variables, VitsOptions[] options)
    {
        if (options[0].DurationNoise is { } given)
        {
            var scaled = Tensor.From(given.Span, given.Shape);
            foreach (ref var value in scaled.Span)
            {
                value *= options[0].DurationNoiseScale;
            }

            Device.Upload(scaled, variables);
            return;
        }

        Device.FillNormal(variables, RandomUse.DurationNoise, step: 0,
            [.. options.Select(row => new NoiseRow(row.Seed, row.Utterance, FirstStep: 0, row.DurationNoiseScale))]);
    }

    // A zero for the channel that is transformed: so no device needs a view of one channel.
    private static Tensor Widened(Tensor weight, int channel)
    {
        var widened = new Tensor(weight[0], NoiseChannels, 1);
        for (var row = 0; row < weight[0]; row++)
        {
            widened.Span[(row * NoiseChannels) + channel] = weight.Span[row];
        }

        return widened;
    }

    private sealed record Flow(Conv1dWeights First, SeparableStack Stack, Conv1dWeights Last, SplineCoupling Spline);
}
