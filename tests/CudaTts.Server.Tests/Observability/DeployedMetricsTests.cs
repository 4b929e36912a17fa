using CudaTts.Server.Observability;
using Microsoft.Extensions.DependencyInjection;

namespace CudaTts.Server.Tests.Observability;

/// <summary>What dashboard and alert rules name is what a running server exposes.</summary>
[TestFixture]
internal sealed class DeployedMetricsTests
{
    // Prometheus adds these itself.
    private static readonly string[] s_labelsOfPrometheus = ["instance", "job"];

    // A machine without a GPU has no series of these.
    private static readonly string[] s_onlyWithDevice = ["cudatts_device_utilization_ratio"];
    private static readonly string[] s_kindsOnlyWithDevice = ["device_used", "device_total"];

    [Test]
    public async Task Every_metric_of_dashboard_and_alert_rules_is_exposed()
    {
        await using var server = await ObservedServer.StartAsync();
        using (await server.SpeakAsync("Hello."))
        {
        }

        var exposed = await server.MetricsAsync();
        var instruments = server.Services.GetRequiredService<PrometheusExposition>().Names;
        var missing = new List<string>();
        foreach (var (where, query) in DeployedQueries.All())
        {
            var metrics = DeployedQueries.MetricsIn(query).ToList();
            if (metrics.Count == 0 && where != "CudaTtsDown")
            {
                missing.Add($"{where}: no metric was found in {query}");
            }

            missing.AddRange(metrics
                .Where(metric => !(s_onlyWithDevice.Contains(metric.Metric) && instruments.Contains(metric.Metric)))
                .Where(metric => !Exposes(exposed, metric.Metric, metric.Labels))
                .Select(metric => $"{where}: {metric.Metric} {string.Join(' ', metric.Labels)}"));
        }

        Assert.That(missing, Is.Empty);
    }

    [Test]
    public async Task Every_metric_of_ours_is_on_the_page_for_people()
    {
        await using var server = await ObservedServer.StartAsync();
        var ours = server.Services.GetRequiredService<PrometheusExposition>().Names
            .Where(name => name.StartsWith("cudatts_", StringComparison.Ordinal)).ToList();
        Assert.That(ours, Has.Count.GreaterThan(20));
        Assert.That(ours.Where(name => !DeployedQueries.MetricsPage.Contains($"`{name}", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void The_queries_are_all_found()
    {
        var names = DeployedQueries.All().SelectMany(query => DeployedQueries.MetricsIn(query.Query)).Select(metric => metric.Metric).ToHashSet();
        Assert.That(names, Has.Count.GreaterThan(30));
        Assert.That(names, Is.SupersetOf((string[])
        [
            "cudatts_ready", "cudatts_requests_total", "cudatts_request_seconds_bucket", "cudatts_time_to_first_audio_seconds_bucket",
            "cudatts_stage_seconds_bucket", "cudatts_stage_seconds_sum", "cudatts_memory_bytes", "cudatts_device_utilization_ratio",
            "cudatts_voice_info", "process_start_time_seconds", "http_server_request_duration_seconds_count", "kestrel_active_connections",
            "dotnet_gc_pause_time_seconds_total",
        ]));
    }

    [TestCase("sum by (le, stage) (rate(cudatts_x_bucket{instance=~\"$instance\",stage=\"a\"}[5m]))", "cudatts_x_bucket")]
    [TestCase("cudatts_a_bytes{kind=\"b\"}\n  / on (instance, job) cudatts_b_bytes > 0.95", "cudatts_a_bytes", "cudatts_b_bytes")]
    [TestCase("up{job=\"cudatts\"} == 0")]
    public void Metrics_are_found_in_a_query(string query, params string[] names) =>
        Assert.That(DeployedQueries.MetricsIn(query).Select(metric => metric.Metric), Is.EqualTo(names));

    private static bool Exposes(PrometheusText exposed, string metric, (string Label, string? Value)[] labels) => exposed.Samples.Any(sample =>
        sample.Name == metric
        && labels.Where(label => !s_labelsOfPrometheus.Contains(label.Label)).All(label =>
            s_kindsOnlyWithDevice.Contains(label.Value)
            || (sample.Labels.TryGetValue(label.Label, out var value) && (label.Value is null || label.Value == value))));
}
