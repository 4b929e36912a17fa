using CudaTts.Load;

namespace CudaTts.Server.Tests.Load;

/// <summary>What the load generator makes of its measurements.</summary>
[TestFixture]
internal sealed class LoadStatisticsTests
{
    [Test]
    public void Percentiles_are_values_that_were_measured()
    {
        Assert.That(Percentiles.Of(Enumerable.Range(1, 100).Select(value => (double)value)), Is.EqualTo(new Percentiles(100, 50, 95, 99, 100)));
        Assert.That(Percentiles.Of([3.0, 1, 2]), Is.EqualTo(new Percentiles(3, 2, 3, 3, 3)));
        Assert.That(Percentiles.Of([7.0]), Is.EqualTo(new Percentiles(1, 7, 7, 7, 7)));
        Assert.That(Percentiles.Of(Array.Empty<double>()), Is.Null);
    }

    [Test]
    public void Poisson_arrivals_have_their_rate_and_their_spread()
    {
        var arrivals = Arrivals.Poisson(rate: 50, TimeSpan.FromSeconds(400), TextMix.Default, clients: 3, seed: 7);
        var gaps = arrivals.Zip(arrivals.Skip(1), (a, b) => (b.At - a.At).TotalSeconds).ToList();
        var mean = gaps.Average();
        Assert.That(arrivals, Is.Ordered.By(nameof(Arrival.At)));
        Assert.That(mean, Is.EqualTo(1 / 50.0).Within(3).Percent);
        var spread = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));
        Assert.That(spread / mean, Is.EqualTo(1).Within(0.03), "exponential gaps spread by their mean");
        var shares = arrivals.CountBy(arrival => arrival.Client).Select(pair => pair.Value / (double)arrivals.Count);
        Assert.That(shares, Has.All.EqualTo(1 / 3.0).Within(0.02));
    }

    [Test]
    public void The_same_seed_gives_the_same_arrivals_and_another_seed_others()
    {
        List<Arrival> Of(int seed) => Arrivals.Poisson(10, TimeSpan.FromSeconds(20), TextMix.Default, 2, seed);
        var first = Of(1);
        Assert.That(Of(1), Is.EqualTo(first));
        Assert.That(Of(2), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_mix_has_its_shares_and_its_texts_their_sentences()
    {
        var random = new Random(3);
        var mix = LoadCommand.MixOf("short=2,long=1");
        var drawn = Enumerable.Range(0, 9000).Select(_ => mix.Draw(random)).ToList();
        Assert.That(drawn.Count(text => text.Length == TextLength.Short), Is.EqualTo(6000).Within(200));
        Assert.That(drawn.Count(text => text.Length == TextLength.Medium), Is.Zero);
        foreach (var text in drawn.Distinct())
        {
            Assert.That(text.Text.Count(letter => letter is '.' or '?' or '!'), Is.EqualTo(text.Length == TextLength.Short ? 1 : 8), text.Text);
        }
    }

    [Test]
    public void A_level_counts_each_request_once()
    {
        TimeSpan seconds(double value) => TimeSpan.FromSeconds(value);
        CallResult[] results =
        [
            new(TextLength.Short, 200) { FirstAudio = seconds(0.2), Complete = seconds(1), Answered = seconds(0.2), AudioSeconds = 4 },
            new(TextLength.Short, 200) { FirstAudio = seconds(0.4), Complete = seconds(2), Answered = seconds(0.4), AudioSeconds = 6 },
            new(TextLength.Short, 200) { FirstAudio = seconds(9), Answered = seconds(9), Error = "the connection was closed" },
            new(TextLength.Short, 503) { Complete = seconds(0.01), Answered = seconds(0.01) },
            new(TextLength.Short, 429) { Complete = seconds(0.03), Answered = seconds(0.03) },
            new(TextLength.Short, 0) { Error = "not answered in time" },
        ];
        var level = LevelSummary.Of(2, 3, results, seconds(5));
        Assert.That(level.Refused, Is.EqualTo(new Dictionary<int, int> { [0] = 1, [429] = 1, [503] = 1 }));
        Assert.That(level.Spoken + level.Broken + level.Refused.Values.Sum(), Is.EqualTo(level.Offered));
        Assert.That(level.FirstAudio!.Most, Is.EqualTo(0.4), "speech that broke off is no latency");
        Assert.That(level.Rejection, Is.EqualTo(new Percentiles(2, 0.01, 0.03, 0.03, 0.03)));
        Assert.That(level.AudioPerSecond, Is.EqualTo(2));
    }

    [Test]
    public void Promises_are_met_or_missed_by_what_was_found()
    {
        var unloaded = Level(0, first: 0.1);
        var kept = LoadTargets.Of(unloaded, [Level(0.8, first: 0.29), Level(10, first: 0.3, rejection: 0.049)], capacity: 95, bench: 100);
        Assert.That(kept.Select(target => target.ToString()), Has.All.StartsWith("met"));
        var missed = LoadTargets.Of(unloaded, [Level(0.8, first: 0.31), Level(10, first: 0.31, rejection: 0.051)], capacity: 89, bench: 100);
        Assert.That(missed.Count(target => !target.IsMet), Is.EqualTo(4));
        Assert.That(LoadTargets.Of(unloaded, [Level(10, first: null, rejection: null)], 1, null).Count(target => !target.IsMet), Is.EqualTo(2),
            "nothing measured is nothing kept");
    }

    [TestCase(0.0, true)]
    [TestCase(0.02, false)]
    public void Memory_that_grows_is_told_from_memory_that_is_flat(double growthOfSample, bool isFlat)
    {
        var random = new Random(5);
        var samples = Enumerable.Range(0, 60)
            .Select(i => new MemorySample(i * 10, 100e6 * (1 + (growthOfSample * i) + (i % 7 == 0 ? random.NextDouble() : 0)), 0)).ToList();
        Assert.That(Soak.TargetOf(samples).IsMet, Is.EqualTo(isFlat), $"{Soak.GrowthOf(samples)}");
    }

    [Test]
    public void Memory_is_read_out_of_the_servers_metrics()
    {
        const string metrics = """
            # TYPE cudatts_memory_bytes gauge
            cudatts_memory_bytes{kind="managed"} 1000
            cudatts_memory_bytes{kind="working_set"} 2.5e+08

            """;
        Assert.That(Soak.Parse(metrics, 3), Is.EqualTo(new MemorySample(3, 250e6, 1000)));
        Assert.That(() => Soak.Parse("up 1\n", 0), Throws.TypeOf<FormatException>());
    }

    private static LevelSummary Level(double level, double? first, double? rejection = null) => new(level, 1)
    {
        Offered = 1,
        Spoken = 1,
        Refused = new Dictionary<int, int> { [503] = 1 },
        Broken = 0,
        FirstAudio = first is { } found ? Percentiles.Of([found]) : null,
        Complete = null,
        Rejection = rejection is { } time ? Percentiles.Of([time]) : null,
        Lag = null,
        AudioPerSecond = 0,
    };
}
