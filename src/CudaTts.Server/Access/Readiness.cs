namespace CudaTts.Server.Access;

/// <summary>Whether the server takes work.</summary>
internal sealed class Readiness(DeviceWatch device, IHostApplicationLifetime lifetime)
{
    /// <summary>Why it takes none; null when it does.</summary>
    public string? Reason =>
        !device.IsReady ? "device_lost"
        : lifetime.ApplicationStopping.IsCancellationRequested ? "shutting_down"
        : null;
}
