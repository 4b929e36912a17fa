using System.Diagnostics.CodeAnalysis;
using CudaTts.Extensions.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client of Microsoft.Extensions.AI to a service collection.</summary>
[Experimental("MEAI001")]
public static class CudaTtsAIServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="ITextToSpeechClient"/> that speaks with the <see cref="CudaTts.SpeechSynthesizer"/> of the services (<c>AddCudaTts</c> of
    /// the package CudaTts.Extensions.DependencyInjection adds one). Nothing happens where there is a client already.
    /// </summary>
    public static IServiceCollection AddCudaTtsTextToSpeechClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<ITextToSpeechClient>(
            provider => new CudaTtsTextToSpeechClient(provider.GetRequiredService<CudaTts.SpeechSynthesizer>()));
        return services;
    }
}
