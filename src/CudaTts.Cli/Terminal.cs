namespace CudaTts.Cli;

/// <summary>Where a command reads and writes; a test gives it streams in memory.</summary>
internal sealed class Terminal(Stream input, Stream output, TextWriter error)
{
    /// <summary>Standard input as bytes: their encoding is found out.</summary>
    public Stream Input { get; } = input;

    /// <summary>Standard output as bytes: speech may go there.</summary>
    public Stream Output { get; } = output;

    /// <summary>Standard output as text.</summary>
    public TextWriter Text { get; } = new PrintableWriter(new StreamWriter(output, leaveOpen: true) { AutoFlush = true });

    public TextWriter Error { get; } = new PrintableWriter(error);

    /// <summary>Standard error for the progress bar, which moves the cursor.</summary>
    public TextWriter Screen { get; } = error;

    /// <summary>Whether a person would wait for typed input.</summary>
    public bool InputIsInteractive { get; init; }

    /// <summary>Whether a progress bar makes sense.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Cancelled when nobody reads standard output any more.</summary>
    public CancellationToken OutputClosed { get; init; }

    /// <summary>What tells how long something has taken; a test has its own.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public static Terminal OfProcess()
    {
        var output = OperatingSystem.IsWindows() ? null : StandardOutput.Watched();
        return new Terminal(Console.OpenStandardInput(), output ?? Console.OpenStandardOutput(), Console.Error)
        {
            InputIsInteractive = !Console.IsInputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            OutputClosed = output?.Closed ?? CancellationToken.None,
        };
    }
}
