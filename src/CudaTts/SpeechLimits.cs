using CudaTts.Audio;
using CudaTts.Compute;

namespace CudaTts;

/// <summary>What the numbers of a voice, of <see cref="SpeechOptions"/> and of the command line may be: the one place that says so.</summary>
public static class SpeechLimits
{
    /// <summary>How fast to speak.</summary>
    public static NumberRange Speed { get; } = new(TimeStretch.Slowest, TimeStretch.Fastest);

    /// <summary>How many times as fast a model speaks that predicts durations.</summary>
    public static NumberRange Pace { get; } = new(0.05, 20);

    /// <summary>Change of pitch, semitones.</summary>
    public static NumberRange Pitch { get; } = new(-ProsodyChange.MostSemitones, ProsodyChange.MostSemitones);

    /// <summary>Change of loudness, decibels; negative infinity is silence.</summary>
    public static NumberRange Volume { get; } = new(double.NegativeInfinity, ProsodyChange.MostDecibels);

    /// <summary>The gate's probability that ends a sentence; 1 or more never does.</summary>
    public static NumberRange GateThreshold { get; } = new(0, 1000);

    /// <summary>Longest speech of one sentence, seconds.</summary>
    public static NumberRange SentenceSeconds { get; } = new(0, 3600) { IsOpen = true };

    /// <summary>Silence between sentences, seconds.</summary>
    public static NumberRange PauseSeconds { get; } = new(0, 3600);

    /// <summary>How often a sentence is tried.</summary>
    public static NumberRange Attempts { get; } = new(1, SpeechSynthesizer.MostAttempts);

    /// <summary>Strength of the denoiser.</summary>
    public static NumberRange Denoise { get; } = new(0, Models.Vocoder.StrongestDenoising);

    /// <summary>Which speaker of a voice.</summary>
    public static NumberRange Speaker { get; } = new(0, int.MaxValue);

    /// <summary>Factor on noise.</summary>
    public static NumberRange Sigma { get; } = new(0, 10);

    /// <summary>Factor on the durations of a model that predicts them.</summary>
    public static NumberRange LengthScale { get; } = new(0.05, 20);

    /// <summary>Mel frames of one run of the acoustic model: an hour at 256 samples of 22,050 Hz.</summary>
    public static NumberRange Frames { get; } = new(1, 310_078);

    /// <summary>CPU threads that share one operation; 0 is one a core.</summary>
    public static NumberRange Threads { get; } = new(0, ComputeDevice.MostThreads);
}
