namespace CudaTts.Text;

/// <summary>How a stretch of a text was read, for people who ask why it is said so.</summary>
/// <param name="Written">The stretch as it is written.</param>
/// <param name="Class">The class of written forms: money, date, initialism, word, ...</param>
/// <param name="Rule">The rule of that class.</param>
/// <param name="Said">
/// What is said: words in small letters, letters that are named in capitals, and the pauses <c>, . ! ?</c>; empty for what is not said.
/// </param>
public sealed record TextReading(string Written, string Class, string Rule, string Said)
{
    /// <summary>Whether the stretch is a sign without a reading, which was left out.</summary>
    public bool IsUnspoken { get; init; }

    /// <summary>The characters of the text.</summary>
    internal TextRange Place { get; init; }
}
