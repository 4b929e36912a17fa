using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Tensors;

namespace CudaTts.Tests.Models.Vits;

/// <summary>What a VITS does beside the goldens: rows, parts, randomness, pace, limits, and what it refuses.</summary>
internal sealed class VitsAcousticTests
{
    private static readonly VitsGolden Tiny = VitsGolden.Read("vits_tiny.safetensors");
    private static readonly VitsGolden Speakers = VitsGolden.Read("vits_tiny_speakers.safetensors");

    private readonly CpuCompute _compute = new(2);
    private VitsAcoustic _acoustic;
    private VitsAcoustic _speakers;

    /// <summary>Utterances of several lengths, and who speaks them.</summary>
    internal static (int[][] Ids, AcousticOptions[] Options) Utterances(VitsConfig config) => (
        [.. new[] { 9, 1, 14 }.Select((tokens, row) => Enumerable.Range(0, tokens).Select(i => (7 * (i + row)) % config.Symbols).ToArray())],
        [.. Enumerable.Range(0, 3).Select(row => new AcousticOptions
        {
            Seed = 5, Utterance = (uint)row, Speaker = config.Speakers > 0 ? row : null,
        })]);

    [OneTimeSetUp]
    public void Load() => (_acoustic, _speakers) = (
        new VitsAcoustic(Tiny.Config, VitsProcedural.Folded(Tiny.Config), _compute),
        new VitsAcoustic(Speakers.Config, VitsProcedural.Folded(Speakers.Config), _compute));

    [OneTimeTearDown]
    public void Unload()
    {
        _acoustic.Dispose();
        _speakers.Dispose();
        _compute.Dispose();
    }

    [Test]
    public void Rows_are_what_they_are_alone()
    {
        var (ids, options) = Utterances(Speakers.Config);

        var together = _speakers.SynthesizeBatch(ids, options);

        for (var row = 0; row < ids.Length; row++)
        {
            var alone = (DurationResult)_speakers.SynthesizeBatch([ids[row]], [options[row]])[0];
            Assert.That(((DurationResult)together[row]).Durations, Is.EqualTo(alone.Durations), $"row {row}");
            Assert.That(together[row].Mel.Span.SequenceEqual(alone.Mel.Span), Is.True, $"row {row}");
            Assert.That(together[row].Mel[2], Is.EqualTo(alone.Durations.Sum()));
        }
    }

    [Test]
    public void What_any_caller_gets_is_what_the_stages_say()
    {
        var options = new AcousticOptions { Seed = 9, Utterance = 4, Speaker = 2, NoiseScale = 0.5f, DurationNoiseScale = 0.3f };
        var stages = _speakers.Synthesize(Speakers.Ids, VitsOptions.Of(Speakers.Config) with
        {
            Seed = 9, Utterance = 4, Speaker = 2, NoiseScale = 0.5f, DurationNoiseScale = 0.3f,
        });

        var result = (DurationResult)_speakers.SynthesizeBatch([Speakers.Ids], [options])[0];

        Assert.That(result.Durations, Is.EqualTo(stages.Durations));
        Assert.That(result.Mel.Span.SequenceEqual(stages.Frames.Span), Is.True);
        Assert.That(result.Stop, Is.EqualTo(StopReason.Durations));
        foreach (var other in (AcousticOptions[])
            [options with { NoiseScale = 0.6f }, options with { Speaker = 1 }, options with { Seed = 8 }, options with { Utterance = 5 }])
        {
            Assert.That(_speakers.SynthesizeBatch([Speakers.Ids], [other])[0].Mel.Span.SequenceEqual(result.Mel.Span), Is.False, $"{other}");
        }
    }

    [Test]
    public void Without_noise_the_seed_does_not_matter()
    {
        Tensor Frames(ulong seed, float durations) => _acoustic.SynthesizeBatch(
            [Tiny.Ids], [new AcousticOptions { Seed = seed, NoiseScale = 0, DurationNoiseScale = durations }])[0].Mel;

        Assert.That(Frames(1, 0).Span.SequenceEqual(Frames(2, 0).Span), Is.True);
        Assert.That(Frames(1, 3).Span.SequenceEqual(Frames(2, 3).Span), Is.False);
    }

    [Test]
    public void Frames_refined_in_parts_join_without_seams([Values(1, 13, 40)] int partFrames)
    {
        var frames = Tensor.From(ProceduralWeights.Values("frames", [1, 16, 131]), 1, 16, 131);
        var options = new AcousticOptions { Speaker = 4 };
        var whole = _speakers.Refine([frames], [options])[0];
        var joined = new Tensor(1, 16, 131);

        foreach (var chunk in MelChunk.Cut([frames], partFrames, _speakers.RefinementContextFrames))
        {
            var part = _speakers.Refine([MelChunk.Gather([frames], [chunk])], [options])[0];
            for (var channel = 0; channel < 16; channel++)
            {
                part.Span.Slice((channel * chunk.Frames) + chunk.Start - chunk.From, chunk.Count)
                    .CopyTo(joined.Span[((channel * 131) + chunk.Start)..]);
            }
        }

        Assert.That(Nmse.Of(joined.Span, whole.Span), Is.LessThan(1e-12));
        Assert.That(Nmse.Of(_speakers.Refine([frames], [new AcousticOptions()])[0].Span, whole.Span), Is.GreaterThan(1e-6));
    }

    [Test]
    public void The_context_is_needed_whole()
    {
        // By its definition: a filter's rounding sees some steps more.
        using var compute = new CpuCompute { GoesByDefinition = true };
        using var acoustic = new VitsAcoustic(Tiny.Config, VitsProcedural.Folded(Tiny.Config), compute);
        var frames = Tensor.From(ProceduralWeights.Values("frames", [1, 16, 131]), 1, 16, 131);
        var before = acoustic.Refine(frames);
        for (var channel = 0; channel < 16; channel++)
        {
            frames.Span[(channel * 131) + 65] += 3;
        }

        var after = acoustic.Refine(frames);

        var differing = Enumerable.Range(0, before.Length).Where(i => before.Span[i] != after.Span[i]).Select(i => i % 131).ToArray();
        Assert.That((differing.Min(), differing.Max()), Is.EqualTo((65 - acoustic.RefinementContextFrames, 65 + acoustic.RefinementContextFrames)));
    }

    [Test]
    public void Audio_in_chunks_joins_without_seams([Values(1, 7)] int chunkFrames)
    {
        using var decoder = new VitsDecoder(Speakers.Config, VitsProcedural.Folded(Speakers.Config), _compute);
        Tensor[] frames = [.. new[] { 61, 9 }.Select(count => Tensor.From(ProceduralWeights.Values("frames", [1, 16, count]), 1, 16, count))];
        VocoderOptions[] options = [new() { Speaker = 4 }, new() { Speaker = 1 }];

        var whole = decoder.InChunksOf(61).Generate(frames, options);
        var joined = decoder.InChunksOf(chunkFrames).Generate(frames, options);

        for (var row = 0; row < frames.Length; row++)
        {
            Assert.That(whole[row].Shape, Is.EqualTo((int[])[1, frames[row][2] * 8]));
            Assert.That(Nmse.Of(joined[row].Span, whole[row].Span), Is.LessThan(1e-12));
            Assert.That(decoder.InChunksOf(61).Generate([frames[row]], [options[row]])[0].Span.SequenceEqual(whole[row].Span), Is.True);
            Assert.That(Nmse.Of(decoder.Generate([frames[row]], [new VocoderOptions()])[0].Span, whole[row].Span), Is.GreaterThan(1e-6));
        }
    }

    [Test]
    public void Frames_are_told_before_they_are_refined()
    {
        var told = new List<float[]>();
        using var batch = _acoustic.CreateBatch();
        var options = new AcousticOptions { Seed = 3, Frames = frame => told.Add(frame.ToArray()) };
        var rows = batch.Join([Tiny.Ids], [options]);
        batch.Advance(rows, () => false);
        var result = batch.Finish(rows)[0];

        var whole = _acoustic.SynthesizeBatch([Tiny.Ids], [new AcousticOptions { Seed = 3 }])[0];
        var frames = new Tensor(1, 16, told.Count);
        for (var i = 0; i < frames.Length; i++)
        {
            frames.Span[i] = told[i % told.Count][i / told.Count];
        }

        Assert.That(rows[0].IsDone, Is.True);
        Assert.That(result.Mel.Span.SequenceEqual(frames.Span), Is.True);
        Assert.That(_acoustic.Refine(frames).Span.SequenceEqual(whole.Mel.Span), Is.True);
    }

    [Test]
    public void Pace_divides_durations_before_they_are_rounded()
    {
        var options = VitsOptions.Of(Tiny.Config) with { LengthScale = 3, Seed = 2 };
        var prosody = Enumerable.Range(0, Tiny.Ids.Length).Select(token => new TokenProsody(token % 2 == 0 ? 1 : 2.5)).ToArray();
        var usual = _acoustic.Synthesize(Tiny.Ids, options);

        var paced = _acoustic.Synthesize(Tiny.Ids, options with { Prosody = prosody });

        Assert.That(_acoustic.Controls, Is.EqualTo(ProsodyControls.Pace));
        Assert.That(paced.LogDurations.Span.SequenceEqual(usual.LogDurations.Span), Is.True);
        for (var token = 0; token < Tiny.Ids.Length; token++)
        {
            var expected = Math.Ceiling(Math.Exp(usual.LogDurations.Span[token]) * 3 / prosody[token].Pace);
            Assert.That(paced.Durations[token], Is.EqualTo((int)expected), $"token {token}");
        }

        Assert.That(paced.Durations.Sum(), Is.LessThan(usual.Durations.Sum()));
    }

    [Test]
    public void Speech_that_would_be_too_long_is_cut()
    {
        var cut = _acoustic.Synthesize(Tiny.Ids, VitsOptions.Of(Tiny.Config) with { LengthScale = 9, MostFrames = 31 });
        var seconds = (DurationResult)_acoustic.SynthesizeBatch([Tiny.Ids], [new AcousticOptions { MaxSeconds = 7.9 * 8 / 22050 }])[0];

        Assert.That((cut.Stop, cut.Durations.Sum(), cut.Frames[2]), Is.EqualTo((StopReason.FrameLimit, 31, 31)));
        Assert.That((seconds.Stop, seconds.Durations.Sum(), seconds.Steps), Is.EqualTo((StopReason.FrameLimit, 7, 7)));
    }

    [TestCase(new[] { 0f, 1f, -1000f }, 1f, null, new[] { 1, 3, 1 }, StopReason.Durations)]
    [TestCase(new[] { 0f, 1f, -1000f }, 2f, null, new[] { 2, 6, 1 }, StopReason.Durations)]
    [TestCase(new[] { 0f, 1f, -1000f }, 1f, 5, new[] { 1, 3, 1 }, StopReason.Durations)]
    [TestCase(new[] { 0f, 1f, -1000f }, 1f, 4, new[] { 1, 3, 0 }, StopReason.FrameLimit)]
    [TestCase(new[] { 0f, 1f, 0.5f }, 1f, 5, new[] { 1, 3, 1 }, StopReason.FrameLimit)]
    [TestCase(new[] { 1000f }, 1f, null, new[] { 250 }, StopReason.FrameLimit)]
    [TestCase(new[] { float.PositiveInfinity, 0 }, 0.5f, null, new[] { 250, 0 }, StopReason.FrameLimit)]
    public void Durations_are_rounded_up_within_the_limit(float[] logarithms, float scale, int? most, int[] frames, StopReason stop)
    {
        var durations = FrameDurations.Of(logarithms, VitsOptions.Of(Tiny.Config) with { LengthScale = scale, MostFrames = most }, 1000);

        Assert.That(durations.Frames, Is.EqualTo(frames));
        Assert.That(durations.Stop, Is.EqualTo(stop));
        Assert.That(durations.Places(), Is.EqualTo(frames.SelectMany((count, token) => Enumerable.Repeat(token, count))));
    }

    [Test]
    public void Given_noise_and_durations_that_do_not_fit_are_refused()
    {
        var options = Tiny.Options with { Durations = Tiny.Durations };
        var frames = Tiny.Durations.Sum();
        (VitsOptions Options, string Says)[] wrong =
        [
            (options with { DurationNoise = new Tensor(1, 2, 4) }, "duration_noise: expected [1, 2, 19] for 19 ids, found [1, 2, 4]"),
            (options with { PriorNoise = NotFinite(1, 16, frames) }, "noise 'prior_noise': expected finite numbers, found NaN at [0, 0, 3]"),
            (options with { DurationNoise = NotFinite(1, 2, Tiny.Ids.Length) }, "noise 'duration_noise': expected finite numbers, found NaN at"),
            (options with { PriorNoise = new Tensor(1, 16, 4) }, $"the durations sum to {frames} frames, found [1, 16, 4]"),
            (options with { Durations = [1, 2] }, "durations: expected 19, one for each id, found 2"),
            (options with { Durations = [-1, .. Tiny.Durations[1..]] }, "durations: expected frames from 0 on, found -1"),
            (options with { Durations = new int[19] }, "frames together, found 0"),
            (options with { Durations = [.. Enumerable.Repeat(int.MaxValue, 19)] }, "frames together, found 408"),
            (options with { Prosody = [TokenProsody.Usual] }, "prosody: expected one entry for each of 19 tokens, found 1"),
            (options with { Speaker = 0 }, "has one voice"),
        ];
        foreach (var (given, says) in wrong)
        {
            Assert.That(() => _acoustic.Synthesize(Tiny.Ids, given), Throws.InstanceOf<CudaTtsException>().With.Message.Contains(says));
        }

        Assert.That(
            () => _speakers.Synthesize(Speakers.Ids, Speakers.Options with { Speaker = 5 }),
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains("0 to 4"));
        Assert.That(() => _acoustic.Synthesize([60], Tiny.Options), Throws.InstanceOf<TextException>().With.Message.Contains("60"));
        Assert.That(
            () => FrameDurations.Of([float.NaN], options with { Durations = null }, 10),
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains("no number"));
    }

    [Test]
    public void Nothing_is_a_mel_that_another_vocoder_could_read()
    {
        using var decoder = new VitsDecoder(Tiny.Config, VitsProcedural.Folded(Tiny.Config), _compute);

        Assert.That(decoder.Mel, Is.EqualTo(_acoustic.Mel));
        Assert.That(_acoustic.Mel.MelBands, Is.EqualTo(16));
        Assert.That(MelConversion.Between(_acoustic.Mel, _acoustic.Mel with { Normalisation = "none" }, null), Is.Null);
        Assert.That(MelConversion.Between(_acoustic.Mel with { Normalisation = "none" }, _acoustic.Mel, null), Is.Null);
        Assert.That(() => decoder.RequireStrength(0.1f), Throws.InstanceOf<CudaTtsException>().With.Message.Contains("no hum"));
    }

    [Test]
    public void A_config_that_contradicts_itself_is_refused()
    {
        var config = Tiny.Config;
        var weights = VitsProcedural.Folded(config);
        (VitsConfig Config, string Says)[] wrong =
        [
            (config with { ModelType = "hifigan" }, "model_type: expected \"vits\""),
            (config with { Symbols = 0 }, "n_symbols: expected 1 to"),
            (config with { Layers = 65 }, "n_layers: expected 1 to 64"),
            (config with { InterChannels = 15 }, "inter_channels: expected an even number"),
            (config with { Heads = 5 }, "hidden_channels: expected a multiple of n_heads 5, found 24"),
            (config with { Speakers = 2 }, "gin_channels: expected 1 to"),
            (config with { Speakers = -1 }, "n_speakers: expected 0 to"),
            (config with { ResidualDilations = [[1, 3], [1, 3]] }, "resblock_dilation_sizes: expected lists of 3"),
            (config with { UpsampleRates = [4] }, "upsample_rates: expected as many as"),
            (config with { SampleRate = 0 }, "sampling_rate"),
            (config with { FftLength = 0 }, "filter_length"),
            (config with { NoiseScale = float.NaN }, "noise_scale: expected 0 to 100"),
            (config with { LengthScale = 0 }, "length_scale: expected above 0"),
            (config with { Text = new VitsText { Kind = "x" } }, "text.kind"),
            (config with { Text = new VitsText { PhonemeIdMap = new() { ["a"] = [60] } } }, "text.phoneme_id_map: 'a': expected 0 to 59, found 60"),
            (config with { Text = new VitsText { SpeakerIdMap = new() { ["a"] = 1 } } }, "text.speaker_id_map: 'a': expected 0 to 0, found 1"),
            (config with { Text = new VitsText { PhonemeSilence = new() { [","] = 61 } } },
                "text.phoneme_silence: ',': expected seconds, 0 to 60, found 61"),
            (config with { HiddenChannels = 26 }, "expected shape"),
        ];
        foreach (var (given, says) in wrong)
        {
            Assert.That(() => new VitsAcoustic(given, weights, _compute), Throws.InstanceOf<WeightsException>().With.Message.Contains(says));
        }
    }

    private static Tensor NotFinite(params int[] shape)
    {
        var noise = new Tensor(shape);
        noise.Span[3] = float.NaN;
        return noise;
    }
}
