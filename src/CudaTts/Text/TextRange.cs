namespace CudaTts.Text;

/// <summary>The characters [Start, End) of a text, in UTF-16 units.</summary>
/// <param name="Start">The first of them.</param>
/// <param name="End">The place behind the last.</param>
public readonly record struct TextRange(int Start, int End)
{
    /// <summary>How many characters these are.</summary>
    public int Length => End - Start;
}
