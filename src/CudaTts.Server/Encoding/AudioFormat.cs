namespace CudaTts.Server.Encoding;

/// <summary>A format that speech is sent in.</summary>
/// <param name="Name">What <c>response_format</c> calls it.</param>
/// <param name="Open">Makes an encoder of a sound, whose bytes go to a sink.</param>
internal sealed record AudioFormat(string Name, Func<SoundShape, ByteSink, AudioEncoder> Open)
{
    /// <summary>The least samples a second that may be asked for.</summary>
    public const int LeastRate = 8000;

    /// <summary>The most samples a second that may be asked for.</summary>
    public const int MostRate = 48000;

    /// <summary>Samples a second that it takes; any when empty.</summary>
    public IReadOnlyList<int> Rates { get; init; } = [];

    /// <summary>Whether another program makes it, one for each answer.</summary>
    public bool IsExternal { get; init; }

    /// <summary>What the answer's Content-Type is, for a number of samples a second.</summary>
    public required Func<int, string> MediaType { get; init; }

    /// <summary>The rate to send a voice's sound at where none is asked for: its own, or the next above that the format takes.</summary>
    public int RateFor(int own) => Rates.Count == 0 || Rates.Contains(own) ? own : Rates.Where(rate => rate > own).DefaultIfEmpty(Rates.Max()).Min();
}

/// <summary>What is known of a sound before its first sample.</summary>
/// <param name="SampleRate">Samples a second, Hz.</param>
/// <param name="Samples">How many there will be; null while the sound is still being made.</param>
internal readonly record struct SoundShape(int SampleRate, long? Samples);

/// <summary>Takes encoded bytes in order.</summary>
internal delegate ValueTask ByteSink(ReadOnlyMemory<byte> bytes);
