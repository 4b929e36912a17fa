using System.Collections.Concurrent;
using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cpu;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>The fast decoder against the scalar one, at sizes where padding and sharing go wrong.</summary>
[TestFixture]
internal sealed class Tacotron2DecoderTests
{
    private const double Limit = 1e-11;

    // By number of threads.
    private readonly ConcurrentDictionary<int, ThreadTeam> _teams = [];

    private static IEnumerable<string> Widths => Tacotron2Models.EdgeWidths.Keys;

    [OneTimeTearDown]
    public void EndThreads() => Array.ForEach([.. _teams.Values], team => team.Dispose());

    [Test]
    public void Agrees_with_the_scalar_decoder(
        [ValueSource(typeof(Tacotron2Models), nameof(Tacotron2Models.Levels))] SimdLevel level,
        [ValueSource(nameof(Widths))] string widths,
        [Values(1, 2, 3)] int framesPerStep,
        [Values(1, 4, 5, 33)] int tokens)
    {
        const int Steps = 5;
        var config = Tacotron2Models.EdgeWidths[widths] with { FramesPerStep = framesPerStep };
        var weights = Tacotron2Models.Create(config);
        var keep = Tacotron2Models.PrenetKeep("edge", Steps, config.Prenet);
        var memory = Tensor.From(ProceduralWeights.Values("memory", [tokens, config.EncoderEmbedding]), 1, tokens, config.EncoderEmbedding);
        var (frames, gates, alignments) = new ReferenceTacotron2(config, weights).Decode(memory, keep);

        var (record, _) = Decoder(config, weights, level, threads: 1 + (tokens % 3))
            .Decode(memory, new Tacotron2Options { GateThreshold = 1, PrenetKeep = keep }, CancellationToken.None);

        Assert.Multiple(() =>
        {
            Assert.That(Error(record.Mel().Span, Tacotron2Goldens.FramesToMel(frames, config.MelBands)), Is.LessThan(Limit), "mel");
            Assert.That(Error(record.GateLogits().Span, gates), Is.LessThan(Limit), "gates");
            Assert.That(Error(record.Alignments().Span, alignments), Is.LessThan(Limit), "alignments");
        });
    }

    [Test]
    public void Result_does_not_depend_on_the_number_of_threads([Values(2, 3, 5)] int threads)
    {
        var config = Tacotron2Models.EdgeWidths["wide"];
        var weights = Tacotron2Models.Create(config);
        var memory = Tensor.From(ProceduralWeights.Values("memory", [21, config.EncoderEmbedding]), 1, 21, config.EncoderEmbedding);
        var options = new Tacotron2Options { GateThreshold = 1, MaxSteps = 20, Seed = 5 };

        var (alone, _) = Decoder(config, weights, CpuCompute.BestLevel, 1).Decode(memory, options, CancellationToken.None);
        var (shared, _) = Decoder(config, weights, CpuCompute.BestLevel, threads).Decode(memory, options, CancellationToken.None);

        Assert.That(shared.Mel().Span.ToArray(), Is.EqualTo(alone.Mel().Span.ToArray()));
    }

    [TestCase(1, 3, 1)]
    [TestCase(0, 1, 3)]
    [TestCase(3, 0, 2)]
    public void A_window_holds_attention_around_the_last_peak(int behind, int ahead, int threads)
    {
        const int Tokens = 21;
        var config = Tacotron2Models.EdgeWidths["wide"];
        var memory = Tensor.From(ProceduralWeights.Values("memory", [Tokens, config.EncoderEmbedding]), 1, Tokens, config.EncoderEmbedding);
        var options = new Tacotron2Options { GateThreshold = 1, MaxSteps = 20, Seed = 5, Window = new AttentionWindow(behind, ahead) };

        var alignments = Decoder(config, Tacotron2Models.Create(config), CpuCompute.BestLevel, threads)
            .Decode(memory, options, CancellationToken.None).Record.Alignments();

        var peak = 0;
        for (var step = 0; step < 20; step++)
        {
            var weights = alignments.Span.Slice(step * Tokens, Tokens).ToArray();
            Assert.That(weights.Sum(), Is.EqualTo(1).Within(1e-5), $"step {step}");
            Assert.That(weights.Where((_, token) => token < peak - behind || token > peak + ahead), Is.All.Zero, $"step {step}");
            peak = Alignment.Peak(alignments, step);
        }
    }

    [Test]
    public void A_window_of_the_whole_text_changes_nothing()
    {
        var config = Tacotron2Models.EdgeWidths["wide"];
        var decoder = Decoder(config, Tacotron2Models.Create(config), CpuCompute.BestLevel, 2);
        var memory = Tensor.From(ProceduralWeights.Values("memory", [9, config.EncoderEmbedding]), 1, 9, config.EncoderEmbedding);
        var options = new Tacotron2Options { GateThreshold = 1, MaxSteps = 20, Seed = 5 };

        var free = decoder.Decode(memory, options, CancellationToken.None).Record;
        var held = decoder.Decode(memory, options with { Window = new AttentionWindow(9, 9) }, CancellationToken.None).Record;

        Assert.That(held.Mel().Span.ToArray(), Is.EqualTo(free.Mel().Span.ToArray()));
    }

    [Test]
    public void Record_keeps_every_step_when_it_grows()
    {
        var record = new DecoderRecord(bands: 2, framesPerStep: 2, tokens: 1);
        for (var step = 0; step < 600; step++)
        {
            record.Append([step, -step, step + 0.5f, -step - 0.5f], 2 * step, [3 * step]);
        }

        var mel = record.Mel();
        Assert.Multiple(() =>
        {
            Assert.That(Tensor.Describe(mel.Shape), Is.EqualTo("[1, 2, 1200]"));
            Assert.That(mel.Span[599 * 2], Is.EqualTo(599f));
            Assert.That(mel.Span[1200 + 1199], Is.EqualTo(-599.5f));
            Assert.That(record.GateLogits().Span[599], Is.EqualTo(1198f));
            Assert.That(record.Alignments().Span[300], Is.EqualTo(900f));
        });
    }

    private CpuTacotron2Decoder Decoder(Tacotron2Config config, ModelWeights weights, SimdLevel level, int threads)
    {
        var kernels = DecoderKernels.For(level);
        var team = _teams.GetOrAdd(threads, count => new ThreadTeam(count));
        return new CpuTacotron2Decoder(config, new DecoderWeights(config, weights, kernels), kernels, team);
    }

    private static double Error(ReadOnlySpan<float> actual, double[] expected) => Nmse.Of(actual, Array.ConvertAll(expected, value => (float)value));
}
