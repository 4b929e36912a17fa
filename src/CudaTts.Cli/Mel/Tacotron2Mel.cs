using System.CommandLine;
using CudaTts.Cli.Commands;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli.Mel;

/// <summary>Tacotron 2: encoder memory, both mels, gate and alignments.</summary>
internal sealed class Tacotron2Mel : MelNetwork
{
    private readonly Option<string?> _keep = new("--prenet-keep")
    {
        Description = "Tacotron 2's prenet dropout: 'keep' uint8 [steps, 2, prenet], 1 keeps a unit.",
        HelpName = "FILE",
    };

    private readonly Option<int?> _maxFrames = NumberOption.Of<int>("--max-frames", SpeechLimits.Frames, "N", "Most mel frames of a Tacotron 2.");

    private readonly Option<double?> _gate = NumberOption.Of<double>(
        "--gate-threshold", SpeechLimits.GateThreshold, "X", "Tacotron 2's gate probability that ends the utterance (0.5); 1 or more never does.");

    private readonly Option<ulong?> _seed = SharedOptions.Seed();

    /// <inheritdoc/>
    public override string Type => Tacotron2Config.TypeName;

    /// <inheritdoc/>
    public override string Title => "Tacotron 2";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_keep, _maxFrames, _gate, _seed];

    /// <inheritdoc/>
    public override Option<string?> InputFile => _keep;

    /// <inheritdoc/>
    public override int Run(
        ParseResult parsed, ModelFolder folder, int[] ids, ComputeDevice device, string output, CancellationToken cancellation)
    {
        var config = folder.Config<Tacotron2Config>();
        var keepPath = parsed.GetValue(_keep);
        var options = new Tacotron2Options
        {
            GateThreshold = parsed.GetValue(_gate) ?? 0.5,
            MaxSteps = Steps(parsed.GetValue(_maxFrames), config),
            Seed = parsed.GetValue(_seed) ?? 0,
            PrenetKeep = keepPath is null ? null : ReadKeep(keepPath, config),
            KeepsEncoderMemory = true,
        };
        using var network = new Tacotron2Model(config, folder.Weights, device);
        var result = network.Synthesize(ids, options, cancellation);
        cancellation.ThrowIfCancellationRequested();
        Write(output, result);
        return result.Stop == StopReason.Gate || options.GateThreshold >= 1 ? ExitCode.Done : ExitCode.Incomplete;
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
