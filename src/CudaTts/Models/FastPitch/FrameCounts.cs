using CudaTts.Tensors;

namespace CudaTts.Models.FastPitch;

/// <summary>Durations as whole numbers of frames.</summary>
internal static class FrameCounts
{
    /// <summary>The most frames of a token at pace 1, whatever is predicted.</summary>
    public const float MostOfToken = 75;

    /// <summary>
    /// Rounds durations to frames, each by itself; a token may have none. An utterance of nothing but such tokens has one frame, because there is
    /// no sound without any: its longest token's.
    /// </summary>
    /// <param name="logDurations">The logarithm of one more than each token's frames at pace 1, [1, T].</param>
    /// <param name="options">How fast to speak.</param>
    /// <param name="most">Frames that there may be; those behind are left out.</param>
    /// <returns>Frames of each token, [T].</returns>
    public static int[] Of(Tensor logDurations, FastPitchOptions options, int most)
    {
        var frames = new int[logDurations.Length];
        var left = most;
        for (var token = 0; token < frames.Length; token++)
        {
            var pace = (float)(options.Pace * (options.Prosody?[token].Pace ?? 1));
            var rounded = MathF.Floor((Duration(logDurations.Span[token]) / pace) + 0.5f);
            frames[token] = rounded < left ? (int)rounded : left;
            left -= frames[token];
        }

        if (left == most)
        {
            frames[LongestSpoken(logDurations.Span)] = 1;
        }

        return frames;
    }

    // Padding has 0, which may be more than any token that is spoken has.
    private static int LongestSpoken(ReadOnlySpan<float> logDurations)
    {
        var longest = 0;
        for (var token = 0; token < logDurations.Length; token++)
        {
            var isLonger = logDurations[longest] == 0 || logDurations[token] > logDurations[longest];
            longest = logDurations[token] != 0 && isLonger ? token : longest;
        }

        return longest;
    }

    private static float Duration(float logDuration) => Math.Clamp(MathF.Exp(logDuration) - 1, 0, MostOfToken);
}
