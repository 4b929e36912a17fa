using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models.Vits;

namespace CudaTts.Tests.Models.Vits;

/// <summary>The cost model: every weight is multiplied once a token or once a frame.</summary>
internal sealed class VitsWorkTests
{
    private static readonly VitsConfig Plain = new() { HasStochasticDurations = false };

    [Test]
    public void Every_weight_of_the_flow_is_multiplied_once_a_frame()
    {
        var config = new VitsConfig();
        var weights = Weights(config, "flow.");

        var work = VitsWork.Flow(config, frames: 7, elementBytes: 2);

        Assert.That(work.Products, Is.EqualTo(7 * weights));
        Assert.That(work.WeightBytes, Is.EqualTo(2 * weights));
    }

    [Test]
    public void Every_weight_before_it_is_multiplied_once_a_token([Values] bool hasStochasticDurations)
    {
        var config = hasStochasticDurations ? new VitsConfig() : Plain;
        var weights = Weights(config, "enc_p.") + Weights(config, "dp.");

        var work = VitsWork.Text(config, tokens: 10, frames: 30);

        Assert.That(work.Products, Is.EqualTo((10 * weights) + (6 * 2.0 * 192 * 10 * 10)));
        Assert.That(work.WeightBytes, Is.EqualTo(4 * weights));
        Assert.That(work.ActivationBytes, Is.GreaterThan(VitsWork.Text(config, tokens: 10, frames: 29).ActivationBytes));
    }

    [Test]
    public void Stages_are_those_of_the_halves()
    {
        var golden = VitsGolden.Read("vits_tiny.safetensors");
        var weights = VitsProcedural.Folded(golden.Config);
        using var compute = new CpuCompute(1);
        using var acoustic = new VitsAcoustic(golden.Config, weights, compute);
        using var decoder = new VitsDecoder(golden.Config, weights, compute);

        Assert.That(acoustic.WorkOf(Stage.Encoder, 5, 9), Is.EqualTo(VitsWork.Text(golden.Config, 5, 9)));
        Assert.That(acoustic.WorkOf(Stage.Postnet, 5, 9), Is.EqualTo(VitsWork.Flow(golden.Config, 9, 4)));
        Assert.That(acoustic.WorkOf(Stage.Decoder, 5, 9), Is.Null);
        Assert.That(decoder.WorkOf(1)!.Value.WeightBytes, Is.EqualTo(4 * Weights(golden.Config, "dec.")));
        Assert.That(acoustic.IsPublicSize, Is.False);
    }

    private static double Weights(VitsConfig config, string prefix) => VitsTensors.Expected(config)
        .Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal) && tensor.Name.EndsWith(".weight", StringComparison.Ordinal)
            && tensor.Shape.Length == 3)
        .Sum(tensor => tensor.Shape.Aggregate(1.0, (product, size) => product * size));
}
