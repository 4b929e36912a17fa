using System.Diagnostics;
using System.Diagnostics.Metrics;
using CudaTts.Server.Observability;
using Microsoft.Extensions.DependencyInjection;

namespace CudaTts.Server.Tests.Observability;

/// <summary>What is written for Prometheus: read back by a reader of the format that knows nothing of the writer.</summary>
[TestFixture]
internal sealed class PrometheusExpositionTests
{
    private ServiceProvider _services = null!;
    private PrometheusExposition _exposition = null!;
    private Meter _meter = null!;

    [SetUp]
    public void Open()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = _services.GetRequiredService<IMeterFactory>();
        _exposition = new PrometheusExposition(factory);
        _meter = factory.Create(SpeechMetrics.MeterName);
    }

    [TearDown]
    public void Close()
    {
        _exposition.Dispose();
        _meter.Dispose();
        _services.Dispose();
    }

    [Test]
    public void A_counter_adds_and_ends_in_total()
    {
        var counter = _meter.CreateCounter<long>("test.calls", "{call}", "Calls of a test.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(7, new KeyValuePair<string, object?>("kind", "b"));
        var text = Read();
        Assert.That(text.Types["test_calls_total"], Is.EqualTo("counter"));
        Assert.That(text["test_calls_total", ("kind", "a")], Is.EqualTo(5));
        Assert.That(text["test_calls_total", ("kind", "b")], Is.EqualTo(7));
    }

    [Test]
    public void Labels_in_another_order_are_the_same_series()
    {
        var counter = _meter.CreateCounter<int>("test.pairs");
        counter.Add(1, new("x", "1"), new("y", "2"));
        counter.Add(1, new("y", "2"), new("x", "1"));
        counter.Add(1, new("x", "2"), new("y", "1"));
        Assert.That(Read()["test_pairs_total", ("x", "1"), ("y", "2")], Is.EqualTo(2));
        Assert.That(Read()["test_pairs_total", ("x", "2"), ("y", "1")], Is.EqualTo(1));
    }

    [Test]
    public void A_gauge_goes_up_and_down_or_takes_the_last_value()
    {
        var inFlight = _meter.CreateUpDownCounter<long>("test.in_flight");
        inFlight.Add(5);
        inFlight.Add(-3);
        var level = _meter.CreateGauge<double>("test.level", "By");
        level.Record(4);
        level.Record(1.5);
        var text = Read();
        Assert.That(text["test_in_flight"], Is.EqualTo(2));
        Assert.That(text["test_level_bytes"], Is.EqualTo(1.5));
        Assert.That(text.Types["test_level_bytes"], Is.EqualTo("gauge"));
    }

    [Test]
    public void A_histogram_counts_up_to_each_bound_of_its_own()
    {
        var histogram = _meter.CreateHistogram("test.wait", "s", "Waits.", [],
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 10] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 10, 11, double.NaN])
        {
            histogram.Record(value);
        }

        var text = Read();
        Assert.That(Counts(text, "test_wait_seconds"), Is.EqualTo([("0.1", 2), ("1", 3), ("10", 4), ("+Inf", 6)]));
        Assert.That(text["test_wait_seconds_count"], Is.EqualTo(6));
        Assert.That(text["test_wait_seconds_sum"], Is.NaN);
    }

    [Test]
    public void A_histogram_without_bounds_has_those_of_seconds()
    {
        _meter.CreateHistogram<long>("test.any").Record(3);
        Assert.That(Counts(Read(), "test_any").Select(bucket => bucket.Bound), Does.Contain("2.5").And.Contain("+Inf"));
    }

    [Test]
    public void An_observed_series_that_is_gone_is_not_written()
    {
        var present = new List<string> { "a", "b" };
        _meter.CreateObservableGauge(
            "test.devices", () => present.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("name", name))));
        Assert.That(Read().Samples.Where(sample => sample.Name == "test_devices").Select(sample => sample.Labels["name"]), Is.EqualTo(["a", "b"]));
        present.Remove("a");
        Assert.That(Read().Samples.Where(sample => sample.Name == "test_devices").Select(sample => sample.Labels["name"]), Is.EqualTo(["b"]));
        present.Clear();
        Assert.That(Read().Types, Does.Not.ContainKey("test_devices"));
    }

    [Test]
    public void An_observer_that_throws_takes_no_other_metric_away()
    {
        _meter.CreateObservableGauge("test.broken", int () => throw new InvalidOperationException("no answer"));
        _meter.CreateObservableCounter("test.observed", () => 12L);
        Assert.That(Read()["test_observed_total"], Is.EqualTo(12));
        Assert.That(Read().Has("test_broken"), Is.False);
    }

    [Test]
    public void Hostile_labels_and_help_are_escaped()
    {
        const string hostile = "a\"b\\c\nd{}=,# HELP x";
        var counter = _meter.CreateCounter<long>("test.1st-name", null, "First line\nsecond \\ line");
        counter.Add(1, new KeyValuePair<string, object?>("the-label", hostile));
        var text = Read();
        Assert.That(text["test_1st_name_total", ("the_label", hostile)], Is.EqualTo(1));
    }

    [Test]
    public void Series_are_bounded_and_their_sum_stays_right()
    {
        var counter = _meter.CreateCounter<long>("test.many");
        for (var i = 0; i < 10 * MetricFamily.MostSeries; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", i));
        }

        var series = Read().Samples.Where(sample => sample.Name == "test_many_total").ToList();
        Assert.That(series, Has.Count.EqualTo(MetricFamily.MostSeries + 1));
        Assert.That(series.Sum(sample => sample.Value), Is.EqualTo(10 * MetricFamily.MostSeries));
    }

    [Test]
    public void Two_instruments_of_one_name_are_one_metric_and_of_two_kinds_the_first()
    {
        _meter.CreateCounter<long>("test.twice").Add(1);
        _meter.CreateCounter<double>("test_twice").Add(2);
        _meter.CreateHistogram<double>("test.twice.total").Record(3);
        Assert.That(Read()["test_twice_total"], Is.EqualTo(3));
    }

    [Test]
    public void Measurements_of_many_threads_are_all_counted()
    {
        const int each = 20_000;
        var counter = _meter.CreateCounter<double>("test.threads");
        var histogram = _meter.CreateHistogram<double>("test.thread_times", "s");
        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < each; i++)
            {
                counter.Add(0.5, new KeyValuePair<string, object?>("n", i % 50));
                histogram.Record(thread);
                if (i % 5000 == 0)
                {
                    Read();
                }
            }
        });
        var text = Read();
        Assert.That(text.Samples.Where(sample => sample.Name == "test_threads_total").Sum(sample => sample.Value), Is.EqualTo(8 * each * 0.5));
        Assert.That(text["test_thread_times_seconds_count"], Is.EqualTo(8 * each));
    }

    [Test]
    public void Measuring_allocates_nothing()
    {
        var counter = _meter.CreateCounter<long>("test.free");
        var histogram = _meter.CreateHistogram<double>("test.free_times", "s");
        void Measure()
        {
            counter.Add(1, new("endpoint", "speech"), new("outcome", "ok"));
            histogram.Record(0.5, new KeyValuePair<string, object?>("endpoint", "speech"));
        }

        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Measure();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void A_server_of_another_factory_is_not_listened_to()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create(SpeechMetrics.MeterName).CreateCounter<long>("test.other").Add(1);
        Assert.That(Read().Has("test_other_total"), Is.False);
    }

    [Test]
    public void The_runtimes_own_metrics_have_their_usual_names()
    {
        var text = Read();
        Assert.That(text.Types["dotnet_process_cpu_time_seconds_total"], Is.EqualTo("counter"));
        Assert.That(text.Types["dotnet_gc_heap_total_allocated_bytes_total"], Is.EqualTo("counter"));
        Assert.That(text["dotnet_process_memory_working_set_bytes"], Is.GreaterThan(1_000_000));
        Assert.That(text["dotnet_process_cpu_count"], Is.EqualTo(Environment.ProcessorCount));
    }

    // The names of .NET's own counts of things end as a histogram's count does; all else must be as Prometheus wants it.
    [Test]
    public void Promtool_has_nothing_to_say_against_it()
    {
        var metrics = new SpeechMetrics(_services.GetRequiredService<IMeterFactory>());
        metrics.CountFromZero(["speech"], ["default"]);
        metrics.FirstAudio("speech", TimeSpan.FromSeconds(0.2));
        var complaints = Promtool(_exposition.Text()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("dotnet_", StringComparison.Ordinal) || !line.Contains("\"_count\"", StringComparison.Ordinal));
        Assert.That(complaints, Is.Empty);
    }

    private PrometheusText Read() => PrometheusText.Parse(_exposition.Text());

    private static List<(string Bound, int Count)> Counts(PrometheusText text, string name) =>
        [.. text.Samples.Where(sample => sample.Name == name + "_bucket").Select(sample => (sample.Labels["le"], (int)sample.Value))];

    private static string Promtool(string text)
    {
        var start = new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("promtool (Debian's package prometheus) is not on the PATH");
            throw;
        }

        using (process)
        {
            process.StandardInput.Write(text);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode is 0 or 3 || output.Length > 0 ? output : $"promtool ended with {process.ExitCode}";
        }
    }
}
