using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2;
using CudaTts.Weights;
using static CudaTts.Tests.Models.Tacotron2.Tacotron2Goldens;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>Every stage against float64 PyTorch, and proof that the comparison notices what can go wrong.</summary>
[TestFixture]
internal sealed class Tacotron2GoldenTests
{
    private const string AttentionGates = "decoder.attention_rnn.weight_hh";
    private const string ProjectionWeight = "decoder.linear_projection.linear_layer.weight";
    private static readonly string[] s_names = ["r3_tiny", "full_1", "full_17", "full_61", "full_128"];
    private static readonly string[] s_longNames = ["full_61", "full_128"];
    private readonly CpuCompute _compute = new(threads: 2);
    private readonly Dictionary<string, Tacotron2Model> _models = [];

    private static IEnumerable<string> TinyTensors => Tacotron2Tensors.Expected(Tacotron2Models.Tiny).Select(tensor => tensor.Name);

    private static IEnumerable<TestCaseData> WrongNames => s_names.Select(name => s_longNames.Contains(name)
        ? new TestCaseData(name).Explicit("long: hundreds of steps with a wrong weight, noticed in shorter goldens too").SetCategory("Long")
        : new TestCaseData(name));

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCaseSource(nameof(s_names))]
    public void Every_stage_matches(string name)
    {
        var golden = Open(name);
        var config = ConfigOf(name);

        var errors = Compare(Model(config, "", weights => weights), golden, config);

        Assert.Multiple(() =>
        {
            foreach (var (stage, error, limit) in errors)
            {
                Golden.Matches($"{name} {stage}", error, limit);
            }
        });
    }

    [TestCaseSource(nameof(WrongNames))]
    public void One_perturbed_weight_is_noticed(string name)
    {
        var golden = Open(name);
        var config = ConfigOf(name);
        var model = Model(config, "perturbed", weights => Tacotron2Models.With(weights, ProjectionWeight, values => values[0] += 0.1f));

        Assert.That(Compare(model, golden, config).Any(stage => stage.Error > stage.Limit), "no stage noticed");
    }

    [TestCaseSource(nameof(WrongNames))]
    public void Swapped_gates_are_noticed(string name)
    {
        var golden = Open(name);
        var config = ConfigOf(name);
        var model = Model(config, "swapped", weights => Tacotron2Models.With(weights, AttentionGates, SwapForgetAndCandidate));

        Assert.That(Compare(model, golden, config).Any(stage => stage.Error > stage.Limit), "no stage noticed");
    }

    [TestCaseSource(nameof(TinyTensors))]
    public void Every_tensor_is_used(string tensor)
    {
        var golden = Open("r3_tiny");
        var config = Tacotron2Models.Tiny;
        var weights = Tacotron2Models.With(Tacotron2Models.WeightsOf(config), tensor, Perturb);

        Assert.That(Compare(TestMemory.Hold(new Tacotron2Model(config, weights, _compute)), golden, config).Any(stage => stage.Error > stage.Limit),
            "no stage noticed");
    }

    [Test]
    public void Every_level_matches(
        [ValueSource(typeof(Tacotron2Models), nameof(Tacotron2Models.Levels))] SimdLevel level, [Values(1, 2, 3)] int threads)
    {
        var golden = Open("r3_tiny");
        var config = Tacotron2Models.Tiny;
        using var compute = new CpuCompute(threads, level);

        var errors = Compare(TestMemory.Hold(new Tacotron2Model(config, Tacotron2Models.WeightsOf(config), compute)), golden, config);

        Assert.Multiple(() =>
        {
            foreach (var (stage, error, limit) in errors)
            {
                Golden.Matches($"{level}, {threads} threads: {stage}", error, limit);
            }
        });
    }

    [Test]
    public void Half_precision_weights_stay_within_their_limit()
    {
        const int Steps = 20;
        var golden = Open("full_61");
        var config = Tacotron2Models.Full;
        using var model = new Tacotron2Model(config, Tacotron2Models.Rounded(Tacotron2Models.WeightsOf(config), DataType.F16), _compute);

        var result = model.Synthesize(Ids(golden), OptionsOf(golden, config) with { MaxSteps = Steps });

        var expected = FirstFrames(golden.Weights.Take("mel_before_postnet", 1, 80, 120), Steps);
        Golden.Matches("full_61 mel_before_postnet", Nmse.Of(result.MelBeforePostnet.Span, expected), 1e-4);
    }

    private Tacotron2Model Model(Tacotron2Config config, string variant, Func<ModelWeights, ModelWeights> change)
    {
        var key = $"{config.AttentionRnn} {variant}";
        if (!_models.TryGetValue(key, out var model))
        {
            _models[key] = model = new Tacotron2Model(config, change(Tacotron2Models.WeightsOf(config)), _compute);
        }

        return model;
    }
}
