using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>
/// The decoder that stays on the chip, on the emulated device: numbers, batches, launches that follow each other, stopping, and when it is not taken.
/// </summary>
[TestFixture]
internal sealed class PersistentDecoderTests
{
    private const string GateBias = "decoder.gate_layer.linear_layer.bias";

    // Products of two layers, and of weights with the memory, are rounded to halves: up to 7e-8 of the mel's energy here.
    private const double Limit = 1e-6;
    private static readonly Tacotron2Config s_tiny = Tacotron2Models.Tiny;

    // Fewer rows of small products, so that a third of the tiny model's blocks hold it.
    private static readonly Tacotron2Config s_few = s_tiny with { MelBands = 20 };

    // Vectors of more than one chunk, so that registers, shared memory and L2 all hold a part of the decoder LSTM.
    private static readonly Tacotron2Config s_chunks = Tacotron2Models.Tiny with
    {
        EncoderEmbedding = 270, AttentionRnn = 300, DecoderRnn = 260, Prenet = 258, FramesPerStep = 1,
    };

    // What all of their cases compare with is made once: that of Another_weight_is_noticed,
    // and the rows alone of A_batch_is_its_single_runs_bit_for_bit.
    private static readonly Tacotron2Options s_fourSteps = new() { GateThreshold = 1, MaxSteps = 4 };
    private static readonly Lazy<ModelWeights> s_rounded = new(() => Tacotron2Models.Rounded(Tacotron2Models.Create(s_tiny), DataType.F32));
    private static readonly Lazy<DecoderOutput> s_stepwise = new(
        () => new Decoder(s_tiny, s_rounded.Value, isPersistent: false).Decode(Memory(s_tiny, 5), s_fourSteps));
    private static readonly Lazy<double> s_errorOfRounded = new(() => ErrorOf(s_rounded.Value));
    private static readonly Dictionary<int, float[]> s_alone = [];

    private static IEnumerable<TestCaseData> Models =>
    [
        new TestCaseData(Tacotron2Models.EdgeWidths["odd"]).SetArgDisplayNames("odd"),
        new TestCaseData(Tacotron2Models.EdgeWidths["wide"]).SetArgDisplayNames("wide"),
        new TestCaseData(Tacotron2Models.EdgeWidths["no halo"]).SetArgDisplayNames("no halo"),
        new TestCaseData(s_tiny).SetArgDisplayNames("tiny"),
        new TestCaseData(s_chunks).SetArgDisplayNames("chunks"),
    ];

    // Every tensor of the decoder's, so that one which is added is not forgotten.
    private static IEnumerable<string> DecoderWeights =>
        Tacotron2Tensors.Expected(s_tiny).Select(tensor => tensor.Name).Where(name => name.StartsWith("decoder.", StringComparison.Ordinal));

    [TestCaseSource(nameof(Models))]
    public void Agrees_with_the_scalar_decoder(Tacotron2Config config)
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

    [TestCase("full_1", 1)]
    [TestCase("full_17", 1)]
    [TestCase("full_17", 5)]
    public void The_first_steps_of_the_full_size_match_the_golden(string name, int rows)
    {
        // The emulated device has an H100's 132 multiprocessors, but less shared memory: a part of the decoder LSTM, and of many rows the projected
        // memory, are read from global memory.
        const int Steps = 3;
        var (golden, config) = (Tacotron2Goldens.Open(name), Tacotron2Models.Full);
        var tokens = Tacotron2Goldens.Ids(golden).Length;
        PersistentFit.SkipWithout(config, rows, tokens);
        var row = golden.Weights.Take("encoder_memory", 1, tokens, config.EncoderEmbedding);
        var memory = new Tensor(rows, tokens, config.EncoderEmbedding);
        for (var i = 0; i < rows; i++)
        {
            row.Span.CopyTo(memory.Slice(i, 1).Span);
        }

        var steps = int.Parse(golden.Metadata["steps"], System.Globalization.CultureInfo.InvariantCulture);
        var options = Enumerable.Repeat(Tacotron2Goldens.OptionsOf(golden, config) with { MaxSteps = Steps }, rows).ToArray();

        var outputs = new Decoder(config, Tacotron2Models.WeightsOf(config)).Decode(memory, [.. Enumerable.Repeat(tokens, rows)], options);

        var mel = Tacotron2Goldens.FirstFrames(golden.Weights.Take("mel_before_postnet", 1, config.MelBands, steps), Steps);
        var alignments = golden.Weights.Take("alignments", 1, steps, tokens).Span[..(Steps * tokens)].ToArray();
        foreach (var record in outputs.Select(output => output.Record))
        {
            Golden.Matches($"Half {name} mel_before_postnet", Nmse.Of(record.Mel().Span, mel), 1e-4);
            Golden.Matches($"Half {name} alignments", Nmse.Of(record.Alignments().Span, alignments), 1e-4);
        }
    }

    [TestCaseSource(nameof(DecoderWeights))]
    public void Another_weight_is_noticed(string name)
    {
        var other = Tacotron2Models.With(s_rounded.Value, name, values =>
        {
            foreach (ref var value in values[^Math.Min(values.Length, 320)..])
            {
                value += 1;
            }
        });

        Assert.That(ErrorOf(other), Is.GreaterThan(Limit));
        Assert.That(s_errorOfRounded.Value, Is.LessThan(Limit), "the same weights");
    }

    [Test]
    public void Many_steps_agree_with_the_stepwise_decoder()
    {
        var options = new Tacotron2Options { Seed = 0x1_0000_0005, Utterance = 3, MaxSteps = 40 };
        var memory = Memory(s_tiny, 12);

        var expected = new Decoder(s_tiny, Closed(), isPersistent: false).Decode(memory, options);
        var actual = new Decoder(s_tiny, Closed()).Decode(memory, options);

        Assert.That(actual.Record.Steps, Is.EqualTo(options.MaxSteps));
        Assert.That(actual.Stop, Is.EqualTo(StopReason.FrameLimit));
        Assert.That(Nmse.Of(actual.Record.Mel().Span, expected.Record.Mel().Span), Is.LessThan(Limit));
        Assert.That(Nmse.Of(actual.Record.Alignments().Span, expected.Record.Alignments().Span), Is.LessThan(Limit));
    }

    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(8)]
    public void A_batch_is_its_single_runs_bit_for_bit(int rows)
    {
        int[] tokens = [7, 1, 12, 9, 33, 2, 5, 8];
        int[] limits = [5, 4, 6, 3, 2, 2, 1, 3];
        var decoder = new Decoder(s_few, Closed(s_few));
        var options = limits[..rows].Select((limit, row) => new Tacotron2Options { MaxSteps = limit, Seed = (ulong)row }).ToArray();
        var memory = Memory(s_few, tokens[..rows]);

        var together = decoder.Decode(memory, tokens[..rows], options);

        for (var row = 0; row < rows; row++)
        {
            if (!s_alone.TryGetValue(row, out var alone))
            {
                var own = Tensor.From(memory.Slice(row, 1).Span[..(tokens[row] * memory[2])], 1, tokens[row], memory[2]);
                s_alone[row] = alone = Bits(decoder.Decode(own, options[row]));
            }

            Assert.That(together[row].Record.Steps, Is.EqualTo(limits[row]), $"row {row}");
            Assert.That(Bits(together[row]), Is.EqualTo(alone), $"row {row}");
        }

        Assert.That(Bits(together[0]), Is.Not.EqualTo(Bits(decoder.Decode(Memory(s_few, 7), options[0] with { Seed = 99 }))), "another row is seen");
    }

    [Test]
    public void What_a_launch_leaves_the_next_one_takes_up()
    {
        // Rows end in the first launch, in the second, and at the end of a launch.
        int[] tokens = [7, 3, 12];
        var options = new[] { 11, 2, 8 }.Select((limit, row) => new Tacotron2Options { MaxSteps = limit, Seed = (ulong)row }).ToArray();
        var decoder = new Decoder(s_tiny, Closed());
        var memory = Memory(s_tiny, tokens);
        var expected = decoder.Decode(memory, tokens, options);

        // The third launch's tags would pass the largest number.
        var actual = decoder.DecodeInLaunches(memory, tokens, options, steps: 4, firstTag: uint.MaxValue - 15);

        Assert.That(actual.Select(Bits), Is.EqualTo(expected.Select(Bits)));
        Assert.That(actual.Select(output => output.Stop), Is.All.EqualTo(StopReason.FrameLimit));
    }

    [Test]
    public void Rows_that_are_streamed_are_made_in_short_launches_bit_for_bit()
    {
        // A launch makes at most 64 steps where a row hands its frames on: two
        // whole ones here and one of two steps. The other row ends in the second.
        int[] tokens = [9, 5];
        var decoder = new Decoder(s_few, Closed(s_few));
        var memory = Memory(s_few, tokens);
        var options = new[] { 130, 70 }.Select((limit, row) => new Tacotron2Options { MaxSteps = limit, Seed = (ulong)row }).ToArray();
        var expected = decoder.Decode(memory, tokens, options);
        var frames = new List<float>();

        var actual = decoder.Decode(memory, tokens, [options[0] with { Frames = step => frames.AddRange(step) }, options[1]]);

        Assert.That(actual.Select(output => output.Record.Steps), Is.EqualTo(new[] { 130, 70 }));
        Assert.That(actual.Select(Bits), Is.EqualTo(expected.Select(Bits)));
        Assert.That(Floats(Tacotron2Goldens.FramesToMel([.. frames.Select(value => (double)value)], s_few.MelBands)), Is.EqualTo(Mel(expected[0])));
    }

    // Fewer and larger blocks; without memory for a fifth chunk of the decoder LSTM, and for the projected memory; of
    // three rows a chunk in registers, one in shared memory, the others and all of the projected memory in L2.
    [TestCase(1, 44, 163, 12, 1, 1)]
    [TestCase(1, 60, 163, 9, 1, 1)]
    [TestCase(1, 132, 72, 8, 0, 0)]
    [TestCase(3, 132, 100, 8, 1, 0)]
    public void However_the_weights_are_divided_the_numbers_are_the_same(
        int rows, int multiprocessors, int kilobytes, int warps, int chunks, int projectedRows)
    {
        const int Steps = 2;
        var config = s_tiny with { AttentionRnn = 260, DecoderRnn = 520 };
        var tokens = new[] { 33, 5, 9 }[..rows];
        var decoder = new Decoder(config, Tacotron2Models.Create(config));
        var memory = Memory(config, tokens);
        var options = tokens.Select((_, row) => new Tacotron2Options { MaxSteps = Steps, GateThreshold = 1, Seed = (ulong)row }).ToArray();
        var plan = PersistentDecoderPlan.For(config, multiprocessors, kilobytes * 1024, rows, 64);
        Assert.That((plan?.Warps, plan?.SharedChunks, plan?.SharedProjectedRows), Is.EqualTo((warps, chunks, projectedRows)), $"{plan}");
        PersistentFit.SkipWithout(plan!);

        var actual = decoder.DecodeInLaunches(memory, tokens, options, Steps, plan: plan);

        Assert.That(actual.Select(Bits), Is.EqualTo(decoder.Decode(memory, tokens, options).Select(Bits)));
    }

    // Fewer tokens than a cluster has tiles for, and as many.
    [TestCase(33)]
    [TestCase(250)]
    public void With_clusters_or_without_the_numbers_are_the_same(int tokens)
    {
        const int Steps = 3;
        var config = s_chunks with { Prenet = 250 };
        int[] lengths = [tokens];
        var decoder = new Decoder(config, Tacotron2Models.Create(config));
        var options = lengths.Select((_, row) => new Tacotron2Options { MaxSteps = Steps, GateThreshold = 1, Seed = (ulong)row }).ToArray();
        DecoderOutput[] Decode(bool isClustered)
        {
            var plan = PersistentDecoderPlan.For(config, 132, 163 * 1024, 1, DecoderChunks.RoundUp(tokens), isClustered)!;
            Assert.That(plan.Kernel.Cluster, Is.EqualTo(isClustered ? PersistentDecoderPlan.BlocksOfCluster : 1));
            PersistentFit.SkipWithout(plan);
            return [.. decoder.DecodeInLaunches(Memory(config, lengths), lengths, options, Steps, plan: plan)];
        }

        Assert.That(Decode(isClustered: true).Select(Bits), Is.EqualTo(Decode(isClustered: false).Select(Bits)));
    }

    [Test]
    public void A_text_too_long_for_a_cluster_is_divided_among_all_blocks()
    {
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 132, 227 * 1024, 1, 256, isClustered: true), Is.Not.Null);
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 132, 227 * 1024, 1, 288, isClustered: true), Is.Null);
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 132, 227 * 1024, 1, 288), Is.Not.Null);
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 127, 227 * 1024, 1, 128, isClustered: true), Is.Null, "fifteen clusters");
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 132, 227 * 1024, 2, 128, isClustered: true), Is.Null, "two rows");
    }

    [Test]
    public void An_open_gate_ends_after_one_step()
    {
        var weights = Tacotron2Models.With(Tacotron2Models.WeightsOf(s_tiny), GateBias, bias => bias[0] = 50);

        var (record, stop) = new Decoder(s_tiny, weights).Decode(Memory(s_tiny, 4), new Tacotron2Options());

        Assert.That(record.Steps, Is.EqualTo(1));
        Assert.That(stop, Is.EqualTo(StopReason.Gate));
    }

    [Test]
    public void Rows_end_by_their_own_gates()
    {
        int[] tokens = [7, 3];
        var decoder = new Decoder(s_tiny, Tacotron2Models.WeightsOf(s_tiny));
        var memory = Memory(s_tiny, tokens);
        Tacotron2Options Options(int row, double threshold) => new() { GateThreshold = threshold, MaxSteps = 24, Seed = (ulong)row };
        var free = decoder.Decode(memory, tokens, [Options(0, 1), Options(1, 1)]);
        var thresholds = free.Select(output => output.Record.GateLogits().Span.ToArray().Order().ElementAt(16)).ToArray();
        var ends = free.Select((output, row) => 1 + output.Record.GateLogits().Span.ToArray().ToList().FindIndex(logit => logit > thresholds[row]))
            .ToArray();

        var stopped = decoder.Decode(
            memory, tokens, [.. thresholds.Select((threshold, row) => Options(row, 1 / (1 + Math.Exp(-(double)threshold))))]);

        Assert.That(stopped.Select(output => output.Record.Steps), Is.EqualTo(ends));
        Assert.That(stopped.Select(output => output.Stop), Is.All.EqualTo(StopReason.Gate));
    }

    [Test]
    public void Many_rows_go_step_by_step()
    {
        var tokens = Enumerable.Repeat(4, PersistentDecoder.MostRows + 1).ToArray();
        var options = tokens.Select((_, row) => new Tacotron2Options { Seed = (ulong)row, MaxSteps = 3 }).ToArray();
        var memory = Memory(s_tiny, tokens);
        var expected = new Decoder(s_tiny, Closed(), isPersistent: false).Decode(memory, tokens, options);

        var actual = new Decoder(s_tiny, Closed()).Decode(memory, tokens, options);

        Assert.That(actual.Select(output => output.Record.Mel().Span.ToArray()),
            Is.EqualTo(expected.Select(output => output.Record.Mel().Span.ToArray())));
    }

    [Test]
    public void Steps_come_in_order_as_they_are_made()
    {
        var (steps, frames) = (new List<int>(), new List<float>());
        var options = new Tacotron2Options { MaxSteps = 5, Progress = new Count(steps.Add), Frames = step => frames.AddRange(step) };

        var mel = new Decoder(s_tiny, Closed()).Decode(Memory(s_tiny, 9), options).Record.Mel();

        Assert.That(steps, Is.EqualTo(new[] { 3, 6, 9, 12, 15 }));
        Assert.That(Floats(Tacotron2Goldens.FramesToMel([.. frames.Select(value => (double)value)], s_tiny.MelBands)),
            Is.EqualTo(mel.Span.ToArray()));
    }

    [Test]
    public void Steps_come_while_the_launch_runs_and_it_ends_when_it_is_told()
    {
        const int Steps = 4000;
        var device = TestDevice.Open(Precision.Half);
        var weights = new CudaDecoderWeights(s_tiny, Closed(), device.GpuMemory());
        var plan = PersistentDecoder.PlanFor(s_tiny, weights, device, rows: 1, tokens: 32)!;
        using var state = new CudaDecoderState(s_tiny, device.Context, rows: 1, tokens: 32, chunkSteps: 1);
        using var stream = new CudaStream(device.Context);
        using var inputs = new CudaDecoderInputs(s_tiny, weights, state, device, stream);
        using var decoder = new PersistentDecoder(s_tiny, weights, state, device, stream, plan, firstTag: 1);
        using var records = new StepRecords(device.Context, rows: 1, Steps, s_tiny.StepWidth + 1 + 32);
        var options = new Tacotron2Options { MaxSteps = Steps };
        stream.Upload<int>([0], state.Slots);
        var encoded = new EncodedRows(device.Store(Memory(s_tiny, 4)), device.Rows(4));
        inputs.Start([encoded], [new DecoderRow(s_tiny, options, new PrenetDropout(s_tiny, options), tokens: 4, Steps)]);
        decoder.Prepare(rows: 1);
        stream.Synchronize();
        records.Cancel(isCancelled: false);

        // The emulated device comes back from a launch when it is over; so it gets a thread of its own.
        var tag = new MailboxTags().Take(Steps, out _);
        var launch = Task.Run(() => decoder.Run(0, Steps, active: 1, records));
        var values = new float[s_tiny.StepWidth + 1 + 4];
        var spin = default(SpinWait);
        var step = 0;
        var hasEnded = false;
        for (var come = 0; step < 3 && !hasEnded; spin.SpinOnce(sleep1Threshold: -1))
        {
            // A GPU comes back from a launch when it is queued: it is over when the stream is done as well. This is checked first, so that what has
            // come by then is read.
            hasEnded = launch.IsCompleted && stream.IsDone();
            come = StepRecords.Read(records.Of(0, step), tag + (uint)step, values, come);
            (step, come) = come == values.Length ? (step + 1, 0) : (step, come);
        }

        records.Cancel();
        Assert.That(launch.GetAwaiter().GetResult(), Is.EqualTo(tag));
        stream.Synchronize();
        GC.KeepAlive(encoded);
        Assert.That(step, Is.EqualTo(3), "steps were there before the launch was over");
        Assert.That(StepRecords.Read(records.Of(0, Steps - 1), tag + Steps - 1, values, 0), Is.Zero, "the last step was never made");
    }

    [Test]
    public void Who_cancels_ends_the_launch()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var options = new Tacotron2Options { MaxSteps = 2_000_000 };

        var output = new Decoder(s_tiny, Closed()).Decode(Memory(s_tiny, 4), [4], [options], cancelled.Token)[0];

        Assert.That(output.Record.Steps, Is.InRange(1, 3));
        Assert.That(output.Stop, Is.EqualTo(StopReason.Cancelled));
    }

    [Test]
    public void Who_cancels_gets_what_has_come_and_no_further_launch()
    {
        using var cancelling = new CancellationTokenSource();
        var options = new Tacotron2Options { MaxSteps = 2_000_000, Progress = new Count(_ => cancelling.Cancel()) };

        var output = new Decoder(s_tiny, Closed()).DecodeInLaunches(Memory(s_tiny, 4), [4], [options], steps: 6, cancellation: cancelling.Token)[0];

        Assert.That(output.Record.Steps, Is.InRange(1, 6));
        Assert.That(output.Stop, Is.EqualTo(StopReason.Cancelled));
    }

    [Test]
    public void A_caller_that_fails_leaves_the_decoder_usable()
    {
        var decoder = new Decoder(s_tiny, Closed());
        var options = new Tacotron2Options { MaxSteps = 4 };
        var expected = Bits(decoder.Decode(Memory(s_tiny, 5), options));

        Assert.That(() => decoder.Decode(Memory(s_tiny, 5), options with { Frames = _ => throw new FormatException() }),
            Throws.TypeOf<FormatException>());

        Assert.That(Bits(decoder.Decode(Memory(s_tiny, 5), options)), Is.EqualTo(expected));
    }

    [Test]
    public void A_window_goes_step_by_step()
    {
        var options = new Tacotron2Options { MaxSteps = 5, Window = AttentionWindow.Default };
        var expected = new Decoder(s_tiny, Closed(), isPersistent: false).Decode(Memory(s_tiny, 9), options);

        Assert.That(new Decoder(s_tiny, Closed()).Decode(Memory(s_tiny, 9), options).Record.Mel().Span.ToArray(),
            Is.EqualTo(expected.Record.Mel().Span.ToArray()));
    }

    [Test]
    public void What_a_text_gives_does_not_depend_on_the_one_before()
    {
        var decoder = new Decoder(s_tiny, Closed());
        var options = new Tacotron2Options { MaxSteps = 4 };
        float[] Mel(int tokens) => decoder.Decode(Memory(s_tiny, tokens), options).Record.Mel().Span.ToArray();
        var first = Mel(5);

        decoder.Decode(Memory(s_tiny, [.. Enumerable.Repeat(9, 6)]), [.. Enumerable.Repeat(9, 6)], [.. Enumerable.Repeat(options, 6)]);
        Mel(70);

        Assert.That(Mel(5), Is.EqualTo(first));
    }

    // Where every weight of the public size lies on an H100 (persistent-decoder.md):
    // 227 KB of shared memory (CUDA C++ Programming Guide, compute capability 9.0).
    [TestCase(1, true, 3, 1, 225_280)]
    [TestCase(1, false, 4, 1, 186_624)]
    [TestCase(2, false, 4, 1, 216_492)]
    [TestCase(4, false, 7, 0, 227_588)]
    [TestCase(8, false, 6, 0, 232_372)]
    public void The_full_size_is_held_by_a_hundred_and_twenty_eight_multiprocessors_of_an_h_100(
        int rows, bool isClustered, int sharedChunks, int sharedProjectedRows, int sharedBytes)
    {
        var plan = PersistentDecoderPlan.For(Tacotron2Models.Full, multiprocessors: 132, 227 * 1024, rows, tokens: 128, isClustered);

        var kernel = PersistentDecoderPlan.Kernels.First(kernel => kernel.Rows == rows && kernel.Cluster > 1 == isClustered);
        Assert.That(plan, Is.EqualTo(
            new PersistentDecoderPlan(kernel, 128, 8, sharedBytes, sharedChunks, sharedProjectedRows * rows, MailboxWidth: 1024)));
    }

    [TestCase(132, 227, 9, 128, TestName = "TooManyRows")]
    [TestCase(132, 227, 8, 300, TestName = "TooManyTokensForTheWarps")]
    [TestCase(132, 90, 1, 32, TestName = "TooLittleSharedMemory")]
    [TestCase(85, 227, 1, 32, TestName = "TooFewMultiprocessors")]
    [TestCase(114, 227, 8, 32, TestName = "TooFewMultiprocessorsForTheRegistersOfEightRows")]
    public void What_does_not_fit_goes_step_by_step(int multiprocessors, int kilobytes, int rows, int tokens)
    {
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, multiprocessors, kilobytes * 1024, rows, tokens), Is.Null);
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 132, 227 * 1024, 8, 256), Is.Not.Null, "but this does");
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 108, 163 * 1024, 1, 128)?.Warps, Is.EqualTo(10), "and an A100 holds one row");
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 108, 163 * 1024, 2, 128), Is.Not.Null, "or two");
        Assert.That(PersistentDecoderPlan.For(Tacotron2Models.Full, 108, 163 * 1024, 3, 128), Is.Null, "but no more");
    }

    [Test]
    public void Full_precision_and_wide_attention_have_no_persistent_weights()
    {
        Assert.That(new CudaDecoderWeights(s_tiny, Closed(), TestDevice.Open(Precision.Full).GpuMemory()).Persistent, Is.Null);
        var wide = s_tiny with { Attention = 129 };
        Assert.That(new CudaDecoderWeights(wide, Tacotron2Models.Create(wide), TestDevice.Open(Precision.Half).GpuMemory()).Persistent, Is.Null);
    }

    /// <summary>NMSE of mel or gates against the stepwise decoder's with the weights themselves, the larger one.</summary>
    private static double ErrorOf(ModelWeights weights)
    {
        var (record, expected) = (new Decoder(s_tiny, weights).Decode(Memory(s_tiny, 5), s_fourSteps).Record, s_stepwise.Value.Record);
        return Math.Max(Nmse.Of(record.Mel().Span, expected.Mel().Span), Nmse.Of(record.GateLogits().Span, expected.GateLogits().Span));
    }

    private static float[] Mel(DecoderOutput output) => output.Record.Mel().Span.ToArray();

    private static float[] Bits(DecoderOutput output) =>
        [.. output.Record.Mel().Span, .. output.Record.GateLogits().Span, .. output.Record.Alignments().Span];

    private static ModelWeights Closed() => Closed(s_tiny);

    private static ModelWeights Closed(Tacotron2Config config) =>
        Tacotron2Models.With(
            ReferenceEquals(config, s_tiny) ? Tacotron2Models.WeightsOf(config) : Tacotron2Models.Create(config), GateBias, bias => bias[0] = -500);

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

    private sealed class Count(Action<int> count) : IProgress<int>
    {
        public void Report(int value) => count(value);
    }

    private sealed class Decoder
    {
        private readonly CudaCompute _device = TestDevice.Open(Precision.Half);
        private readonly Tacotron2Config _config;
        private readonly CudaDecoderWeights _weights;
        private readonly CudaTacotron2Decoder _decoder;

        public Decoder(Tacotron2Config config, ModelWeights weights, bool isPersistent = true)
        {
            (_config, _weights) = (config, new CudaDecoderWeights(config, weights, _device.GpuMemory(), isPersistent));
            Assert.That(_weights.Persistent, isPersistent ? Is.Not.Null : Is.Null);
            _decoder = TestMemory.Hold(
                new CudaTacotron2Decoder(config, _weights, _device, way: isPersistent ? DecoderChoice.Read() : DecoderWay.Stepwise));
        }

        public DecoderOutput Decode(Tensor memory, Tacotron2Options options) => Decode(memory, [memory[1]], [options])[0];

        public IReadOnlyList<DecoderOutput> Decode(
            Tensor memory, int[] tokens, Tacotron2Options[] options, CancellationToken cancellation = default) =>
            _decoder.Decode(_device.Store(memory), _device.Rows(tokens), options, cancellation);

        /// <summary>With launches of some steps, tags from some number on, weights divided otherwise.</summary>
        public IReadOnlyList<DecoderOutput> DecodeInLaunches(
            Tensor memory,
            int[] tokens,
            Tacotron2Options[] options,
            int steps,
            uint firstTag = 1,
            PersistentDecoderPlan? plan = null,
            CancellationToken cancellation = default)
        {
            var stride = DecoderChunks.RoundUp(tokens.Max());
            plan ??= PersistentDecoder.PlanFor(_config, _weights, _device, tokens.Length, stride, DecoderChoice.Read() != DecoderWay.Grid)!;
            using var run = new PersistentDecoderRun(_config, _weights, _device, tokens.Length, stride, steps, plan, firstTag);
            var rows = options.Select((of, row) => new DecoderRow(_config, of, new PrenetDropout(_config, of), tokens[row], of.MaxSteps!.Value))
                .ToArray();
            run.Decode(new EncodedRows(_device.Store(memory), _device.Rows(tokens)), rows, cancellation);
            return [.. rows.Select(row => row.Output)];
        }
    }
}
