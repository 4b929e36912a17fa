namespace CudaTts.Load;

/// <summary>What became of one request. Times are from the moment at which it was due, not from the moment at which it could be sent.</summary>
/// <param name="Length">Class of its text.</param>
/// <param name="Status">Status of the answer; 0 where there was none.</param>
internal sealed record CallResult(TextLength Length, int Status)
{
    /// <summary>How much later than it was due the request was begun: the generator's own lateness.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>When the status line came.</summary>
    public TimeSpan? Answered { get; init; }

    /// <summary>When the first byte of sound came.</summary>
    public TimeSpan? FirstAudio { get; init; }

    /// <summary>When all of the answer was there.</summary>
    public TimeSpan? Complete { get; init; }

    /// <summary>Seconds of sound that came.</summary>
    public double AudioSeconds { get; init; }

    /// <summary>When it ended, on the clock of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long EndedAt { get; init; }

    /// <summary>What went wrong on the way; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Whether all of the speech came.</summary>
    public bool IsSpoken => Status == 200 && Complete is not null && Error is null;

    /// <summary>Whether the server turned it away for want of room or by a limit.</summary>
    public bool IsRejected => Status is 429 or 503;
}
