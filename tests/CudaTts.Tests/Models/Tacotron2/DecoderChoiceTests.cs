using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Tensors;
using CudaTts.Tests.Emulation;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>Which way the decoder goes on a GPU: what the user says, and what the driver refuses.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class DecoderChoiceTests
{
    private const int Tokens = 6;
    private static readonly Tacotron2Config s_config = Tacotron2Models.Tiny;
    private static readonly ModelWeights s_weights =
        Tacotron2Models.With(Tacotron2Models.WeightsOf(s_config), "decoder.gate_layer.linear_layer.bias", bias => bias[0] = -500);

    private string? _before;

    [SetUp]
    public void Remember() => _before = Environment.GetEnvironmentVariable(DecoderChoice.Variable);

    [TearDown]
    public void Restore() => Environment.SetEnvironmentVariable(DecoderChoice.Variable, _before);

    [TestCase(null, DecoderWay.AsItFits, "persistent where")]
    [TestCase("", DecoderWay.AsItFits, "persistent where")]
    [TestCase("persistent", DecoderWay.Persistent, "persistent, because")]
    [TestCase("grid", DecoderWay.Grid, "persistent without clusters, because")]
    [TestCase("stepwise", DecoderWay.Stepwise, "stepwise, because")]
    public void The_user_chooses(string? value, DecoderWay expected, string description)
    {
        Environment.SetEnvironmentVariable(DecoderChoice.Variable, value);
        Assert.That(DecoderChoice.Read(), Is.EqualTo(expected));
        Assert.That(DecoderChoice.Description, Does.Contain(description).And.Contain(DecoderChoice.Variable));
    }

    [Test]
    public void Another_value_is_refused()
    {
        Environment.SetEnvironmentVariable(DecoderChoice.Variable, "Stepwise");
        Assert.That(Create(Precision.Half), Throws.TypeOf<CudaTtsException>().With.Message.EqualTo(
            "CUDATTS_DECODER: expected persistent, grid (persistent without clusters) or stepwise, or nothing; found 'Stepwise'."));
    }

    [Test]
    public void Stepwise_has_no_weights_on_the_chip()
    {
        Environment.SetEnvironmentVariable(DecoderChoice.Variable, "stepwise");
        var decoder = (CudaTacotron2Decoder)Create(Precision.Half)();
        Assert.That(decoder.Way, Is.EqualTo("stepwise"));
        Assert.That(LaunchesIn(() => Decode(decoder)), Is.EqualTo(new[] { 0, 0 }));
    }

    [Test]
    public void A_grid_has_no_clusters()
    {
        Environment.SetEnvironmentVariable(DecoderChoice.Variable, "grid");
        var decoder = (CudaTacotron2Decoder)Create(Precision.Half)();
        Assert.That(LaunchesIn(() => Decode(decoder)), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(decoder.Way, Is.EqualTo("persistent_in_the_grid"));
        Assert.That(((CudaTacotron2Decoder)Create(Precision.Full)()).Way, Is.EqualTo("stepwise"), "float32 is no error");
    }

    [Test]
    public void Persistent_is_had_or_refused()
    {
        Environment.SetEnvironmentVariable(DecoderChoice.Variable, "persistent");
        var decoder = (CudaTacotron2Decoder)Create(Precision.Half)();
        Assert.That(decoder.Way, Is.EqualTo("persistent"));
        Assert.That(LaunchesIn(() => Decode(decoder)), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(Create(Precision.Full), Refuses("found float32 on emulated; use --precision float16"));
        var wide = s_config with { Attention = 129 };
        Assert.That(() => Tacotron2Decoder.Create(wide, Tacotron2Models.Create(wide), TestDevice.Open(Precision.Half).ModelMemory()),
            Refuses("does not fit"));
    }

    [Test]
    public void What_the_driver_refuses_goes_step_by_step_from_then_on()
    {
        var device = TestDevice.Open(Precision.Half);
        var expected = Decode(TestMemory.Hold(
            new CudaTacotron2Decoder(s_config, new CudaDecoderWeights(s_config, s_weights, device.GpuMemory(), isPersistent: false), device)));
        var decoder = TestMemory.Hold(new CudaTacotron2Decoder(s_config, new CudaDecoderWeights(s_config, s_weights, device.GpuMemory()), device));
        var forced = TestMemory.Hold(
            new CudaTacotron2Decoder(s_config, new CudaDecoderWeights(s_config, s_weights, device.GpuMemory()), device, way: DecoderWay.Persistent));
        Assert.That(decoder.Way, Is.EqualTo("persistent"));

        WithMultiprocessors(4, () =>
        {
            Assert.That(LaunchesIn(() => Assert.That(Decode(decoder), Is.EqualTo(expected))), Is.EqualTo(new[] { 1, 1 }),
                "with clusters, then without");
            Assert.That(decoder.Way, Is.EqualTo("stepwise_after_refusal"));
            Assert.That(LaunchesIn(() => Assert.That(Decode(decoder), Is.EqualTo(expected))), Is.EqualTo(new[] { 0, 0 }));
            Assert.That(
                () => Decode(forced),
                    Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Result)).EqualTo(CUresult.CooperativeLaunchTooLarge));
        });
        Assert.That(Decode(forced), Is.Not.EqualTo(expected), "where it is not refused, it is another decoder, equal to rounding");
    }

    [Test]
    public void The_encoders_lstm_takes_fewer_blocks([ValueSource(typeof(KernelValues), nameof(KernelValues.Precisions))] Precision precision)
    {
        var device = TestDevice.Open(precision);
        var ids = Enumerable.Range(1, 9).ToArray();
        var encoder = new Tacotron2Encoder(s_config, s_weights, device.ModelMemory());
        float[] Encode() => device.Download(encoder.Encode(ids, device.Rows(ids.Length)).Tensor).Span.ToArray();
        var expected = Encode();

        // Two directions of at least one block; one multiprocessor holds more than one of them.
        WithMultiprocessors(1, () => Assert.That(Encode(), Is.EqualTo(expected)));
    }

    /// <summary>Cooperative launches of the decoder: in clusters, and without.</summary>
    private static long[] LaunchesIn(Action action) => EmulatedDriver.CallsIn(action, "cuLaunchKernelEx", "cuLaunchCooperativeKernel");

    private static Func<Tacotron2Decoder> Create(Precision precision) =>
        () => Tacotron2Decoder.Create(s_config, s_weights, TestDevice.Open(precision).ModelMemory());

    private static NUnit.Framework.Constraints.ContainsConstraint Refuses(string why) =>
        Throws.TypeOf<CudaTtsException>().With.Message.StartsWith("CUDATTS_DECODER=persistent: ").And.Message.Contains(why);

    private static float[] Decode(CudaTacotron2Decoder decoder)
    {
        var device = TestDevice.Open(Precision.Half);
        var memory = Tensor.From(ProceduralWeights.Values("memory.0", [Tokens, s_config.EncoderEmbedding]), 1, Tokens, s_config.EncoderEmbedding);
        var output = decoder.Decode(
            device.Store(memory), device.Rows(Tokens), [new Tacotron2Options { MaxSteps = 20, Seed = 3 }], CancellationToken.None)[0];
        return [.. output.Record.Mel().Span, .. output.Record.GateLogits().Span, .. output.Record.Alignments().Span];
    }

    private static void WithMultiprocessors(int count, Action run)
    {
        EmulatedDriver.LimitMultiprocessors(count);
        try
        {
            run();
        }
        finally
        {
            EmulatedDriver.LimitMultiprocessors(0);
        }
    }
}
