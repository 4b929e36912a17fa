using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>What a caller sees: stopping, limits, randomness, errors, concurrency.</summary>
[TestFixture]
internal sealed class Tacotron2Tests
{
    private const string GateBias = "decoder.gate_layer.linear_layer.bias";
    private static readonly Tacotron2Config s_config = Tacotron2Models.Tiny;
    private static readonly int[] s_ids = Tacotron2Models.Ids(9);
    private readonly CpuCompute _compute = new(threads: 2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [Test]
    public void Stops_with_the_frames_of_the_step_whose_gate_opens()
    {
        var model = Model(weights => Tacotron2Models.With(weights, GateBias, bias => bias[0] = 50));

        var result = model.Synthesize(s_ids, new Tacotron2Options { KeepsEncoderMemory = true });

        Assert.Multiple(() =>
        {
            Assert.That(result.Stop, Is.EqualTo(StopReason.Gate));
            Assert.That(Tensor.Describe(result.GateLogits.Shape), Is.EqualTo("[1, 1]"));
            Assert.That(Tensor.Describe(result.Mel.Shape), Is.EqualTo("[1, 80, 3]"));
            Assert.That(Tensor.Describe(result.Alignments.Shape), Is.EqualTo("[1, 1, 9]"));
            Assert.That(Tensor.Describe(result.EncoderMemory!.Shape), Is.EqualTo("[1, 9, 48]"));
        });
    }

    [Test]
    public void A_threshold_of_one_never_stops()
    {
        var model = Model(weights => Tacotron2Models.With(weights, GateBias, bias => bias[0] = 500));

        var result = model.Synthesize(s_ids, new Tacotron2Options { GateThreshold = 1, MaxSteps = 7 });

        Assert.Multiple(() =>
        {
            Assert.That(result.Stop, Is.EqualTo(StopReason.FrameLimit));
            Assert.That(result.GateLogits.Length, Is.EqualTo(7));
        });
    }

    [Test]
    public void The_default_limit_follows_the_length_of_the_text()
    {
        var result = Closed().Synthesize(s_ids);

        Assert.Multiple(() =>
        {
            Assert.That(result.Stop, Is.EqualTo(StopReason.FrameLimit));
            Assert.That(result.Mel[2], Is.EqualTo(291), "10 frames a token and 200 more, in whole steps of three");
        });
    }

    [Test]
    public void Injected_masks_end_the_run_when_they_are_exhausted([Values(null, 2, 100)] int? maxSteps)
    {
        var keep = Tacotron2Models.PrenetKeep("x", 4, s_config.Prenet);

        var result = Closed().Synthesize(s_ids, new Tacotron2Options { PrenetKeep = keep, MaxSteps = maxSteps });

        Assert.Multiple(() =>
        {
            Assert.That(result.Stop, Is.EqualTo(StopReason.FrameLimit));
            Assert.That(result.GateLogits.Length, Is.EqualTo(Math.Min(4, maxSteps ?? 4)));
        });
    }

    [Test]
    public void Random_masks_are_those_of_philox()
    {
        const int Steps = 6;
        var keep = new byte[Steps * 2 * s_config.Prenet];
        for (var i = 0; i < keep.Length; i++)
        {
            var (step, unit) = Math.DivRem(i, 2 * s_config.Prenet);
            keep[i] = Philox.Uniform(77, RandomUse.PrenetDropout, 3, (uint)step, (uint)unit) < 0.5f ? (byte)1 : (byte)0;
        }

        var model = Closed();
        var random = model.Synthesize(s_ids, new Tacotron2Options { Seed = 77, Utterance = 3, MaxSteps = Steps });
        var injected = model.Synthesize(s_ids, new Tacotron2Options { PrenetKeep = keep });

        Assert.That(random.Mel.Span.ToArray(), Is.EqualTo(injected.Mel.Span.ToArray()));
    }

    [Test]
    public void Seed_and_utterance_decide_the_result()
    {
        var model = Closed();
        float[] Mel(ulong seed, uint utterance) =>
            model.Synthesize(s_ids, new Tacotron2Options { Seed = seed, Utterance = utterance, MaxSteps = 5 }).Mel.Span.ToArray();

        var first = Mel(1, 0);
        Assert.Multiple(() =>
        {
            Assert.That(Mel(1, 0), Is.EqualTo(first));
            Assert.That(Mel(2, 0), Is.Not.EqualTo(first));
            Assert.That(Mel(1, 1), Is.Not.EqualTo(first));
            Assert.That(Mel(1 + (1UL << 32), 0), Is.Not.EqualTo(first), "the seed's upper half counts");
        });
    }

    [Test]
    public void Cancellation_ends_within_one_step()
    {
        using var source = new CancellationTokenSource();
        var options = new Tacotron2Options { Progress = new After(12, source), GateThreshold = 1 };

        var result = Closed().Synthesize(s_ids, options, source.Token);

        Assert.Multiple(() =>
        {
            Assert.That(result.Stop, Is.EqualTo(StopReason.Cancelled));
            Assert.That(result.Mel[2], Is.EqualTo(15), "cancelled at 12 frames, and three frames a step");
        });
    }

    [Test]
    public void A_failure_of_the_callers_progress_reaches_the_caller()
    {
        var options = new Tacotron2Options { Progress = new Failing(), GateThreshold = 1 };

        Assert.That(() => Closed().Synthesize(s_ids, options), Throws.TypeOf<TimeoutException>());
    }

    [Test]
    public void Overlapping_runs_are_independent()
    {
        var model = Closed();
        float[] Mel(int seed) => model.Synthesize(s_ids, new Tacotron2Options { Seed = (ulong)seed, MaxSteps = 40 }).Mel.Span.ToArray();
        var alone = Enumerable.Range(0, 6).Select(Mel).ToArray();

        var together = new float[alone.Length][];
        Parallel.For(0, alone.Length, new ParallelOptions { MaxDegreeOfParallelism = 3 }, seed => together[seed] = Mel(seed));

        Assert.That(together, Is.EqualTo(alone));
    }

    [TestCase(-1)]
    [TestCase(148)]
    public void Ids_out_of_range_are_named(int id) =>
        Assert.That(
            () => Closed().Synthesize([1, id, 2]),
            Throws.TypeOf<TextException>().With.Message.Contains($"{id}").And.Message.Contains("n_symbols is 148"));

    [Test]
    public void No_ids_are_refused() => Assert.That(() => Closed().Synthesize([]), Throws.TypeOf<TextException>());

    [TestCase(0)]
    [TestCase(47)]
    [TestCase(49)]
    public void Masks_that_are_not_whole_steps_are_refused(int length) =>
        Assert.That(
            () => Closed().Synthesize(s_ids, new Tacotron2Options { PrenetKeep = new byte[length] }),
            Throws.TypeOf<CudaTtsException>().With.Message.Contains("[steps, 2, 24]").And.Message.Contains($"found {length}"));

    [TestCase("decoder.linear_projection.linear_layer.weight", "decoder")]
    [TestCase("postnet.convolutions.4.0.conv.weight", "postnet")]
    public void Values_that_are_not_finite_are_an_error(string tensor, string layer)
    {
        var model = Model(weights => Tacotron2Models.With(weights, tensor, values => values.Fill(float.MaxValue)));

        Assert.That(
            () => model.Synthesize(s_ids, new Tacotron2Options { MaxSteps = 5 }),
            Throws.TypeOf<CudaTtsException>().With.Message.Contains("not finite").And.Message.Contains(layer));
    }

    [Test]
    public void Weights_of_another_config_are_refused() =>
        Assert.That(
            () => new Tacotron2Model(s_config with { AttentionRnn = 64 }, Tacotron2Models.WeightsOf(s_config), _compute),
            Throws.TypeOf<WeightsException>().With.Message.Contains("decoder.attention_rnn"));

    private static IEnumerable<Tacotron2Config> BrokenConfigs =>
    [
        s_config with { ModelType = "hifigan" }, s_config with { SymbolsEmbedding = 47 }, s_config with { FramesPerStep = 0 },
        s_config with { LocationKernel = 30 }, s_config with { SymbolsEmbedding = 47, EncoderEmbedding = 47 },
    ];

    [TestCaseSource(nameof(BrokenConfigs))]
    public void Configs_that_cannot_run_are_refused(Tacotron2Config config) =>
        Assert.That(
            () => new Tacotron2Model(config, Tacotron2Models.WeightsOf(s_config), _compute),
            Throws.TypeOf<WeightsException>().With.Message.Contains("expected"));

    [Test]
    public void Half_precision_storage_equals_the_same_values_in_float()
    {
        var weights = Tacotron2Models.WeightsOf(s_config);
        var options = new Tacotron2Options { GateThreshold = 1, MaxSteps = 20, Seed = 9 };

        var half = TestMemory.Hold(new Tacotron2Model(s_config, Tacotron2Models.Rounded(weights, DataType.F16), _compute)).Synthesize(s_ids, options);
        var single = TestMemory.Hold(new Tacotron2Model(s_config, Tacotron2Models.Rounded(weights, DataType.F32), _compute))
            .Synthesize(s_ids, options);

        Assert.Multiple(() =>
        {
            Assert.That(Nmse.Of(half.Mel.Span, single.Mel.Span), Is.LessThan(1e-10));
            Assert.That(Nmse.Of(half.Alignments.Span, single.Alignments.Span), Is.LessThan(1e-10));
        });
    }

    private Tacotron2Model Closed() => Model(weights => Tacotron2Models.With(weights, GateBias, bias => bias[0] = -500));

    private Tacotron2Model Model(Func<ModelWeights, ModelWeights> change) => new(s_config, change(Tacotron2Models.WeightsOf(s_config)), _compute);

    private sealed class After(int frames, CancellationTokenSource source) : IProgress<int>
    {
        public void Report(int value)
        {
            if (value == frames)
            {
                source.Cancel();
            }
        }
    }

    private sealed class Failing : IProgress<int>
    {
        public void Report(int value) => throw new TimeoutException();
    }
}
