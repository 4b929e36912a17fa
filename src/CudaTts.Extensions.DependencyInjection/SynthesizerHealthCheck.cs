using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CudaTts.Extensions.DependencyInjection;

/// <summary>
/// Whether the voice is loaded; the first check loads it, so that a service which waits for readiness is never slow at its first request. What a
/// device does later is seen by those who speak: a sticky error of a GPU needs a new process.
/// </summary>
internal sealed class SynthesizerHealthCheck(IServiceProvider services) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var synthesizer = await Task.Run(services.GetRequiredService<SpeechSynthesizer>, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"{synthesizer.Voice.Manifest.Name} on {synthesizer.Device.DisplayName}");
        }
        catch (CudaTtsException error)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, error.Message, error);
        }
    }
}
