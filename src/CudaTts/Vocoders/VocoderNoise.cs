using CudaTts.Compute;

namespace CudaTts.Vocoders;

/// <summary>The noise that a vocoder reads: given as tensors, or made from a seed (<see cref="RandomUse.VocoderNoise"/>).</summary>
public sealed record VocoderNoise
{
    /// <summary>Key of the random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which utterance of the seed the first row of a mel is; the rows behind it are the next ones.</summary>
    public uint Utterance { get; init; }

    /// <summary>
    /// Noise to use instead, by name: <c>z</c>, and for WaveGlow <c>early_z.0</c>, <c>early_z.1</c> ... in the order of use. Each is [B, C, T] before
    /// <see cref="Sigma"/> is applied.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor>? Given { get; init; }

    /// <summary>Factor on all noise; null for the network's own.</summary>
    public float? Sigma { get; init; }

    /// <summary>Refuses given noise of other names or shapes than the network reads.</summary>
    /// <exception cref="CudaTtsException">Says what is missing or of another shape.</exception>
    internal void Check(IEnumerable<(string Name, int[] Shape)> expected)
    {
        foreach (var (name, shape) in expected)
        {
            if (Given is null)
            {
                return;
            }

            if (!Given.TryGetValue(name, out var tensor))
            {
                throw new CudaTtsException($"the noise has no '{name}'; expected {Tensor.Describe(shape)} under this name.");
            }

            if (!tensor.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new CudaTtsException($"noise '{name}': expected {Tensor.Describe(shape)} for this mel, found {Tensor.Describe(tensor.Shape)}.");
            }
        }
    }

    /// <summary>Fills a sequence [chunks, C, T] with what belongs to its chunks.</summary>
    /// <param name="name">The noise's name.</param>
    /// <param name="index">Its place in the order of use.</param>
    /// <param name="sigma">Factor on it.</param>
    /// <param name="chunks">What the rows are chunks of.</param>
    /// <param name="sequence">On the device; its steps a frame are <see cref="Tensor.StepsPerUnit"/>.</param>
    /// <param name="device">Where the sequence is.</param>
    internal void Fill(string name, int index, float sigma, List<MelChunk> chunks, Tensor sequence, ComputeDevice device)
    {
        var steps = sequence.StepsPerUnit;
        if (Given is not null)
        {
            var part = MelChunk.Gather(Given[name], chunks, steps);
            foreach (ref var value in part.Span)
            {
                value *= sigma;
            }

            device.Upload(part, sequence);
            return;
        }

        var key = new NoiseKey(Seed, RandomUse.VocoderNoise, (uint)index)
        {
            Utterances = [.. chunks.Select(chunk => Utterance + (uint)chunk.Row)],
            FirstSteps = [.. chunks.Select(chunk => chunk.From * steps)],
        };
        device.FillNormal(sequence, key, sigma);
    }
}
