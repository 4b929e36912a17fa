using System.Globalization;
using System.Runtime.InteropServices;
using CudaTts.Acoustic.Tacotron2;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Weights;

namespace CudaTts.Tests.Acoustic;

/// <summary>Every stage against float64 PyTorch, and proof that the comparison notices what can go wrong.</summary>
[TestFixture]
internal sealed class Tacotron2GoldenTests
{
    private const string AttentionGates = "decoder.attention_rnn.weight_hh";
    private const string ProjectionWeight = "decoder.linear_projection.linear_layer.weight";
    private static readonly string[] s_names = ["r3_tiny", "full_1", "full_17", "full_61", "full_128"];
    private readonly CpuCompute _compute = new(threads: 2);
    private readonly Dictionary<string, Tacotron2> _models = [];

    private static IEnumerable<string> TinyTensors => Tacotron2Tensors.Expected(Tacotron2Models.Tiny).Select(tensor => tensor.Name);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCaseSource(nameof(s_names))]
    public void EveryStageMatches(string name)
    {
        var golden = Open(name);
        var config = ConfigOf(name);

        var errors = Compare(Model(config, "", weights => weights), golden, config);

        Assert.Multiple(() =>
        {
            foreach (var (stage, error, limit) in errors)
            {
                TestContext.Out.WriteLine($"{name} {stage}: NMSE {error:e2}, limit {limit:e2}");
                Assert.That(error, Is.LessThanOrEqualTo(limit), stage);
            }
        });
    }

    [TestCaseSource(nameof(s_names))]
    public void OnePerturbedWeightIsNoticed(string name)
    {
        var golden = Open(name);
        var config = ConfigOf(name);
        var model = Model(config, "perturbed", weights => Tacotron2Models.With(weights, ProjectionWeight, values => values[0] += 0.1f));

        Assert.That(Compare(model, golden, config).Any(stage => stage.Error > stage.Limit), "no stage noticed");
    }

    [TestCaseSource(nameof(s_names))]
    public void SwappedGatesAreNoticed(string name)
    {
        var golden = Open(name);
        var config = ConfigOf(name);
        var model = Model(config, "swapped", weights => Tacotron2Models.With(weights, AttentionGates, SwapForgetAndCandidate));

        Assert.That(Compare(model, golden, config).Any(stage => stage.Error > stage.Limit), "no stage noticed");
    }

    [TestCaseSource(nameof(TinyTensors))]
    public void EveryTensorIsUsed(string tensor)
    {
        var golden = Open("r3_tiny");
        var config = Tacotron2Models.Tiny;
        var weights = Tacotron2Models.With(Tacotron2Models.WeightsOf(config), tensor, Perturb);

        Assert.That(Compare(new Tacotron2(config, weights, _compute), golden, config).Any(stage => stage.Error > stage.Limit), "no stage noticed");
    }

    [Test]
    public void EveryLevelMatches(
        [ValueSource(typeof(Tacotron2Models), nameof(Tacotron2Models.Levels))] SimdLevel level, [Values(1, 2, 3)] int threads)
    {
        var golden = Open("r3_tiny");
        var config = Tacotron2Models.Tiny;
        using var compute = new CpuCompute(threads, level);

        var errors = Compare(new Tacotron2(config, Tacotron2Models.WeightsOf(config), compute), golden, config);

        Assert.That(errors.Where(stage => stage.Error > stage.Limit), Is.Empty);
    }

    [Test]
    public void HalfPrecisionWeightsStayWithinTheirLimit()
    {
        const int Steps = 20;
        var golden = Open("full_61");
        var config = Tacotron2Models.Full;
        var model = new Tacotron2(config, Tacotron2Models.Rounded(Tacotron2Models.WeightsOf(config), DataType.F16), _compute);

        var result = model.Synthesize(Ids(golden), OptionsOf(golden, config) with { MaxSteps = Steps });

        var expected = FirstFrames(golden.Weights.Take("mel_before_postnet", 1, 80, 120), Steps);
        Assert.That(Nmse.Of(result.MelBeforePostnet.Span, expected), Is.LessThan(1e-4));
    }

    private static SafetensorsFile Open(string name) => SafetensorsFile.Open(Golden.Path($"tacotron2_{name}.safetensors"));

    private static Tacotron2Config ConfigOf(string name) => name == "r3_tiny" ? Tacotron2Models.Tiny : Tacotron2Models.Full;

    private static int[] Ids(SafetensorsFile golden) =>
        [.. MemoryMarshal.Cast<byte, long>(golden.Entries["ids"].Bytes.Span).ToArray().Select(id => (int)id)];

    private static Tacotron2Options OptionsOf(SafetensorsFile golden, Tacotron2Config config) => new()
    {
        GateThreshold = 1,
        PrenetKeep = Tacotron2Models.PrenetKeep(
            golden.Metadata["row"], int.Parse(golden.Metadata["steps"], CultureInfo.InvariantCulture), config.Prenet),
    };

    private static List<(string Stage, double Error, double Limit)> Compare(Tacotron2 model, SafetensorsFile golden, Tacotron2Config config)
    {
        var result = model.Synthesize(Ids(golden), OptionsOf(golden, config));
        (string Stage, Tensor Actual)[] stages =
        [
            ("encoder_memory", result.EncoderMemory), ("mel_before_postnet", result.MelBeforePostnet), ("gate_logits", result.GateLogits),
            ("alignments", result.Alignments), ("mel", result.Mel),
        ];
        return
        [
            .. stages.Select(stage => (
                stage.Stage,
                Nmse.Of(stage.Actual.Span, golden.Weights.Take(stage.Stage, stage.Actual.Shape).Span),
                Nmse.Limit(double.Parse(golden.Metadata[$"torch_f32_nmse.{stage.Stage}"], CultureInfo.InvariantCulture)))),
        ];
    }

    private static void Perturb(Span<float> values)
    {
        foreach (ref var value in values)
        {
            value += 0.01f;
        }
    }

    private static void SwapForgetAndCandidate(Span<float> gates)
    {
        var quarter = gates.Length / 4;
        var forget = gates.Slice(quarter, quarter).ToArray();
        gates.Slice(2 * quarter, quarter).CopyTo(gates[quarter..]);
        forget.CopyTo(gates[(2 * quarter)..]);
    }

    private static float[] FirstFrames(Tensor mel, int frames)
    {
        var first = new float[mel[1] * frames];
        for (var band = 0; band < mel[1]; band++)
        {
            mel.Span.Slice(band * mel[2], frames).CopyTo(first.AsSpan(band * frames));
        }

        return first;
    }

    private Tacotron2 Model(Tacotron2Config config, string variant, Func<ModelWeights, ModelWeights> change)
    {
        var key = $"{config.AttentionRnn} {variant}";
        if (!_models.TryGetValue(key, out var model))
        {
            _models[key] = model = new Tacotron2(config, change(Tacotron2Models.WeightsOf(config)), _compute);
        }

        return model;
    }
}
