using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.WaveNet;
using CudaTts.Tensors;
using CudaTts.Tests;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Compare;

/// <summary>
/// WaveNet of the published recipe (24 layers, a mixture of logistics) on the CPU, by turns with the same network as one writes it down in C++:
/// benchmarks/peers/wavenet_reference.cpp, compiled with g++ -O2.
/// </summary>
internal static class WaveNetCommand
{
    private static readonly WaveNetConfig s_config = new();

    /// <summary>Prints samples a second of both sides.</summary>
    /// <param name="threads">Threads of ours; the peer has one.</param>
    /// <param name="rows">Rows of ours that are drawn side by side, each compared with one of the peer.</param>
    /// <param name="frames">Mel frames of a row.</param>
    /// <param name="rounds">Turns of both.</param>
    public static void Run(int[] threads, int[] rows, int frames, int rounds)
    {
        using var folder = new TemporaryDirectory();
        var program = folder.Path("wavenet_reference");
        Run("g++", "-O2", "-std=c++17", "benchmarks/peers/wavenet_reference.cpp", "-o", program);
        var weights = Weights();
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, s_config.Mel.MelBands, frames]), 1, s_config.Mel.MelBands, frames);
        foreach (var count in threads)
        {
            using var device = ComputeDevice.Open(new DeviceOptions { Name = "cpu", Threads = count });
            using var vocoder = new WaveNetVocoder(s_config, weights, device);
            var noise = new VocoderOptions { Given = Noise(vocoder, frames) };
            WriteInput(folder.Path("input"), weights, vocoder.Conditions(mel), noise.Given);
            foreach (var side in rows)
            {
                Compare(folder, program, vocoder, mel, noise, (count, side, rounds));
            }
        }
    }

    private static void Compare(
        TemporaryDirectory folder, string program, WaveNetVocoder vocoder, Tensor mel, VocoderOptions noise, (int Threads, int Rows, int Rounds) size)
    {
        var (ours, peer, samples) = (new List<double>(), new List<double>(), mel[2] * s_config.Mel.HopLength);
        var drawn = new DrawnSamples();
        VocoderOptions[] options = [.. Enumerable.Repeat(noise, size.Rows)];
        options[0] = noise with { Drawn = drawn };
        Tensor[] mels = [.. Enumerable.Repeat(mel, size.Rows)];
        vocoder.Generate(mel, noise);
        for (var round = 0; round < size.Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            vocoder.Generate(mels, options);
            ours.Add(size.Rows * samples / Stopwatch.GetElapsedTime(start).TotalSeconds);
            peer.Add(samples / double.Parse(Run(program, folder.Path("input"), folder.Path("output")), CultureInfo.InvariantCulture));
        }

        var expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder.Path("output")));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{size.Threads} threads, {size.Rows} rows of {samples} samples: ours {Median(ours):f0} samples/s, C++ {Median(peer):f0}; "
            + $"{Median(ours.Zip(peer, (a, b) => a / b)):f2} times as fast; NMSE {CompareCommand.Nmse(drawn.Rows[0].Span, expected):e1}"));
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    private static ModelWeights Weights()
    {
        var trained = ProceduralWeights.Create(WaveNetTensors.ExpectedWeightNormed(s_config));
        var entries = trained.Names.ToDictionary(name => name, trained.Entry);

        // As in the stored outputs: scales of the logistic distributions as a trained network has them.
        var bias = trained.Take("last_conv_layers.3.bias", s_config.OutputChannels);
        foreach (ref var value in bias.Span[^s_config.Mixtures..])
        {
            value -= 3;
        }

        entries["last_conv_layers.3.bias"] = new WeightEntry(DataType.F32, bias.Shape, MemoryMarshal.AsBytes(bias.Span).ToArray());
        return WeightNorm.Fold(new ModelWeights(trained.Source, entries));
    }

    private static Dictionary<string, Tensor> Noise(WaveNetVocoder vocoder, int frames) =>
        vocoder.NoiseShapes(1, frames).ToDictionary(noise => noise.Name, noise =>
        {
            var tensor = new Tensor(noise.Shape);
            for (var i = 0; i < tensor.Length; i++)
            {
                tensor.Span[i] = 1e-5f + ((1 - 2e-5f) * ProceduralWeights.Uniform(noise.Name, i));
            }

            return tensor;
        });

    private static void WriteInput(string path, ModelWeights weights, Tensor conditions, IReadOnlyDictionary<string, Tensor> noise)
    {
        using var file = new BinaryWriter(File.Create(path));
        var config = s_config;
        foreach (var size in (int[])
        [
            config.Layers, config.DilationCycle, config.Kernel, config.ResidualChannels, config.GateChannels, config.SkipChannels,
            config.Mel.MelBands, config.OutputChannels, conditions[0],
        ])
        {
            file.Write(size);
        }

        void Write(string name) => file.Write(MemoryMarshal.AsBytes(weights.Take(name, weights.Entry(name).Shape).Span));
        Write("first_conv.weight");
        Write("first_conv.bias");
        for (var layer = 0; layer < config.Layers; layer++)
        {
            WriteLayer(file, weights, $"conv_layers.{layer}.");
            foreach (var name in layer < config.Layers - 1 ? (string[])["conv1x1_out", "conv1x1_skip"] : ["conv1x1_skip"])
            {
                Write($"conv_layers.{layer}.{name}.weight");
                Write($"conv_layers.{layer}.{name}.bias");
            }
        }

        foreach (var name in (string[])["last_conv_layers.1", "last_conv_layers.3"])
        {
            Write($"{name}.weight");
            Write($"{name}.bias");
        }

        file.Write(MemoryMarshal.AsBytes(conditions.Span));
        file.Write(MemoryMarshal.AsBytes(noise["mixture_uniform"].Span));
        file.Write(MemoryMarshal.AsBytes(noise["sample_uniform"].Span));
    }

    /// <summary>The taps one matrix each, of which the first has the bias, and the conditions.</summary>
    private static void WriteLayer(BinaryWriter file, ModelWeights weights, string prefix)
    {
        var shape = weights.Entry($"{prefix}conv.weight").Shape;
        var (dilated, bias) = (weights.Take($"{prefix}conv.weight", shape), weights.Take($"{prefix}conv.bias", shape[0]));
        var zeros = new float[shape[0]];
        for (var tap = 0; tap < shape[2]; tap++)
        {
            for (var i = tap; i < dilated.Length; i += shape[2])
            {
                file.Write(dilated.Span[i]);
            }

            // The last tap is the one that every sample has.
            file.Write(MemoryMarshal.AsBytes(tap == shape[2] - 1 ? bias.Span : zeros));
        }

        var conditioning = $"{prefix}conv1x1c.weight";
        file.Write(MemoryMarshal.AsBytes(weights.Take(conditioning, weights.Entry(conditioning).Shape).Span));
        file.Write(MemoryMarshal.AsBytes<float>(zeros));
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new CudaTtsException($"{program} ended with {process.ExitCode}.");
    }

    /// <summary>A folder that goes when it is done with.</summary>
    private sealed class TemporaryDirectory : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("cudatts").FullName;

        public string Path(string name) => System.IO.Path.Combine(_folder, name);

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
