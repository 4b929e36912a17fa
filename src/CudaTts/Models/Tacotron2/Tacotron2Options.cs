using CudaTts.Models.Tacotron2.Attention;

namespace CudaTts.Models.Tacotron2;

/// <summary>What may differ from one synthesis to the next.</summary>
public sealed record Tacotron2Options
{
    /// <summary>Decoding stops after the step whose gate exceeds this probability; 1 or more never stops.</summary>
    public double GateThreshold { get; init; } = 0.5;

    /// <summary>
    /// Most decoder steps. Null: enough for 10 frames a token and 200 more, three times what slow speech takes, or as many steps
    /// as <see cref="PrenetKeep"/> has.
    /// </summary>
    public int? MaxSteps { get; init; }

    /// <summary>Key of the random numbers; the same seed and ids give the same mel on every device.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which utterance of a batch or a document this is, so that each has dropout of its own under one seed.</summary>
    public uint Utterance { get; init; }

    /// <summary>
    /// The prenet's dropout masks [steps, 2, prenet] in place of random ones: 1 keeps a unit (doubled), 0 drops it.
    /// Decoding stops at the frame limit when they run out.
    /// </summary>
    public byte[]? PrenetKeep { get; init; }

    /// <summary>
    /// What attention may look at; null for the whole text. A window keeps attention from jumping back or ahead, and cannot be left when it has
    /// come to the wrong place.
    /// </summary>
    public AttentionWindow? Window { get; init; }

    /// <summary>Whether the result has the encoder's memory, which the host does not need otherwise.</summary>
    public bool KeepsEncoderMemory { get; init; }

    /// <summary>Told the number of frames so far after every step, on the thread that synthesises.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>Told every step's frames, before the postnet, as soon as the host has them.</summary>
    internal FrameSink? Frames { get; init; }

    /// <summary>What a caller of any acoustic model has said, in steps of this one.</summary>
    internal static Tacotron2Options Of(AcousticOptions options, Tacotron2Config config)
    {
        var secondsPerFrame = (double)config.Mel.HopLength / config.Mel.SampleRate;
        return new Tacotron2Options
        {
            GateThreshold = options.GateThreshold,
            MaxSteps = options.MaxSeconds is { } seconds ? Math.Max(1, (int)(seconds / (secondsPerFrame * config.FramesPerStep))) : null,
            Seed = options.Seed,
            Utterance = options.Utterance,
            Window = options.HoldsAttention ? AttentionWindow.Default : null,
            Progress = options.Progress,
            Frames = options.Frames,
        };
    }
}
