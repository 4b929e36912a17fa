namespace CudaTts.Models.Tacotron2.Decoder;

/// <summary>The gate's threshold as a kernel compares it: with the logit, which needs no sigmoid.</summary>
internal static class GateThreshold
{
    /// <summary>
    /// The number that float32 logits exceed exactly where sigmoid(logit) exceeds <paramref name="probability"/>: log(p / (1 - p)), rounded down,
    /// because no float32 lies between a number and the float32 below it.
    /// </summary>
    public static float ToLogit(double probability)
    {
        var logit = probability switch
        {
            >= 1 => double.PositiveInfinity,
            <= 0 => double.NegativeInfinity,
            _ => Math.Log(probability / (1 - probability)),
        };
        var rounded = (float)logit;
        return rounded > logit ? MathF.BitDecrement(rounded) : rounded;
    }
}
