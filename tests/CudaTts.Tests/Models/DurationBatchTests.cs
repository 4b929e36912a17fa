using System.Collections;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Compute.Cuda;
using CudaTts.Models;
using CudaTts.Models.FastPitch;
using CudaTts.Models.Vits;
using CudaTts.Tests.Emulation;
using CudaTts.Tests.Kernels;
using CudaTts.Tests.Models.FastPitch;
using CudaTts.Tests.Models.Vits;

namespace CudaTts.Tests.Models;

/// <summary>
/// Rows of models that make each utterance at once: what becomes of them when callers go meanwhile, and when the device takes few of them together.
/// </summary>
[TestFixture]
[NonParallelizable]
internal sealed class DurationBatchTests
{
    private const int Tokens = 9;
    private const string VitsName = "vits";
    private const string FastPitchName = "fastpitch";
    private static readonly string[] s_names = [VitsName, FastPitchName];

    [TestCaseSource(nameof(s_names))]
    public void A_row_whose_caller_goes_is_cancelled_and_its_neighbour_is_not(string name)
    {
        using var model = Open(name, TestDevice.Open(Precision.Full));
        using var going = new CancellationTokenSource();
        var stays = new AcousticOptions { Seed = 3, Utterance = 1 };

        var results = Speak(model, new AcousticOptions { Seed = 3, Prosody = new WatchedProsody(going), Ending = going.Token }, stays);

        var alone = model.SynthesizeBatch([Ids(1)], [stays])[0];
        Assert.Multiple(() =>
        {
            Assert.That((results[0].Stop, results[0].Mel[2]), Is.EqualTo((StopReason.Cancelled, 0)));
            Assert.That(results[1].Stop, Is.EqualTo(StopReason.Durations));
            Assert.That(results[1].Mel.Span.SequenceEqual(alone.Mel.Span), Is.True);
        });
    }

    [TestCaseSource(nameof(s_names))]
    public void A_run_ends_when_all_its_callers_have_gone(string name)
    {
        using var model = Open(name, TestDevice.Open(Precision.Full));
        using CancellationTokenSource first = new(), second = new();
        var frames = FrameLaunches();

        var results = Speak(
            model,
            new AcousticOptions { Prosody = new WatchedProsody(first), Ending = first.Token },
            new AcousticOptions { Prosody = new WatchedProsody(second) { Count = Tokens - 1 }, Ending = second.Token });

        Assert.That(results.Select(result => (result.Stop, result.Mel[2])), Is.All.EqualTo((StopReason.Cancelled, 0)));
        Assert.That(FrameLaunches(), Is.EqualTo(frames), "frames that were made after the last caller had gone");
    }

    [TestCaseSource(nameof(s_names))]
    public void What_was_made_when_the_caller_went_is_not_refined(string name)
    {
        using var model = Open(name, TestDevice.Open(Precision.Full));
        using var going = new CancellationTokenSource();
        using var batch = model.CreateBatch();
        var rows = batch.Join([Ids(0)], [new AcousticOptions { Ending = going.Token }]);
        batch.Advance(rows, () => false);
        going.Cancel();

        Assert.That(batch.Finish(rows).Select(result => (result.Stop, result.Mel[2])), Is.All.EqualTo((StopReason.Cancelled, 0)));
    }

    [Test]
    public void A_vits_looks_at_its_callers_token_before_its_frames_and_before_their_refinement()
    {
        var golden = VitsGolden.Read("vits_tiny.safetensors");
        using var compute = new CpuCompute(1);
        using var model = new VitsAcoustic(golden.Config, VitsProcedural.Folded(golden.Config), compute);
        using var going = new CancellationTokenSource();
        var options = VitsOptions.Of(golden.Config);
        VitsResult Ended(VitsOptions spoken, CancellationToken token) => model.Synthesize(Ids(0), spoken, token);

        foreach (var result in new[]
                 {
                     Ended(options, new CancellationToken(canceled: true)),
                     Ended(options with { Prosody = new WatchedProsody(going) }, going.Token),
                 })
        {
            Assert.That((result.Stop, result.Frames[2], result.Durations.Length), Is.EqualTo((StopReason.Cancelled, 0, Tokens)));
        }
    }

    [TestCase(VitsName, "draw_frames_f32", 3UL)]
    [TestCase(VitsName, "embedding_f32", 3UL)]
    [TestCase(FastPitchName, "gather_f32", 3UL)]
    [TestCase(FastPitchName, "embedding_f32", 3UL)]
    public void Rows_go_through_a_device_of_little_memory_one_by_one(string name, string kernel, ulong launches)
    {
        using var device = Emulated();
        using var model = Open(name, device);
        int[][] ids = [Ids(0), Ids(1), Ids(2)];
        AcousticOptions[] options = [.. ids.Select((_, row) => new AcousticOptions { Seed = 4, Utterance = (uint)row })];
        var together = model.SynthesizeBatch(ids, options);
        device.MostElements = 1;
        var before = EmulatedLaunches.Of(kernel);

        var apart = model.SynthesizeBatch(ids, options);

        Assert.That(EmulatedLaunches.Of(kernel) - before, Is.EqualTo(launches));
        for (var row = 0; row < ids.Length; row++)
        {
            Assert.That(((DurationResult)apart[row]).Durations, Is.EqualTo(((DurationResult)together[row]).Durations), $"row {row}");
            Assert.That(apart[row].Mel.Span.SequenceEqual(together[row].Mel.Span), Is.True, $"row {row}");
        }
    }

    [TestCase(new[] { 10, 10, 10 }, 10L, 1000L, new[] { 3 })]
    [TestCase(new[] { 10, 10, 10 }, 10L, 200L, new[] { 2, 1 })]
    [TestCase(new[] { 10, 90, 10, 10 }, 10L, 200L, new[] { 1, 1, 2 })]
    [TestCase(new int[0], 10L, 200L, new int[0])]
    public void Groups_hold_what_a_device_takes_and_at_least_a_row(int[] lengths, long perStep, long most, int[] groups)
    {
        using var device = Emulated();
        device.MostElements = most;

        var counts = RowGroups.Of(device, lengths, perStep, "frames").Select(group => group.End.Value - group.Start.Value);

        Assert.That(counts, Is.EqualTo(groups));
    }

    [Test]
    public void A_row_that_no_run_could_hold_is_refused_in_a_line()
    {
        using var device = new CpuCompute(1);
        Assert.That(RowGroups.Of(device, [1 << 20], 1 << 10, "frames").Count(), Is.EqualTo(1));
        Assert.That(
            () => RowGroups.Of(device, [5, (1 << 20) + 1], 1 << 10, "frames"),
            Throws.TypeOf<CudaTtsException>().With.Message.EqualTo(
                "expected at most 1048576 frames of an utterance, found 1048577: a network of these widths has no room for more at once; divide the "
                + "text."));
    }

    private static ulong FrameLaunches() => EmulatedLaunches.Of("draw_frames_f32") + EmulatedLaunches.Of("gather_f32");

    private static CudaCompute Emulated() => (CudaCompute)ComputeDevice.Open(
        new DeviceOptions { Name = TestDevice.Open(Precision.Full).Name, Precision = Precision.Full });

    private static int[] Ids(int row) => [.. Enumerable.Range(0, Tokens - row).Select(i => 1 + (((5 * i) + row) % 20))];

    private static IReadOnlyList<AcousticResult> Speak(AcousticModel model, AcousticOptions first, AcousticOptions second)
    {
        using var batch = model.CreateBatch();
        var rows = batch.Join([Ids(0), Ids(1)], [first, second]);
        batch.Advance(rows, () => false);
        Assert.That(rows.Select(row => (row.IsDone, row.Failure)), Is.All.EqualTo((true, (Exception?)null)));
        return batch.Finish(rows);
    }

    private static DurationModel Open(string name, ComputeDevice device)
    {
        if (name == VitsName)
        {
            var config = VitsGolden.Read("vits_tiny.safetensors").Config;
            return new VitsAcoustic(config, VitsProcedural.Folded(config), device);
        }

        var sizes = FastPitchModels.ConfigOf(FastPitchGoldens.Open("tiny"));
        return new FastPitchModel(sizes, FastPitchModels.WeightsOf("tiny", sizes), device);
    }

    /// <summary>Prosody whose caller goes as soon as a token's is looked at, which is when the encoder has made the token's duration.</summary>
    private sealed class WatchedProsody(CancellationTokenSource going) : IReadOnlyList<TokenProsody>
    {
        // Of the longest row; a model may ask for less.
        public int Count { get; init; } = Tokens;

        public TokenProsody this[int index]
        {
            get
            {
                going.Cancel();
                return new TokenProsody(1);
            }
        }

        public IEnumerator<TokenProsody> GetEnumerator() => Enumerable.Repeat(new TokenProsody(1), Count).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
