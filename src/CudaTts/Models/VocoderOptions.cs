using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// What may differ from one run of a vocoder to the next: its noise, given as tensors or made from a seed (<see cref="RandomUse.VocoderNoise"/>), and
/// whose voice it is.
/// </summary>
public sealed record VocoderOptions
{
    /// <summary>Key of the random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which utterance of the seed this is; of a mel of several rows the first, the rows behind it are the next ones.</summary>
    public uint Utterance { get; init; }

    /// <summary>Which frame of the utterance the mel begins with, so that a part of a mel reads the noise that is its.</summary>
    internal int FirstFrame { get; init; }

    /// <summary>What the parts of one mel share, which are generated in their order; null for a whole mel.</summary>
    internal VocoderStream? Stream { get; init; }

    /// <summary>Whether the utterance ends with the mel, rather than with a later part.</summary>
    internal bool IsEnd { get; init; } = true;

    /// <summary>
    /// Noise to use instead, by name: <c>z</c>, and for WaveGlow <c>early_z.0</c>, <c>early_z.1</c> ... in the order of use, each [B, C, T] before
    /// <see cref="Sigma"/> is applied; for WaveNet <c>mixture_uniform</c> [B, N, K], <c>sample_uniform</c> or <c>sample_normal</c> [B, N].
    /// </summary>
    public IReadOnlyDictionary<string, Tensor>? Given { get; init; }

    /// <summary>Which of <see cref="Vocoder.Speakers"/> speaks; the first when omitted. Left aside by a vocoder of one speaker.</summary>
    public int? Speaker { get; init; }

    /// <summary>Receives what the network draws, of a vocoder that draws its samples one after the other; not asked for when omitted.</summary>
    public DrawnSamples? Drawn { get; init; }

    /// <summary>Factor on all noise; null for the network's own.</summary>
    public float? Sigma { get; init; }

    /// <summary>The noise of each row of a mel.</summary>
    /// <param name="rows">B.</param>
    /// <param name="expected">What the network reads for the whole mel.</param>
    /// <exception cref="CudaTtsException">Given noise is missing, of another shape, or out of its range.</exception>
    internal VocoderOptions[] Rows(int rows, IEnumerable<NoiseShape> expected)
    {
        Check(expected);
        return [.. Enumerable.Range(0, rows).Select(row => this with
        {
            Utterance = Utterance + (uint)row,
            Given = Given?.ToDictionary(named => named.Key, named => named.Value.Slice(row, 1)),
        })];
    }

    /// <summary>Refuses given noise of other names, shapes or numbers than the network reads.</summary>
    /// <exception cref="CudaTtsException">Says what is missing, of another shape, or out of its range.</exception>
    internal void Check(IEnumerable<NoiseShape> expected)
    {
        if (Sigma is { } sigma && !float.IsFinite(sigma))
        {
            throw new CudaTtsException(FormattableString.Invariant($"{nameof(Sigma)}: expected a number, found {sigma}."));
        }

        foreach (var (name, shape, least, most) in expected)
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

            GivenNoise.Require(name, tensor, least, most);
        }
    }

    /// <summary>Fills a sequence [chunks, C, T] with what belongs to its chunks.</summary>
    /// <param name="noise">The noise of each mel: all of it given, or none.</param>
    /// <param name="name">The noise's name.</param>
    /// <param name="index">Its place in the order of use.</param>
    /// <param name="sigma">Factor on it where <see cref="Sigma"/> is null.</param>
    /// <param name="chunks">What the rows are chunks of.</param>
    /// <param name="sequence">On the device; its steps a frame are <see cref="Tensor.StepsPerUnit"/>.</param>
    /// <param name="device">Where the sequence is.</param>
    internal static void Fill(
        IReadOnlyList<VocoderOptions> noise, string name, int index, float sigma, List<MelChunk> chunks, Tensor sequence, ComputeDevice device)
    {
        var steps = sequence.StepsPerUnit;
        if (noise[chunks[0].Row].Given is null)
        {
            NoiseRow[] rows = [.. chunks.Select(chunk =>
                new NoiseRow(noise[chunk.Row].Seed, noise[chunk.Row].Utterance, (noise[chunk.Row].FirstFrame + chunk.From) * steps,
                    noise[chunk.Row].Sigma ?? sigma))];
            device.FillNormal(sequence, RandomUse.VocoderNoise, (uint)index, rows);
            return;
        }

        var part = MelChunk.Gather([.. noise.Select(one => one.Given![name])], chunks, steps);
        for (var row = 0; row < chunks.Count; row++)
        {
            foreach (ref var value in part.Slice(row, 1).Span)
            {
                value *= noise[chunks[row].Row].Sigma ?? sigma;
            }
        }

        device.Upload(part, sequence);
    }
}
