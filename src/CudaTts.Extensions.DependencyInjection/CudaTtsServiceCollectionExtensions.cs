using CudaTts.Compute;
using CudaTts.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds CudaTts to a service collection.</summary>
public static class CudaTtsServiceCollectionExtensions
{
    /// <summary>Name of the health check.</summary>
    public const string HealthCheckName = "cudatts";

    /// <summary>Tag of the health check, for a route that tells whether the service takes work.</summary>
    public const string ReadyTag = "ready";

    /// <summary>
    /// Adds one <see cref="CudaTts.SpeechSynthesizer"/> for all, which serves many threads and is disposed of with the services, its options, which
    /// are checked when the host starts, and a health check with the tag <see cref="ReadyTag"/>. Called again, it only configures further.
    /// </summary>
    /// <param name="services">What it is added to.</param>
    /// <param name="configure">Sets the options; null for the default voice on the best device.</param>
    public static IServiceCollection AddCudaTts(this IServiceCollection services, Action<CudaTtsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<CudaTtsOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (services.Any(service => service.ServiceType == typeof(CudaTts.SpeechSynthesizer)))
        {
            return services;
        }

        options.ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CudaTtsOptions>, CudaTtsOptionsValidator>());
        services.AddSingleton(provider => Load(provider.GetRequiredService<IOptions<CudaTtsOptions>>().Value));
        services.AddHealthChecks().AddCheck<SynthesizerHealthCheck>(HealthCheckName, tags: [ReadyTag]);
        return services;
    }

    private static CudaTts.SpeechSynthesizer Load(CudaTtsOptions options) => CudaTts.SpeechSynthesizer.Load(
        options.VoiceFolder,
        new DeviceOptions { Name = options.Device, Threads = options.Threads, Precision = options.Precision },
        new CudaTts.VoiceOptions { Vocoder = options.Vocoder });
}
