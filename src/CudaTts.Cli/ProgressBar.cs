namespace CudaTts.Cli;

/// <summary>One line on a terminal's standard error during long work; nothing when standard error is a file or a pipe.</summary>
internal sealed class ProgressBar(Terminal terminal) : IProgress<SpeechProgress>, IDisposable
{
    // Short work needs no bar, and a terminal need not be redrawn more often than one can see.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private const int Cells = 30;

    private readonly Lock _drawing = new();
    private readonly long _start = terminal.Clock.GetTimestamp();
    private TimeSpan _drawn;
    private int _width;

    public void Report(SpeechProgress value)
    {
        lock (_drawing)
        {
            Draw($"sentence {value.Sentence + 1}, {value.Frames} frames");
        }
    }

    /// <summary>Shows work whose length is known.</summary>
    /// <param name="line">What is done.</param>
    /// <param name="share">How much of it, 0 to 1.</param>
    public void Report(string line, double share)
    {
        var full = (int)(Cells * Math.Clamp(share, 0, 1));
        lock (_drawing)
        {
            Draw($"[{new string('#', full)}{new string('.', Cells - full)}] {line}");
        }
    }

    private void Draw(string line)
    {
        var elapsed = terminal.Clock.GetElapsedTime(_start);
        if (!terminal.ErrorIsTerminal || elapsed < Delay || elapsed - _drawn < Interval)
        {
            return;
        }

        _drawn = elapsed;
        terminal.Screen.Write($"\r{line.PadRight(_width)}");
        _width = line.Length;
    }

    /// <summary>Wipes the line.</summary>
    public void Clear()
    {
        lock (_drawing)
        {
            if (_width > 0)
            {
                terminal.Screen.Write($"\r{new string(' ', _width)}\r");
                _width = 0;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();
}
