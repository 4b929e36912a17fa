using System.CommandLine;
using CudaTts.Models;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts convert</c>: a public PyTorch checkpoint into a model folder.</summary>
internal static class ConvertCommand
{
    public static Command Create(Terminal terminal)
    {
        var input = new Argument<string>("input")
        {
            Description = "The checkpoint (.pt, .pth, .ckpt, .bin, .nemo) or Piper voice (.onnx).",
            HelpName = SharedOptions.FileName,
        };
        var output = new Option<string>("--output", "-o") { Description = "The model folder to write.", HelpName = "DIR", Required = true };
        var config = new Option<string?>("--config")
        {
            Description = "The config.json or config.yml that belongs to the checkpoint, where it has none inside or beside it.",
            HelpName = "FILE",
        };
        var statistics = new Option<string?>("--statistics")
        {
            Description = "Mean and scale of the mel that a vocoder of kan-bayashi's recipes reads: stats.h5 or stats.npy, where not beside it.",
            HelpName = "FILE",
        };
        var half = SharedOptions.Flag("--half", "Store the weights in half precision: half the size.");
        var command = new Command(
            "convert", "Converts a PyTorch checkpoint or a Piper voice; nothing in it is ever executed.") { input, output, config, statistics, half };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(output)!;
            string[] written = [Path.Combine(folder, ModelFolder.WeightsFileName), Path.Combine(folder, ConfigJson.FileName)];
            OutputFile.RequireDistinct(
                written.Select(file => ("-o", (string?)file)),
                [("the checkpoint", parsed.GetValue(input)), ("--config", parsed.GetValue(config)), ("--statistics", parsed.GetValue(statistics))]);
            var summary = CheckpointConverter.Convert(
                parsed.GetValue(input)!, parsed.GetValue(output)!, parsed.GetValue(config), parsed.GetValue(half), parsed.GetValue(statistics));
            terminal.Text.WriteLine($"{parsed.GetValue(output)}: {summary.ModelType}, {summary.Tensors} tensors");
            foreach (var note in summary.Notes.Concat(ConvertedVoice.Write(folder, parsed.GetValue(input)!)))
            {
                terminal.Text.WriteLine($"note: {note}");
            }
        });
        return command;
    }
}
