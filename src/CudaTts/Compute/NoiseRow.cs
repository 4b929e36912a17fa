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
internal readonly record struct NoiseRow(ulong Seed, uint Utterance, int FirstStep, float Scale);
