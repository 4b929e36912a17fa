using System.CommandLine;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts vocode</c>: the vocoder alone, log-mel to speech.</summary>
internal static class VocodeCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model($"Folder of the vocoder, or {Vocoder.GriffinLimName}.");
        var mel = new Option<string>("--mel") { Description = "Log-mel, float [B, 80, F] or [80, F].", HelpName = "FILE", Required = true };
        var tensor = new Option<string>("--tensor")
        {
            Description = "The mel's name within the file.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "mel",
        };
        var noise = new Option<string?>("--noise")
        {
            Description = "Noise instead of random numbers: z, for WaveGlow early_z.0, early_z.1, for WaveNet mixture_uniform, sample_uniform ...",
            HelpName = "FILE",
        };
        var sigma = NumberOption.Of<float>(
            "--sigma", SpeechLimits.Sigma, "X", "Factor on the noise; WaveGlow's own is in its config, Parallel WaveGAN's is 1.");
        var speaker = SharedOptions.Speaker();
        var denoise = SharedOptions.Denoise();
        var seed = SharedOptions.Seed();
        var device = new DeviceArguments();
        var output = SharedOptions.Output(
            ".safetensors for 'audio' float32 [B, N], of a WaveNet also 'samples' float32 or 'classes' int64 as drawn; else speech, as in say.");
        var command = new Command("vocode", "Runs the vocoder: log-mel to speech.")
        {
            model, mel, tensor, noise, sigma, speaker, denoise, seed, output,
        };
        device.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            OutputFile.RequireFolder(parsed.GetValue(output)!);
            OutputFile.RequireDistinct(
                [("-o", parsed.GetValue(output))],
                [("--mel", parsed.GetValue(mel)), ("--noise", parsed.GetValue(noise)), .. VoiceFiles.In("--model", parsed.GetValue(model))]);
            var folder = parsed.GetValue(model)!;
            if (folder != Vocoder.GriffinLimName)
            {
                ModelVerbs.Require(folder, "vocode", "a vocoder");
            }

            using var compute = ComputeDevice.Open(device.Of(parsed));
            using var vocoder = folder == Vocoder.GriffinLimName ? Vocoder.GriffinLim(new MelContract(), compute) : Vocoder.Load(folder, compute);
            if (!vocoder.ReadsNoise && (parsed.GetValue(noise) is not null || parsed.GetValue(sigma) is not null))
            {
                throw new ArgumentsException($"--noise and --sigma: the vocoder {vocoder.Name} reads no noise.");
            }

            vocoder.RequireStrength(parsed.GetValue(denoise) ?? 0);
            var input = ReadMel(parsed.GetValue(mel)!, parsed.GetValue(tensor)!, vocoder);
            var drawn = new DrawnSamples();
            var given = new VocoderOptions
            {
                Speaker = parsed.GetValue(speaker),
                Drawn = drawn,
                Seed = parsed.GetValue(seed) ?? 0,
                Given = parsed.GetValue(noise) is { } file ? ReadNoise(file, vocoder, input) : null,
                Sigma = parsed.GetValue(sigma),
            };
            var generated = vocoder.Generate(input, given, cancellation);
            Tensor[] audio = [.. Enumerable.Range(0, generated[0])
                .Select(row => vocoder.Denoise(generated.Slice(row, 1), parsed.GetValue(denoise) ?? 0))];
            cancellation.ThrowIfCancellationRequested();
            Write(parsed.GetValue(output)!, audio, drawn, vocoder.Mel.SampleRate, terminal, cancellation);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Tensor ReadMel(string path, string name, Vocoder vocoder)
    {
        var bands = vocoder.Mel.MelBands;
        var weights = SafetensorsFile.Open(path).Weights;
        var shape = weights.Entry(name).Shape;
        if (shape is not ([_, _] or [_, _, _]) || shape[^2] != bands || shape[^1] < 1 || shape[0] < 1)
        {
            throw new WeightsException(
                $"{path}: tensor '{name}': expected a log-mel [B, {bands}, F] or [{bands}, F], found {Tensor.Describe(shape)}.");
        }

        // Before it is read: a file of a few bytes on disk may be a mel of days.
        vocoder.RequireSize(shape.Length == 3 ? shape[0] : 1, shape[^1]);
        var mel = weights.Take(name, shape);
        return shape.Length == 3 ? mel : mel.Reshape(1, shape[0], shape[1]);
    }

    // Golden files hold noise among other tensors, so what the vocoder does not read is ignored.
    private static Dictionary<string, Tensor> ReadNoise(string path, Vocoder vocoder, Tensor mel)
    {
        var weights = SafetensorsFile.Open(path).Weights;
        var noise = new Dictionary<string, Tensor>();
        foreach (var (name, shape, _, _) in vocoder.NoiseShapes(mel[0], mel[2]).Where(expected => weights.Contains(expected.Name)))
        {
            var found = weights.Entry(name).Shape;
            noise.Add(name, found.SequenceEqual(shape) ? weights.Take(name, shape) : throw new WeightsException(
                $"{path}: tensor '{name}': expected {Tensor.Describe(shape)} for this mel, found {Tensor.Describe(found)}."));
        }

        return noise;
    }

    private static void Write(
        string path, Tensor[] audio, DrawnSamples drawn, int sampleRate, Terminal terminal, CancellationToken cancellation)
    {
        if (audio.Any(row => row.Span.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) >= 0))
        {
            throw new CudaTtsException($"{path}: not written: a sample is no finite number; the vocoder's weights or the mel are damaged.");
        }

        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            List<KeyValuePair<string, WeightEntry>> entries = [KeyValuePair.Create("audio", Joined(audio).ToEntry())];
            if (drawn.Rows.Count > 0)
            {
                var samples = Joined(drawn.Rows);
                entries.Add(drawn.AreClasses
                    ? KeyValuePair.Create("classes", samples.ToIntegerEntry())
                    : KeyValuePair.Create("samples", samples.ToEntry()));
            }

            SafetensorsWriter.Write(path, entries);
        }
        else if (audio.Length == 1)
        {
            OutputFile.WriteSpeech(path, sampleRate, [audio[0].Span.ToArray()], terminal, cancellation);
        }
        else
        {
            throw new ArgumentsException($"{path}: {audio.Length} utterances do not fit into one sound file; write .safetensors.");
        }
    }
    private static Tensor Joined(IReadOnlyList<Tensor> rows) =>
        Tensor.From([.. rows.SelectMany(row => row.Span.ToArray())], rows.Count, rows[0].Length);
}
