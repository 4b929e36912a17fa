using CudaTts.Audio;

namespace CudaTts.Quality.Listening;

/// <summary>What a listening test is to be made of.</summary>
internal sealed record ListeningTestRecipe
{
    /// <summary>Where speech in a listening test is levelled to when nobody says: EBU R 128's target.</summary>
    public const double DefaultLoudness = -23;

    /// <summary>How listeners are asked.</summary>
    public required ListeningMethod Method { get; init; }

    /// <summary>Two or more systems: what each is called and the folder of its clips, in the order of reports.</summary>
    public required IReadOnlyList<(string Name, string Folder)> Systems { get; init; }

    /// <summary>Which of the systems is the original recordings; null where there are none.</summary>
    public string? Reference { get; init; }

    /// <summary>What listeners are asked about.</summary>
    public ListeningQuestion Question { get; init; }

    /// <summary>What the page is headed with.</summary>
    public string Title { get; init; } = "Listening test";

    /// <summary>Where listeners send their answers, as the last page says it.</summary>
    public string SendTo { get; init; } = "Please send the file to the person who invited you.";

    /// <summary>The key of every order that is drawn.</summary>
    public uint Seed { get; init; }

    /// <summary>Whether each listener hears every sentence through every system, instead of one system a sentence.</summary>
    public bool Full { get; init; }

    /// <summary>The loudness of every clip, LUFS.</summary>
    public double Loudness { get; init; } = DefaultLoudness;

    /// <summary>Spoken instructions such as "please select Poor", and the score that each asks for.</summary>
    public IReadOnlyList<(Waveform Sound, int Score)> Traps { get; init; } = [];
}
