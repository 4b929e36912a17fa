namespace CudaTts.Quality.Listening;

/// <summary>
/// What the page of a listening test knows: blind names, and in which order of rows and columns they are drawn. It stands in the page as JSON, so it
/// says of no clip whose it is. Which clips are checks it must know, to place them; not which answer they expect.
/// </summary>
internal sealed record PageTest
{
    /// <summary>The version of the page, which every result carries.</summary>
    public const string Version = "1";

    /// <summary>What tells this test from every other.</summary>
    public required string TestId { get; init; }

    /// <summary>The version of the page.</summary>
    public string PageVersion { get; init; } = Version;

    /// <summary>How listeners are asked.</summary>
    public required ListeningMethod Method { get; init; }

    /// <summary>What the page is headed with.</summary>
    public required string Title { get; init; }

    /// <summary>Where listeners send their answers.</summary>
    public required string SendTo { get; init; }

    /// <summary>What is asked at every trial.</summary>
    public required string Question { get; init; }

    /// <summary>The key of all orders.</summary>
    public required uint Seed { get; init; }

    /// <summary>Whether each listener hears every sentence through every condition.</summary>
    public required bool Full { get; init; }

    /// <summary>Whether clips may ask for a certain answer, which listeners are told beforehand.</summary>
    public required bool HasTraps { get; init; }

    /// <summary>About how long a listener takes, minutes.</summary>
    public int Minutes { get; init; }

    /// <summary>Scores and their words.</summary>
    public required IReadOnlyList<ScaleLabel> Scale { get; init; }

    /// <summary>The sounds [sentence][condition][sound] of every trial that counts.</summary>
    public required string[][][] Grid { get; init; }

    /// <summary>The sounds [trial][sound] of the training.</summary>
    public required string[][] Training { get; init; }

    /// <summary>Sounds [pool][trial][sound] that are strewn in: of each pool one for every ten trials.</summary>
    public required string[][][] Extras { get; init; }

    /// <summary>The clip that the volume is set by.</summary>
    public required string Volume { get; init; }
}
