namespace CudaTts.Cli;

/// <summary>Where a command reads and writes; a test gives it streams in memory.</summary>
internal sealed class Terminal(TextReader input, Stream output, TextWriter error)
{
    public TextReader Input { get; } = input;

    /// <summary>Standard output as bytes: speech may go there.</summary>
    public Stream Output { get; } = output;

    /// <summary>Standard output as text.</summary>
    public TextWriter Text { get; } = new StreamWriter(output, leaveOpen: true) { AutoFlush = true };

    public TextWriter Error { get; } = error;

    /// <summary>Whether a person would wait for typed input.</summary>
    public bool InputIsInteractive { get; init; }

    /// <summary>Whether a progress bar makes sense.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>What tells how long something has taken; a test has its own.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public static Terminal OfProcess() => new(Console.In, Console.OpenStandardOutput(), Console.Error)
    {
        InputIsInteractive = !Console.IsInputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
    };
}
