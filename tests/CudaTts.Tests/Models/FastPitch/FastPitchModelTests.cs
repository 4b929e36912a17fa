using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.FastPitch;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.FastPitch;

/// <summary>What a FastPitch can be asked for, and what it refuses.</summary>
[TestFixture]
internal sealed class FastPitchModelTests
{
    private readonly CpuCompute _compute = new(threads: 2);
    private FastPitchConfig _config = null!;
    private ModelWeights _weights = null!;
    private int[] _ids = null!;
    private FastPitchModel _model = null!;

    [OneTimeSetUp]
    public void Load()
    {
        var golden = FastPitchGoldens.Open("tiny");
        (_config, _ids) = (FastPitchModels.ConfigOf(golden), FastPitchGoldens.Ids(golden));
        _weights = FastPitchModels.WeightsOf("tiny", _config);
        _model = new FastPitchModel(_config, _weights, _compute);
    }

    [OneTimeTearDown]
    public void EndThreads()
    {
        _model.Dispose();
        _compute.Dispose();
    }

    [Test]
    public void A_pace_divides_durations_before_they_are_rounded()
    {
        var usual = _model.Synthesize(_ids);
        var prosody = _ids.Select((_, token) => new TokenProsody(token < 5 ? 0.5 : 4)).ToArray();

        var paced = _model.Synthesize(_ids, new FastPitchOptions { Prosody = prosody });

        var expected = usual.LogDurations.Span.ToArray()
            .Select((log, token) => (int)MathF.Floor((MathF.Max(MathF.Exp(log) - 1, 0) / (token < 5 ? 0.5f : 4)) + 0.5f));
        Assert.That(paced.Durations, Is.EqualTo(expected));
        Assert.That(paced.Durations[..5].Sum(), Is.GreaterThan(usual.Durations[..5].Sum()));
        Assert.That(paced.Durations, Does.Contain(0), "a token may have no frames");
        Assert.That(paced.Mel.Shape, Is.EqualTo(new[] { 1, 80, paced.Durations.Sum() }));
        var halves = prosody.Select(token => new TokenProsody(token.Pace / 2));
        Assert.That(_model.Synthesize(_ids, new FastPitchOptions { Pace = 2, Prosody = [.. halves] }).Durations, Is.EqualTo(paced.Durations));
    }

    [Test]
    public void What_would_have_no_frames_has_one_of_its_longest_token()
    {
        var result = _model.Synthesize(_ids, new FastPitchOptions { Pace = 1000 });

        var longest = result.LogDurations.Span.ToArray().Index().MaxBy(token => token.Item).Index;
        Assert.That(result.Durations, Is.EqualTo(_ids.Select((_, token) => token == longest ? 1 : 0)));
        Assert.That(result.Mel.Shape, Is.EqualTo(new[] { 1, 80, 1 }));

        // Padding's number is 0, which is more than a token's that is not spoken.
        var brief = FastPitchModels.With(_weights, "duration_predictor.fc.bias", bias => bias[0] -= 20);
        using var model = new FastPitchModel(_config, brief, _compute);
        Assert.That(model.Synthesize([0, .. _ids]).Durations[0], Is.Zero);
    }

    [Test]
    public void A_limit_cuts_the_end_off_and_says_so()
    {
        var usual = _model.Synthesize(_ids, new FastPitchOptions { Pace = 0.5 });

        var cut = _model.Synthesize(_ids, new FastPitchOptions { Pace = 0.5, MaxSeconds = 10.5 * 256 / 22050 });

        Assert.That((usual.Stop, cut.Stop), Is.EqualTo((StopReason.Durations, StopReason.FrameLimit)));
        Assert.That(cut.Mel[2], Is.EqualTo(10));
        Assert.That(cut.Durations.Zip(usual.Durations).All(token => token.First <= token.Second));
        Assert.That(_model.Synthesize(_ids, new FastPitchOptions { Pace = 1e-9, MaxSeconds = 0.1 }).Mel[2], Is.EqualTo(8));
    }

    [Test]
    public void Semitones_are_a_factor_on_the_pitch_in_hertz()
    {
        const double Mean = 200;
        const double Deviation = 50;
        using var model = WithStatistics((float)Mean, (float)Deviation);
        var usual = model.Synthesize(_ids);

        var raised = model.Synthesize(_ids, new FastPitchOptions
        {
            Prosody = [.. _ids.Select((_, token) => new TokenProsody(1, token == 3 ? 7 : 0))],
        });

        var hertz = Mean + (Deviation * usual.Pitch.Span[3]);
        Assert.That(Mean + (Deviation * raised.Pitch.Span[3]), Is.EqualTo(hertz * Math.Pow(2, 7 / 12.0)).Within(1e-3));
        Assert.That(raised.Pitch.Span[..3].SequenceEqual(usual.Pitch.Span[..3]) && raised.Pitch.Span[4..].SequenceEqual(usual.Pitch.Span[4..]));
        Assert.That(raised.Durations, Is.EqualTo(usual.Durations), "how long a token is does not depend on its pitch");
        Assert.That(raised.Energy!.Span.SequenceEqual(usual.Energy!.Span), Is.False, "energy is predicted after pitch was added");
        Assert.That(Nmse.Of(raised.Mel.Span, usual.Mel.Span), Is.GreaterThan(1e-3));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Decibels_are_the_energy_of_a_louder_frame(bool isOfSpectrum)
    {
        // Bands of -4 each, and 6 dB louder: magnitudes of twice the height.
        var (bands, louder) = (80, 20 * Math.Log10(2));
        double Energy(double band) => Math.Log(1 + Math.Sqrt(bands * band * band));
        var (quiet, loud) = isOfSpectrum ? (Energy(Math.Exp(-4)), Energy(2 * Math.Exp(-4))) : (Energy(-4), Energy(-4 + Math.Log(2)));

        var raised = new EnergyMeasure(isOfSpectrum, bands).Raise((float)quiet, louder);

        Assert.That(raised, Is.EqualTo(loud).Within(1e-5));
        Assert.That(new EnergyMeasure(isOfSpectrum, bands).Raise(raised, -louder), Is.EqualTo(quiet).Within(1e-5));
        Assert.That(new EnergyMeasure(isOfSpectrum, bands).Raise(raised, 0), Is.EqualTo(raised));
    }

    [Test]
    public void Decibels_change_the_energy_of_their_token_alone()
    {
        var usual = _model.Synthesize(_ids);

        var softer = _model.Synthesize(_ids, new FastPitchOptions
        {
            Prosody = [.. _ids.Select((_, token) => new TokenProsody(1, 0, token == 3 ? -6 : 0))],
        });

        Assert.That(_model.Controls, Is.EqualTo(ProsodyControls.Pace | ProsodyControls.Pitch | ProsodyControls.Energy));
        Assert.That(softer.Energy!.Span[3], Is.GreaterThan(usual.Energy!.Span[3]), "a log-mel that is lower has a larger norm");
        Assert.That(softer.Energy.Span[..3].SequenceEqual(usual.Energy.Span[..3]) && softer.Energy.Span[4..].SequenceEqual(usual.Energy.Span[4..]));
        Assert.That(softer.Pitch.Span.SequenceEqual(usual.Pitch.Span));
        Assert.That(Nmse.Of(softer.Mel.Span, usual.Mel.Span), Is.GreaterThan(1e-4));
    }

    [TestCase(0f, 218.14, 67.24)]
    [TestCase(40f, 180.0, 40.0)]
    public void A_transform_of_the_pitch_is_relative_to_its_statistics(float deviation, double mean, double expectedDeviation)
    {
        using var model = WithStatistics(180, deviation);
        var usual = model.Synthesize(_ids).Pitch;

        float[] Spoken(PitchTransform transform, double semitones = 0) => model.Synthesize(_ids, new FastPitchOptions
        {
            PitchTransform = transform,
            Prosody = [.. _ids.Select(_ => new TokenProsody(1, semitones))],
        }).Pitch.Span.ToArray();

        Assert.That(Spoken(new PitchTransform(Range: 0)), Is.All.Zero);
        Assert.That(Spoken(new PitchTransform(Range: -1)), Is.EqualTo(usual.Span.ToArray().Select(pitch => -pitch)));
        Assert.That(Spoken(new PitchTransform(2, ShiftHertz: 30)),
            Is.EqualTo(usual.Span.ToArray().Select(pitch => (pitch * 2) + (30 / expectedDeviation))).Within(1e-5));
        Assert.That(Spoken(new PitchTransform(Range: 0), semitones: 12), Is.EqualTo(usual.Span.ToArray().Select(_ => mean / expectedDeviation))
            .Within(1e-5), "an octave above the mean");
    }

    [Test]
    public void Speakers_speak_differently_and_only_those_that_there_are()
    {
        var first = _model.Synthesize(_ids);

        Assert.That(_model.Speakers, Is.EqualTo(4));
        Assert.That(_model.Synthesize(_ids, new FastPitchOptions { Speaker = 0 }).Mel.Span.SequenceEqual(first.Mel.Span));
        Assert.That(Nmse.Of(_model.Synthesize(_ids, new FastPitchOptions { Speaker = 3 }).Pitch.Span, first.Pitch.Span), Is.GreaterThan(1e-2));
        Assert.That(() => _model.Synthesize(_ids, new FastPitchOptions { Speaker = 4 }),
            Throws.TypeOf<CudaTtsException>().With.Message.Contains("expected 0 to 3").And.Message.Contains("found 4"));
        using var single = new FastPitchModel(_config with { SpeakerCount = 1 }, _weights, _compute);
        Assert.That(single.Speakers, Is.Zero);
        Assert.That(() => single.Synthesize(_ids, new FastPitchOptions { Speaker = 0 }), Throws.TypeOf<CudaTtsException>());
    }

    [Test]
    public void Padding_within_a_text_is_heard_by_nobody([Values] bool isEmulated)
    {
        var device = isEmulated ? (ComputeDevice)TestDevice.Open(Precision.Full) : _compute;
        var other = FastPitchModels.With(_weights, "encoder.word_emb.weight", values => values[.._config.Width].Fill(3));
        using var model = new FastPitchModel(_config, _weights, device);
        using var changed = new FastPitchModel(_config, other, device);
        int[] ids = [.. _ids[..6], 0, 0, .. _ids[6..]];

        var result = model.Synthesize(ids, new FastPitchOptions { KeepsEncoderOutput = true });

        Assert.That(result.Durations[6..8], Is.All.Zero);
        Assert.That(result.EncoderOutput!.Span.Slice(6 * _config.Width, 2 * _config.Width).ToArray(), Is.All.Zero);
        Assert.That((result.Pitch.Span[6], result.Energy!.Span[7], result.LogDurations.Span[6]), Is.EqualTo((0f, 0f, 0f)));
        Assert.That(changed.Synthesize(ids).Mel.Span.SequenceEqual(result.Mel.Span), "its embedding does not matter");

        using var unpadded = new FastPitchModel(_config with { PaddingId = -1 }, _weights, device);
        Assert.That(Nmse.Of(unpadded.Synthesize(ids).LogDurations.Span[..6], result.LogDurations.Span[..6]), Is.GreaterThan(1e-6));
    }

    [Test]
    public void What_stands_around_padding_is_as_the_definition_has_it()
    {
        int[] ids = [0, .. _ids[..6], 0, 0, .. _ids[6..], 0];
        var (encoderOut, logDurations, pitch, energy, mel) = new ReferenceFastPitch(_config, _weights).Run(ids, speaker: 2, pace: 0.7f);

        var result = _model.Synthesize(ids, new FastPitchOptions { Speaker = 2, Pace = 0.7f, KeepsEncoderOutput = true });

        void Agrees(Tensor actual, IEnumerable<double> expected) =>
            Assert.That(Nmse.Of(actual.Span, [.. expected.Select(value => (float)value)]), Is.LessThan(1e-10));
        Agrees(result.EncoderOutput!, encoderOut.SelectMany(step => step));
        Agrees(result.LogDurations, logDurations);
        Agrees(result.Pitch, pitch);
        Agrees(result.Energy!, energy);
        Agrees(result.Mel, Enumerable.Range(0, 80).SelectMany(band => mel.Select(frame => frame[band])));
    }

    [Test]
    public void A_batch_is_its_single_runs([Values("cpu", "emulated")] string name, [Values] Precision precision)
    {
        var device = name == "cpu" ? (ComputeDevice)_compute : TestDevice.Open(precision);
        using var model = new FastPitchModel(_config, _weights, device);
        int[][] utterances = [_ids, _ids[..5], [0, .. _ids[4..9]], [.. _ids, .. _ids]];
        var options = utterances.Select((ids, row) => new AcousticOptions
        {
            Speaker = row,
            Prosody = row == 1 ? null : [.. ids.Select((_, token) => new TokenProsody(1 + (token % 3 * 0.3), row))],
        }).ToArray();

        var together = model.SynthesizeBatch(utterances, options);

        for (var row = 0; row < utterances.Length; row++)
        {
            var alone = model.Synthesize(utterances[row], new FastPitchOptions { Speaker = options[row].Speaker, Prosody = options[row].Prosody });
            Assert.That(((DurationResult)together[row]).Durations, Is.EqualTo(alone.Durations), $"durations of row {row}");
            Assert.That(together[row].Mel.Span.ToArray(), Is.EqualTo(alone.Mel.Span.ToArray()), $"mel of row {row}");
        }
    }

    [Test]
    public void A_cancelled_run_has_no_frames_and_says_so()
    {
        var result = _model.Synthesize(_ids, cancellation: new CancellationToken(canceled: true));

        Assert.That((result.Stop, result.Mel[2], result.Durations.Length), Is.EqualTo((StopReason.Cancelled, 0, _ids.Length)));
    }

    [Test]
    public void Heads_that_a_gpu_has_no_kernel_for_are_refused_when_the_model_is_loaded()
    {
        var config = _config with { DecoderHeads = 1, DecoderHeadWidth = 129 };
        var weights = FastPitchModels.Create(config);

        Assert.That(
            () => new FastPitchModel(config, weights, TestDevice.Open(Precision.Full)),
            Throws.TypeOf<CudaTtsException>().With.Message.EqualTo(
                "heads of 129 channels: the kernels of attention take up to 128; use --device cpu."));
        Assert.That(() => new FastPitchModel(config, weights, _compute).Dispose(), Throws.Nothing);
    }

    [Test]
    public void What_cannot_be_spoken_is_refused()
    {
        (int[] Ids, FastPitchOptions Options, string Says)[] wrong =
        [
            ([], new(), "no tokens"),
            ([0, 0], new(), "all 2 tokens are padding (id 0)"),
            ([5, 148], new(), "Token id 148"),
            ([5], new() { Pace = 0 }, "pace"),
            ([5], new() { Pace = double.NaN }, "pace"),
            ([5], new() { Prosody = [new TokenProsody(-1)] }, "pace"),
            ([5], new() { Prosody = [new TokenProsody(1, double.NaN)] }, "semitones"),
            ([5], new() { Prosody = [] }, "one entry for each of 1 tokens"),
        ];
        foreach (var (ids, options, says) in wrong)
        {
            Assert.That(() => _model.Synthesize(ids, options), Throws.InstanceOf<CudaTtsException>().With.Message.Contains(says));
        }
    }

    [TestCase("duration_predictor.layers.1.norm.weight")]
    [TestCase("pitch_predictor.layers.1.norm.weight")]
    [TestCase("decoder.layers.1.pos_ff.CoreNet.2.bias")]
    public void Values_that_are_not_finite_are_an_error(string tensor)
    {
        var weights = FastPitchModels.With(_weights, tensor, values => values.Fill(float.MaxValue));
        using var model = new FastPitchModel(_config, weights, _compute);

        Assert.That(() => model.Synthesize(_ids), Throws.TypeOf<CudaTtsException>().With.Message.Contains("not finite"));
    }

    [Test]
    public void Positions_do_not_suffer_from_a_file_in_half_precision()
    {
        using var folder = new TemporaryFolder();
        FastPitchModels.WriteFolder(folder.Path("full"), _config, _weights);
        CheckpointConverter.Convert(folder.Path("full/model.safetensors"), folder.Path("half"), folder.Path("full/config.json"), half: true);
        var halves = ModelFolder.Open(folder.Path("half"));
        using var half = new FastPitchModel(halves.Config<FastPitchConfig>(), halves.Weights, _compute);
        int[] ids = [.. Enumerable.Range(0, 600).Select(token => 1 + (token % 147))];

        var (expected, found) = (_model.Synthesize(ids), half.Synthesize(ids));

        // Half precision's own error is some 1e-6; positions that are off by their rounding make it a hundred times that.
        Assert.That(Nmse.Of(found.LogDurations.Span, expected.LogDurations.Span), Is.LessThan(1e-5));
    }

    [Test]
    public void The_published_size_is_known_and_its_work_is_its_products()
    {
        using var compute = new CpuCompute(1);
        var config = new FastPitchConfig();
        var sizes = FastPitchTensors.Expected(config).ToDictionary(
            tensor => tensor.Name, tensor => tensor.Shape.Length > 1 ? tensor.Shape.Aggregate(1L, (product, size) => product * size) : 0);
        double Weights(Func<string, bool> isMeant) => sizes.Where(tensor => isMeant(tensor.Key)).Sum(tensor => tensor.Value);
        var encoder = Weights(name => !name.StartsWith("decoder.", StringComparison.Ordinal) && !name.StartsWith("proj.", StringComparison.Ordinal)
            && name != "encoder.word_emb.weight");
        var decoder = Weights(name => name.StartsWith("decoder.", StringComparison.Ordinal) || name.StartsWith("proj.", StringComparison.Ordinal));
        using var model = new FastPitchModel(config, FastPitchModels.WeightsOf("lj", config), compute);

        Assert.That(model.IsPublicSize, Is.True);
        Assert.That(_model.IsPublicSize, Is.False);
        var (ofTokens, ofFrames) = (model.WorkOf(Stage.Encoder, 100, 800)!.Value, model.WorkOf(Stage.Decoder, 100, 800)!.Value);
        Assert.That(ofTokens.Products, Is.EqualTo((100 * encoder) + (6 * 2 * 64 * 100 * 100)));
        Assert.That(ofTokens.WeightBytes, Is.EqualTo(4 * encoder));
        Assert.That(ofFrames.Products, Is.EqualTo((800 * decoder) + (6 * 2 * 64 * 800 * 800)));
        Assert.That(ofFrames.WeightBytes, Is.EqualTo(4 * decoder));
        Assert.That(model.WorkOf(Stage.Postnet, 100, 800), Is.Null);
    }

    [Test]
    public void A_config_that_contradicts_itself_is_refused()
    {
        (FastPitchConfig Config, string Says)[] wrong =
        [
            (_config with { ModelType = "tacotron2" }, "model_type"),
            (_config with { EncoderLayers = 0 }, "in_fft_n_layers"),
            (_config with { DecoderLayers = 65 }, "out_fft_n_layers"),
            (_config with { EncoderKernel = 4 }, "in_fft_conv1d_kernel_size: expected an odd number"),
            (_config with { EncoderOutput = 30 }, "in_fft_output_size: expected 32"),
            (_config with { DecoderOutput = 30 }, "out_fft_output_size: expected 32"),
            (_config with { Width = 33, EncoderOutput = 33, DecoderOutput = 33 }, "symbols_embedding_dim: expected an even number"),
            (_config with { PaddingId = 148 }, "padding_idx"),
            (_config with { PaddingId = -2 }, "padding_idx"),
            (_config with { SpeakerCount = 0 }, "n_speakers"),
            (_config with { SpeakerWeight = double.NaN }, "speaker_emb_weight"),
            (_config with { EnergyFilter = 0 }, "energy_predictor_filter_size"),
            (_config with { MelBands = 40 }, "mel.mel_bands"),
            (_config with { Width = 34, EncoderOutput = 34, DecoderOutput = 34 }, "'encoder.word_emb.weight': expected shape [148, 34]"),
        ];
        foreach (var (config, says) in wrong)
        {
            Assert.That(() => new FastPitchModel(config, _weights, _compute), Throws.InstanceOf<WeightsException>().With.Message.Contains(says));
        }
    }

    private FastPitchModel WithStatistics(float mean, float deviation)
    {
        var weights = FastPitchModels.With(_weights, "pitch_mean", values => values[0] = mean);
        return new FastPitchModel(_config, FastPitchModels.With(weights, "pitch_std", values => values[0] = deviation), _compute);
    }
}
