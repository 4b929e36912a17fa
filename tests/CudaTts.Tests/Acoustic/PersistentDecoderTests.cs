using CudaTts.Acoustic.Tacotron2;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;

namespace CudaTts.Tests.Acoustic;

/// <summary>The decoder that stays on the chip, on the emulated device: numbers, batches, launches that follow each other, stopping, and when it is not taken.</summary>
[TestFixture]
internal sealed class PersistentDecoderTests
{
    private const int LaunchSteps = 96;
    private const string GateBias = "decoder.gate_layer.linear_layer.bias";

    // Products of two layers, and of weights with the memory, are rounded to halves: up to 7e-8 of the mel's energy here.
    private const double Limit = 1e-6;

    // A block needs a unit or a row of the prenet.
    private static readonly Tacotron2Config s_tiny = Tacotron2Models.Tiny with { Prenet = 40 };
    private static readonly Tacotron2Config s_odd = Tacotron2Models.EdgeWidths["odd"] with { Prenet = 11 };
    private static readonly Lazy<ModelWeights> s_weights = new(() => Tacotron2Models.Create(s_tiny));

    // Vectors of more than one chunk, so that registers, shared memory and L2 all hold a part of the decoder LSTM.
    private static readonly Tacotron2Config s_chunks = Tacotron2Models.Tiny with
    {
        EncoderEmbedding = 270, AttentionRnn = 300, DecoderRnn = 260, Prenet = 258, FramesPerStep = 1,
    };

    private static IEnumerable<TestCaseData> Models =>
    [
        new TestCaseData(s_odd).SetArgDisplayNames("odd"),
        new TestCaseData(Tacotron2Models.EdgeWidths["wide"]).SetArgDisplayNames("wide"),
        new TestCaseData(s_odd with { LocationKernel = 1, Attention = 64 }).SetArgDisplayNames("no halo"),
        new TestCaseData(s_tiny).SetArgDisplayNames("tiny"),
        new TestCaseData(s_chunks).SetArgDisplayNames("chunks"),
    ];

    [TestCaseSource(nameof(Models))]
    public void AgreesWithTheScalarDecoder(Tacotron2Config config)
    {
        const int Steps = 6;
        var weights = Tacotron2Models.Rounded(Tacotron2Models.Create(config), DataType.F32);
        var keep = Tacotron2Models.PrenetKeep("edge", Steps, config.Prenet);
        foreach (var tokens in new[] { 1, 5, 33 })
        {
            var memory = Memory(config, tokens);
            var (frames, gates, alignments) = new ReferenceTacotron2(config, weights).Decode(memory, keep);

            var record = new Decoder(config, weights).Decode(memory, new Tacotron2Options { GateThreshold = 1, PrenetKeep = keep }).Record;

            Assert.Multiple(() =>
            {
                var errors = (
                    Nmse.Of(record.Mel().Span, Floats(Tacotron2Goldens.FramesToMel(frames, config.MelBands))),
                    Nmse.Of(record.GateLogits().Span, Floats(gates)),
                    Nmse.Of(record.Alignments().Span, Floats(alignments)));
                TestContext.Out.WriteLine($"{tokens} tokens: NMSE of mel, gates, alignments {errors}");
                Assert.That(errors.Item1, Is.LessThan(Limit), $"mel of {tokens} tokens");
                Assert.That(errors.Item2, Is.LessThan(Limit), $"gates of {tokens} tokens");
                Assert.That(errors.Item3, Is.LessThan(Limit), $"alignments of {tokens} tokens");
            });
        }
    }

    [TestCase("full_1")]
    [TestCase("full_17")]
    public void TheFirstStepsOfTheFullSizeMatchTheGolden(string name)
    {
        // The emulated device has an H100's 132 multiprocessors, but less shared memory: a part of the decoder LSTM is read from global memory.
        const int Steps = 3;
        var (golden, config) = (Tacotron2Goldens.Open(name), Tacotron2Models.Full);
        var tokens = Tacotron2Goldens.Ids(golden).Length;
        var memory = golden.Weights.Take("encoder_memory", 1, tokens, config.EncoderEmbedding);
        var steps = int.Parse(golden.Metadata["steps"], System.Globalization.CultureInfo.InvariantCulture);

        var record = new Decoder(config, Tacotron2Models.WeightsOf(config))
            .Decode(memory, Tacotron2Goldens.OptionsOf(golden, config) with { MaxSteps = Steps }).Record;

        var mel = Tacotron2Goldens.FirstFrames(golden.Weights.Take("mel_before_postnet", 1, config.MelBands, steps), Steps);
        var errors = (Nmse.Of(record.Mel().Span, mel), Nmse.Of(record.Alignments().Span, golden.Weights.Take("alignments", 1, steps, tokens).Span[..(Steps * tokens)]));
        TestContext.Out.WriteLine($"{name}: NMSE of mel, alignments {errors}");
        Assert.That(errors.Item1, Is.LessThan(1e-4), "mel");
        Assert.That(errors.Item2, Is.LessThan(1e-4), "alignments");
    }

    [TestCase("decoder.attention_rnn.weight_hh")]
    [TestCase("decoder.decoder_rnn.weight_hh")]
    [TestCase("decoder.prenet.layers.1.linear_layer.weight")]
    public void AnotherWeightIsNoticed(string name)
    {
        const int Steps = 6;
        var weights = Tacotron2Models.Rounded(Tacotron2Models.Create(s_tiny), DataType.F32);
        var options = new Tacotron2Options { GateThreshold = 1, MaxSteps = Steps };
        var expected = new Decoder(s_tiny, weights, isPersistent: false).Decode(Memory(s_tiny, 5), options).Record.Mel();

        Assert.That(Nmse.Of(new Decoder(s_tiny, weights).Decode(Memory(s_tiny, 5), options).Record.Mel().Span, expected.Span), Is.LessThan(Limit));
        var other = Tacotron2Models.With(weights, name, values =>
        {
            foreach (ref var value in values[^320..])
            {
                value += 1;
            }
        });
        Assert.That(Nmse.Of(new Decoder(s_tiny, other).Decode(Memory(s_tiny, 5), options).Record.Mel().Span, expected.Span), Is.GreaterThan(Limit));
    }

    [Test]
    public void ManyLaunchesAgreeWithTheStepwiseDecoder()
    {
        var options = new Tacotron2Options { Seed = 0x1_0000_0005, Utterance = 3, MaxSteps = LaunchSteps + 5 };
        var memory = Memory(s_tiny, 12);

        var expected = new Decoder(s_tiny, Closed(), isPersistent: false).Decode(memory, options);
        var actual = new Decoder(s_tiny, Closed()).Decode(memory, options);

        Assert.That(actual.Record.Steps, Is.EqualTo(options.MaxSteps));
        Assert.That(Nmse.Of(actual.Record.Mel().Span, expected.Record.Mel().Span), Is.LessThan(Limit));
        Assert.That(Nmse.Of(actual.Record.Alignments().Span, expected.Record.Alignments().Span), Is.LessThan(Limit));
    }

    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public void ABatchIsItsSingleRunsBitForBit(int rows)
    {
        // Rows end in the first launch, of two rows one in the second.
        int[] tokens = [7, 1, 12, 9];
        int[] limits = [rows == 2 ? LaunchSteps + 3 : 8, 5, 11, 3];
        var decoder = new Decoder(s_tiny, Closed());
        var options = limits[..rows].Select((limit, row) => new Tacotron2Options { MaxSteps = limit, Seed = (ulong)row }).ToArray();
        var memory = Memory(s_tiny, tokens[..rows]);

        var together = decoder.Decode(memory, tokens[..rows], options);

        for (var row = 0; row < rows; row++)
        {
            var alone = decoder.Decode(Tensor.From(memory.Slice(row, 1).Span[..(tokens[row] * memory[2])], 1, tokens[row], memory[2]), options[row]);
            Assert.That(together[row].Record.Steps, Is.EqualTo(limits[row]), $"row {row}");
            Assert.That(together[row].Record.Mel().Span.ToArray(), Is.EqualTo(alone.Record.Mel().Span.ToArray()), $"row {row}");
            Assert.That(together[row].Record.Alignments().Span.ToArray(), Is.EqualTo(alone.Record.Alignments().Span.ToArray()), $"row {row}");
        }
    }

    [Test]
    public void AnOpenGateEndsAfterOneStep()
    {
        var weights = Tacotron2Models.With(s_weights.Value, GateBias, bias => bias[0] = 50);

        var (record, stop) = new Decoder(s_tiny, weights).Decode(Memory(s_tiny, 4), new Tacotron2Options());

        Assert.That(record.Steps, Is.EqualTo(1));
        Assert.That(stop, Is.EqualTo(StopReason.Gate));
    }

    [Test]
    public void RowsEndByTheirOwnGates()
    {
        int[] tokens = [7, 3];
        var decoder = new Decoder(s_tiny, s_weights.Value);
        var memory = Memory(s_tiny, tokens);
        Tacotron2Options Options(int row, double threshold) => new() { GateThreshold = threshold, MaxSteps = 24, Seed = (ulong)row };
        var free = decoder.Decode(memory, tokens, [Options(0, 1), Options(1, 1)]);
        var thresholds = free.Select(output => output.Record.GateLogits().Span.ToArray().Order().ElementAt(16)).ToArray();
        var ends = free.Select((output, row) => 1 + output.Record.GateLogits().Span.ToArray().ToList().FindIndex(logit => logit > thresholds[row])).ToArray();

        var stopped = decoder.Decode(memory, tokens, [.. thresholds.Select((threshold, row) => Options(row, 1 / (1 + Math.Exp(-(double)threshold))))]);

        Assert.That(stopped.Select(output => output.Record.Steps), Is.EqualTo(ends));
        Assert.That(stopped.Select(output => output.Stop), Is.All.EqualTo(StopReason.Gate));
    }

    [Test]
    public void ManyRowsGoStepByStep()
    {
        var tokens = Enumerable.Repeat(4, PersistentDecoder.MostRows + 1).ToArray();
        var options = tokens.Select((_, row) => new Tacotron2Options { Seed = (ulong)row, MaxSteps = 3 }).ToArray();
        var memory = Memory(s_tiny, tokens);
        var expected = new Decoder(s_tiny, Closed(), isPersistent: false).Decode(memory, tokens, options);

        var actual = new Decoder(s_tiny, Closed()).Decode(memory, tokens, options);

        Assert.That(actual.Select(output => output.Record.Mel().Span.ToArray()), Is.EqualTo(expected.Select(output => output.Record.Mel().Span.ToArray())));
    }

    [Test]
    public void AWindowGoesStepByStep()
    {
        var options = new Tacotron2Options { MaxSteps = 5, Window = AttentionWindow.Default };
        var expected = new Decoder(s_tiny, Closed(), isPersistent: false).Decode(Memory(s_tiny, 9), options);

        Assert.That(new Decoder(s_tiny, Closed()).Decode(Memory(s_tiny, 9), options).Record.Mel().Span.ToArray(), Is.EqualTo(expected.Record.Mel().Span.ToArray()));
    }

    [Test]
    public void WhatATextGivesDoesNotDependOnTheOneBefore()
    {
        var decoder = new Decoder(s_tiny, Closed());
        var options = new Tacotron2Options { MaxSteps = 4 };
        float[] Mel(int tokens) => decoder.Decode(Memory(s_tiny, tokens), options).Record.Mel().Span.ToArray();
        var first = Mel(5);

        decoder.Decode(Memory(s_tiny, [.. Enumerable.Repeat(9, 6)]), [.. Enumerable.Repeat(9, 6)], [.. Enumerable.Repeat(options, 6)]);
        Mel(70);

        Assert.That(Mel(5), Is.EqualTo(first));
    }

    [Test]
    public void TheFullSizeIsHeldByAHundredAndTwentyEightMultiprocessorsOfAnH100()
    {
        // 227 KB of shared memory (CUDA C++ Programming Guide, compute capability 9.0).
        const int SharedBytes = 227 * 1024;
        PersistentDecoderPlan? Of(int rows, int tokens, int multiprocessors = 132, int sharedBytes = SharedBytes) =>
            PersistentDecoderPlan.For(Tacotron2Models.Full, multiprocessors, sharedBytes, rows, tokens);
        foreach (var (rows, tokens) in new[] { (1, 128), (1, 224), (2, 128), (4, 128), (8, 128) })
        {
            TestContext.Out.WriteLine($"{rows} rows of {tokens} tokens: {Of(rows, tokens)}");
        }

    }

    private static ModelWeights Closed() => Tacotron2Models.With(s_weights.Value, GateBias, bias => bias[0] = -500);

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);

    private static Tensor Memory(Tacotron2Config config, params int[] tokens)
    {
        var memory = new Tensor(tokens.Length, tokens.Max(), config.EncoderEmbedding);
        for (var row = 0; row < tokens.Length; row++)
        {
            ProceduralWeights.Values($"memory.{row}", [tokens[row], config.EncoderEmbedding]).CopyTo(memory.Slice(row, 1).Span);
        }

        return memory;
    }

    private sealed class Decoder
    {
        private readonly CudaCompute _device = TestDevice.Open(Precision.Half);
        private readonly CudaTacotron2Decoder _decoder;

        public Decoder(Tacotron2Config config, ModelWeights weights, bool isPersistent = true)
        {
            var stored = new CudaDecoderWeights(config, weights, _device, isPersistent);
            Assert.That(stored.Persistent, isPersistent ? Is.Not.Null : Is.Null);
            _decoder = new CudaTacotron2Decoder(config, stored, _device);
        }

        public DecoderOutput Decode(Tensor memory, Tacotron2Options options) => Decode(memory, [memory[1]], [options])[0];

        public IReadOnlyList<DecoderOutput> Decode(Tensor memory, int[] tokens, Tacotron2Options[] options) =>
            _decoder.Decode(_device.Store(memory), _device.Rows(tokens), options, CancellationToken.None);
    }
}
