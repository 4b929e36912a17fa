using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models.FastPitch;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Models.FastPitch;

/// <summary>Every stage against float64 PyTorch, and proof that the comparison notices what can go wrong.</summary>
[TestFixture]
internal sealed class FastPitchGoldenTests
{
    // Of what speaks in half precision; what decides how long anything is does so in float32 on every device.
    private const double HalfLimit = 1e-4;
    private static readonly string[] s_names = ["lj", "tiny", "tiny_no_energy"];
    private static readonly string[] s_tinyNames = ["tiny", "tiny_no_energy"];
    private readonly CpuCompute _compute = new(threads: 2);

    private static IEnumerable<Precision> Precisions => KernelValues.Precisions;

    // The published files have neither, and only a changed pitch needs them.
    private static IEnumerable<TestCaseData> UsedTensors => s_tinyNames
        .SelectMany(name => FastPitchTensors.Expected(FastPitchModels.ConfigOf(FastPitchGoldens.Open(name)))
            .Where(tensor => tensor.Name is not ("pitch_mean" or "pitch_std")).Select(tensor => new TestCaseData(name, tensor.Name)));

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCaseSource(nameof(s_names))]
    public void Every_stage_matches_on_the_cpu(string name) => AssertMatches(name, _compute, null);

    [Test]
    public void Every_stage_matches_on_the_emulated_device(
        [ValueSource(nameof(s_tinyNames))] string name, [ValueSource(nameof(Precisions))] Precision precision) =>
        AssertMatches(name, TestDevice.Open(precision), precision == Precision.Half ? HalfLimit : null);

    [Test]
    [Category("Long")]
    [Explicit("long: the published size; Every_stage_matches_on_the_emulated_device has tiny ones")]
    public void Every_stage_of_the_published_size_matches_on_the_emulated_device([ValueSource(nameof(Precisions))] Precision precision) =>
        Every_stage_matches_on_the_emulated_device("lj", precision);

    [TestCaseSource(nameof(UsedTensors))]
    public void Every_tensor_is_used(string name, string tensor) => Assert.That(Notices(name, tensor, _compute), $"no stage noticed {tensor}");

    [TestCase("encoder.layers.0.dec_attn.qkv_net.weight")]
    [TestCase("duration_predictor.fc.weight")]
    [TestCase("decoder.layers.0.pos_ff.CoreNet.2.weight")]
    [TestCase("proj.bias")]
    public void A_wrong_tensor_is_noticed_on_the_emulated_device(string tensor) =>
        Assert.That(Notices("tiny", tensor, TestDevice.Open(Precision.Half), HalfLimit), $"no stage noticed {tensor}");

    [TestCase("encoder.layers.5.pos_ff.CoreNet.2.bias")]
    [TestCase("proj.weight")]
    public void One_wrong_weight_of_the_published_size_is_noticed(string tensor)
    {
        var golden = FastPitchGoldens.Open("lj");
        var config = FastPitchModels.ConfigOf(golden);
        using var model = new FastPitchModel(config, OneWrongWeight.In(FastPitchModels.WeightsOf("lj", config), tensor), _compute);

        Assert.That(FastPitchGoldens.Compare(model, golden).Any(stage => stage.Error > stage.Limit), $"no stage noticed {tensor}");
    }

    private static void AssertMatches(string name, ComputeDevice device, double? melLimit)
    {
        var golden = FastPitchGoldens.Open(name);
        var config = FastPitchModels.ConfigOf(golden);
        using var model = new FastPitchModel(config, FastPitchModels.WeightsOf(name, config), device);

        var errors = FastPitchGoldens.Compare(model, golden);

        Assert.Multiple(() =>
        {
            foreach (var (stage, error, limit) in errors)
            {
                Golden.Matches($"{name} {stage} on {device.Name}, {device.Precision}", error, (stage == "mel" ? melLimit : null) ?? limit);
            }
        });
    }

    private static bool Notices(string name, string tensor, ComputeDevice device, double? melLimit = null)
    {
        var golden = FastPitchGoldens.Open(name);
        var config = FastPitchModels.ConfigOf(golden);
        var weights = FastPitchModels.With(FastPitchModels.WeightsOf(name, config), tensor, Perturb);
        using var model = new FastPitchModel(config, weights, device);
        return FastPitchGoldens.Compare(model, golden).Any(stage => stage.Error > ((stage.Stage == "mel" ? melLimit : null) ?? stage.Limit));
    }

    // Not by the same amount in every channel, which a normalisation takes away.
    private static void Perturb(Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] += 0.2f * ProceduralWeights.Uniform("perturbation", i);
        }
    }
}
