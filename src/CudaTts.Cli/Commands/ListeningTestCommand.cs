using System.CommandLine;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts listening-test</c>: makes a listening test, and tells what listeners have said.</summary>
internal static class ListeningTestCommand
{
    public static Command Create(Terminal terminal) => new("listening-test", "Makes a listening test, and analyses its results.")
    {
        ListeningTestMakeCommand.Create(terminal),
        ListeningTestAnalyseCommand.Create(terminal),
    };
}
