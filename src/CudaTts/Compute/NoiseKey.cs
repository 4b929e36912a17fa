namespace CudaTts.Compute;

/// <summary>
/// Which of the normally distributed numbers of a seed fill a sequence. The number of channel c at step t of row b has the index
/// n = (t + first step of b) x channels + c. Numbers come in pairs from the uniform ones of the same indices
/// (<see cref="Philox.Uniform"/> with this seed, stream and step, the row's utterance, unit n), by Box and Muller's transform:
/// with j = n rounded down to even, r = sqrt(-2 ln(1 - u(j))) and phi = 2 pi u(j + 1), r cos(phi) is number j and r sin(phi) number j + 1.
/// So a number depends on nothing but its place: not on the device, on the batch, or on how a sequence was cut into chunks.
/// </summary>
/// <param name="Seed">What the user chose.</param>
/// <param name="Stream">Which use of randomness.</param>
/// <param name="Step">Which sequence of numbers within the use.</param>
internal sealed record NoiseKey(ulong Seed, RandomUse Stream, uint Step)
{
    /// <summary>For each row its utterance.</summary>
    public required uint[] Utterances { get; init; }

    /// <summary>For each row the step of the whole utterance at which this sequence begins.</summary>
    public required int[] FirstSteps { get; init; }
}
