using System.Diagnostics.Metrics;
using CudaTts.Server.Access;
using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Observability;

/// <summary>Puts metrics, traces and logs of the server together.</summary>
internal static class ObservabilityServices
{
    /// <summary>Adds what the request path and the metrics route need.</summary>
    public static void AddObservability(this IServiceCollection services, IConfiguration configuration, ServerSettings settings)
    {
        services.AddMetrics();
        services.AddSpeechTracing(configuration);
        services.AddSingleton<PrometheusExposition>();
        services.AddSingleton(provider =>
        {
            // It must listen before anything is counted.
            provider.GetRequiredService<PrometheusExposition>();
            return new SpeechMetrics(provider.GetRequiredService<IMeterFactory>());
        });
        services.AddSingleton(provider => new RequestLog(provider.GetRequiredService<ILogger<RequestLog>>(), settings.LogText));
        services.AddSingleton<RequestObserver>();
        services.AddSingleton(GaugesOf);
    }

    /// <summary>Begins to observe, before the first request. All routes must be there.</summary>
    public static void UseObservability(this WebApplication server)
    {
        server.Services.GetRequiredService<RequestObserver>();
        server.Services.GetRequiredService<ServerGauges>();
        var labels = ((IEndpointRouteBuilder)server).DataSources
            .SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<EndpointLabel>()?.Name)
            .OfType<string>();
        server.Services.GetRequiredService<SpeechMetrics>().CountFromZero(
            [.. RequestObserver.Counted(labels)],
            [.. server.Services.GetRequiredService<VoiceCatalogue>().Voices.Select(voice => voice.Id)]);
    }

    private static ServerGauges GaugesOf(IServiceProvider provider)
    {
        var (admission, readiness) = (provider.GetRequiredService<Admission>(), provider.GetRequiredService<Readiness>());
        var catalogue = provider.GetRequiredService<VoiceCatalogue>();
        provider.GetRequiredService<PrometheusExposition>();
        return new ServerGauges(
            provider.GetRequiredService<IMeterFactory>(),
            () => StateOf(admission, readiness),
            () => catalogue.Voices.Select(Describe),
            DeviceGauges.Of(catalogue.Default.Synthesizer.Device.Name));
    }

    private static ServerState StateOf(Admission admission, Readiness readiness) =>
        new(readiness.Reason is null, admission.Waiting, admission.Running, WaitingWorkSeconds: 0, BoundBytes: null);

    private static VoiceDescription Describe(CatalogueVoice entry)
    {
        var voice = entry.Synthesizer.Voice;
        return new VoiceDescription(entry.Id, voice.Acoustic.Name, voice.Vocoder.Name, voice.Vocoder.Mel.SampleRate);
    }
}
