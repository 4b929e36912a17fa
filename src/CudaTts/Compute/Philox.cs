namespace CudaTts.Compute;

/// <summary>
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a counter-based generator.
/// Every number is a pure function of (seed, stream, utterance, step, unit), so a result does not depend on the device, on the
/// batch it was computed in, or on how threads shared the work.
/// </summary>
public static class Philox
{
    private const int Rounds = 10;
    private const uint FirstMultiplier = 0xD2511F53;
    private const uint SecondMultiplier = 0xCD9E8D57;
    private const uint FirstWeyl = 0x9E3779B9;
    private const uint SecondWeyl = 0xBB67AE85;

    /// <summary>One uniform number in [0, 1), a multiple of 2^-24.</summary>
    /// <param name="seed">What the user chose.</param>
    /// <param name="stream">Which use of randomness.</param>
    /// <param name="utterance">Which utterance of a batch.</param>
    /// <param name="step">Which decoder step, frame or block.</param>
    /// <param name="unit">Which number of the step; four neighbours share one evaluation.</param>
    public static float Uniform(ulong seed, RandomUse stream, uint utterance, uint step, uint unit)
    {
        var block = Block(((uint)stream, utterance, step, unit / 4), ((uint)seed, (uint)(seed >> 32)));
        return ToUniform((unit % 4) switch
        {
            0 => block.X,
            1 => block.Y,
            2 => block.Z,
            _ => block.W,
        });
    }

    /// <summary>Fills <paramref name="destination"/> with the numbers of <paramref name="firstUnit"/>, firstUnit + 1, ... of one step.</summary>
    /// <param name="seed">What the user chose.</param>
    /// <param name="stream">Which use of randomness.</param>
    /// <param name="utterance">Which utterance of a batch.</param>
    /// <param name="step">Which decoder step, frame or block.</param>
    /// <param name="firstUnit">The first number of the step that is wanted.</param>
    /// <param name="destination">Receives numbers in [0, 1).</param>
    public static void FillUniform(ulong seed, RandomUse stream, uint utterance, uint step, uint firstUnit, Span<float> destination)
    {
        var key = ((uint)seed, (uint)(seed >> 32));
        var i = 0;
        while (i < destination.Length)
        {
            var unit = firstUnit + (uint)i;
            if (unit % 4 != 0 || destination.Length - i < 4)
            {
                destination[i++] = Uniform(seed, stream, utterance, step, unit);
                continue;
            }

            var block = Block(((uint)stream, utterance, step, unit / 4), key);
            destination[i] = ToUniform(block.X);
            destination[i + 1] = ToUniform(block.Y);
            destination[i + 2] = ToUniform(block.Z);
            destination[i + 3] = ToUniform(block.W);
            i += 4;
        }
    }

    /// <summary>The four words of one counter under one key.</summary>
    internal static (uint X, uint Y, uint Z, uint W) Block((uint X, uint Y, uint Z, uint W) counter, (uint X, uint Y) key)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var first = (ulong)FirstMultiplier * counter.X;
            var second = (ulong)SecondMultiplier * counter.Z;
            counter = ((uint)(second >> 32) ^ counter.Y ^ key.X, (uint)second, (uint)(first >> 32) ^ counter.W ^ key.Y, (uint)first);
            key = (unchecked(key.X + FirstWeyl), unchecked(key.Y + SecondWeyl));
        }

        return counter;
    }

    // The upper 24 bits: exactly what a float's significand holds, so no value rounds up to 1.
    private static float ToUniform(uint word) => (word >> 8) * (1f / 16777216f);
}

/// <summary>The uses of randomness; each is a sequence of its own under one seed.</summary>
public enum RandomUse
{
    /// <summary>Tacotron 2's prenet dropout: step = decoder step, unit = layer x width + unit of the layer.</summary>
    PrenetDropout = 1,

    /// <summary>
    /// A vocoder's noise: step = which of its noise sequences (WaveGlow: 0 for z, 1 for early_z.0, 2 for early_z.1 ...; Parallel WaveGAN: 0),
    /// unit = time x channels + channel. <see cref="NoiseRow"/> says how the numbers become normally distributed.
    /// </summary>
    VocoderNoise = 2,

    /// <summary>
    /// The noise that durations are drawn from: step = 0, unit = token x channels + channel, normally distributed as <see cref="NoiseRow"/> says.
    /// </summary>
    DurationNoise = 3,

    /// <summary>
    /// The noise that latent frames are drawn from: step = 0, unit = frame x channels + channel, normally distributed as <see cref="NoiseRow"/> says.
    /// </summary>
    LatentNoise = 4,
}
