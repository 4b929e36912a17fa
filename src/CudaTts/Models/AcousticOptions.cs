namespace CudaTts.Models;

/// <summary>Takes the frames [frames a step x bands] of a decoder step.</summary>
internal delegate void FrameSink(ReadOnlySpan<float> frames);

/// <summary>What may differ from one synthesis to the next. A model leaves aside what it has no use for.</summary>
public sealed record AcousticOptions
{
    /// <summary>A model that decides itself when the speech ends stops when the probability of that exceeds this; 1 or more never stops.</summary>
    public double GateThreshold { get; init; } = 0.5;

    /// <summary>Longest speech, seconds. Null: as long as the model finds fit for the number of tokens.</summary>
    public double? MaxSeconds { get; init; }

    /// <summary>Key of the random numbers; the same seed and ids give the same mel on every device.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which utterance of a batch or a document this is, so that each has random numbers of its own under one seed.</summary>
    public uint Utterance { get; init; }

    /// <summary>Which of <see cref="AcousticModel.Speakers"/> speaks; the first when omitted.</summary>
    public int? Speaker { get; init; }

    /// <summary>
    /// How each token is spoken, [T]; all as the model finds fit when omitted. Only a model that says so (<see cref="AcousticModel.Controls"/>)
    /// heeds it.
    /// </summary>
    public IReadOnlyList<TokenProsody>? Prosody { get; init; }

    /// <summary>Factor on the noise that a flow's latent frames are drawn with; null for the model's own.</summary>
    public float? NoiseScale { get; init; }

    /// <summary>Factor on the noise that durations are drawn with; null for the model's own.</summary>
    public float? DurationNoiseScale { get; init; }

    /// <summary>Whether attention is held to a window around the place where it was in the step before.</summary>
    public bool HoldsAttention { get; init; }

    /// <summary>Told the number of frames so far after every step, on the thread that synthesises.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>
    /// Cancelled when nobody waits for the utterance any more. Whoever decodes step by step has its row taken out; a model that makes a whole
    /// utterance at once looks at this meanwhile.
    /// </summary>
    internal CancellationToken Ending { get; init; }

    /// <summary>Told every step's frames, before their refinement, as soon as the host has them.</summary>
    internal FrameSink? Frames { get; init; }
}
