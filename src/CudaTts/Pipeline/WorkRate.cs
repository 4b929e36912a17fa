namespace CudaTts.Pipeline;

/// <summary>What sentences that have been spoken came to.</summary>
/// <param name="Tokens">Tokens read.</param>
/// <param name="Characters">Characters of the text.</param>
/// <param name="Seconds">Length of the speech.</param>
internal readonly record struct SpokenAmount(int Tokens, int Characters, double Seconds);

/// <summary>
/// How long the device works for a text, by what it has worked so far. Of what was spoken long ago little counts. Thread-safe.
/// </summary>
internal sealed class WorkRate
{
    // What counts of everything before when another second has been spoken: a minute's speech has most of the weight.
    private const double KeptOfASecond = 0.98;

    // Before anything has been spoken: a slow CPU's tenth of real time, and English read aloud.
    private const double FirstWorkPerSecond = 0.1;
    private const double FirstTokensPerSecond = 14;
    private const double FirstCharactersPerSecond = 15;
    private readonly Lock _lock = new();
    private double _work = FirstWorkPerSecond;
    private double _tokens = FirstTokensPerSecond;
    private double _characters = FirstCharactersPerSecond;
    private double _seconds = 1;

    /// <summary>Adds time that the device has worked.</summary>
    public void Work(TimeSpan time)
    {
        lock (_lock)
        {
            _work += time.TotalSeconds;
        }
    }

    /// <summary>Adds what has come of it.</summary>
    public void Count(IEnumerable<SpokenAmount> finished)
    {
        lock (_lock)
        {
            foreach (var (tokens, characters, seconds) in finished)
            {
                var kept = Math.Pow(KeptOfASecond, seconds);
                _work *= kept;
                _tokens = (kept * _tokens) + tokens;
                _characters = (kept * _characters) + characters;
                _seconds = (kept * _seconds) + seconds;
            }
        }
    }

    /// <summary>Predicted time for so many tokens.</summary>
    public double WorkSeconds(long tokens)
    {
        lock (_lock)
        {
            return tokens / _tokens * _work;
        }
    }

    /// <summary>Predicted length of the speech and time for it, of a text of so many characters that are not white space.</summary>
    public (double AudioSeconds, double WorkSeconds) Of(int characters)
    {
        lock (_lock)
        {
            return (characters / _characters * _seconds, characters / _characters * _work);
        }
    }
}
