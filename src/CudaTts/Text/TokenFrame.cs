namespace CudaTts.Text;

/// <summary>
/// What a model was taught to hear around the symbols of a text. Blanks between them give a model of durations room for the joints.
/// </summary>
/// <param name="Begin">Ids before the first symbol.</param>
/// <param name="Behind">Ids behind every symbol.</param>
/// <param name="End">Ids behind all that.</param>
internal sealed record TokenFrame(int[] Begin, int[] Behind, int[] End)
{
    /// <summary>Nothing stands around the symbols of a text.</summary>
    public static TokenFrame None { get; } = new([], [], []);

    /// <summary>A blank before, between and behind all symbols: 2n + 1 ids.</summary>
    public static TokenFrame Blanks(int blank) => new([blank], [blank], []);

    /// <summary>Piper's frame, as its training and its C++ program have it: a blank behind the beginning and behind every symbol.</summary>
    public static TokenFrame Piper(int blank, int begin, int end) => new([begin, blank], [blank], [end]);
}
