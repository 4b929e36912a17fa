using CudaTts.Compute;

namespace CudaTts.Models.Tacotron2.Decoder;

/// <summary>
/// The prenet's dropout with probability 1/2, which stays on at inference: without it the decoder has learned too much trust in its own output, and
/// attention fails. Masks come from the seed, or from the caller.
/// </summary>
internal sealed class PrenetDropout
{
    private const float KeepProbability = 0.5f;
    private const float KeptScale = 1 / KeepProbability;
    private readonly Tacotron2Options _options;
    private readonly int _width;

    /// <summary>Checks the caller's masks, if there are any.</summary>
    /// <exception cref="CudaTtsException">They are not whole steps.</exception>
    public PrenetDropout(Tacotron2Config config, Tacotron2Options options)
    {
        (_options, _width) = (options, config.Prenet);
        if (options.PrenetKeep is { } keep && (keep.Length == 0 || keep.Length % (2 * _width) != 0))
        {
            throw new CudaTtsException(
                $"Prenet masks: expected [steps, 2, {_width}], a multiple of {2 * _width} values; found {keep.Length}.");
        }
    }

    /// <summary>Steps for which the caller gave masks.</summary>
    public int? Steps => _options.PrenetKeep?.Length / (2 * _width);

    /// <summary>ReLU, then dropout, of units from <paramref name="first"/> on.</summary>
    /// <param name="step">Decoder step.</param>
    /// <param name="layer">0 or 1.</param>
    /// <param name="first">Unit of the first value.</param>
    /// <param name="values">Activations, changed in place.</param>
    public void Apply(int step, int layer, int first, Span<float> values)
    {
        var unit = (layer * _width) + first;
        if (_options.PrenetKeep is { } keep)
        {
            var mask = keep.AsSpan((step * 2 * _width) + unit, values.Length);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = mask[i] != 0 ? KeptScale * MathF.Max(0, values[i]) : 0;
            }

            return;
        }

        Span<float> uniform = stackalloc float[64];
        while (!values.IsEmpty)
        {
            var count = Math.Min(uniform.Length, values.Length);
            Philox.FillUniform(_options.Seed, RandomUse.PrenetDropout, _options.Utterance, (uint)step, (uint)unit, uniform[..count]);
            for (var i = 0; i < count; i++)
            {
                values[i] = uniform[i] < KeepProbability ? KeptScale * MathF.Max(0, values[i]) : 0;
            }

            values = values[count..];
            unit += count;
        }
    }
}
