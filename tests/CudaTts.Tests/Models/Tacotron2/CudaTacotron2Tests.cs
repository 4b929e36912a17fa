using System.Globalization;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;
using static CudaTts.Tests.Models.Tacotron2.Tacotron2Goldens;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>Tacotron 2 from ids to mel on the emulated device: the goldens, and batches.</summary>
[TestFixture]
internal sealed class CudaTacotron2Tests
{
    private const string GateBias = "decoder.gate_layer.linear_layer.bias";
    private static readonly Tacotron2Config s_tiny = Tacotron2Models.Tiny;

    private static IEnumerable<Precision> Precisions => KernelValues.Precisions;

    // One tensor of every kernel's.
    private static IEnumerable<string> PerturbedTensors =>
    [
        "embedding.weight", "encoder.convolutions.1.0.conv.weight", "encoder.lstm.weight_ih_l0", "encoder.lstm.weight_hh_l0_reverse",
        "encoder.lstm.bias_hh_l0_reverse", "decoder.prenet.layers.0.linear_layer.weight", "decoder.prenet.layers.1.linear_layer.weight",
        "decoder.attention_rnn.bias_hh", "decoder.attention_layer.query_layer.linear_layer.weight",
        "decoder.attention_layer.memory_layer.linear_layer.weight", "decoder.attention_layer.v.linear_layer.weight",
        "decoder.attention_layer.location_layer.location_conv.conv.weight", "decoder.decoder_rnn.weight_ih",
        "decoder.linear_projection.linear_layer.bias", GateBias, "postnet.convolutions.4.0.conv.weight",
    ];

    [Test]
    public void Every_stage_matches_the_tiny_golden([ValueSource(nameof(Precisions))] Precision precision)
    {
        var errors = CompareTiny(Tacotron2Models.WeightsOf(s_tiny), precision);

        Assert.Multiple(() =>
        {
            foreach (var (stage, error, limit) in errors)
            {
                Golden.Matches($"{precision} r3_tiny {stage}", error, limit);
            }
        });
    }

    [TestCaseSource(nameof(PerturbedTensors))]
    public void A_perturbed_tensor_is_noticed(string tensor)
    {
        var weights = Tacotron2Models.With(Tacotron2Models.WeightsOf(s_tiny), tensor, Perturb);

        Assert.That(CompareTiny(weights, Precision.Full).Any(stage => stage.Error > stage.Limit), "no stage noticed");
    }

    [TestCase("encoder.lstm.weight_hh_l0")]
    [TestCase("decoder.attention_rnn.weight_hh")]
    [TestCase("decoder.decoder_rnn.weight_hh")]
    public void Swapped_gates_are_noticed(string tensor)
    {
        var weights = Tacotron2Models.With(Tacotron2Models.WeightsOf(s_tiny), tensor, SwapForgetAndCandidate);

        Assert.That(CompareTiny(weights, Precision.Half).Any(stage => stage.Error > stage.Limit), "no stage noticed");
    }

    [Test]
    public void Encoder_and_first_steps_of_the_full_size_match_the_golden([ValueSource(nameof(Precisions))] Precision precision)
    {
        const int Steps = 2;
        var (golden, config) = (Open("full_17"), Tacotron2Models.Full);
        using var model = new Tacotron2Model(config, Tacotron2Models.WeightsOf(config), TestDevice.Open(precision));

        var result = model.Synthesize(Ids(golden), OptionsOf(golden, config) with { MaxSteps = Steps });

        var memory = Nmse.Of(result.EncoderMemory!.Span, golden.Weights.Take("encoder_memory", result.EncoderMemory!.Shape).Span);
        var steps = int.Parse(golden.Metadata["steps"], CultureInfo.InvariantCulture);
        var frames = FirstFrames(golden.Weights.Take("mel_before_postnet", 1, config.MelBands, steps), Steps);
        Assert.Multiple(() =>
        {
            Golden.Matches($"{precision} full_17 encoder_memory", memory, Limit(golden, "encoder_memory", precision));
            var error = Nmse.Of(result.MelBeforePostnet.Span, frames);
            Golden.Matches($"{precision} full_17 mel_before_postnet", error, Limit(golden, "mel_before_postnet", precision));
        });
    }

    [Test]
    public void A_batch_is_its_single_runs_bit_for_bit()
    {
        var (model, utterances, options) = Batch(Precision.Full);

        var together = model.SynthesizeBatch(utterances, options);

        foreach (var row in new[] { 0, 1, 5, 8 })
        {
            var alone = model.Synthesize(utterances[row], options[row]);
            Assert.Multiple(() =>
            {
                Assert.That(together[row].EncoderMemory!.Span.ToArray(), Is.EqualTo(alone.EncoderMemory!.Span.ToArray()), $"memory of row {row}");
                Assert.That(together[row].MelBeforePostnet.Span.ToArray(), Is.EqualTo(alone.MelBeforePostnet.Span.ToArray()),
                    $"decoded mel of row {row}");
                Assert.That(together[row].Mel.Span.ToArray(), Is.EqualTo(alone.Mel.Span.ToArray()), $"mel of row {row}");
                Assert.That(together[row].Alignments.Span.ToArray(), Is.EqualTo(alone.Alignments.Span.ToArray()), $"alignment of row {row}");
                Assert.That(together[row].Stop, Is.EqualTo(StopReason.FrameLimit), $"row {row}");
            });
        }
    }

    [Test]
    public void A_batch_in_half_precision_is_its_single_runs_to_rounding()
    {
        // The batch goes step by step, a single row through the persistent decoder, whose first prenet layer is rounded elsewhere.
        var (model, utterances, options) = Batch(Precision.Half);

        var together = model.SynthesizeBatch(utterances, options);

        foreach (var row in new[] { 0, 1, 5, 8 })
        {
            var alone = model.Synthesize(utterances[row], options[row]);
            Assert.That(together[row].EncoderMemory!.Span.ToArray(), Is.EqualTo(alone.EncoderMemory!.Span.ToArray()), $"memory of row {row}");
            Assert.That(Nmse.Of(together[row].MelBeforePostnet.Span, alone.MelBeforePostnet.Span), Is.LessThan(1e-8), $"decoded mel of row {row}");
            Assert.That(Nmse.Of(together[row].Mel.Span, alone.Mel.Span), Is.LessThan(1e-6), $"mel of row {row}");
        }
    }

    [Test]
    public void A_batch_beyond_the_encoders_is_its_single_runs_too()
    {
        var (model, utterances, options) = LargeBatch(row => new Tacotron2Options { Seed = 7, Utterance = (uint)row, MaxSteps = 1 + (row % 2) });

        var together = model.SynthesizeBatch(utterances, options);

        foreach (var row in new[] { 0, 127, 128, 129 })
        {
            Assert.That(together[row].Mel.Span.ToArray(), Is.EqualTo(model.Synthesize(utterances[row], options[row]).Mel.Span.ToArray()),
                $"mel of row {row}");
        }
    }

    [Test]
    public void Rows_that_a_cancelled_batch_never_came_to_have_no_frames()
    {
        using var source = new CancellationTokenSource();
        var (model, utterances, options) = LargeBatch(_ => new Tacotron2Options { MaxSteps = 100, Progress = new Cancels(source) });

        var results = model.SynthesizeBatch(utterances, options, source.Token);

        Assert.Multiple(() =>
        {
            Assert.That(results.Select(result => result.Stop), Is.All.EqualTo(StopReason.Cancelled));
            Assert.That(results.Select(result => result.Mel[2] > 0), Is.EqualTo(utterances.Select((_, row) => row < 128)));
            Assert.That(results[129].Alignments.Shape, Is.EqualTo(new[] { 1, 0, utterances[129].Length }));
        });
    }

    private static (Tacotron2Model Model, int[][] Utterances, Tacotron2Options[] Options) LargeBatch(Func<int, Tacotron2Options> ofRow)
    {
        var config = Tacotron2Models.EdgeWidths["odd"];
        var weights = Tacotron2Models.With(Tacotron2Models.Create(config), GateBias, bias => bias[0] = -500);
        int[][] utterances =
            [.. Enumerable.Range(0, 130).Select(row => Enumerable.Range(row, 1 + (row % 3)).Select(token => token % config.Symbols).ToArray())];
        return (TestMemory.Hold(new Tacotron2Model(config, weights, TestDevice.Open(Precision.Full))), utterances,
            [.. utterances.Select((_, row) => ofRow(row))]);
    }

    private static (Tacotron2Model Model, int[][] Utterances, Tacotron2Options[] Options) Batch(Precision precision)
    {
        var weights = Tacotron2Models.With(Tacotron2Models.WeightsOf(s_tiny), GateBias, bias => bias[0] = -500);
        int[][] utterances = [.. new[] { 9, 1, 33, 4, 17, 2, 8, 12, 40 }.Select(Tacotron2Models.Ids)];
        Tacotron2Options[] options = [.. utterances.Select(
            (_, row) => new Tacotron2Options { KeepsEncoderMemory = true, Seed = 7, Utterance = (uint)row, MaxSteps = 3 + (4 * row) })];
        return (TestMemory.Hold(new Tacotron2Model(s_tiny, weights, TestDevice.Open(precision))), utterances, options);
    }

    private static List<(string Stage, double Error, double Limit)> CompareTiny(ModelWeights weights, Precision precision)
    {
        var golden = Open("r3_tiny");
        var errors = Compare(TestMemory.Hold(new Tacotron2Model(s_tiny, weights, TestDevice.Open(precision))), golden, s_tiny);
        return [.. errors.Select(stage => (stage.Stage, stage.Error, Limit(golden, stage.Stage, precision)))];
    }

    private static double Limit(SafetensorsFile golden, string stage, Precision precision) => precision == Precision.Half
        ? 1e-4
        : Nmse.Limit(double.Parse(golden.Metadata[$"torch_f32_nmse.{stage}"], CultureInfo.InvariantCulture));

    private sealed class Cancels(CancellationTokenSource source) : IProgress<int>
    {
        public void Report(int value) => source.Cancel();
    }
}
