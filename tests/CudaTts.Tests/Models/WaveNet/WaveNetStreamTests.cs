using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.WaveNet;
using CudaTts.Models.WaveNet.Sampling;
using CudaTts.Models.WaveNet.Sampling.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Tests.Models.WaveNet;

/// <summary>Parts of a mel, rows of a batch, threads and vector widths: none of them changes a sample.</summary>
internal sealed class WaveNetStreamTests
{
    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [Test]
    public void Parts_are_the_whole([ValueSource(typeof(WaveNetGolden), nameof(WaveNetGolden.Tiny))] string name, [Values(1, 3, 16)] int chunk)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(WithFinish(golden.Config), golden.Weights, _compute);
        foreach (var frames in (int[])[1, 2, 5, 31, 40])
        {
            var whole = vocoder.Generate(Mel(frames), new VocoderOptions { Seed = 3, Utterance = 2 });

            Assert.That(Joined(vocoder, frames, chunk), Is.EqualTo(whole.Span.ToArray()), $"{frames} frames");
        }
    }

    [TestCase("mol_tiny")]
    [TestCase("nv_tiny")]
    public void Rows_of_any_lengths_are_what_they_are_alone(string name)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        int[] lengths = [3, 40, 0, 1, 17];
        Tensor[] mels = [.. lengths.Select(Mel)];
        VocoderOptions[] noise = [.. lengths.Select((_, row) => new VocoderOptions { Seed = 9, Utterance = (uint)row })];

        var together = vocoder.Generate(mels, noise);

        for (var row = 0; row < lengths.Length; row++)
        {
            Assert.That(together[row].Span.ToArray(), Is.EqualTo(vocoder.Generate(mels[row], noise[row]).Span.ToArray()), $"row {row}");
        }
    }

    [Test]
    public void Streams_share_a_batch_with_each_other_and_with_whole_mels()
    {
        var golden = WaveNetGolden.Read("mol_tiny");
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        var (one, two) = (Parts(vocoder, 30, 8), Parts(vocoder, 25, 16));

        var audio = vocoder.Generate(
            [one[0].Mel, two[0].Mel, Mel(20), one[1].Mel],
            [one[0].Options, two[0].Options, new VocoderOptions { Seed = 5 }, one[1].Options]);

        Assert.That((float[])[.. one[0].Of(audio[0]), .. one[1].Of(audio[3])],
            Is.EqualTo(vocoder.Generate(Mel(30), new VocoderOptions { Seed = 3, Utterance = 2 }).Span[..(16 * 12)].ToArray()));
        Assert.That(two[0].Of(audio[1]),
            Is.EqualTo(vocoder.Generate(Mel(25), new VocoderOptions { Seed = 3, Utterance = 2 }).Span[..(16 * 12)].ToArray()));
        Assert.That(audio[2].Span.ToArray(), Is.EqualTo(vocoder.Generate(Mel(20), new VocoderOptions { Seed = 5 }).Span.ToArray()));
    }

    [Test]
    public void A_part_can_be_given_again_after_a_run_that_was_cancelled()
    {
        var golden = WaveNetGolden.Read("mulaw_tiny");
        using var vocoder = new WaveNetVocoder(WithFinish(golden.Config), golden.Weights, _compute);
        var parts = Parts(vocoder, 40, 16);
        vocoder.Generate([parts[0].Mel], [parts[0].Options]);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.That(() => vocoder.Generate([parts[1].Mel], [parts[1].Options], cancelled.Token), Throws.InstanceOf<OperationCanceledException>());

        var audio = vocoder.Generate([parts[1].Mel], [parts[1].Options])[0];
        Assert.That(parts[1].Of(audio),
            Is.EqualTo(vocoder.Generate(Mel(40), new VocoderOptions { Seed = 3, Utterance = 2 }).Span[(16 * 12)..(32 * 12)].ToArray()));
    }

    [Test]
    public void A_copied_state_goes_on_apart_from_the_first()
    {
        var state = new SampleState([[1, 2], [3]], 4) { Position = 5, Emphasis = 6 };

        var copy = state.Copy();
        (copy.Rings[0][1], copy.Position, copy.Last) = (9, 8, 7);

        Assert.That((state.Rings[0][1], state.Position, state.Last, copy.Rings[1][0], copy.Emphasis), Is.EqualTo((2f, 5, 4f, 3f, 6f)));
    }

    [Test]
    public void A_run_that_is_cancelled_ends_within_some_hundred_samples()
    {
        var golden = WaveNetGolden.Read("mol_tiny");
        using var cancellation = new CancellationTokenSource();
        var (conditions, asked) = (ConditionNetwork.Create(golden.Config, Take), 0);
        var network = new WaveNetNetwork(golden.Config, Take);
        var loop = new CpuSampleLoop(network, _compute);
        Tensor Take(string name) => golden.Weights.Take(name, golden.Weights.Entry(name).Shape);
        Tensor Conditions(Range samples)
        {
            asked++;
            cancellation.Cancel();
            return conditions.Conditions(Mel(100), samples);
        }

        var run = new SampleRun(loop.Begin(), network.GateBiasesOf(0), new SampleNoise(golden.Config, new VocoderOptions()), Conditions, 1200);

        Assert.That(() => loop.Run([run], cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(asked, Is.EqualTo(1));
        Assert.That(run.Drawn[255..257], Has.Some.Not.Zero.And.Some.Zero);
    }

    [Test]
    public void A_part_that_does_not_join_the_one_before_is_refused()
    {
        var golden = WaveNetGolden.Read("mol_tiny");
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        var parts = Parts(vocoder, 60, 16);
        vocoder.Generate([parts[0].Mel], [parts[0].Options]);

        Assert.That(() => vocoder.Generate([parts[2].Mel], [parts[2].Options]), Throws.ArgumentException.With.Message.Contains("do not join"));
    }

    [Test]
    public void Every_vector_width_draws_the_same([Values] bool drawsClasses)
    {
        var golden = WaveNetGolden.Read(drawsClasses ? "nv_tiny" : "mol_tiny");
        foreach (var level in Enum.GetValues<SimdLevel>().Where(level => level <= CpuCompute.BestLevel))
        {
            using var compute = new CpuCompute(1, level);
            using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, compute);

            var audio = vocoder.Generate(golden.Mel, golden.Options);

            Assert.That(Nmse.Of(audio.Span, golden.Output("audio")), Is.LessThan(golden.Limit("audio")), $"{level}");
        }
    }

    [Test]
    public void A_range_of_conditions_is_a_part_of_all()
    {
        foreach (var golden in WaveNetGolden.Tiny.Select(WaveNetGolden.Read))
        {
            foreach (var upsampling in (Upsampling[])[golden.Config.Upsampling, Upsampling.Repetition])
            {
                var config = golden.Config with { Upsampling = upsampling };
                var conditions = ConditionNetwork.Create(config, name => golden.Weights.Take(name, golden.Weights.Entry(name).Shape));
                var samples = 20 * config.Mel.HopLength;
                var all = conditions.Conditions(Mel(20), ..samples);
                for (var first = 0; first < samples; first += 37)
                {
                    var end = Math.Min(samples, first + 50);

                    Assert.That(conditions.Conditions(Mel(20), first..end).Span.ToArray(),
                        Is.EqualTo(all.Span[(first * 80)..(end * 80)].ToArray()), $"{golden.Name} {upsampling} from {first}");
                }
            }
        }
    }

    [Test]
    public void Sigma_scales_what_is_drawn_of_numbers_and_is_refused_of_classes()
    {
        var (numbers, classes) = (WaveNetGolden.Read("mol_tiny"), WaveNetGolden.Read("mulaw_tiny"));
        using var vocoder = new WaveNetVocoder(numbers.Config, numbers.Weights, _compute);
        using var other = new WaveNetVocoder(classes.Config, classes.Weights, _compute);
        float First(float sigma) => vocoder.Generate(Mel(1), new VocoderOptions { Seed = 1, Sigma = sigma }).Span[0];

        Assert.That(First(2) - First(0), Is.EqualTo(2 * (First(1) - First(0))).Within(1e-6).And.Not.Zero);
        Assert.That(() => other.Generate(Mel(1), new VocoderOptions { Sigma = 0.5f }),
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains("draws classes"));
    }

    [TestCase("mol_tiny", "mixture_uniform", 0f, "numbers from 1E-05 to 0.99999, found 0 at [0, 0, 7]")]
    [TestCase("mol_tiny", "sample_uniform", 1f, "numbers from 1E-05 to 0.99999, found 1 at [0, 7]")]
    [TestCase("mulaw_tiny", "sample_uniform", float.NaN, "numbers from 1E-05 to 0.99999, found NaN at [0, 7]")]
    [TestCase("gaussian_mixture_tiny", "sample_normal", float.NegativeInfinity, "finite numbers, found -Infinity at [0, 7]")]
    public void Given_noise_out_of_its_range_is_refused_by_name_and_place(string name, string noise, float value, string says)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        var given = golden.Options.Given!.ToDictionary(each => each.Key, each => Tensor.From(each.Value.Span, each.Value.Shape));
        given[noise].Span[7] = value;

        Assert.That(
            () => vocoder.Generate(golden.Mel, golden.Options with { Given = given }),
            Throws.TypeOf<CudaTtsException>().With.Message.EqualTo($"noise '{noise}': expected {says}."));
    }

    [Test]
    public void Speakers_differ_and_one_too_many_is_refused()
    {
        var golden = WaveNetGolden.Read("2018_speakers_tiny");
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        float[] Speech(int? speaker) => vocoder.Generate(Mel(2), new VocoderOptions { Speaker = speaker }).Span.ToArray();

        Assert.That(vocoder.Speakers, Is.EqualTo(7));
        Assert.That(Speech(null), Is.EqualTo(Speech(0)));
        Assert.That(Speech(6), Is.Not.EqualTo(Speech(0)));
        Assert.That(() => Speech(7), Throws.InstanceOf<CudaTtsException>().With.Message.Contains("0 to 6"));
    }

    [Test]
    public void Noise_of_a_seed_is_what_the_generators_rules_say()
    {
        var golden = WaveNetGolden.Read("gaussian_mixture_tiny");
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        var mixture = new Tensor(1, 24, 3);
        for (var i = 0; i < mixture.Length; i++)
        {
            mixture.Span[i] = 1e-5f + ((1 - 2e-5f) * Philox.Uniform(4, RandomUse.VocoderNoise, 6, 0, (uint)i));
        }

        var normal = new Tensor(1, 1, 24);
        _compute.FillNormal(normal, RandomUse.VocoderNoise, step: 1, [new NoiseRow(4, 6, 0, 1)]);
        var given = new Dictionary<string, Tensor> { ["mixture_uniform"] = mixture, ["sample_normal"] = normal.Reshape(1, 24) };

        Assert.That(vocoder.Generate(Mel(2), new VocoderOptions { Seed = 4, Utterance = 6 }).Span.ToArray(),
            Is.EqualTo(vocoder.Generate(Mel(2), new VocoderOptions { Given = given }).Span.ToArray()));
    }

    private static WaveNetConfig WithFinish(WaveNetConfig config) => config with { Deemphasis = 0.85f, Gain = 0.55f };

    private static Tensor Mel(int frames)
    {
        var mel = new Tensor(1, 80, frames);
        for (var band = 0; band < 80; band++)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                mel.Span[(band * frames) + frame] = (2 * ProceduralWeights.Uniform("mel", (80L * frame) + band)) - 1;
            }
        }

        return mel;
    }

    private static float[] Joined(WaveNetVocoder vocoder, int frames, int chunk) =>
        [.. Parts(vocoder, frames, chunk).SelectMany(part => part.Of(vocoder.Generate([part.Mel], [part.Options])[0]))];

    /// <summary>The parts as a sentence has them that is heard while its frames come.</summary>
    private static List<Part> Parts(WaveNetVocoder vocoder, int frames, int chunk)
    {
        var (parts, stream, context, whole) = (new List<Part>(), new VocoderStream(), vocoder.ContextFrames, Mel(frames));
        for (var start = 0; start < frames; start += parts[^1].Count)
        {
            var isEnd = start + chunk + context > frames;
            var count = isEnd ? frames - start : chunk;
            var (first, end) = (Math.Max(0, start - context), Math.Min(frames, start + count + context));
            var mel = new Tensor(1, 80, end - first);
            for (var band = 0; band < 80; band++)
            {
                whole.Span.Slice((band * frames) + first, end - first).CopyTo(mel.Span[(band * (end - first))..]);
            }

            var options = new VocoderOptions { Seed = 3, Utterance = 2, FirstFrame = first, Stream = stream, IsEnd = isEnd };
            parts.Add(new Part(mel, options, start, count, vocoder.Mel.HopLength));
        }

        return parts;
    }

    private sealed record Part(Tensor Mel, VocoderOptions Options, int Start, int Count, int Hop)
    {
        public float[] Of(Tensor audio) => audio.Span.Slice((Start - Options.FirstFrame) * Hop, Count * Hop).ToArray();
    }
}
