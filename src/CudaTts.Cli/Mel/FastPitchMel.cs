using System.CommandLine;
using CudaTts.Cli.Commands;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.FastPitch;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli.Mel;

/// <summary>FastPitch: the encoder's output, what is predicted of each token, and the mel.</summary>
internal sealed class FastPitchMel : MelNetwork
{
    private readonly Option<double?> _pace =
        NumberOption.Of<double>("--pace", SpeechLimits.Pace, "X", "How many times as fast a FastPitch speaks (1).");

    private readonly Option<int?> _speaker = SharedOptions.Speaker();

    /// <inheritdoc/>
    public override string Type => FastPitchConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "FastPitch";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_pace, _speaker];

    /// <inheritdoc/>
    public override int Run(
        ParseResult parsed, ModelFolder folder, int[] ids, ComputeDevice device, string output, CancellationToken cancellation)
    {
        var options = new FastPitchOptions
        {
            Pace = parsed.GetValue(_pace) ?? 1,
            Speaker = parsed.GetValue(_speaker),
            KeepsEncoderOutput = true,
        };
        using var network = new FastPitchModel(folder.Config<FastPitchConfig>(), folder.Weights, device);
        var result = network.Synthesize(ids, options, cancellation);
        cancellation.ThrowIfCancellationRequested();
        Write(output, result);
        return result.Stop == StopReason.Durations ? ExitCode.Done : ExitCode.Incomplete;
    }

    private static void Write(string path, FastPitchResult result)
    {
        List<KeyValuePair<string, WeightEntry>> entries =
        [
            KeyValuePair.Create("encoder_out", result.EncoderOutput!.ToEntry()),
            KeyValuePair.Create("log_durations", result.LogDurations.ToEntry()),
            KeyValuePair.Create("pitch", result.Pitch.ToEntry()),
            KeyValuePair.Create("durations", IntegerTensor.Entry(result.Durations)),
            KeyValuePair.Create("mel", result.Mel.ToEntry()),
        ];
        if (result.Energy is { } energy)
        {
            entries.Add(KeyValuePair.Create("energy", energy.ToEntry()));
        }

        SafetensorsWriter.Write(path, entries);
    }
}
