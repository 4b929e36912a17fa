using System.CommandLine;
using CudaTts.Cli.Mel;
using CudaTts.Compute;
using CudaTts.Models;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts mel</c>: the acoustic model alone, token ids to log-mel.</summary>
internal static class MelCommand
{
    public static Command Create(Terminal terminal)
    {
        var networks = MelNetwork.CreateAll();
        var model = SharedOptions.Model("Folder of the acoustic model.");
        var ids = new Option<string>("--ids") { Description = "Token ids: 'ids' int64 [1, T].", HelpName = "FILE", Required = true };
        var device = new DeviceArguments();
        var output = SharedOptions.Output("The safetensors file to write.");
        var command = new Command("mel", "Runs the acoustic model: token ids to log-mel.") { model, ids };
        foreach (var option in networks.SelectMany(network => network.Options))
        {
            command.Add(option);
        }

        command.Add(output);
        device.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            OutputFile.RequireFolder(parsed.GetValue(output)!);
            OutputFile.RequireDistinct(
                [("-o", parsed.GetValue(output))],
                [("--ids", parsed.GetValue(ids)), .. networks.Select(network => network.InputFile).OfType<Option<string?>>()
                    .Select(option => (option.Name, parsed.GetValue(option))), .. VoiceFiles.In("--model", parsed.GetValue(model))]);
            var folder = ModelFolder.Open(parsed.GetValue(model)!);
            var network = networks.FirstOrDefault(candidate => candidate.Type == folder.Type) ?? throw new WeightsException(
                $"{parsed.GetValue(model)}: expected an acoustic model ({string.Join(" or ", networks.Select(candidate => candidate.Type))}), found "
                + $"'{folder.Type}'{ModelVerbs.Advice(folder.Type)}.");
            RequireOwn(parsed, networks, network);
            using var compute = ComputeDevice.Open(device.Of(parsed));
            var code = network.Run(
                parsed, folder, IntegerTensor.Read(parsed.GetValue(ids)!, "ids", "token id"), compute, parsed.GetValue(output)!, cancellation);
            if (code == ExitCode.Incomplete)
            {
                terminal.Error.WriteLine($"cudatts: {parsed.GetValue(output)}: the mel ends at its limit of frames, before all ids are spoken.");
            }

            return Task.FromResult(code);
        });
        return command;
    }

    private static void RequireOwn(ParseResult parsed, IReadOnlyList<MelNetwork> networks, MelNetwork network)
    {
        foreach (var other in networks.Where(candidate => candidate != network))
        {
            if (other.Options.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } option)
            {
                throw new ArgumentsException($"{option.Name}: is for {other.Title}; the model is a {network.Title}.");
            }
        }
    }
}
