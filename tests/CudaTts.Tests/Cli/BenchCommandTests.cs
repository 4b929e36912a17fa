using System.Text.Json;
using CudaTts.Cli;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Cli;

/// <summary>What <c>bench</c> says, and what it compares.</summary>
[TestFixture]
internal sealed class BenchCommandTests : CommandTestBase
{
    private static readonly string[] s_stages = ["text", "encoder", "decoder", "postnet", "postnet/download", "vocoder", "samples", "total"];

    [Test]
    public void Every_stage_and_every_batch_is_reported()
    {
        var result = Run("bench", "Hi.", "--voice", StoppingVoice, "--device", "cpu", "--runs", "2", "--batch", "1,3", "--json", "-o",
            At("out/bench.json"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var report = Report(result.Output);
        Assert.That(File.ReadAllText(At("out/bench.json")), Is.EqualTo(result.Output.TrimEnd()));
        Assert.That((report.Runs, report.Tokens, report.Precision), Is.EqualTo((2, 3, "float32")));
        Assert.That(report.Stages.Select(stage => stage.Name), Is.EqualTo(s_stages));
        Assert.That(report.Stages.Select(stage => stage.Clock), Is.All.EqualTo("host"));
        Assert.That(report.Throughput.Select(line => line.Batch), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(report.Throughput.Select(line => line.DecoderStepSeconds), Is.All.GreaterThan(0));
        Assert.That(report.Throughput.Select(line => line.VocoderAudioSecondsPerSecond), Is.All.GreaterThan(0));
        Assert.That(report.FirstAudio.P50Seconds, Is.InRange(0, report.LastAudio.P99Seconds));
        Assert.That(report.Peer, Is.Null);
    }

    [Test]
    public void What_a_stage_achieves_follows_from_its_work_and_its_time()
    {
        var report = Report(Run("bench", "Hi.", "--voice", EndlessVoice, "--device", "cpu", "--runs", "1", "--batch", "1", "--json").Output);
        foreach (var stage in report.Stages.Where(stage => stage.Name is "encoder" or "decoder" or "postnet"))
        {
            Assert.That(stage.Operations, Is.GreaterThan(0));
            Assert.That(stage.OperationsPerSecond, Is.EqualTo(stage.Operations / stage.MedianSeconds).Within(1e-9).Percent);
            Assert.That(stage.BytesPerSecond, Is.EqualTo(stage.Bytes / stage.MedianSeconds).Within(1e-9).Percent);
        }

        Assert.That(report.Stages.Select(stage => stage.ShareOfPeakOperations ?? stage.ShareOfPeakBandwidth), Is.All.Null,
            "a processor's peak is not known");
        Assert.That(report.Stages.Single(stage => stage.Name == "vocoder").Operations, Is.Null, "Griffin-Lim is not counted");
        Assert.That(report.Peak.Unknown, Does.Contain("processor"));
    }

    [Test]
    public void A_processor_makes_five_runs_unless_told()
    {
        var report = Report(Run("bench", "Hi.", "--voice", StoppingVoice, "--device", "cpu", "--batch", "1", "--json").Output);
        Assert.That(report.Runs, Is.EqualTo(5));
    }

    [Test]
    public void The_table_has_the_same()
    {
        var output = Run("bench", "Hi.", "--voice", StoppingVoice, "--device", "cpu", "--runs", "1", "--batch", "1").Output;
        string[] parts = [.. s_stages, "median ms", "GFLOP/s", "% GB/s", "p95 ms", "of 1 runs", "decoder step, ms", "no share of the peak",
            "real-time factor"];
        foreach (var part in parts)
        {
            Assert.That(output, Does.Contain(part));
        }
    }

    [Test]
    public void The_emulated_device_has_times_of_its_own_and_no_share()
    {
        TestDevice.SkipWithout();
        var report = Report(Run("bench", "Hi.", "--voice", StoppingVoice, "--device", "emulated", "--runs", "1", "--batch", "1", "--json").Output);
        var clocks = report.Stages.ToDictionary(stage => stage.Name, stage => stage.Clock);
        Assert.That((clocks["encoder"], clocks["decoder"], clocks["postnet"]), Is.EqualTo(("device", "device", "device")));
        Assert.That((clocks["text"], clocks["vocoder"], clocks["total"]), Is.EqualTo(("host", "host", "host")));
        Assert.That(report.Precision, Is.EqualTo("float16"));
        Assert.That(report.Peak, Is.EqualTo(new BenchPeak(report.Peak.Unknown, null, null)));
        Assert.That(report.Peak.Unknown, Does.Contain("emulated"));
    }

    [Test]
    public void Wrong_numbers_are_wrong_arguments()
    {
        AssertFails(Run("bench", "--runs", "0"), ExitCode.WrongArguments, "--runs");
        AssertFails(Run("bench", "--batch", "1,0"), ExitCode.WrongArguments, "--batch");
        AssertFails(Run("bench", "--untrained", "--voice", StoppingVoice), ExitCode.WrongArguments, "--untrained");
    }

    [TestCase("not json", "not JSON")]
    [TestCase("[]", "expected a JSON object {...}, found []")]
    [TestCase("""{"pytorch":2}""", "pytorch: expected a text in quotation marks, found 2")]
    [TestCase("""{"figures":[{"batch":1},{"batch":"1"}]}""", "figures[1].batch: expected a whole number of at most 2147483647, found \"1\"")]
    [TestCase("""{"figures":[],"figures":[]}""", "the key 'figures' is there twice")]
    [TestCase("{}", "pytorch, device, and figures")]
    [TestCase("""{"pytorch":"2","device":"x","figures":[{"job":"a"}]}""", "pytorch, device, and figures")]
    [TestCase("""{"pytorch":"2","device":"x","figures":[null]}""", "figures[0]: expected an object, found null")]
    public void A_file_that_is_not_the_peers_is_refused_before_anything_is_measured(string content, string message)
    {
        File.WriteAllText(At("peer.json"), content);
        AssertFails(Run("bench", "Hi.", "--voice", StoppingVoice, "--peer", At("peer.json")), ExitCode.Failed, message);
        AssertFails(Run("bench", "Hi.", "--voice", StoppingVoice, "--peer", At("none.json")), ExitCode.Failed, "none.json");
    }

    [Test]
    public void What_cannot_be_compared_is_said()
    {
        File.WriteAllText(At("peer.json"), Peer("float16"));
        var output = Run("bench", "Hi.", "--voice", StoppingVoice, "--device", "cpu", "--runs", "1", "--batch", "1", "--peer",
            At("peer.json")).Output;
        Assert.That(output, Does.Contain("peer: PyTorch 2.5 on a GPU"));
        Assert.That(output, Does.Contain("not compared: the decoder: the voice's has other widths"));
        Assert.That(output, Does.Contain("not compared: Griffin-Lim, batch 1: the peer has not run it"));
        Assert.That(output, Does.Contain("the ratios compare two machines"));
    }

    [Test]
    public void The_same_network_batch_and_precision_are_compared()
    {
        var comparison = PeerReader.Compare(PublicSize(), PeerOf("float16"));

        // A time of 2 ms against our 1 ms, a throughput of 50 against our 200, a sentence of 30 ms against our 10 ms: we are 2, 4 and 3 times faster.
        Assert.That(
            comparison.Lines.Select(line => (line.Job, line.Batch, line.Theirs[0].Way, Math.Round(line.Theirs[0].Ratio, 6))),
            Is.EqualTo(new[]
            {
                ("Tacotron 2 decoder step, ms", 1, "graph", 2.0),
                ("HiFi-GAN V1, s of audio / s", 1, "eager", 4.0),
                ("Tacotron 2 and HiFi-GAN V1, ms", 1, "eager", 3.0),
            }));
        Assert.That(comparison.Notes, Has.Count.EqualTo(2));
        Assert.That(comparison.Notes, Has.All.Contain("batch 64").And.All.Contain("the peer has the batches 1"));
    }

    [Test]
    public void Of_more_rows_than_slots_there_is_no_step()
    {
        Assert.That(Bench.DecoderSlots, Is.EqualTo(CudaDecoderState.MostSlots));
        var batches = $"{Bench.DecoderSlots},{Bench.DecoderSlots + 1}";
        string[] options = ["bench", "Hi.", "--voice", StoppingVoice, "--device", "cpu", "--runs", "1", "--batch", batches];
        var report = Report(Run([.. options, "--json"]).Output);
        Assert.That(report.Throughput.Select(line => line.DecoderStepSeconds is null), Is.EqualTo(new[] { false, true }));
        var last = Run(options).Output.Split('\n').Single(line => line.StartsWith($"{Bench.DecoderSlots + 1,5} ", StringComparison.Ordinal));
        Assert.That(last.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], Is.EqualTo("-"));

        var lines = new[] { new BenchThroughput(1, 100, null, 200) };
        var comparison = PeerReader.Compare(PublicSize() with { Throughput = lines }, PeerOf("float16"));
        Assert.That(comparison.Lines.Select(line => line.Job), Has.None.Contains("decoder step").And.Some.Contains("HiFi-GAN V1"));
        Assert.That(comparison.Notes, Has.One.Contains("decoder step, batch 1: of so many rows some wait"));
    }

    [Test]
    public void Another_precision_or_length_is_not_compared()
    {
        var other = PeerReader.Compare(PublicSize(), PeerOf("float32"));
        Assert.That(other.Lines, Is.Empty);
        Assert.That(other.Notes, Has.Some.Contain("has not run it in float16"));
        var longer = PeerReader.Compare(PublicSize() with { Frames = 700 }, PeerOf("float16"));
        Assert.That(longer.Lines, Has.Count.EqualTo(2));
        Assert.That(longer.Notes, Has.Some.Contain("ours has 700 frames, the peer's 602"));
    }

    [Test]
    public void The_untrained_voice_has_the_published_sizes_and_is_gone_afterwards()
    {
        string folder;
        using (var untrained = new UntrainedVoice())
        using (var device = new CpuCompute(threads: 1))
        {
            folder = untrained.Folder;
            var voice = Voice.Load(folder, device);
            Assert.That(voice.Acoustic.IsPublicSize, Is.True);
            Assert.That(voice.Vocoder.Title, Is.EqualTo("HiFi-GAN V1"));
            Assert.That(voice.WorkOf(Stage.Vocoder, tokens: 1, frames: 1)!.Value.Products * 22050 / 256, Is.EqualTo(26.4e9).Within(0.5).Percent);
            Assert.That(voice.WorkOf(Stage.Text, tokens: 1, frames: 1), Is.Null);
        }

        Assert.That(Directory.Exists(folder), Is.False);
    }

    private static BenchReport Report(string json) => JsonSerializer.Deserialize(json, CliJson.Instance.BenchReport)!;

    private static PeerFile PeerOf(string precision) => JsonSerializer.Deserialize(Peer(precision), CliJson.Instance.PeerFile)!;

    private static string Peer(string precision) => $$"""
        {
          "pytorch": "2.5", "device": "a GPU", "more": 1, "figures": [
            {"job": "Tacotron 2 decoder step", "way": "graph", "precision": "{{precision}}", "batch": 1,
             "median_milliseconds": 2, "least_milliseconds": 1, "audio_seconds_per_second": 6},
            {"job": "HiFi-GAN V1, 860 frames", "way": "eager", "precision": "{{precision}}", "batch": 1, "frames": 860,
             "median_milliseconds": 9, "audio_seconds_per_second": 50},
            {"job": "HiFi-GAN V2, 860 frames", "way": "eager", "precision": "{{precision}}", "batch": 1, "frames": 860,
             "median_milliseconds": 9, "audio_seconds_per_second": 99},
            {"job": "HiFi-GAN V1, 860 frames", "way": "compile", "precision": "{{precision}}", "batch": 1, "failed": "out of memory"},
            {"job": "Tacotron 2 and HiFi-GAN V1, 602 frames", "way": "eager", "precision": "{{precision}}", "batch": 1, "frames": 602,
             "median_milliseconds": 30, "audio_seconds_per_second": 233}
          ]
        }
        """;

    /// <summary>A report as of the published sizes on a GPU: 1 ms a step, 200 seconds a second, 10 ms a sentence.</summary>
    private static BenchReport PublicSize() => new(
        "Hi.", "untrained", "hifigan", "cuda:0", "a GPU", "float16", "a processor", 1, 1, 1, 6.99, 77, 602, new BenchPeak("none", null, null),
        [new BenchStage("total", "host", 0.010, 0.010)], 0.001, new BenchLatency(1, 1, 1), new BenchLatency(1, 1, 1),
        [new BenchThroughput(1, 100, 0.001, 200), new BenchThroughput(64, 100, 0.001, 200)], 0)
    {
        AcousticIsPublicSize = true,
        VocoderTitle = "HiFi-GAN V1",
    };
}
