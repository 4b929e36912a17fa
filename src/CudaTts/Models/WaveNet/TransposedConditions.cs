using System.Numerics;
using System.Runtime.InteropServices;
using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet;

/// <summary>One transposed convolution over frames, of all bands (nv-wavenet); what it makes beyond the last frame's hop is cut.</summary>
internal sealed class TransposedConditions : ConditionNetwork
{
    // [tap, input band, output band], output bands padded to whole vectors: the order of reading.
    private readonly float[] _weights;
    private readonly float[] _bias;
    private readonly int _stride;

    public TransposedConditions(WaveNetConfig config, Tensor weight, Tensor bias)
        : base(config)
    {
        var (bands, window) = (config.Mel.MelBands, config.UpsampleWindow);
        _stride = Ceiling.Multiple(bands, Vector<float>.Count);
        _bias = [.. bias.Span, .. new float[_stride - bands]];
        _weights = new float[window * bands * _stride];
        for (var input = 0; input < bands; input++)
        {
            for (var output = 0; output < bands; output++)
            {
                var taps = weight.Span.Slice(((input * bands) + output) * window, window);
                for (var tap = 0; tap < window; tap++)
                {
                    _weights[(((tap * bands) + input) * _stride) + output] = taps[tap];
                }
            }
        }
    }

    /// <inheritdoc/>
    public override int ReachFrames => Ceiling.Of(Config.UpsampleWindow, Config.Mel.HopLength) - 1;

    /// <inheritdoc/>
    public override Tensor Conditions(Tensor mel, Range samples)
    {
        var (first, end) = (samples.Start.Value, samples.End.Value);
        var (bands, hop, frames) = (mel[1], Config.Mel.HopLength, mel[2]);
        var conditions = new Tensor(end - first, bands);
        var sums = new float[_stride];
        for (var sample = first; sample < end; sample++)
        {
            _bias.CopyTo(sums, 0);
            for (var frame = Math.Min(sample / hop, frames - 1); frame >= 0 && sample - (frame * hop) < Config.UpsampleWindow; frame--)
            {
                AddTap(mel.Span, frame, frames, sample - (frame * hop), sums);
            }

            sums.AsSpan(0, bands).CopyTo(conditions.Span[((sample - first) * bands)..]);
        }

        return conditions;
    }

    private void AddTap(ReadOnlySpan<float> mel, int frame, int frames, int tap, Span<float> sums)
    {
        var to = MemoryMarshal.Cast<float, Vector<float>>(sums);
        for (var input = 0; input < Config.Mel.MelBands; input++)
        {
            var value = new Vector<float>(mel[(input * frames) + frame]);
            var weights = MemoryMarshal.Cast<float, Vector<float>>(
                _weights.AsSpan(((tap * Config.Mel.MelBands) + input) * _stride, _stride));
            for (var i = 0; i < to.Length; i++)
            {
                to[i] += weights[i] * value;
            }
        }
    }
}
