namespace CudaTts;

/// <summary>Whose a text is and how soon it is wanted, where one synthesiser speaks for several callers at once.</summary>
public sealed record SpeechSchedule
{
    /// <summary>Texts with the same name share what one caller gets of the device; without a name a call is a caller of its own.</summary>
    public string? Client { get; init; }

    /// <summary>How soon the text is wanted.</summary>
    public SpeechPriority Priority { get; init; }
}

/// <summary>How soon a text is wanted. First sentences of interactive texts go before everything else.</summary>
public enum SpeechPriority
{
    /// <summary>Somebody waits for it, above all for its first sentence.</summary>
    Interactive,

    /// <summary>It may wait until nobody else does.</summary>
    Bulk,
}
