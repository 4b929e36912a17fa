namespace CudaTts.Models.FastPitch;

/// <summary>
/// How the predicted pitch of an utterance is changed before it is spoken: distances from the mean are multiplied, then all of it is moved.
/// </summary>
/// <param name="Range">Factor on distances from the mean: 0 makes speech flat, 2 lively, -1 turns rises into falls.</param>
/// <param name="ShiftHertz">Added to every token's pitch, Hz.</param>
public readonly record struct PitchTransform(double Range = 1, double ShiftHertz = 0)
{
    /// <summary>Leaves the pitch as it was predicted.</summary>
    public static PitchTransform None { get; } = new(1);
}

/// <summary>The pitch of the speech that a network was trained on, which it predicts pitch relative to.</summary>
/// <param name="Mean">Of the pitch, Hz.</param>
/// <param name="Deviation">The standard deviation, Hz.</param>
internal readonly record struct PitchStatistics(double Mean, double Deviation)
{
    /// <summary>LJSpeech's, which the published files leave out.</summary>
    private static readonly PitchStatistics s_published = new(218.14, 67.24);

    /// <summary>What a checkpoint says, or where its deviation is 0 the published network's.</summary>
    public static PitchStatistics Of(float mean, float deviation) => deviation == 0 ? s_published : new(mean, deviation);

    /// <summary>A token's pitch, relative to the statistics, after a transform of all tokens and a shift of its own.</summary>
    public float Change(float pitch, PitchTransform transform, double semitones)
    {
        var changed = (pitch * transform.Range) + (transform.ShiftHertz / Deviation);
        return semitones == 0 ? (float)changed : (float)(((((changed * Deviation) + Mean) * Math.Pow(2, semitones / 12)) - Mean) / Deviation);
    }
}
