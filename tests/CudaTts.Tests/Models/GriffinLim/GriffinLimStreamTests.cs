using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.GriffinLim;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Models.GriffinLim;

[TestFixture]
internal sealed class GriffinLimStreamTests
{
    private static readonly MelContract Contract = new();
    private static readonly Tensor Speech = new LogMelAnalyzer(Contract, MelFraming.HifiGan).Analyze(LogMelAnalyzerTests.Clip("LJ001-0012"));
    private readonly ComputeDevice _oneThread = ComputeDevice.Open(new DeviceOptions { Name = "cpu", Threads = 1 });
    private readonly ComputeDevice _twoThreads = ComputeDevice.Open(new DeviceOptions { Name = "cpu", Threads = 2 });

    [OneTimeTearDown]
    public void EndThreads()
    {
        _oneThread.Dispose();
        _twoThreads.Dispose();
    }

    [Test]
    public void Parts_are_the_whole([Values(1, 2)] int threads, [Values(16, 32, 80)] int chunk)
    {
        using var vocoder = Vocoder.GriffinLim(Contract, threads == 1 ? _oneThread : _twoThreads);
        using var other = Vocoder.GriffinLim(Contract, _oneThread);
        foreach (var frames in (int[])[1, 2, 3, 15, 16, 17, 18, 19, 29, 30, 31, 32, 33, 34, 35, 45, 46, 47, 48, 50, 51, 64, 66, 82, 94, 98, 99, 100])
        {
            var whole = other.Generate(Frames(0, frames), new VocoderOptions { Seed = 3 });

            Assert.That(Joined(vocoder, frames, chunk), Is.EqualTo(whole.Span.ToArray()), $"{frames} frames");
        }
    }

    [Test]
    public void Parts_are_the_whole_where_a_network_knows_the_magnitudes()
    {
        var config = new GriffinLimConfig { Channels = 8, Mel = Contract };
        using var vocoder = new GriffinLimVocoder(config, ProceduralWeights.Create(GriffinLimTensors.Expected(config)), _oneThread);

        Assert.That(vocoder.ContextFrames, Is.EqualTo(14 + 21));
        Assert.That(Joined(vocoder, 130, chunk: 48), Is.EqualTo(Whole(vocoder, 3, 130)));
    }

    [TestCase(Precision.Full, 1e-6)]
    [TestCase(Precision.Half, 0.02)]
    public void The_speech_of_a_network_on_a_gpu_is_the_cpus(Precision precision, double limit)
    {
        const int Frames = 70;
        var config = new GriffinLimConfig { Channels = 8, Mel = Contract };
        var weights = ProceduralWeights.Create(GriffinLimTensors.Expected(config));
        using var cpu = new GriffinLimVocoder(config, weights, _oneThread);
        using var gpu = new GriffinLimVocoder(config, weights, TestDevice.Open(precision));

        var expected = Whole(cpu, 3, Frames);
        double[] errors = [.. ((float[][])[Whole(gpu, 3, Frames), Joined(gpu, Frames, chunk: 48), Whole(cpu, 4, Frames)])
            .Select(audio => Nmse.Of(audio, expected))];

        TestContext.Out.WriteLine($"NMSE {errors[0]:E1} whole, {errors[1]:E1} in parts, {errors[2]:E1} of other random phases");
        Assert.That(errors[..2], Is.All.LessThan(limit));
        Assert.That(errors[2], Is.GreaterThan(limit));
    }

    [Test]
    public void A_conversion_of_the_mel_hands_on_what_the_parts_share()
    {
        using var vocoder = Vocoder.GriffinLim(Contract, _oneThread).Reading(Contract with { Log = MelLog.Log10 });

        Assert.That(vocoder.ChunkMultiple, Is.EqualTo(16));
        Assert.That(Joined(vocoder, 70, chunk: 16), Is.EqualTo(Whole(vocoder, 3, 70)));
    }

    [Test]
    public void Magnitudes_may_come_in_any_parts([Values(1, 7, 16)] int part, [Values(100, 256, 300, 512)] int hop)
    {
        const int Frames = 53;
        var magnitudes = Magnitudes(Frames);
        var (whole, joined) = (new float[Frames * hop], new float[Frames * hop]);
        Begin(iterations: 2, hop).Add(magnitudes, isEnd: true, whole, CancellationToken.None);
        var state = Begin(iterations: 2, hop);
        for (var first = 0; first < Frames; first += part)
        {
            var end = Math.Min(Frames, first + part);
            var given = magnitudes.AsSpan(first * 513, (end - first) * 513);
            state.Add(given, end == Frames, joined.AsSpan(state.Finished * hop), CancellationToken.None);
        }

        Assert.That(joined, Is.EqualTo(whole));
    }

    [Test]
    public void Samples_are_final_as_soon_as_their_context_is_there()
    {
        var state = Begin(iterations: 1);
        var samples = new float[100 * 256];
        state.Add(Magnitudes(16 + 13), isEnd: false, samples, CancellationToken.None);
        Assert.That(state.Finished, Is.Zero);

        state.Add(Magnitudes(1), isEnd: false, samples, CancellationToken.None);
        Assert.That(state.Finished, Is.EqualTo(16));
    }

    [Test]
    public void Streams_share_a_batch_with_each_other_and_with_whole_mels([Values(1, 2)] int threads)
    {
        using var vocoder = Vocoder.GriffinLim(Contract, threads == 1 ? _oneThread : _twoThreads);
        var (one, two) = (Parts(seed: 3, frames: 70, chunk: 16), Parts(seed: 4, frames: 55, chunk: 32));

        var audio = vocoder.Generate(
            [one[0].Mel, two[0].Mel, Frames(0, 40), one[1].Mel, two[1].Mel],
            [one[0].Noise, two[0].Noise, new VocoderOptions { Seed = 5 }, one[1].Noise, two[1].Noise]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((float[])[.. one[0].Of(audio[0]), .. one[1].Of(audio[3])], Is.EqualTo(Whole(vocoder, 3, 70)[..(32 * 256)]));
            Assert.That((float[])[.. two[0].Of(audio[1]), .. two[1].Of(audio[4])], Is.EqualTo(Whole(vocoder, 4, 55)));
            Assert.That(audio[2].Span.ToArray(), Is.EqualTo(Whole(vocoder, 5, 40)));
        }
    }

    [Test]
    public void A_part_can_be_given_again_after_its_batch_was_refused()
    {
        using var vocoder = Vocoder.GriffinLim(Contract, _twoThreads);
        var parts = Parts(seed: 3, frames: 60, chunk: 16);
        var damaged = new Tensor(1, 80, 20);
        damaged.Span[7] = float.NaN;
        vocoder.Generate([parts[0].Mel], [parts[0].Noise]);

        Assert.That(() => vocoder.Generate([parts[1].Mel, damaged], [parts[1].Noise, new VocoderOptions()]), Throws.TypeOf<AudioException>());

        var audio = vocoder.Generate([parts[1].Mel], [parts[1].Noise])[0];
        Assert.That(parts[1].Of(audio), Is.EqualTo(Whole(vocoder, 3, 60)[(16 * 256)..(32 * 256)]));
    }

    [Test]
    public void A_part_after_those_of_another_stream_is_something_else()
    {
        using var vocoder = Vocoder.GriffinLim(Contract, _oneThread);
        var (own, other) = (Parts(seed: 3, frames: 60, chunk: 16), Parts(seed: 4, frames: 60, chunk: 16));
        vocoder.Generate([own[0].Mel, other[0].Mel], [own[0].Noise, other[0].Noise]);

        var joined = vocoder.Generate([own[1].Mel], [own[1].Noise])[0];
        var strayed = vocoder.Generate([own[1].Mel], [own[1].Noise with { Stream = other[0].Noise.Stream }])[0];

        var whole = Whole(vocoder, 3, 60)[(16 * 256)..(32 * 256)];
        Assert.That(own[1].Of(joined), Is.EqualTo(whole));
        Assert.That(own[1].Of(strayed), Is.Not.EqualTo(whole));
    }

    [Test]
    public void A_part_that_does_not_join_is_refused()
    {
        using var vocoder = Vocoder.GriffinLim(Contract, _oneThread);
        var part = Parts(seed: 3, frames: 60, chunk: 16)[1];

        Assert.That(() => vocoder.Generate([part.Mel], [part.Noise]), Throws.ArgumentException.With.Message.Contains("do not join"));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Cancellation_is_seen_within_a_block()
    {
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var endless = new GriffinLimAlgorithm(Contract) { Iterations = int.MaxValue };

        Assert.That(() => endless.Generate(Frames(0, 10), seed: 1, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_stream_whose_part_was_cancelled_goes_on([Values(1, 2)] int threads)
    {
        using var vocoder = Vocoder.GriffinLim(Contract, threads == 1 ? _oneThread : _twoThreads);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var parts = Parts(seed: 3, frames: 60, chunk: 16);
        vocoder.Generate([parts[0].Mel], [parts[0].Noise]);

        // The part is done within milliseconds, the other mels keep all threads busy for seconds.
        var others = Enumerable.Repeat(Frames(0, Speech[2]), 40).ToList();
        Assert.That(
            () => vocoder.Generate([parts[1].Mel, .. others], [parts[1].Noise, .. others.Select(_ => new VocoderOptions())], cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());

        var audio = vocoder.Generate([parts[1].Mel], [parts[1].Noise])[0];
        Assert.That(parts[1].Of(audio), Is.EqualTo(Whole(vocoder, 3, 60)[(16 * 256)..(32 * 256)]));
    }

    [Test]
    public void Magnitudes_are_met_as_well_as_by_all_frames_at_once()
    {
        const int Frames = 150;
        var magnitudes = Magnitudes(Frames);
        var samples = new float[Frames * 256];
        Begin(PhaseReconstruction.DefaultIterations).Add(magnitudes, isEnd: true, samples, CancellationToken.None);

        // The first and last frames lie half outside of the sound.
        var inner = magnitudes[(2 * 513)..^(2 * 513)];
        float[] Inner(ReadOnlySpan<float> sound) => sound.Slice(128, ((Frames - 5) * 256) + 1024).ToArray();
        var inBlocks = WholeGriffinLim.Convergence(Inner(samples), inner);
        var atOnce = WholeGriffinLim.Convergence(Inner(WholeGriffinLim.Generate(magnitudes, 32, 0.99f).AsSpan(384)), inner);
        var random = WholeGriffinLim.Convergence(Inner(WholeGriffinLim.Generate(magnitudes, 0, 0.99f).AsSpan(384)), inner);

        TestContext.Out.WriteLine($"spectral convergence: {inBlocks:F4} in blocks, {atOnce:F4} at once, {random:F4} of random phases");
        Assert.That(inBlocks, Is.LessThan(1.1 * atOnce));
        Assert.That(random, Is.GreaterThan(2 * atOnce));
    }

    private static PhaseReconstruction Begin(int iterations, int hop = 256) =>
        new(new FourierTransform(1024), HannWindow.Create(1024, 1024), hop, seed: 1) { Iterations = iterations };

    /// <summary>The magnitudes [F, 513] of recorded speech.</summary>
    private static float[] Magnitudes(int frames)
    {
        var spectra = WholeGriffinLim.Analyze(LogMelAnalyzerTests.Clip("LJ001-0012")[..(((frames - 1) * 256) + 1024)]);
        return [.. spectra.SelectMany(one => one.Re.Zip(one.Im, (re, im) => MathF.Sqrt((re * re) + (im * im))))];
    }

    /// <summary>The frames [first, end) of a recording's mel.</summary>
    private static Tensor Frames(int first, int end)
    {
        var part = new Tensor(1, 80, end - first);
        for (var band = 0; band < 80; band++)
        {
            Speech.Span.Slice((band * Speech[2]) + first, end - first).CopyTo(part.Span[(band * (end - first))..]);
        }

        return part;
    }

    private static float[] Whole(Vocoder vocoder, ulong seed, int frames) =>
        vocoder.Generate([Frames(0, frames)], [new VocoderOptions { Seed = seed }])[0].Span.ToArray();

    private static float[] Joined(Vocoder vocoder, int frames, int chunk) =>
        [.. Parts(seed: 3, frames, chunk, vocoder.ContextFrames).SelectMany(part => part.Of(vocoder.Generate([part.Mel], [part.Noise])[0]))];

    /// <summary>The parts as a sentence has them that is heard while its frames come.</summary>
    private static List<Part> Parts(ulong seed, int frames, int chunk, int context = 14)
    {
        var (parts, stream) = (new List<Part>(), new VocoderStream());
        for (var start = 0; start < frames; start = parts[^1].Start + parts[^1].Count)
        {
            var isEnd = start + chunk + context > frames;
            var count = isEnd ? frames - start : chunk;
            var first = Math.Max(0, start - context);
            var noise = new VocoderOptions { Seed = seed, FirstFrame = first, Stream = stream, IsEnd = isEnd };
            parts.Add(new Part(Frames(first, Math.Min(frames, start + count + context)), noise, start, count));
        }

        return parts;
    }

    private sealed record Part(Tensor Mel, VocoderOptions Noise, int Start, int Count)
    {
        public float[] Of(Tensor audio) => audio.Span.Slice((Start - Noise.FirstFrame) * 256, Count * 256).ToArray();
    }
}
