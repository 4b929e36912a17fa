using System.Text;

namespace CudaTts.Cli;

/// <summary>What became of lines that were not spoken: each is reported with its number, and the others go on.</summary>
internal sealed class LineFaults(TextWriter error)
{
    /// <summary>Whether a line had something to say and was not spoken.</summary>
    public bool Any { get; private set; }

    /// <summary>Whether an error is one line's own; what befalls the voice, the device or the disk befalls the next line too.</summary>
    public static bool IsOfLine(CudaTtsException error) =>
        error is TextException or AudioException or FileException
        && (error as FileException ?? error.InnerException as FileException)?.IsDiskFull != true;

    /// <summary>Reports a line that is no text; the message has its number.</summary>
    public void Report(LineException fault)
    {
        Any = true;
        error.WriteLine($"cudatts: {Printable.Of(fault.Message)}");
    }

    /// <summary>Reports a line that cannot be read.</summary>
    public void Report(int number, string message)
    {
        Any = true;
        error.WriteLine($"cudatts: line {number}: {Printable.Of(message.ReplaceLineEndings(" "))}");
    }

    /// <summary>
    /// Reports an utterance that cannot be spoken. A line of dashes or stars between two scenes is only skipped, as an empty one is.
    /// </summary>
    public void Report(Utterance utterance, CudaTtsException fault)
    {
        if (fault is TextException && !utterance.Text.EnumerateRunes().Any(Rune.IsLetterOrDigit))
        {
            error.WriteLine($"cudatts: line {utterance.Number}: skipped: there is nothing to say in '{Printable.Of(utterance.Text.Trim())}'.");
            return;
        }

        Report(utterance.Number, fault.Message);
    }
}
