using System.CommandLine;
using System.Text.Json;
using CudaTts.Models;
using CudaTts.Weights;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts inspect</c>: the tensors of a checkpoint, a safetensors file or a model folder.</summary>
internal static class InspectCommand
{
    // A longer name than this moves the rest of its own line only.
    private const int WidestColumn = 80;

    public static Command Create(Terminal terminal)
    {
        var input = new Argument<string>("input") { Description = "The file or model folder.", HelpName = SharedOptions.FileName };
        var json = SharedOptions.Json();
        var command = new Command("inspect", "Lists the tensors of a checkpoint or a safetensors file.") { input, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(input)!;
            var listing = TensorListing.Read(Directory.Exists(path) ? Path.Combine(path, ModelFolder.WeightsFileName) : path);
            var tensors = listing.Tensors
                .Select(tensor => new TensorReport(tensor.Name, tensor.Type.ToString(), tensor.Shape.Select(size => (long)size).ToList())).ToList();
            if (parsed.GetValue(json))
            {
                terminal.Text.WriteLine(JsonSerializer.Serialize(tensors, CliJson.Instance.IReadOnlyListTensorReport));
            }
            else
            {
                Print(terminal.Text, listing, tensors);
            }

            // Beside the JSON, which is the tensors alone.
            if (listing.NotCalled.Count > 0)
            {
                var output = parsed.GetValue(json) ? terminal.Error : terminal.Text;
                output.WriteLine($"not called, as Python would have: {Printable.Of(string.Join(", ", listing.NotCalled))}");
            }
        });
        return command;
    }

    private static void Print(TextWriter output, TensorListing listing, List<TensorReport> tensors)
    {
        var nameWidth = Math.Min(WidestColumn, tensors.Select(tensor => Printable.Of(tensor.Name).Length).DefaultIfEmpty().Max());
        foreach (var tensor in tensors)
        {
            output.WriteLine($"{Printable.Of(tensor.Name).PadRight(nameWidth)}  {tensor.Type,-4}  [{string.Join(", ", tensor.Shape)}]");
        }

        var elements = tensors.Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));
        output.WriteLine($"{listing.Format}: {tensors.Count} tensors, {elements} elements");
    }
}
