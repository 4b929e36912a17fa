using System.Runtime.InteropServices;
using CudaTts.Models;
using CudaTts.Weights;

namespace CudaTts.Tests;

/// <summary>The names of a state dict, found again in a graph whose exporter folded something into some of its tensors.</summary>
internal sealed class PyTorchNamesTests
{
    private static readonly float[] s_six = [0, 1, 2, 3, 4, 5];

    [Test]
    public void A_folded_convolution_is_named_after_its_bias() => Assert.That(
        Named(graph => graph.Floats("net.conv.bias", [1], 1).Floats("onnx::Conv_12", [1, 2, 3], s_six)
            .Node("Conv", "Conv_3", "x onnx::Conv_12 net.conv.bias", "y")),
        Is.EquivalentTo((string[])["net.conv.bias", "net.conv.weight"]));

    [Test]
    public void A_folded_convolution_without_a_bias_is_named_after_its_operation() => Assert.That(
        Named(graph => graph.Floats("onnx::Conv_12", [1, 2, 3], s_six).Node("Conv", "/net/convs.1/Conv", "x onnx::Conv_12", "y")),
        Is.EquivalentTo((string[])["net.convs.1.weight"]));

    [Test]
    public void Constants_of_operations_are_named_as_well() => Assert.That(
        Named(graph => graph
            .Node("Constant", "/net/Constant", "", "/net/Constant_output_0", node => node.Message(5, attribute => attribute.Text(1, "value")
                .Message(5, tensor => tensor.Tensor("", OnnxBytes.Float, [1, 6], data => data.Bytes(9, TorchFileBuilder.Floats(s_six))))))
            .Node("ConvTranspose", "/net/up/ConvTranspose", "x /net/Constant_output_0", "y")),
        Is.EquivalentTo((string[])["net.up.weight"]));

    [Test]
    public void What_nothing_names_keeps_the_name_of_the_file() => Assert.That(
        Named(graph => graph.Floats("onnx::Conv_12", [1, 2, 3], s_six).Node("Conv", "Conv_3", "x onnx::Conv_12", "y")),
        Is.EquivalentTo((string[])["onnx::Conv_12"]));

    [TestCase("/net/linear/MatMul", "x", TestName = "A_linear_layer_is_turned_round_and_named_after_its_operation")]
    [TestCase("MatMul_7", "net.linear.bias", TestName = "A_linear_layer_is_turned_round_and_named_after_the_bias_that_is_added")]
    public void A_linear_layer(string operation, string added)
    {
        var entries = OnnxBytes.Checkpoint(OnnxBytes.Model(graph => graph.Floats("net.linear.bias", [2], 1, 2).Floats("onnx::MatMul_9", [3, 2], s_six)
            .Node("MatMul", operation, "x onnx::MatMul_9", "product").Node("Add", "Add_8", $"{added} product", "y"))).Entries;
        Assert.That(entries["net.linear.weight"].Shape, Is.EqualTo((int[])[2, 3]));
        Assert.That(Floats(entries["net.linear.weight"]), Is.EqualTo((float[])[0, 2, 4, 1, 3, 5]));
    }

    [Test]
    public void A_product_with_a_factor_that_is_the_other_way_round_is_as_it_is()
    {
        var entries = OnnxBytes.Checkpoint(OnnxBytes.Model(graph => graph.Floats("onnx::Gemm_9", [2, 3], s_six)
            .Node("Gemm", "/net/linear/Gemm", "x onnx::Gemm_9", "y", node => node.Numbers("transB", 1)))).Entries;
        Assert.That(Floats(entries["net.linear.weight"]), Is.EqualTo(s_six));
    }

    [Test]
    public void Equal_parameters_are_stored_once_and_have_both_names()
    {
        var entries = OnnxBytes.Checkpoint(OnnxBytes.Model(graph => graph.Floats("a.gamma", [6], s_six)
            .Node("Identity", "Identity_0", "a.gamma", "b.gamma").Node("Mul", "Mul_1", "x b.gamma", "y"))).Entries;
        Assert.That(Floats(entries["b.gamma"]), Is.EqualTo(Floats(entries["a.gamma"])));
    }

    [Test]
    public void Few_bytes_do_not_stand_for_many()
    {
        var model = OnnxBytes.Model(graph =>
        {
            graph.Floats("a.gamma", [1 << 15], new float[1 << 15]);
            for (var i = 0; i < 5; i++)
            {
                graph.Node("Identity", "", "a.gamma", $"b{i}.gamma");
            }
        });
        Assert.That(() => OnnxBytes.Checkpoint(model), Throws.TypeOf<WeightsException>().With.Message.Contain("more than 4 times the 131072 bytes"));
    }

    [Test]
    public void Rings_of_values_end() => Assert.That(
        Named(graph => graph.Node("Identity", "", "b.x", "a.x").Node("Identity", "", "a.x", "b.x")
            .Node("Conv", "/n/Conv", "x a.x b.x", "y")),
        Is.Empty);

    [Test]
    public void Something_else_is_said_to_be_what_it_seems()
    {
        var model = OnnxBytes.Model(graph => graph.Message(11, value => value.Text(1, "input_ids")).Message(12, value => value.Text(1, "logits"))
            .Floats("head.bias", [1], 1).Node("Add", "", "input_ids head.bias", "logits"));
        Assert.That(
            () => CheckpointConverter.Model(OnnxBytes.Checkpoint(model), null),
            Throws.TypeOf<WeightsException>().With.Message.EndWith("found an ONNX graph of 1 operations by pytorch from 'input_ids' to 'logits'."));
    }

    [Test]
    public void A_quantised_graph_is_refused()
    {
        var model = OnnxBytes.Model(graph => graph.Initialiser("enc_p.proj.weight_quantized", OnnxBytes.Int8, [1], data => data.Bytes(9, 5))
            .Node("ConvInteger", "", "x enc_p.proj.weight_quantized", "y"));
        Assert.That(
            () => CheckpointConverter.Model(OnnxBytes.Checkpoint(model), null),
            Throws.TypeOf<WeightsException>().With.Message.Contain("quantised ONNX graph (operation ConvInteger)"));
    }

    private static IEnumerable<string> Named(Action<ProtobufBytes> graph) => OnnxBytes.Checkpoint(OnnxBytes.Model(graph)).Entries.Keys;

    private static float[] Floats(WeightEntry entry) => MemoryMarshal.Cast<byte, float>(entry.Bytes.Span).ToArray();
}
