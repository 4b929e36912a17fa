using System.CommandLine;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts mel</c>: the acoustic model alone, token ids to log-mel.</summary>
internal static class MelCommand
{
    public static Command Create()
    {
        var model = SharedOptions.Model("Folder of the acoustic model.");
        var ids = new Option<string>("--ids") { Description = "Token ids: 'ids' int64 [1, T].", HelpName = "FILE", Required = true };
        var keep = new Option<string?>("--prenet-keep")
        {
            Description = "Prenet dropout: 'keep' uint8 [steps, 2, prenet], 1 keeps a unit.",
            HelpName = "FILE",
        };
        var maxFrames = NumberOption.Of<int>("--max-frames", SpeechLimits.Frames, "N", "Most mel frames.");
        var gate = NumberOption.Of<double>(
            "--gate-threshold", SpeechLimits.GateThreshold, "X", "Gate probability that ends the utterance (0.5); 1 or more never does.");
        var seed = SharedOptions.Seed();
        var device = new DeviceArguments();
        var output = SharedOptions.Output("The safetensors file to write.");
        var command = new Command("mel", "Runs the acoustic model: token ids to log-mel.") { model, ids, keep, maxFrames, gate, seed, output };
        device.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            OutputFile.RequireFolder(parsed.GetValue(output)!);
            OutputFile.RequireDistinct(
                [("-o", parsed.GetValue(output))], [("--ids", parsed.GetValue(ids)), ("--prenet-keep", parsed.GetValue(keep))]);
            var folder = ModelFolder.Open(parsed.GetValue(model)!);
            if (folder.Type != Tacotron2Config.TypeName)
            {
                throw new WeightsException(
                    $"{parsed.GetValue(model)}: expected an acoustic model ({Tacotron2Config.TypeName}), found '{folder.Type}'.");
            }

            var config = folder.Config<Tacotron2Config>();
            var keepPath = parsed.GetValue(keep);
            var options = new Tacotron2Options
            {
                GateThreshold = parsed.GetValue(gate) ?? 0.5,
                MaxSteps = Steps(parsed.GetValue(maxFrames), config),
                Seed = parsed.GetValue(seed) ?? 0,
                PrenetKeep = keepPath is null ? null : ReadKeep(keepPath, config),
                KeepsEncoderMemory = true,
            };
            using var compute = ComputeDevice.Open(device.Of(parsed));
            using var network = new Tacotron2Model(config, folder.Weights, compute);
            var result = network.Synthesize(IntegerTensor.Read(parsed.GetValue(ids)!, "ids", "token id"), options, cancellation);
            cancellation.ThrowIfCancellationRequested();
            Write(parsed.GetValue(output)!, result);
            return Task.FromResult(result.Stop == StopReason.Gate || options.GateThreshold >= 1 ? ExitCode.Done : ExitCode.Incomplete);
        });
        return command;
    }

    // A frame limit between two steps is rounded up: a step's frames come together.
    private static int? Steps(int? maxFrames, Tacotron2Config config) => (maxFrames + config.FramesPerStep - 1) / config.FramesPerStep;

    private static byte[] ReadKeep(string path, Tacotron2Config config)
    {
        var entry = SafetensorsFile.Open(path).Weights.Entry("keep");
        if (entry.Type != DataType.U8 || entry.Shape.Length != 3 || entry.Shape[1] != 2 || entry.Shape[2] != config.Prenet)
        {
            throw new WeightsException(
                $"{path}: tensor 'keep': expected U8 [steps, 2, {config.Prenet}], found {entry.Type} {Tensor.Describe(entry.Shape)}.");
        }

        var most = (long)Vocoder.MostSeconds * config.Mel.SampleRate / config.Mel.HopLength / config.FramesPerStep;
        return entry.Shape[0] <= most ? entry.Bytes.ToArray()
            : throw new WeightsException($"{path}: tensor 'keep': expected at most {most} steps ({Vocoder.MostSeconds} s), found {entry.Shape[0]}.");
    }

    private static void Write(string path, Tacotron2Result result) => SafetensorsWriter.Write(
        path,
        [
            KeyValuePair.Create("encoder_memory", result.EncoderMemory!.ToEntry()),
            KeyValuePair.Create("mel_before_postnet", result.MelBeforePostnet.ToEntry()),
            KeyValuePair.Create("mel", result.Mel.ToEntry()),
            KeyValuePair.Create("gate_logits", result.GateLogits.ToEntry()),
            KeyValuePair.Create("alignments", result.Alignments.ToEntry()),
        ]);
}
