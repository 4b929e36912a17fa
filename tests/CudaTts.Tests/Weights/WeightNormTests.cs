using CudaTts.Weights;

namespace CudaTts.Tests;

/// <summary>Weight norm in its spellings.</summary>
internal sealed class WeightNormTests
{
    [TestCase("weight_g", "weight_v")]
    [TestCase("parametrizations.weight.original0", "parametrizations.weight.original1")]
    public void Folds_over_all_dimensions_but_the_first(string scale, string direction)
    {
        var folded = WeightNorm.Fold(Weights(
            ($"up.{scale}", [2, 1, 1], [10, -2]), ($"up.{direction}", [2, 1, 2], [3, 4, 0, 5]), ("up.bias", [1], [7])));
        Assert.That(folded.Names, Is.EquivalentTo((string[])["up.weight", "up.bias"]));
        Assert.That(folded.Take("up.weight", 2, 1, 2).Span.ToArray(), Is.EqualTo((float[])[6, 8, 0, -2]).Within(1e-6f));
    }

    [Test]
    public void Keeps_half_precision()
    {
        Half[] values = [(Half)3, (Half)4];
        var entries = new Dictionary<string, WeightEntry>
        {
            ["weight_g"] = new(DataType.F16, [1, 1], BitConverter.GetBytes((Half)5)),
            ["weight_v"] = new(DataType.F16, [1, 2], values.SelectMany(BitConverter.GetBytes).ToArray()),
        };
        var folded = WeightNorm.Fold(new ModelWeights("test", entries));
        Assert.That(folded.Entry("weight").Type, Is.EqualTo(DataType.F16));
        Assert.That(folded.Take("weight", 1, 2).Span.ToArray(), Is.EqualTo((float[])[3, 4]));
    }

    [Test]
    public void Refuses_halves_of_a_pair_and_zero_rows()
    {
        Refused("weight_v", ("a.weight_g", [1, 1], [1]));
        Refused("weight_g", ("a.weight_v", [1, 1], [1]));
        Refused("expected shape [2, 1]", ("a.weight_g", [1, 1], [1]), ("a.weight_v", [2, 1], [1, 1]));
        Refused("row 1 is zero", ("a.weight_g", [2, 1], [1, 1]), ("a.weight_v", [2, 1], [1, 0]));
        Refused("both", ("a.weight_g", [1, 1], [1]), ("a.weight_v", [1, 1], [1]), ("a.weight", [1, 1], [1]));
        Refused("not finite", ("a.weight_g", [1, 1], [float.NaN]), ("a.weight_v", [1, 1], [1]));
    }

    private static void Refused(string because, params (string Name, int[] Shape, float[] Values)[] tensors) =>
        Assert.That(() => WeightNorm.Fold(Weights(tensors)), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    private static ModelWeights Weights(params (string Name, int[] Shape, float[] Values)[] tensors) =>
        new("test", tensors.ToDictionary(
            tensor => tensor.Name, tensor => new WeightEntry(DataType.F32, tensor.Shape, TorchFileBuilder.Floats(tensor.Values))));
}
