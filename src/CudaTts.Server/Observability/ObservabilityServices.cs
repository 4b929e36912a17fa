using System.Diagnostics.Metrics;
using CudaTts.Server.Access;
using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;
using Microsoft.Extensions.Logging.Console;

namespace CudaTts.Server.Observability;

/// <summary>Puts metrics, traces and logs of the server together.</summary>
internal static class ObservabilityServices
{
    /// <summary>Adds what the request path and the metrics route need.</summary>
    public static void AddObservability(this IServiceCollection services, IConfiguration configuration, ServerSettings settings)
    {
        // The slim builder's console writes lines for people, whatever the settings say.
        if (configuration["Logging:Console:FormatterName"] == ConsoleFormatterNames.Json)
        {
            services.AddLogging(logging => logging.AddJsonConsole());
        }

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
            () => StateOf(admission, readiness, catalogue),
            () => catalogue.Voices.Select(Describe),
            DeviceGauges.Of(catalogue.Default.Synthesizer.Device.Name));
    }

    // A request that waits for its turn has a sentence at least, which no synthesiser knows of yet.
    private static ServerState StateOf(Admission admission, Readiness readiness, VoiceCatalogue catalogue)
    {
        var voices = catalogue.Voices.Select(voice => voice.Synthesizer.Occupancy).ToList();
        return new ServerState(
            readiness.Reason is null,
            admission.Waiting + voices.Sum(voice => voice.SentencesWaiting),
            voices.Sum(voice => voice.RowsUnderWay),
            voices.Sum(voice => voice.WorkSeconds),
            voices.Sum(voice => voice.MostBytes));
    }

    private static VoiceDescription Describe(CatalogueVoice entry)
    {
        var voice = entry.Synthesizer.Voice;
        return new VoiceDescription(entry.Id, voice.Acoustic.Name, voice.Vocoder.Name, voice.Vocoder.Mel.SampleRate);
    }
}
