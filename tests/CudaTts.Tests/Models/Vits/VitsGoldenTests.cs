using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Vits;

/// <summary>VITS and Piper against stored outputs of every stage, on the CPU.</summary>
internal sealed class VitsGoldenTests
{
    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCase("vits_lj.safetensors")]
    [TestCase("vits_vctk.safetensors")]
    [TestCase("vits_piper_medium.safetensors")]
    [TestCase("vits_tiny.safetensors")]
    [TestCase("vits_tiny_one_token.safetensors")]
    [TestCase("vits_tiny_tails.safetensors")]
    [TestCase("vits_tiny_no_sdp.safetensors")]
    [TestCase("vits_tiny_speakers.safetensors")]
    [TestCase("vits_piper_tiny.safetensors")]
    public void Agrees_with_the_golden(string file)
    {
        var golden = VitsGolden.Read(file);

        var (result, audio) = Speak(golden, VitsProcedural.Folded(golden.Config), golden.Options, _compute);

        Golden.AreEqual($"{file} durations", result.Durations, golden.Durations);
        foreach (var stage in VitsGolden.Stages)
        {
            Golden.Matches($"{file} {stage}", golden.Error(result, audio, stage), golden.Limit(stage));
        }
    }

    [TestCase("vits_tiny.safetensors", "enc_p.emb.weight", "text_encoding")]
    [TestCase("vits_tiny.safetensors", "enc_p.encoder.attn_layers.1.emb_rel_k", "text_encoding")]
    [TestCase("vits_tiny.safetensors", "enc_p.encoder.attn_layers.0.emb_rel_v", "text_encoding")]
    [TestCase("vits_tiny.safetensors", "enc_p.encoder.ffn_layers.1.conv_2.weight", "text_encoding")]
    [TestCase("vits_tiny.safetensors", "enc_p.encoder.norm_layers_2.1.gamma", "logs_p")]
    [TestCase("vits_tiny.safetensors", "enc_p.proj.bias", "m_p")]
    [TestCase("vits_tiny.safetensors", "enc_p.proj.weight", "z_p")]
    [TestCase("vits_tiny.safetensors", "dp.pre.weight", "log_durations")]
    [TestCase("vits_tiny.safetensors", "dp.convs.convs_sep.2.weight", "log_durations")]
    [TestCase("vits_tiny.safetensors", "dp.flows.7.pre.weight", "log_durations")]
    [TestCase("vits_tiny.safetensors", "dp.flows.5.convs.norms_1.0.beta", "log_durations")]
    [TestCase("vits_tiny.safetensors", "dp.flows.3.proj.bias", "log_durations")]
    [TestCase("vits_tiny.safetensors", "dp.flows.0.logs", "log_durations")]
    [TestCase("vits_tiny.safetensors", "flow.flows.6.pre.weight", "z")]
    [TestCase("vits_tiny.safetensors", "flow.flows.4.enc.in_layers.2.bias", "z")]
    [TestCase("vits_tiny.safetensors", "flow.flows.2.enc.res_skip_layers.3.weight", "z")]
    [TestCase("vits_tiny.safetensors", "flow.flows.0.post.bias", "z")]
    [TestCase("vits_tiny.safetensors", "dec.conv_pre.weight", "audio")]
    [TestCase("vits_tiny.safetensors", "dec.ups.1.weight", "audio")]
    [TestCase("vits_tiny.safetensors", "dec.resblocks.3.convs2.2.weight", "audio")]
    [TestCase("vits_tiny.safetensors", "dec.conv_post.weight", "audio")]
    [TestCase("vits_tiny_no_sdp.safetensors", "dp.conv_1.weight", "log_durations")]
    [TestCase("vits_tiny_no_sdp.safetensors", "dp.norm_2.beta", "log_durations")]
    [TestCase("vits_tiny_no_sdp.safetensors", "dp.proj.bias", "log_durations")]
    [TestCase("vits_tiny_tails.safetensors", "dp.flows.0.m", "log_durations")]
    [TestCase("vits_tiny_one_token.safetensors", "enc_p.encoder.attn_layers.0.conv_v.bias", "text_encoding")]
    [TestCase("vits_tiny_speakers.safetensors", "dp.cond.weight", "log_durations")]
    [TestCase("vits_tiny_speakers.safetensors", "flow.flows.4.enc.cond_layer.bias", "z")]
    [TestCase("vits_tiny_speakers.safetensors", "dec.cond.bias", "audio")]
    [TestCase("vits_tiny_speakers.safetensors", "dec.resblocks.0.convs.1.weight", "audio")]
    [TestCase("vits_piper_tiny.safetensors", "flow.flows.0.enc.cond_layer.weight", "z")]
    [TestCase("vits_piper_tiny.safetensors", "dec.ups.2.bias", "audio")]
    public void The_golden_sees_one_wrong_weight(string file, string tensor, string stage)
    {
        var golden = VitsGolden.Read(file);
        var weights = VitsProcedural.Folded(golden.Config);
        var wrong = tensor == "enc_p.emb.weight" ? Shifted(weights, tensor, golden.Ids[0]) : OneWrongWeight.In(weights, tensor);

        var (result, audio) = Speak(golden, wrong, golden.Options with { Durations = golden.Durations }, _compute);

        Assert.That(golden.Error(result, audio, stage), Is.GreaterThan(golden.Limit(stage)));
    }

    [Test]
    public void The_golden_sees_another_speaker([Values("vits_tiny_speakers.safetensors", "vits_piper_tiny.safetensors")] string file)
    {
        var golden = VitsGolden.Read(file);
        var weights = VitsProcedural.Folded(golden.Config);

        var (result, audio) = Speak(golden, weights, golden.Options with { Speaker = 0, Durations = golden.Durations }, _compute);

        Assert.That(golden.Error(result, audio, "text_encoding"), Is.LessThanOrEqualTo(golden.Limit("text_encoding")));
        foreach (var stage in (string[])["log_durations", "z", "audio"])
        {
            Assert.That(golden.Error(result, audio, stage), Is.GreaterThan(golden.Limit(stage)), stage);
        }
    }

    [Test]
    public void The_golden_sees_other_factors()
    {
        var golden = VitsGolden.Read("vits_tiny.safetensors");
        var weights = VitsProcedural.Folded(golden.Config);
        VitsOptions Given(VitsOptions options) => options with { Durations = golden.Durations };

        var louder = Speak(golden, weights, Given(golden.Options with { NoiseScale = 0.67f }), _compute);
        var livelier = Speak(golden, weights, Given(golden.Options with { DurationNoiseScale = 0.81f }), _compute);
        using var acoustic = new VitsAcoustic(golden.Config, weights, _compute);
        var slower = golden.Options with { LengthScale = 1.6f, PriorNoise = null };

        Assert.That(golden.Error(louder.Result, louder.Audio, "z_p"), Is.GreaterThan(golden.Limit("z_p")));
        Assert.That(golden.Error(livelier.Result, livelier.Audio, "log_durations"), Is.GreaterThan(golden.Limit("log_durations")));
        Assert.That(acoustic.Synthesize(golden.Ids, slower).Durations, Is.Not.EqualTo(golden.Durations));
    }

    /// <summary>Both halves of the network.</summary>
    internal static (VitsResult Result, Tensor Audio) Speak(VitsGolden golden, ModelWeights weights, VitsOptions options, ComputeDevice device)
    {
        using var acoustic = new VitsAcoustic(golden.Config, weights, device);
        using var decoder = new VitsDecoder(golden.Config, weights, device);
        var result = acoustic.Synthesize(golden.Ids, options);
        return (result, decoder.Generate(result.Frames, new VocoderOptions { Speaker = options.Speaker }));
    }

    // The first number of the row of an id that is spoken.
    private static ModelWeights Shifted(ModelWeights weights, string name, int row)
    {
        var entries = weights.Names.ToDictionary(each => each, weights.Entry);
        var bytes = entries[name].Bytes.ToArray();
        var place = row * entries[name].Shape[1] * sizeof(float);
        BitConverter.TryWriteBytes(bytes.AsSpan(place), BitConverter.ToSingle(bytes, place) + 0.01f);
        entries[name] = entries[name] with { Bytes = bytes };
        return new ModelWeights("weights with one changed", entries);
    }
}
