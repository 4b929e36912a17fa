using System.Text;
using CudaTts.Cli;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Cli;

/// <summary>Runs the command within the test process, in a folder of its own.</summary>
internal abstract class CommandTestBase
{
    private TemporaryFolder _folder = null!;

    /// <summary>A voice that stops after the first decoder step.</summary>
    protected string StoppingVoice { get; private set; } = "";

    /// <summary>A voice that never stops.</summary>
    protected string EndlessVoice { get; private set; } = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TemporaryFolder();
        Directory.CreateDirectory(At("out"));
        StoppingVoice = TinyVoice.Create(At("stops"));
        EndlessVoice = TinyVoice.Create(At("endless"), gateBias: -100);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    protected string At(string name) => _folder.Path(name);

    /// <summary>Names of the files in the output folder, which must never hold a half-written one.</summary>
    protected string[] Outputs() =>
        [.. Directory.GetFileSystemEntries(At("out")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    protected static CommandResult Run(params string[] arguments) => RunWithInput("", arguments);

    protected static CommandResult RunWithInput(string input, params string[] arguments) => RunWithBytes(Encoding.UTF8.GetBytes(input), arguments);

    protected static CommandResult RunWithBytes(byte[] input, params string[] arguments)
    {
        using var bytes = new MemoryStream(input);
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var terminal = new Terminal(bytes, output, error);
        var code = CommandLine.RunAsync(arguments, terminal, CancellationToken.None).GetAwaiter().GetResult();
        return new CommandResult(code, output.ToArray(), error.ToString());
    }

    /// <summary>Expects a failure that is told in one line, with this in it.</summary>
    protected static void AssertFails(CommandResult result, int code, string message)
    {
        Assert.That(result.Error, Does.StartWith("cudatts: ").And.Contain(message));
        Assert.That(result.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), result.Error);
        Assert.That(result.Code, Is.EqualTo(code), result.Error);
    }
}

/// <summary>What a command left.</summary>
internal sealed record CommandResult(int Code, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);
}
