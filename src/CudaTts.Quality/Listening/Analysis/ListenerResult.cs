namespace CudaTts.Quality.Listening.Analysis;

/// <summary>What the page saves for one listener.</summary>
internal sealed record ListenerResult
{
    /// <summary>The test that it is of.</summary>
    public required string TestId { get; init; }

    /// <summary>The version of the page.</summary>
    public required string PageVersion { get; init; }

    /// <summary>The listener's number, of 32 bits.</summary>
    public required long Listener { get; init; }

    /// <summary>The key of the orders.</summary>
    public required long Seed { get; init; }

    /// <summary>When the listener agreed to take part, UTC.</summary>
    public required string StartedAt { get; init; }

    /// <summary>When the last answer was given, UTC.</summary>
    public required string FinishedAt { get; init; }

    /// <summary>What it was heard with.</summary>
    public required ResultEnvironment Environment { get; init; }

    /// <summary>What was answered before the clips.</summary>
    public required ResultAnswers Answers { get; init; }

    /// <summary>All scores, of the training too.</summary>
    public required IReadOnlyList<ResultRating> Ratings { get; init; }

    /// <summary>What the listener wrote.</summary>
    public required string Comment { get; init; }
}

/// <summary>The browser of a listener.</summary>
internal sealed record ResultEnvironment
{
    /// <summary>What the browser calls itself.</summary>
    public required string UserAgent { get; init; }

    /// <summary>The rate of its sound output, Hz; null where it was not asked for.</summary>
    public double? SampleRate { get; init; }

    /// <summary>Width and height of the screen.</summary>
    public required string Screen { get; init; }
}

/// <summary>What a listener says of hearing and surroundings, and whether the beeps were counted rightly.</summary>
internal sealed record ResultAnswers
{
    /// <summary>What was listened with.</summary>
    public required string Headset { get; init; }

    /// <summary>Whether hearing is normal.</summary>
    public required string Hearing { get; init; }

    /// <summary>How well the language is known.</summary>
    public required string Language { get; init; }

    /// <summary>How quiet it was.</summary>
    public required string Room { get; init; }

    /// <summary>Whether the check of both ears was passed.</summary>
    public required bool BothEars { get; init; }
}

/// <summary>One score, and how it came about.</summary>
internal sealed record ResultRating
{
    /// <summary>The place in the listener's order, from 1.</summary>
    public required int Trial { get; init; }

    /// <summary>Whether it counts: <c>training</c> or <c>rating</c>.</summary>
    public required string Block { get; init; }

    /// <summary>The blind name of the clip; of two that were compared, both with a slash between, as they were played.</summary>
    public required string Stimulus { get; init; }

    /// <summary>The score, on the scale of the method.</summary>
    public required int Score { get; init; }

    /// <summary>How often it was played.</summary>
    public required int Plays { get; init; }

    /// <summary>Whether all of it was heard.</summary>
    public required bool PlayedToEnd { get; init; }

    /// <summary>Time from the appearance of the trial to the last change of the score, seconds.</summary>
    public required double SecondsToRate { get; init; }

    /// <summary>When the trial appeared, UTC.</summary>
    public required string PresentedAt { get; init; }
}
