namespace CudaTts.Models.WaveNet.Sampling;

/// <summary>
/// All that the next sample of an utterance depends on: what each layer has read so far as it reaches back, the last sample, and what undoing the
/// pre-emphasis remembers. One utterance's, from part to part of its mel.
/// </summary>
/// <param name="rings">For each layer its last inputs, the input of sample t at t modulo its slots: [slots, stride].</param>
/// <param name="last">The sample before the first.</param>
internal sealed class SampleState(float[][] rings, float last)
{
    /// <summary>For each layer its last inputs, [slots, stride].</summary>
    public float[][] Rings => rings;

    /// <summary>Samples that have been drawn.</summary>
    public int Position { get; set; }

    /// <summary>The last sample that was drawn: a number, or a class.</summary>
    public float Last { get; set; } = last;

    /// <summary>The last sample with its pre-emphasis undone.</summary>
    public float Emphasis { get; set; }

    /// <summary>The same state, to go on from apart from this one.</summary>
    public SampleState Copy() => new(Array.ConvertAll(rings, ring => (float[])ring.Clone()), Last) { Position = Position, Emphasis = Emphasis };
}
