using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CudaTts.Files;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts bench</c>: how fast each stage is on this machine.</summary>
internal static class BenchCommand
{
    internal const string DefaultText = "The quick brown fox jumps over the lazy dog, and then it rests in the shade.";

    public static Command Create(Terminal terminal)
    {
        var text = new Argument<string>("text") { Description = "What to say.", DefaultValueFactory = _ => DefaultText };
        var voice = new BenchVoiceOptions();
        var device = new DeviceArguments();
        var runs = BenchVoiceOptions.Runs("Measured runs, after one to warm up; else 20 on a GPU, 5 on a CPU.");
        var batch = new Option<string>("--batch")
        {
            Description = "Numbers of texts to speak at once.",
            HelpName = "N,N...",
            DefaultValueFactory = _ => "1,8,32",
        };
        var peer = new Option<string?>("--peer") { Description = "What pytorch_peer.py --json has written, to compare with.", HelpName = "FILE" };
        var json = SharedOptions.Json();
        var output = new Option<string?>("--output", "-o") { Description = "Also write the JSON to this file.", HelpName = "FILE" };
        var command = new Command("bench", "Measures latency, throughput and each stage on this machine.") { text, runs, batch, peer, json, output };
        voice.AddTo(command);
        device.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var bench = new Bench(parsed.GetValue(text)!, parsed.GetValue(runs), Batches(parsed.GetValue(batch)!), cancellation);
            OutputFile.RequireDistinct([("-o", parsed.GetValue(output))], [("--peer", parsed.GetValue(peer))]);
            var peerFile = parsed.GetValue(peer) is { } path ? PeerReader.Read(path) : null;
            OutputFile.RequireFolder(parsed.GetValue(output) ?? OutputFile.StandardOutput);
            using var chosen = voice.Of(parsed);
            OutputFile.RequireDistinct([("-o", parsed.GetValue(output))], VoiceFiles.In("the voice", chosen.Folder));
            var report = await bench.MeasureAsync(chosen.Folder, device.Of(parsed), chosen.Options).ConfigureAwait(false);
            report = report with { Peer = peerFile is null ? null : PeerReader.Compare(report, peerFile) };
            Write(report, terminal, parsed.GetValue(json), parsed.GetValue(output));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(BenchReport report, Terminal terminal, bool json, string? output)
    {
        var text = JsonSerializer.Serialize(report, CliJson.Instance.BenchReport);
        if (json)
        {
            terminal.Text.WriteLine(text);
        }
        else
        {
            BenchTable.Write(terminal.Text, report);
        }

        if (output is not null)
        {
            AtomicFiles.Write((output, stream => stream.Write(Encoding.UTF8.GetBytes(text))));
        }
    }

    private static int[] Batches(string list) =>
        [.. list.Split(',').Select(
            item => int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var batch) && batch is >= 1 and <= 4096
            ? batch
            : throw new ArgumentsException($"--batch: expected numbers from 1 to 4096 with commas between, found '{list}'."))];
}
