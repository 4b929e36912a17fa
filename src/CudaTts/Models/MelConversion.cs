using CudaTts.Audio;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// Makes of a mel of one contract what a vocoder of another can read, as far as that is possible: the logarithm's base, the floor and the
/// normalisation. Other bands are other numbers that no formula gives, so the sound is poor; that is for whoever asks for it to decide.
/// </summary>
internal static class MelConversion
{
    /// <summary>The conversion, or null where the shapes or rates already forbid it.</summary>
    /// <param name="from">What the mel follows.</param>
    /// <param name="to">What the vocoder reads.</param>
    /// <param name="statistics">By which the vocoder's mel is normalised, where it is.</param>
    public static Func<Tensor, Tensor>? Between(MelContract from, MelContract to, MelStatistics? statistics)
    {
        if (from.MelBands != to.MelBands || from.HopLength != to.HopLength || from.SampleRate != to.SampleRate
            || from.Normalisation == MelContract.Latent || to.Normalisation == MelContract.Latent)
        {
            return null;
        }

        var isNormalised = from.Normalisation != "none";
        var factor = isNormalised || from.Log == to.Log ? 1 : to.Log == MelLog.Log10 ? 1 / Math.Log(10) : Math.Log(10);
        var floor = isNormalised ? double.NegativeInfinity : to.Log == MelLog.Log10 ? Math.Log10(to.Floor) : Math.Log(to.Floor);
        var unit = isNormalised ? null : UnitRange.Parse(to.Normalisation);
        return mel =>
        {
            var converted = new Tensor(mel.Shape);
            for (var i = 0; i < mel.Length; i++)
            {
                var value = Math.Max(mel.Span[i] * factor, floor);
                converted.Span[i] = (float)(unit?.Of(value) ?? value);
            }

            return statistics is null || isNormalised ? converted : statistics.Normalize(converted);
        };
    }
}
