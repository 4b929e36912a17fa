using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>What may differ from one synthesis to the next.</summary>
public sealed record VitsOptions
{
    /// <summary>Key of the random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which utterance of a batch or a document this is, so that each has noise of its own under one seed.</summary>
    public uint Utterance { get; init; }

    /// <summary>Who speaks; the first when omitted.</summary>
    public int? Speaker { get; init; }

    /// <summary>Factor on the noise that latent frames are drawn with.</summary>
    public required float NoiseScale { get; init; }

    /// <summary>Factor on all durations.</summary>
    public required float LengthScale { get; init; }

    /// <summary>Factor on the noise that durations are drawn with.</summary>
    public required float DurationNoiseScale { get; init; }

    /// <summary>How each token is spoken, [T]; as the model finds fit when omitted.</summary>
    public IReadOnlyList<TokenProsody>? Prosody { get; init; }

    /// <summary>Most frames. Null: 50 a token and 200 more, three times what slow speech takes, and in proportion to the pace.</summary>
    public int? MostFrames { get; init; }

    /// <summary>Noise of durations in place of random numbers, [1, 2, T]; the factor is applied to it.</summary>
    public Tensor? DurationNoise { get; init; }

    /// <summary>Noise of frames in place of random numbers, [1, C, F]; the factor is applied to it.</summary>
    public Tensor? PriorNoise { get; init; }

    /// <summary>Frames of each token in place of those predicted, [T].</summary>
    public int[]? Durations { get; init; }

    /// <summary>As the model's config says.</summary>
    public static VitsOptions Of(VitsConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new VitsOptions
        {
            NoiseScale = config.NoiseScale,
            LengthScale = config.LengthScale,
            DurationNoiseScale = config.DurationNoiseScale,
        };
    }

    /// <summary>Frames that no utterance exceeds: as many as a vocoder takes at once.</summary>
    public static int MostFramesOf(VitsConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return (int)((long)Vocoder.MostSeconds * config.SampleRate / config.Latent.HopLength);
    }

    /// <summary>What a caller of any acoustic model has said.</summary>
    internal static VitsOptions Of(AcousticOptions options, VitsConfig config) => Of(config) with
    {
        Seed = options.Seed,
        Utterance = options.Utterance,
        Speaker = options.Speaker,
        NoiseScale = options.NoiseScale ?? config.NoiseScale,
        DurationNoiseScale = options.DurationNoiseScale ?? config.DurationNoiseScale,
        Prosody = options.Prosody,
        MostFrames = options.MaxSeconds is { } seconds
            ? (int)Math.Clamp(seconds * config.SampleRate / config.Latent.HopLength, 1, int.MaxValue) : null,
    };
}
