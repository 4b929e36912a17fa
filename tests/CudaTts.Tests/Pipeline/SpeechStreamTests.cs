using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Models.WaveGlow;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Pipeline;

[TestFixture]
internal sealed class SpeechStreamTests
{
    private const string Text = "The decoder is still at work. Nobody waits for it.";
    private TemporaryFolder _folder = null!;

    private static HifiGanConfig TinyHifiGan { get; } = new()
    {
        InitialChannels = 16,
        ResidualKernels = [3, 7],
        ResidualDilations = [[1, 3], [1, 3]],
    };

    // A voice's mel must be its vocoder's.
    private static ParallelWaveGanConfig TinyParallelWaveGan { get; } = new()
    {
        Layers = 6,
        Stacks = 2,
        ResidualChannels = 12,
        GateChannels = 10,
        SkipChannels = 9,
        Mel = TinyVoice.Config.Mel,
    };

    // With 6 layers its context is 7 frames; the public models' 99 are more than this test's sentence has.
    private static WaveGlowConfig TinyWaveGlow { get; } = new() { Flows = 2, EarlyEvery = 1, Channels = 8, Mel = TinyVoice.Config.Mel };

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task The_chunks_are_the_whole(
        [Values("hifigan", "parallel_wavegan", "waveglow", Vocoder.GriffinLimName)] string vocoder, [Values("cpu", "emulated")] string device)
    {
        using var synthesizer = Load(vocoder, device);
        // Chunks grow: 16 frames, 32, and a rest; on the emulated device no more than that.
        var options = new SpeechOptions { MaxSeconds = device == "cpu" || vocoder == Vocoder.GriffinLimName ? 1 : 0.8, Attempts = 1, Seed = 3 };
        var whole = synthesizer.Speak(Text, options);
        var chunks = new List<AudioChunk>();
        await foreach (var chunk in synthesizer.StreamAsync(Text, options))
        {
            chunks.Add(chunk);
        }

        Assert.That(chunks.Count(chunk => chunk.Sentence == 0), Is.GreaterThan(2), "the first sentence comes in chunks");
        Assert.That(chunks[0].Samples, Has.Length.EqualTo(16 * 256));
        var joined = chunks.SelectMany(chunk => chunk.Samples).ToArray();
        Assert.That(joined, Has.Length.EqualTo(whole.Audio.Samples.Length));
        Assert.That(Nmse.Of(joined, whole.Audio.Samples), Is.LessThan(1e-10));
        Assert.That(chunks.Where(chunk => chunk.Verdict is not null).Select(chunk => chunk.Verdict),
            Is.EqualTo(whole.Sentences.Select(sentence => sentence.Verdict)));
    }

    [Test]
    public async Task The_chunks_are_the_whole_from_the_decoder_that_stays_on_the_chip()
    {
        Assert.That(PersistentDecoderPlan.For(TinyVoice.Config, multiprocessors: 132, 163 * 1024, rows: 1, tokens: 32), Is.Not.Null);
        using var synthesizer = Load("hifigan", "emulated", Precision.Half);
        var options = new SpeechOptions { MaxSeconds = 0.8, Attempts = 1, Seed = 3 };
        var whole = synthesizer.Speak("Nobody waits.", options);
        var joined = new List<float>();
        var chunks = 0;
        await foreach (var chunk in synthesizer.StreamAsync("Nobody waits.", options))
        {
            joined.AddRange(chunk.Samples);
            chunks++;
        }

        Assert.That(chunks, Is.GreaterThan(2));
        Assert.That(joined, Has.Count.EqualTo(whole.Audio.Samples.Length));
        Assert.That(Nmse.Of(joined.ToArray(), whole.Audio.Samples), Is.LessThan(1e-6));
    }

    [Test]
    public async Task The_first_chunk_is_no_shorter_than_the_context()
    {
        using var synthesizer = Load("waveglow", layers: 8);
        var options = new SpeechOptions { MaxSeconds = 1, Attempts = 1 };
        await foreach (var chunk in synthesizer.StreamAsync(Text, options))
        {
            // Two flows of 255 groups of 8 samples, and 768 samples of the upsampling: 4,848.
            Assert.That(chunk.Samples, Has.Length.EqualTo(19 * 256));
            break;
        }
    }

    [Test]
    public async Task What_needs_the_whole_sentence_gets_it()
    {
        using var synthesizer = Load("hifigan");
        var options = new SpeechOptions { MaxSeconds = 0.5, Attempts = 1, Speed = 2 };
        var whole = synthesizer.Speak(Text, options);
        var joined = new List<float>();
        await foreach (var chunk in synthesizer.StreamAsync(Text, options))
        {
            joined.AddRange(chunk.Samples);
        }

        Assert.That(joined, Is.EqualTo(whole.Audio.Samples));
    }

    [Test]
    public async Task Who_stops_listening_stops_the_decoder()
    {
        using var synthesizer = Load("hifigan");
        var frames = 0;
        using var left = new ManualResetEventSlim();
        var options = new SpeechOptions
        {
            MaxSeconds = 600,
            Progress = new Counter(value =>
            {
                frames = value;
                if (value == 400)
                {
                    left.Wait();
                }
            }),
        };
        await foreach (var chunk in synthesizer.StreamAsync(Text, options))
        {
            Assert.That(chunk.Verdict, Is.Null);
            left.Set();
            break;
        }

        Assert.That(frames, Is.InRange(1, 50_000), "of 51,678 until the limit");
    }

    [Test]
    public void A_cancelled_stream_throws()
    {
        using var synthesizer = Load("hifigan");
        using var cancelled = new CancellationTokenSource();
        Assert.That(
            async () =>
            {
                await foreach (var chunk in synthesizer.StreamAsync(Text, new SpeechOptions { MaxSeconds = 600 }, cancelled.Token))
                {
                    await cancelled.CancelAsync();
                }
            },
            Throws.InstanceOf<OperationCanceledException>());
    }

    private SpeechSynthesizer Load(string vocoder, string device = "cpu", Precision precision = Precision.Full, int layers = 6)
    {
        if (device == "emulated" && CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        var voice = Create(_folder.Path("voice"), vocoder, layers);
        return SpeechSynthesizer.Load(voice, new DeviceOptions { Name = device, Threads = 2, Precision = precision });
    }

    /// <summary>A voice that never stops, of whose sentences chunks can be made.</summary>
    internal static string CreateHifiGanVoice(string path) => Create(path, "hifigan", layers: 0);

    private static string Create(string path, string vocoder, int layers)
    {
        var voice = TinyVoice.Create(path, gateBias: -100);
        if (vocoder == Vocoder.GriffinLimName)
        {
            return voice;
        }

        var folder = Directory.CreateDirectory(Path.Combine(voice, "vocoder")).FullName;
        var waveGlow = TinyWaveGlow with { Layers = layers };
        var (config, tensors) = vocoder switch
        {
            "hifigan" => (ConfigJson.Write(TinyHifiGan), HifiGanTensors.ExpectedWeightNormed(TinyHifiGan)),
            "waveglow" => (ConfigJson.Write(waveGlow), WaveGlowTensors.ExpectedWeightNormed(waveGlow)),
            _ => (ConfigJson.Write(TinyParallelWaveGan), ParallelWaveGanTensors.ExpectedWeightNormed(TinyParallelWaveGan)),
        };
        var weights = WeightNorm.Fold(ProceduralWeights.Create(tensors));
        File.WriteAllText(Path.Combine(folder, ConfigJson.FileName), config);
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFolder.WeightsFileName), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
        File.WriteAllText(Path.Combine(voice, Voice.ManifestName), TinyVoice.Manifest(vocoder: "vocoder"));
        return voice;
    }

    private sealed class Counter(Action<int> count) : IProgress<SpeechProgress>
    {
        public void Report(SpeechProgress value) => count(value.Frames);
    }
}
