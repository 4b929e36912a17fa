using System.Runtime.InteropServices;

namespace CudaTts.Compute;

/// <summary>
/// Which normally distributed numbers fill one row of a sequence. The number of channel c at step t has the index
/// n = (t + <see cref="FirstStep"/>) x channels + c. Numbers come in pairs from the uniform ones of the same indices
/// (<see cref="Philox.Uniform"/> of seed, use, utterance, sequence, n), by Box and Muller's transform: with j = n rounded down to even,
/// r = sqrt(-2 ln(1 - u(j))) and phi = 2 pi u(j + 1), number j is r cos(phi) and number j + 1 is r sin(phi). So a number depends on
/// nothing but its place: not on the device, on the batch, or on how a sequence was cut into chunks. The fields lie as in kernels/vocoder_noise.cu.
/// </summary>
/// <param name="Seed">What the user chose.</param>
/// <param name="Utterance">Which utterance of the seed.</param>
/// <param name="FirstStep">The step of the whole utterance at which this row begins.</param>
/// <param name="Scale">Factor on the numbers.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NoiseRow(ulong Seed, uint Utterance, int FirstStep, float Scale)
{
    /// <summary>The numbers from index <paramref name="first"/> on.</summary>
    /// <param name="use">Which use of randomness.</param>
    /// <param name="step">Which sequence of numbers within the use.</param>
    /// <param name="first">The index of the first number.</param>
    /// <param name="numbers">Receives them.</param>
    public void FillNormal(RandomUse use, uint step, uint first, Span<float> numbers)
    {
        // Pairs begin at even numbers, so one number more may be needed at each end.
        var skipped = (int)(first % 2);
        var pairs = new float[(skipped + numbers.Length + 1) / 2 * 2];
        Philox.FillUniform(Seed, use, Utterance, step, first - (uint)skipped, pairs);
        BoxMuller(pairs, Scale);
        pairs.AsSpan(skipped, numbers.Length).CopyTo(numbers);
    }

    private static void BoxMuller(Span<float> uniform, float scale)
    {
        for (var i = 0; i < uniform.Length; i += 2)
        {
            var radius = scale * MathF.Sqrt(-2 * MathF.Log(1 - uniform[i]));
            var (sin, cos) = MathF.SinCos(2 * MathF.PI * uniform[i + 1]);
            (uniform[i], uniform[i + 1]) = (radius * cos, radius * sin);
        }
    }
}
