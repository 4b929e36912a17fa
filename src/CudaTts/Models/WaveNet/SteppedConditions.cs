using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// The upsampling networks that raise the rate in steps (r9y9/wavenet_vocoder upsample.py): in all of them a step is a filter of three taps or one
/// over the step before, one for each of its phases and of the bands that it sees. Before the first step may be a convolution over frames; the mel
/// goes on beyond its ends with its first and last frame.
/// </summary>
internal sealed class SteppedConditions : ConditionNetwork
{
    private readonly Tensor? _first;
    private readonly UpsamplingStep[] _steps;

    public SteppedConditions(WaveNetConfig config, Func<string, Tensor> take)
        : base(config)
    {
        _first = config.Upsampling == Upsampling.Convolution ? take("upsample_net.conv_in.weight") : null;
        _steps = config.Upsampling == Upsampling.Repetition
            ? [.. config.UpsampleScales.Select(UpsamplingStep.Repetition)]
            : [.. config.UpsampleScales.Select((scale, step) => Step(config, scale, WaveNetTensors.UpsampleName(config, step), take))];
    }

    /// <inheritdoc/>
    public override int ReachFrames
    {
        get
        {
            double frames = _first is null ? 0 : Config.ContextFrames;
            double rate = 1;
            foreach (var step in _steps)
            {
                frames += step.Reach / rate;
                rate *= step.Scale;
            }

            return (int)Math.Ceiling(frames);
        }
    }

    // Frames that the mel has more of on each side than the result.
    private int Margin => Config.Upsampling == Upsampling.Smoothing ? Config.ContextFrames : 0;

    /// <inheritdoc/>
    public override Tensor Conditions(Tensor mel, Range samples)
    {
        var bands = mel[1];
        var lengths = new int[_steps.Length + 1];
        lengths[0] = mel[2] + (2 * Margin);
        for (var step = 0; step < _steps.Length; step++)
        {
            lengths[step + 1] = lengths[step] * _steps[step].Scale;
        }

        var ranges = new (int Start, int End)[_steps.Length + 1];
        var cropped = Margin * Config.Mel.HopLength;
        ranges[^1] = (samples.Start.Value + cropped, samples.End.Value + cropped);
        for (var step = _steps.Length - 1; step >= 0; step--)
        {
            ranges[step] = _steps[step].Needed(ranges[step + 1], lengths[step]);
        }

        var rows = First(mel, ranges[0]);
        for (var step = 0; step < _steps.Length; step++)
        {
            rows = _steps[step].Run(rows, ranges[step], ranges[step + 1], bands);
        }

        return Transposed(rows, bands);
    }

    private static UpsamplingStep Step(WaveNetConfig config, int scale, string name, Func<string, Tensor> take) =>
        config.Upsampling == Upsampling.TransposedOfBands
            ? UpsamplingStep.Transposed(scale, take($"{name}.weight"), take($"{name}.bias").Span[0])
            : UpsamplingStep.Smoothing(scale, take($"{name}.weight"));

    /// <summary>The frames of a range before the first step, [bands, frames].</summary>
    private float[] First(Tensor mel, (int Start, int End) range)
    {
        var (bands, frames, count) = (mel[1], mel[2], range.End - range.Start);
        var rows = new float[bands * count];
        for (var i = 0; i < count; i++)
        {
            for (var band = 0; band < bands; band++)
            {
                rows[(band * count) + i] = _first is null
                    ? mel.Span[(band * frames) + Math.Clamp(range.Start + i - Margin, 0, frames - 1)]
                    : Convolved(mel.Span, frames, _first.Slice(band, 1).Span, range.Start + i);
            }
        }

        return rows;
    }

    private float Convolved(ReadOnlySpan<float> mel, int frames, ReadOnlySpan<float> weights, int frame)
    {
        var taps = (2 * Config.ContextFrames) + 1;
        float sum = 0;
        for (var input = 0; input < weights.Length / taps; input++)
        {
            for (var tap = 0; tap < taps; tap++)
            {
                sum += weights[(input * taps) + tap] * mel[(input * frames) + Math.Clamp(frame + tap - Config.ContextFrames, 0, frames - 1)];
            }
        }

        return sum;
    }

    private static Tensor Transposed(float[] rows, int bands)
    {
        var count = rows.Length / bands;
        var conditions = new Tensor(count, bands);
        for (var band = 0; band < bands; band++)
        {
            for (var i = 0; i < count; i++)
            {
                conditions.Span[(i * bands) + band] = rows[(band * count) + i];
            }
        }

        return conditions;
    }
}
