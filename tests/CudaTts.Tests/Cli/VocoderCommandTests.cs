using System.Runtime.InteropServices;
using CudaTts.Audio;
using CudaTts.Cli;
using CudaTts.Cuda;
using CudaTts.Models;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Tests.Models.WaveNet;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Cli;

/// <summary>Other vocoders at the command line: noise, the denoiser, and the mel contract that protects the user.</summary>
internal sealed class VocoderCommandTests : CommandTestBase
{
    private static readonly WaveGlowConfig WaveGlow = new() { Flows = 2, EarlyEvery = 1, Layers = 1, Channels = 4, UpsampleKernel = 256 };

    private static readonly ParallelWaveGanConfig ParallelWaveGan = new()
    {
        Layers = 2,
        Stacks = 1,
        ResidualChannels = 4,
        GateChannels = 4,
        SkipChannels = 4,
        UpsampleScales = [16, 16],
    };

    [Test]
    public void Vocode_makes_the_golden_audio_of_given_noise([Values("waveglow_64", "parallel_wavegan")] string name)
    {
        var golden = Golden.Path($"{name}.safetensors");
        var isWaveGlow = name == "waveglow_64";
        var folder = isWaveGlow
            ? Write("model", ConfigJson.Write(new WaveGlowConfig { Channels = 64 }), WaveGlowTensors.ExpectedWeightNormed(new() { Channels = 64 }))
            : Write("model", ConfigJson.Write(new ParallelWaveGanConfig()), ParallelWaveGanTensors.ExpectedWeightNormed(new()));

        var result = Run("vocode", "--model", folder, "--mel", golden, "--noise", golden, "-o", At("out/a.safetensors"));

        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var (actual, expected) = (Audio("out/a.safetensors"), SafetensorsFile.Open(golden).Weights.Take("audio", 1, 5120));
        Golden.Matches($"{name} audio", Nmse.Of(actual.Span, expected.Span), 1e-10);
        Assert.That(Run("vocode", "--model", folder, "--mel", golden, "--noise", golden, "--sigma", "0.5", "-o", At("out/b.safetensors")).Error,
            Is.Empty);
        Assert.That(Nmse.Of(Audio("out/b.safetensors").Span, expected.Span), Is.GreaterThan(1e-6));
    }

    [TestCase("mol_tiny", "samples", DataType.F32)]
    [TestCase("nv_tiny", "classes", DataType.I64)]
    [TestCase("2018_speakers_tiny", "samples", DataType.F32)]
    public void Vocode_writes_what_a_wave_net_drew_beside_the_audio(string name, string drawn, DataType type)
    {
        var (golden, path) = (WaveNetGolden.Read(name), Golden.Path($"wavenet_{name}.safetensors"));
        Directory.CreateDirectory(At("wavenet"));
        SafetensorsWriter.Write(At("wavenet/model.safetensors"), [.. golden.Weights.Names.Select(each =>
            KeyValuePair.Create(each, golden.Weights.Entry(each)))]);
        File.WriteAllText(At("wavenet/config.json"), ConfigJson.Write(golden.Config));
        string[] speaker = golden.Options.Speaker is { } number ? ["--speaker", $"{number}"] : [];

        var result = Run([
            "vocode", "--model", At("wavenet"), "--mel", path, "--noise", path, "--device", "cpu", "-o", At("out/w.safetensors"), .. speaker]);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var written = SafetensorsFile.Open(At("out/w.safetensors")).Weights;
        Assert.That(written.Names, Is.EquivalentTo((string[])["audio", drawn]));
        Assert.That(written.Entry(drawn).Type, Is.EqualTo(type));
        Assert.That(written.Entry(drawn).Shape, Is.EqualTo((int[])[1, golden.Samples]));
        Golden.Matches($"{golden.Name} audio", Nmse.Of(written.Take("audio", 1, golden.Samples).Span, golden.Output("audio")), golden.Limit("audio"));
        float[] samples = type == DataType.I64
            ? [.. MemoryMarshal.Cast<byte, long>(written.Entry(drawn).Bytes.Span).ToArray().Select(value => (float)value)]
            : written.Take(drawn, 1, golden.Samples).Span.ToArray();
        Assert.That(samples, Is.EqualTo(golden.Drawn).Within(1e-5));
    }

    [Test]
    public void Vocode_makes_noise_of_the_seed()
    {
        var folder = WriteWaveGlow();
        WriteMel(2, 3);

        byte[] Vocoded(params string[] options)
        {
            var result = Run(["vocode", "--model", folder, "--mel", At("mel.safetensors"), "-o", At("out/a.safetensors"), .. options]);
            Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
            return File.ReadAllBytes(At("out/a.safetensors"));
        }

        var first = Vocoded("--seed", "1");
        Assert.That(Vocoded("--seed", "1"), Is.EqualTo(first));
        Assert.That(Vocoded("--seed", "2"), Is.Not.EqualTo(first));
        Assert.That(Vocoded("--seed", "1", "--denoise", "0"), Is.EqualTo(first));
        Assert.That(Vocoded("--seed", "1", "--denoise", "0.1"), Is.Not.EqualTo(first));
        Assert.That(Vocoded("--seed", "1", "--sigma", "0"), Is.EqualTo(Vocoded("--seed", "2", "--sigma", "0")));
    }

    [Test]
    public void Noise_and_strengths_that_do_not_fit_are_refused()
    {
        var folder = WriteWaveGlow();
        WriteMel(1, 3);
        SafetensorsWriter.Write(At("noise.safetensors"), [Entry("z", 1, 6, 95)]);
        string[] arguments = ["vocode", "--model", folder, "--mel", At("mel.safetensors"), "-o", At("out/a.safetensors")];

        AssertFails(Run([.. arguments, "--noise", At("noise.safetensors")]), ExitCode.Failed, "expected [1, 6, 96] for this mel, found [1, 6, 95]");
        AssertFails(Run([.. arguments, "--denoise", "11"]), ExitCode.WrongArguments, "--denoise");
        AssertFails(
            Run("vocode", "--model", "griffin-lim", "--mel", At("mel.safetensors"), "--denoise", "0.1", "-o", At("out/a.wav")), ExitCode.Failed,
                "no hum");
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void Say_speaks_with_another_vocoder()
    {
        var folder = WriteWaveGlow();

        var result = Run("say", "Hi.", "--voice", EndlessVoice, "--vocoder", folder, "--denoise", "0.05", "--stats", "-o", At("out/a.wav"));

        Assert.That(result.Code, Is.EqualTo(ExitCode.Incomplete), result.Error);
        Assert.That(result.Error, Does.Contain("\"vocoder\":\"waveglow\""));
        Assert.That(WavFile.Read(At("out/a.wav")).Samples, Is.Not.Empty);
        AssertFails(Run("say", "Hi.", "--voice", EndlessVoice, "--vocoder", At("none"), "-o", At("out/b.wav")), ExitCode.Failed,
            "no such model folder");
        AssertFails(Run("say", "Hi.", "--voice", EndlessVoice, "--denoise", "0.05", "-o", At("out/b.wav")), ExitCode.Failed, "no hum");
    }

    [Test]
    public void Say_refuses_a_vocoder_of_another_mel_unless_told()
    {
        var folder = Write("model", ConfigJson.Write(ParallelWaveGan), ParallelWaveGanTensors.ExpectedWeightNormed(ParallelWaveGan));
        string[] arguments = ["say", "Hi.", "--voice", EndlessVoice, "--vocoder", folder, "-o", At("out/a.wav")];

        var refused = Run(arguments);
        AssertFails(refused, ExitCode.Failed, "--allow-mel-mismatch");
        Assert.That(refused.Error, Does.Contain("fmin 0 and 80").And.Contain("fmax 8000 and 7600").And.Contain("log natural and log10").And.Contain(
            "none and mean-variance"));
        var allowed = Run([.. arguments, "--allow-mel-mismatch"]);

        Assert.That(allowed.Code, Is.EqualTo(ExitCode.Incomplete), allowed.Error);
        Assert.That(WavFile.Read(At("out/a.wav")).Samples, Is.Not.Empty);
    }

    [Test]
    public void Say_speaks_with_a_converted_vocoder(
        [Values("waveglow", "parallel_wavegan")] string vocoder, [Values("cpu", "emulated")] string device)
    {
        if (device == "emulated" && CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        var isWaveGlow = vocoder == "waveglow";
        Checkpoint("checkpoint.safetensors", isWaveGlow ? WaveGlowTensors.ExpectedWeightNormed(WaveGlow)
            : ParallelWaveGanTensors.ExpectedWeightNormed(ParallelWaveGan));
        File.WriteAllText(
            At("config.json"),
            isWaveGlow
                ? """{"data_config": {"hop_length": 256}, "waveglow_config": {"n_flows": 2, "n_early_every": 1}}"""
                : """{"generator_params": {"stacks": 1}}""");
        var converted = Run("convert", At("checkpoint.safetensors"), "-o", At("model"), "--config", At("config.json"));
        Assert.That(converted.Code, Is.EqualTo(ExitCode.Done), converted.Error);

        // Parallel WaveGAN's mel is another than the voice's.
        string[] mismatch = isWaveGlow ? [] : ["--allow-mel-mismatch"];
        var result = Run(["say", "Hi.", "--voice", EndlessVoice, "--vocoder", At("model"), "--device", device, "--stats", "-o", At("out/a.wav"),
            .. mismatch]);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Incomplete), result.Error);
        Assert.That(result.Error, Does.Contain($"\"vocoder\":\"{vocoder}\""));
        Assert.That(WavFile.Read(At("out/a.wav")).Samples, Has.Some.Not.Zero);
    }

    private string WriteWaveGlow() => Write("model", ConfigJson.Write(WaveGlow), WaveGlowTensors.ExpectedWeightNormed(WaveGlow));

    private string Write(string name, string config, IEnumerable<(string Name, int[] Shape)> tensors)
    {
        var folder = Directory.CreateDirectory(At(name)).FullName;
        var weights = WeightNorm.Fold(ProceduralWeights.Create(tensors));
        File.WriteAllText(Path.Combine(folder, ConfigJson.FileName), config);
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFolder.WeightsFileName), weights.Names.Select(each => KeyValuePair.Create(each, weights.Entry(each))));
        return folder;
    }

    private void Checkpoint(string name, IEnumerable<(string Name, int[] Shape)> tensors)
    {
        var weights = ProceduralWeights.Create(tensors);
        SafetensorsWriter.Write(At(name), weights.Names.Select(each => KeyValuePair.Create(each, weights.Entry(each))));
    }

    private void WriteMel(int rows, int frames) =>
        SafetensorsWriter.Write(At("mel.safetensors"), [Entry("mel", rows, 80, frames)]);

    private static KeyValuePair<string, WeightEntry> Entry(string name, params int[] shape) =>
        KeyValuePair.Create(name, ProceduralWeights.Create([(name, shape)]).Entry(name));

    private Tensor Audio(string name)
    {
        var weights = SafetensorsFile.Open(At(name)).Weights;
        return weights.Take("audio", weights.Entry("audio").Shape);
    }
}
