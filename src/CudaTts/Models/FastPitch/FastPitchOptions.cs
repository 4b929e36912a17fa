namespace CudaTts.Models.FastPitch;

/// <summary>What may differ from one synthesis to the next.</summary>
public sealed record FastPitchOptions
{
    /// <summary>Which speaker speaks; the first when omitted.</summary>
    public int? Speaker { get; init; }

    /// <summary>Times as fast: 2 halves every duration before it is rounded to frames. Above 0.</summary>
    public double Pace { get; init; } = 1;

    /// <summary>How each token is spoken, [T]; all alike when omitted. Its pace multiplies <see cref="Pace"/>.</summary>
    public IReadOnlyList<TokenProsody>? Prosody { get; init; }

    /// <summary>What becomes of the predicted pitch.</summary>
    public PitchTransform PitchTransform { get; init; } = PitchTransform.None;

    /// <summary>Longest speech, seconds; an hour when omitted.</summary>
    public double? MaxSeconds { get; init; }

    /// <summary>Whether the result has the encoder's output, which the host does not need otherwise.</summary>
    public bool KeepsEncoderOutput { get; init; }

    /// <summary>What a caller of any acoustic model has said.</summary>
    internal static FastPitchOptions Of(AcousticOptions options) => new()
    {
        Speaker = options.Speaker,
        Prosody = options.Prosody,
        MaxSeconds = options.MaxSeconds,
    };
}
