namespace CudaTts.Server.Access;

/// <summary>
/// So much a minute, which comes back evenly: a bucket that a minute fills. What is asked for beyond the bucket's size waits for a full one, and
/// leaves a debt.
/// </summary>
internal sealed class MinuteAllowance(int perMinute, TimeProvider time)
{
    private const int SecondsPerMinute = 60;

    private double _left = perMinute;
    private long _last = time.GetTimestamp();

    /// <summary>Takes an amount.</summary>
    /// <returns>Null where it was there, else how long to wait for it.</returns>
    public TimeSpan? Take(int amount)
    {
        var now = time.GetTimestamp();
        _left = Math.Min(perMinute, _left + (time.GetElapsedTime(_last, now).TotalSeconds * perMinute / SecondsPerMinute));
        _last = now;
        var needed = Math.Min(amount, perMinute);
        if (_left < needed)
        {
            return TimeSpan.FromSeconds((needed - _left) * SecondsPerMinute / perMinute);
        }

        _left -= amount;
        return null;
    }

    /// <summary>Gives back what was taken for nothing.</summary>
    public void GiveBack(int amount) => _left = Math.Min(perMinute, _left + amount);
}
