namespace CudaTts.Quality.Listening;

/// <summary>The scale of a method: its scores with their public labels, and the question.</summary>
/// <param name="Least">The lowest score.</param>
/// <param name="Most">The highest score.</param>
/// <param name="SoundsPerTrial">How many clips one score is about.</param>
/// <param name="Labels">Scores and their words, from left to right as a page shows them.</param>
internal sealed record RatingScale(int Least, int Most, int SoundsPerTrial, IReadOnlyList<ScaleLabel> Labels)
{
    private static readonly RatingScale s_acr = new(
        1, 5, 1, [new(1, "Bad"), new(2, "Poor"), new(3, "Fair"), new(4, "Good"), new(5, "Excellent")]);

    private static readonly RatingScale s_dcr = new(1, 5, 2,
    [
        new(1, "Very annoying"), new(2, "Annoying"), new(3, "Slightly annoying"), new(4, "Audible but not annoying"), new(5, "Inaudible"),
    ]);

    private static readonly RatingScale s_ccr = new(-3, 3, 2,
    [
        new(-3, "Much worse"), new(-2, "Worse"), new(-1, "Slightly worse"), new(0, "About the same"), new(1, "Slightly better"), new(2, "Better"),
        new(3, "Much better"),
    ]);

    // A word stands for the twenty points from its score on.
    private static readonly RatingScale s_mushra = new(
        0, 100, 1, [new(0, "Bad"), new(20, "Poor"), new(40, "Fair"), new(60, "Good"), new(80, "Excellent")]);

    /// <summary>The scale of a method.</summary>
    public static RatingScale Of(ListeningMethod method) => method switch
    {
        ListeningMethod.Acr => s_acr,
        ListeningMethod.Dcr => s_dcr,
        ListeningMethod.Ccr => s_ccr,
        _ => s_mushra,
    };

    /// <summary>What a listener is asked at every trial.</summary>
    public static string Ask(ListeningMethod method, ListeningQuestion question) => (method, question) switch
    {
        (ListeningMethod.Acr, ListeningQuestion.Naturalness) => "How natural does the speech sound?",
        (ListeningMethod.Acr, _) => "How good is the overall quality of the speech?",
        (ListeningMethod.Dcr, ListeningQuestion.Naturalness) => "Compared with the first clip, the loss of naturalness in the second is…",
        (ListeningMethod.Dcr, _) => "Compared with the first clip, the loss of quality in the second is…",
        (ListeningMethod.Ccr, ListeningQuestion.Naturalness) => "Compared with the first clip, the naturalness of the second is…",
        (ListeningMethod.Ccr, _) => "Compared with the first clip, the overall quality of the second is…",
        (_, ListeningQuestion.Naturalness) => "How natural does each sound seem beside the reference?",
        _ => "How good is the overall quality of each sound beside the reference?",
    };
}

/// <summary>A score and what it is called.</summary>
internal sealed record ScaleLabel(int Score, string Text);
