using System.CommandLine;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts synthesize</c>: a network from text to samples, token ids to speech with what lies between its stages.</summary>
internal static class SynthesizeCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model("Folder of a VITS or Piper.");
        var ids = new Option<string>("--ids") { Description = "Token ids: 'ids' int64 [1, T].", HelpName = "FILE", Required = true };
        var noise = new Option<string?>("--noise")
        {
            Description = "Noise instead of random numbers: duration_noise [1, 2, T], prior_noise [1, C, F].",
            HelpName = "FILE",
        };
        var durations = new Option<string?>("--durations")
        {
            Description = "Frames of each token instead of those predicted: 'durations' int64 [1, T].",
            HelpName = "FILE",
        };
        var noiseScale = NumberOption.Of<float>(
            "--noise-scale", SpeechLimits.Sigma, "X", "Factor on the noise of frames; the model's own if omitted.");
        var lengthScale = NumberOption.Of<float>(
            "--length-scale", SpeechLimits.LengthScale, "X", "Factor on all durations; the model's own if omitted.");
        var durationScale = NumberOption.Of<float>(
            "--noise-scale-w", SpeechLimits.Sigma, "X", "Factor on the noise of durations; the model's own if omitted.");
        var speaker = SharedOptions.SpeakerOrName();
        var seed = SharedOptions.Seed();
        var device = new DeviceArguments();
        var output = SharedOptions.Output("The safetensors file to write.");
        var command = new Command("synthesize", "Runs a network from text to samples by stages: token ids to speech.")
        {
            model, ids, noise, durations, noiseScale, lengthScale, durationScale, speaker, seed, output,
        };
        device.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            OutputFile.RequireFolder(parsed.GetValue(output)!);
            OutputFile.RequireDistinct(
                [("-o", parsed.GetValue(output))],
                [
                    ("--ids", parsed.GetValue(ids)), ("--noise", parsed.GetValue(noise)), ("--durations", parsed.GetValue(durations)),
                    .. VoiceFiles.In("--model", parsed.GetValue(model)),
                ]);
            var folder = Open(parsed.GetValue(model)!);
            var config = folder.Config<VitsConfig>();
            var own = VitsOptions.Of(config);
            var options = WithNoise(parsed.GetValue(noise), config, own with
            {
                Seed = parsed.GetValue(seed) ?? 0,
                NoiseScale = parsed.GetValue(noiseScale) ?? own.NoiseScale,
                LengthScale = parsed.GetValue(lengthScale) ?? own.LengthScale,
                DurationNoiseScale = parsed.GetValue(durationScale) ?? own.DurationNoiseScale,
                Durations = parsed.GetValue(durations) is { } file ? IntegerTensor.Read(file, "durations", "number of frames") : null,
            });
            using var compute = ComputeDevice.Open(device.Of(parsed));
            using var acoustic = new VitsAcoustic(config, folder.Weights, compute);
            options = options with { Speaker = parsed.GetValue(speaker) is { } chosen ? acoustic.SpeakerOf(chosen) : null };
            var result = acoustic.Synthesize(IntegerTensor.Read(parsed.GetValue(ids)!, "ids", "token id"), options, cancellation);
            cancellation.ThrowIfCancellationRequested();
            using var decoder = new VitsDecoder(config, folder.Weights, compute);
            var audio = decoder.Generate(result.Frames, new VocoderOptions { Speaker = options.Speaker }, cancellation);
            Write(parsed.GetValue(output)!, result, audio);
            if (result.Stop == StopReason.Durations)
            {
                return Task.FromResult(ExitCode.Done);
            }

            terminal.Error.WriteLine($"cudatts: {parsed.GetValue(output)}: the speech ends at its limit of frames, before all ids are spoken.");
            return Task.FromResult(ExitCode.Incomplete);
        });
        return command;
    }

    private static ModelFolder Open(string path)
    {
        var folder = ModelFolder.Open(path);
        return folder.Type == VitsConfig.TypeName ? folder : throw new WeightsException(
            $"{path}: expected a network from text to samples ({VitsConfig.TypeName}), found '{folder.Type}'{ModelVerbs.Advice(folder.Type)}.");
    }

    // Golden files hold noise among other tensors, so what the network does not read is ignored.
    private static VitsOptions WithNoise(string? path, VitsConfig config, VitsOptions options)
    {
        if (path is null)
        {
            return options;
        }

        var weights = SafetensorsFile.Open(path).Weights;
        return options with
        {
            DurationNoise = config.HasStochasticDurations && (options.Durations is null || weights.Contains("duration_noise"))
                ? Take(weights, "duration_noise", 2, IntegerTensor.MostTokens) : null,
            PriorNoise = Take(weights, "prior_noise", config.InterChannels, VitsOptions.MostFramesOf(config)),
        };
    }

    // How long they are is compared with the ids and the durations, which are not known yet.
    private static Tensor Take(ModelWeights weights, string name, int channels, int most)
    {
        var shape = weights.Entry(name).Shape;
        return shape is [1, _, > 0] && shape[1] == channels && shape[2] <= most ? weights.Take(name, shape) : throw new WeightsException(
            $"{weights.Source}: tensor '{name}': expected [1, {channels}, N] with N at most {most}, found {Tensor.Describe(shape)}.");
    }

    private static void Write(string path, VitsResult result, Tensor audio)
    {
        if (audio.Span.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) >= 0)
        {
            throw new CudaTtsException($"{path}: not written: a sample is no finite number; the model's weights are damaged.");
        }

        SafetensorsWriter.Write(
            path,
            [
                KeyValuePair.Create("text_encoding", result.TextEncoding.ToEntry()),
                KeyValuePair.Create("m_p", result.Means.ToEntry()),
                KeyValuePair.Create("logs_p", result.LogDeviations.ToEntry()),
                KeyValuePair.Create("log_durations", result.LogDurations.ToEntry()),
                KeyValuePair.Create("durations", IntegerTensor.Entry(result.Durations)),
                KeyValuePair.Create("z_p", result.PriorFrames.ToEntry()),
                KeyValuePair.Create("z", result.Frames.ToEntry()),
                KeyValuePair.Create("audio", audio.ToEntry()),
            ]);
    }
}
