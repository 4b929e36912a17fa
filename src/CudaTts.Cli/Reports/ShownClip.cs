using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Pitch;
using CudaTts.Quality.Signals;
using CudaTts.Tensors;

namespace CudaTts.Cli.Reports;

/// <summary>A clip that a report shows with its sound and pictures of it.</summary>
/// <param name="Clip">Its scores.</param>
/// <param name="Reference">What it should sound like; null where there is nothing to compare with.</param>
/// <param name="Sound">What it sounds like.</param>
internal sealed record ShownClip(EvaluatedClip Clip, Signal? Reference, Signal Sound)
{
    /// <summary>The pitch of the reference; null is not drawn.</summary>
    public PitchTrack? ReferencePitch { get; init; }

    /// <summary>The pitch of the sound; null is not drawn.</summary>
    public PitchTrack? SoundPitch { get; init; }

    /// <summary>
    /// The words to be said and heard in pairs, as <see cref="Quality.Recognition.WordErrors.Align"/> makes them of words spelled alike; empty where
    /// nobody listened.
    /// </summary>
    public IReadOnlyList<(string? Said, string? Heard)> Words { get; init; } = [];

    /// <summary>What the voice attended to, a sentence each; empty for sounds that no voice made here.</summary>
    public IReadOnlyList<ShownAlignment> Alignments { get; init; } = [];

    /// <summary>Seconds of the longer sound: what the pictures of both are as wide as.</summary>
    public double Seconds => Math.Max(Sound.Seconds, Reference?.Seconds ?? 0);
}

/// <summary>Which token a voice attended to at each step of a sentence.</summary>
/// <param name="Weights">Attention weights [1, steps, tokens].</param>
/// <param name="Tokens">What the tokens are called, as many as there are; empty where nobody knows.</param>
internal sealed record ShownAlignment(Tensor Weights, IReadOnlyList<string> Tokens);
