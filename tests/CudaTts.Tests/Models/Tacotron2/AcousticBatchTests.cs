using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>Utterances that come and go while others are decoded: each becomes what it is alone.</summary>
[TestFixture("cpu", Precision.Full, 1)]
[TestFixture("cpu", Precision.Full, 2)]
[TestFixture("emulated", Precision.Full, 1)]
[TestFixture("emulated", Precision.Half, 1)]
internal sealed class AcousticBatchTests(string device, Precision precision, int threads)
{
    private static readonly int[] s_tokens = [7, 1, 12, 9, 40, 5, 3, 12, 300, 2, 6];
    private ComputeDevice _device = null!;
    private Tacotron2Model _model = null!;

    // A chip's emulation is slow: few rows, and short ones.
    private bool IsSlow => precision == Precision.Half;

    private int Rows => IsSlow ? 5 : s_tokens.Length;

    // In half precision the kernels for one row and for groups of rows add up in another order.
    private double Limit => device == "cpu" ? 0 : precision == Precision.Half ? 1e-5 : 1e-10;

    [OneTimeSetUp]
    public void Load()
    {
        if (device == "emulated" && CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        _device = ComputeDevice.Open(new DeviceOptions { Name = device, Threads = threads, Precision = precision });
        _model = new Tacotron2Model(Tacotron2Models.Tiny, Tacotron2Models.WeightsOf(Tacotron2Models.Tiny), _device);
    }

    [OneTimeTearDown]
    public void Release()
    {
        _model?.Dispose();
        _device?.Dispose();
    }

    [Test]
    public void Rows_that_come_at_any_step_become_what_they_are_alone([Values(3, 17)] int stepsBetween)
    {
        var alone = Enumerable.Range(0, Rows).Select(Alone).ToArray();
        using var batch = _model.CreateBatch();
        var waiting = new Queue<int>(Enumerable.Range(0, Rows));
        var rows = new Dictionary<AcousticRow, int>();
        var results = new AcousticResult?[Rows];
        while (waiting.Count > 0 || rows.Count > 0)
        {
            while (waiting.TryPeek(out var next) && batch.HasRoomFor([s_tokens[next]]) && rows.Count < 9)
            {
                rows.Add(batch.Join([Ids(next)], [Options(next)]).Single(), waiting.Dequeue());
            }

            var steps = 0;
            if (rows.Keys.All(row => !row.IsDone))
            {
                batch.Advance([.. rows.Keys], () => ++steps >= stepsBetween && waiting.Count > 0);
            }

            foreach (var row in rows.Keys.Where(row => row.IsDone).ToList())
            {
                results[rows[row]] = batch.Finish([row]).Single();
                rows.Remove(row);
            }
        }

        Assert.Multiple(() =>
        {
            for (var i = 0; i < alone.Length; i++)
            {
                Same(results[i]!, alone[i], $"row {i}");
            }
        });
    }

    [Test]
    public void Rows_may_wait_while_others_go_on_and_leave_at_any_time()
    {
        using var batch = _model.CreateBatch();
        var rows = batch.Join([Ids(0), Ids(2), Ids(6)], [Options(0), Options(2), Options(6)]);
        batch.Advance(rows, () => true);
        batch.Advance([rows[1]], () => true);
        batch.Leave(rows[0]);
        var late = batch.Join([Ids(4)], [Options(4)]).Single();
        batch.Advance([rows[2], late], () => true);
        AcousticRow[] left = [rows[1], rows[2], late];
        while (left.Any(row => !row.IsDone))
        {
            batch.Advance([.. left.Where(row => !row.IsDone)], () => false);
        }

        var results = batch.Finish(left);

        Assert.Multiple(() =>
        {
            Same(results[0], Alone(2), "one that went on alone");
            Same(results[1], Alone(6), "one that waited");
            Same(results[2], Alone(4), "one that came in the place of another");
            Assert.That(Nmse.Of(results[0].Mel.Span, results[1].Mel.Span[..results[0].Mel.Length]), Is.GreaterThan(1e-3), "the comparison can fail");
        });
    }

    [Test]
    public void A_failure_is_its_rows_own()
    {
        using var batch = _model.CreateBatch();
        var failing = Options(0) with { Progress = new Thrower() };
        var rows = batch.Join([Ids(0), Ids(2)], [failing, Options(2)]);
        batch.Advance(rows, () => false);

        Assert.That(rows[0].Failure, Is.TypeOf<InvalidOperationException>());
        Assert.That(rows[0].IsDone, Is.True);
        Assert.That(() => batch.Finish([rows[0]]), Throws.InvalidOperationException);
        while (!rows[1].IsDone)
        {
            batch.Advance([rows[1]], () => false);
        }

        Same(batch.Finish([rows[1]]).Single(), Alone(2), "the row beside it");
    }

    [Test]
    public void There_is_room_for_so_many_rows_and_no_more()
    {
        using var batch = _model.CreateBatch();
        var options = Options(1) with { MaxSeconds = 0.05 };
        for (var row = 0; row < batch.MostRows; row++)
        {
            Assert.That(batch.HasRoomFor([1]), Is.True);
            batch.Join([Ids(1)], [options]);
        }

        Assert.That(batch.HasRoomFor([1]), Is.False);
        Assert.That(batch.MostBytes, Is.Positive);
    }

    private static int[] Ids(int row) => [.. Enumerable.Range(0, s_tokens[row]).Select(i => 1 + (((7 * i) + row) % 100))];

    private AcousticOptions Options(int row) => new()
    {
        GateThreshold = 1,
        MaxSeconds = IsSlow ? 0.1 + (0.1 * (row % 4)) : 0.3 + (0.35 * (row % 4)),
        Seed = 5,
        Utterance = (uint)row,
        HoldsAttention = row == 3,
    };

    private AcousticResult Alone(int row) => _model.SynthesizeBatch([Ids(row)], [Options(row)]).Single();

    private void Same(AcousticResult result, AcousticResult alone, string what)
    {
        Assert.That(result.Steps, Is.EqualTo(alone.Steps), what);
        Assert.That(Nmse.Of(result.Mel.Span, alone.Mel.Span), Is.LessThanOrEqualTo(Limit), what);
        Assert.That(result.Stop, Is.EqualTo(alone.Stop), what);
    }

    private sealed class Thrower : IProgress<int>
    {
        public void Report(int value) => throw new InvalidOperationException("told so");
    }
}
