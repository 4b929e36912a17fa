using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// A step that raises the rate: output[b, q scale + phase] = sum over band taps f and time taps j of
/// taps[phase, f, j] input[b + f - (bands of the filter) / 2, q + j - Reach]. Beyond the input's ends there are zeros.
/// </summary>
internal sealed class UpsamplingStep
{
    private readonly float[] _taps;
    private readonly int _bandTaps;
    private readonly float _bias;
    private readonly bool _hasRelu;

    private UpsamplingStep(int scale, int reach, int bandTaps, float[] taps, float bias = 0, bool hasRelu = false) =>
        (Scale, Reach, _bandTaps, _taps, _bias, _hasRelu) = (scale, reach, bandTaps, taps, bias, hasRelu);

    /// <summary>Output steps an input step.</summary>
    public int Scale { get; }

    /// <summary>Input steps on each side that an output step depends on: 1 or none.</summary>
    public int Reach { get; }

    private int TimeTaps => (2 * Reach) + 1;

    /// <summary>Repetition and nothing more.</summary>
    public static UpsamplingStep Repetition(int scale) => new(scale, 0, 1, [.. Enumerable.Repeat(1f, scale)]);

    /// <summary>Repetition, and a convolution [1, 1, bands, 2 scale + 1] over what was repeated.</summary>
    public static UpsamplingStep Smoothing(int scale, Tensor weight)
    {
        var (bands, width) = (weight[2], weight[3]);
        var taps = new float[scale * bands * 3];
        for (var phase = 0; phase < scale; phase++)
        {
            for (var band = 0; band < bands; band++)
            {
                for (var tap = 0; tap < width; tap++)
                {
                    taps[(((phase * bands) + band) * 3) + ((phase + tap) / scale)] += weight.Span[(band * width) + tap];
                }
            }
        }

        return new UpsamplingStep(scale, 1, bands, taps);
    }

    /// <summary>A transposed convolution [1, 1, bands, scale] with a bias, and a ReLU.</summary>
    public static UpsamplingStep Transposed(int scale, Tensor weight, float bias)
    {
        var bands = weight[2];
        var taps = new float[scale * bands];
        for (var phase = 0; phase < scale; phase++)
        {
            for (var band = 0; band < bands; band++)
            {
                // What spreads an input upwards by a band reads from the band below.
                taps[(phase * bands) + (bands - 1 - band)] = weight.Span[(band * scale) + phase];
            }
        }

        return new UpsamplingStep(scale, 0, bands, taps, bias, hasRelu: true);
    }

    /// <summary>The input steps that a range of output steps depends on.</summary>
    public (int Start, int End) Needed((int Start, int End) outputs, int inputLength) =>
        (Math.Max(0, (outputs.Start / Scale) - Reach), Math.Min(inputLength, ((outputs.End - 1) / Scale) + 1 + Reach));

    /// <summary>Runs the step.</summary>
    /// <param name="input">[bands, steps] of the range <paramref name="inputs"/>; there is nothing of the sequence beyond it that counts.</param>
    /// <param name="inputs">From <see cref="Needed"/>.</param>
    /// <param name="outputs">Which steps to make.</param>
    /// <param name="bands">Bands of both.</param>
    /// <returns>[bands, steps].</returns>
    public float[] Run(float[] input, (int Start, int End) inputs, (int Start, int End) outputs, int bands)
    {
        var (length, count) = (inputs.End - inputs.Start, outputs.End - outputs.Start);
        var output = new float[bands * count];
        for (var band = 0; band < bands; band++)
        {
            for (var i = 0; i < count; i++)
            {
                var (step, phase) = Math.DivRem(outputs.Start + i, Scale);
                var sum = Sum(input, length, bands, band, step - Reach - inputs.Start, phase) + _bias;
                output[(band * count) + i] = _hasRelu ? Math.Max(0, sum) : sum;
            }
        }

        return output;
    }

    private float Sum(float[] input, int length, int bands, int band, int first, int phase)
    {
        float sum = 0;
        for (var f = 0; f < _bandTaps; f++)
        {
            var from = band + f - (_bandTaps / 2);
            for (var j = 0; j < TimeTaps && (uint)from < (uint)bands; j++)
            {
                if ((uint)(first + j) < (uint)length)
                {
                    sum += _taps[(((phase * _bandTaps) + f) * TimeTaps) + j] * input[(from * length) + first + j];
                }
            }
        }

        return sum;
    }
}
