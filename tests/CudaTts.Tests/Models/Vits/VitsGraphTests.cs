using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Vits;

/// <summary>Piper voices as ONNX models: PyTorch's own exports become the networks that they were exported from.</summary>
internal sealed class VitsGraphTests
{
    private const int TensorType = 2;
    private const int TensorRaw = 9;
    private static readonly string[] s_drawn = ["folded", "unfolded", "weight_norm"];
    private readonly VitsGolden _tiny = VitsGolden.Read("vits_piper_tiny.safetensors");
    private readonly VitsGolden _plain = VitsGolden.Read("vits_tiny_no_sdp.safetensors");

    [Test]
    public void An_export_of_every_spelling_becomes_the_network_that_it_was_made_of(
        [ValueSource(nameof(s_drawn))] string spelling, [Values] bool namesOperations) =>
        AssertIsNetwork(PiperExport.Read(spelling, _tiny, namesOperations), _tiny, "2");

    [Test]
    public void An_export_with_plain_durations_and_paired_blocks_too([Values] bool namesOperations) =>
        AssertIsNetwork(PiperExport.Read("no_noise", _plain, namesOperations), _plain, "1");

    [Test]
    public void A_voice_that_lost_every_name_is_told_by_the_order_of_its_graph() =>
        AssertIsNetwork(PiperExport.WithoutNames(PiperExport.Read("folded", _tiny), _ => true), _tiny, "2");

    [Test]
    public void A_voice_with_plain_durations_and_paired_blocks_that_lost_every_name_too() =>
        AssertIsNetwork(PiperExport.WithoutNames(PiperExport.Read("no_noise", _plain), _ => true), _plain, "1");

    [TestCase("dec.conv_post.weight")]
    [TestCase("enc_p.emb.weight")]
    public void A_tensor_without_a_bias_that_lost_its_name_is_told_by_the_order(string lost) =>
        AssertIsNetwork(PiperExport.WithoutNames(PiperExport.Read("folded", _tiny), name => name == lost), _tiny, "2");

    [Test]
    public void A_convolution_that_lost_its_weight_and_bias_is_told_by_the_order() => AssertIsNetwork(
        PiperExport.WithoutNames(
            PiperExport.Read("folded", _tiny), name => name.StartsWith("enc_p.encoder.attn_layers.1.conv_v.", StringComparison.Ordinal)),
        _tiny, "2");

    [Test]
    public void Names_that_are_left_must_agree_with_the_order()
    {
        var voice = PiperExport.WithoutNames(PiperExport.Read("folded", _tiny), name => name == "dec.conv_post.weight");
        for (var at = 0; voice.AsSpan(at).IndexOf("dp.pre.bias"u8) is >= 0 and var next; at += next + 1)
        {
            "dp.prd.bias"u8.CopyTo(voice.AsSpan(at + next));
        }

        Assert.That(
            () => Model(voice),
            Throws.TypeOf<WeightsException>().With.Message
                .Contain("expected 'dp.pre.bias' at this place of the ONNX graph, found the constant 'dp.prd.bias'"));
    }

    [Test]
    public void A_graph_without_names_in_another_order_is_refused()
    {
        var voice = PiperExport.WithoutNames(PiperExport.Read("folded", _tiny), _ => true);
        var isFirst = true;
        byte[]? WithoutFirst(byte[] node)
        {
            var isKept = !isFirst || Encoding.UTF8.GetString(node).Contains("Conv", StringComparison.Ordinal) is false;
            isFirst &= isKept;
            return isKept ? node : null;
        }

        Assert.That(
            () => Model(PiperExport.Rewritten(voice, tensor => tensor, WithoutFirst)),
            Throws.TypeOf<WeightsException>().With.Message.Contain("reads them in another order than a VITS"));
    }

    [Test]
    public void A_voice_speaks_as_the_golden([Values("folded", "weight_norm")] string spelling)
    {
        var model = Model(PiperExport.Read(spelling, _tiny, namesOperations: false));
        using var device = new CpuCompute(1);
        var (result, audio) = VitsGoldenTests.Speak(_tiny, model.Weights, _tiny.Options, device);
        Golden.AreEqual($"{spelling}.onnx durations", result.Durations, _tiny.Durations);
        Golden.Matches($"{spelling}.onnx audio", _tiny.Error(result, audio, "audio"), _tiny.Limit("audio"));
    }

    [Test]
    public void The_config_beside_a_voice_is_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.Path("voice.onnx"), PiperExport.Read("folded", _tiny));
        File.WriteAllText(folder.Path("voice.onnx.json"), _tiny.Metadata["config"].Replace("22050", "16000", StringComparison.Ordinal));
        var summary = CheckpointConverter.Convert(folder.Path("voice.onnx"), folder.Path("model"));
        var config = ModelFolder.Open(folder.Path("model")).Config<VitsConfig>();
        Assert.That((summary.ModelType, config.SampleRate, config.Text.Kind), Is.EqualTo(("vits", 16000, VitsText.PiperKind)));
    }

    [Test]
    public void A_voice_without_a_config_is_a_piper_by_its_inputs()
    {
        var model = Model(PiperExport.Read("folded", _tiny));
        Assert.That(ConfigOf(model).Text.Kind, Is.EqualTo(VitsText.PiperKind));
    }

    [Test]
    public void Half_precision_stays_half_precision()
    {
        var model = Model(PiperExport.Rewritten(PiperExport.Read("folded", _tiny), Halved, node => node));
        Assert.That(model.Weights.Entry("dec.ups.0.weight").Type, Is.EqualTo(DataType.F16));
        Assert.That(model.Weights.Entry("flow.flows.6.enc.in_layers.0.weight").Type, Is.EqualTo(DataType.F16));
    }

    [Test]
    public void Both_halves_of_a_voice_for_streaming_are_one_voice([Values("encoder.onnx", "decoder.onnx")] string given)
    {
        using var folder = new TemporaryFolder();
        WriteHalves(folder);
        var model = CheckpointConverter.Model(CheckpointFile.Open(folder.Path(given)), null);
        Assert.That(CheckpointConverter.Checked(model), Has.Count.EqualTo(VitsTensors.Expected(_tiny.Config).Count()));
    }

    [TestCase("encoder.onnx", "decoder.onnx")]
    [TestCase("decoder.onnx", "encoder.onnx")]
    public void Half_a_voice_says_what_is_missing(string given, string missing)
    {
        using var folder = new TemporaryFolder();
        WriteHalves(folder);
        File.Delete(folder.Path(missing));
        Assert.That(
            () => CheckpointConverter.Model(CheckpointFile.Open(folder.Path(given)), null),
            Throws.TypeOf<WeightsException>().With.Message.Contain($"one half of a voice for streaming; put the other half, {missing}, beside it"));
    }

    [Test]
    public void A_voice_with_another_decoder_is_not_taken_for_half_a_voice()
    {
        var model = OnnxBytes.Model(graph => graph.Floats("enc_p.emb.weight", [1, 1], 1).Floats("dec.other.weight", [1, 1, 1], 1));
        Assert.That(() => Model(model), Throws.TypeOf<WeightsException>().With.Message.Not.Contain("streaming"));
    }

    [Test]
    public void A_graph_without_what_took_the_place_of_a_tensor_is_refused()
    {
        var model = PiperExport.Rewritten(
            PiperExport.Read("folded", _tiny), tensor => tensor, node => PiperExport.NameOf(node, isNode: true) == "/dp/flows.0/Exp" ? null : node);
        Assert.That(
            () => Model(model), Throws.TypeOf<WeightsException>().With.Message.Contain("tensor 'dp.flows.0.logs' is missing, and the ONNX graph"));
    }

    [Test]
    public void A_graph_without_a_stride_is_refused()
    {
        var model = PiperExport.Rewritten(
            PiperExport.Read("folded", _tiny), tensor => tensor,
            node => PiperExport.NameOf(node, isNode: true) == "/dec/ups.1/ConvTranspose" ? WithoutAttributes(node) : node);
        Assert.That(
            () => Model(model), Throws.TypeOf<WeightsException>().With.Message.Contain("'/dec/ups.1/ConvTranspose' does not say its strides"));
    }

    [Test]
    public void A_voice_that_lost_a_tensor_is_refused()
    {
        var model = PiperExport.Rewritten(
            PiperExport.Read("folded", _tiny),
            tensor => PiperExport.NameOf(tensor, isNode: false) == "enc_p.proj.bias" ? null : tensor, node => node);
        Assert.That(
            () => CheckpointConverter.Checked(Model(model)),
            Throws.TypeOf<WeightsException>().With.Message.Contain("tensor 'enc_p.proj.bias' is missing"));
    }

    private static void AssertIsNetwork(byte[] voice, VitsGolden golden, string block)
    {
        var model = Model(voice);
        var config = ConfigOf(model);
        Assert.Multiple(() =>
        {
            Assert.That(config.ResidualBlock, Is.EqualTo(block));
            Assert.That(config.ResidualDilations, Is.EqualTo(golden.Config.ResidualDilations));
            Assert.That(config.UpsampleRates, Is.EqualTo(golden.Config.UpsampleRates));
            Assert.That((config.Heads, config.HasStochasticDurations), Is.EqualTo((golden.Config.Heads, golden.Config.HasStochasticDurations)));
        });
        var expected = VitsProcedural.Folded(golden.Config);
        var tensors = CheckpointConverter.Checked(model);
        Assert.That(tensors.Select(tensor => tensor.Key), Is.EquivalentTo(VitsTensors.Expected(golden.Config).Select(tensor => tensor.Name)));
        foreach (var (name, entry) in tensors)
        {
            var (actual, wanted) = (model.Weights.Take(name, entry.Shape), expected.Take(name, entry.Shape));
            Assert.That(actual.Span.SequenceEqual(wanted.Span), name);
        }
    }

    private static ConvertedModel Model(byte[] voice) => CheckpointConverter.Model(OnnxBytes.Checkpoint(voice), null);

    private static VitsConfig ConfigOf(ConvertedModel model) => ModelFormat.Of<VitsConfig>().Parse(Encoding.UTF8.GetBytes(model.ConfigText), "voice");

    private static byte[] Halved(byte[] tensor)
    {
        var halved = new ProtobufBytes();
        foreach (var (number, value, whole) in ProtobufBytes.Fields(tensor))
        {
            _ = number switch
            {
                TensorType => halved.Integer(TensorType, OnnxBytes.Float16),
                TensorRaw => halved.Bytes(TensorRaw, MemoryMarshal.AsBytes<Half>(
                    Array.ConvertAll(MemoryMarshal.Cast<byte, float>(value).ToArray(), each => (Half)each)).ToArray()),
                _ => halved.Raw(whole),
            };
        }

        return halved.ToArray();
    }

    private static byte[] WithoutAttributes(byte[] node)
    {
        const int NodeAttribute = 5;
        var bare = new ProtobufBytes();
        foreach (var (number, _, whole) in ProtobufBytes.Fields(node))
        {
            _ = number == NodeAttribute ? bare : bare.Raw(whole);
        }

        return bare.ToArray();
    }

    // As piper_train's exporter for streaming divides it: the decoder in a file of its own.
    private void WriteHalves(TemporaryFolder folder)
    {
        var voice = PiperExport.Read("folded", _tiny);
        bool IsDecoders(byte[] message, bool isNode) =>
            PiperExport.NameOf(message, isNode).StartsWith(isNode ? "/dec/" : "dec.", StringComparison.Ordinal);
        byte[] Half(bool isDecoder) => PiperExport.Rewritten(
            voice, tensor => IsDecoders(tensor, isNode: false) == isDecoder ? tensor : null,
            node => IsDecoders(node, isNode: true) == isDecoder ? node : null);
        File.WriteAllBytes(folder.Path("encoder.onnx"), Half(isDecoder: false));
        File.WriteAllBytes(folder.Path("decoder.onnx"), Half(isDecoder: true));
    }
}
