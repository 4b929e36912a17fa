using CudaTts.Cuda;
using CudaTts.Server.Endpoints;
using CudaTts.Server.Observability;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Access;

/// <summary>
/// What happens when the device fails. An error that sticks takes the device from this process for good: nothing further is taken, what is under way
/// is refused, and the process ends with a status that makes its supervisor start it again, or goes on with the CPU where the settings say so.
/// </summary>
internal sealed partial class DeviceWatch(
    ServerSettings settings, VoiceCatalogue catalogue, IHostApplicationLifetime lifetime, SpeechMetrics metrics, ILogger<DeviceWatch> logger)
    : IDisposable
{
    /// <summary>Exit code of a process whose device is lost.</summary>
    public const int ExitCode = 70;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private CancellationTokenSource _lost = new();
    private bool _isLost;

    /// <summary>Cancelled when the device is lost: for requests under way.</summary>
    public CancellationToken Lost
    {
        get
        {
            lock (_lock)
            {
                return _lost.Token;
            }
        }
    }

    /// <summary>Whether the device answers.</summary>
    public bool IsReady => !Volatile.Read(ref _isLost);

    /// <summary>Whether the process ends because of the device.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>What a client is told of an error of the device, after everything has been done about it.</summary>
    public ApiException RefusalOf(CudaException error)
    {
        metrics.DeviceError(error.IsSticky ? DeviceErrorKind.Sticky : error.IsOutOfMemory ? DeviceErrorKind.Memory : DeviceErrorKind.Other);
        if (error.IsSticky)
        {
            Lose(error);
            return Refusal();
        }

        LogError(logger, error.Message);
        return error.IsOutOfMemory
            ? ApiException.Unavailable("out_of_memory", "The device has too little memory at present: try again later, or divide the text.", s_retry)
            : new ApiException(StatusCodes.Status500InternalServerError, ErrorTypes.Server, "The device has failed in this request.")
            {
                Code = "device_error",
            };
    }

    /// <summary>What a client is told while there is no device.</summary>
    public static ApiException Refusal() =>
        ApiException.Unavailable("device_lost", "The device of this server has failed; it starts again: try again later.", s_retry);

    /// <inheritdoc/>
    public void Dispose() => _lost.Dispose();

    private void Lose(CudaException error)
    {
        CancellationTokenSource lost;
        lock (_lock)
        {
            if (_isLost)
            {
                return;
            }

            Volatile.Write(ref _isLost, true);
            lost = _lost;
        }

        LogLost(logger, error.Message, settings.OnDeviceError == DeviceErrorAction.Cpu ? "going on with the CPU" : "the process ends");
        lost.Cancel();
        if (settings.OnDeviceError == DeviceErrorAction.Cpu)
        {
            _ = Task.Run(GoOnWithProcessor);
            return;
        }

        End();
    }

    private void GoOnWithProcessor()
    {
        try
        {
            catalogue.ReloadOnProcessor();
            lock (_lock)
            {
                // The old source stays as it is: requests that were under way still look at it.
                _lost = new CancellationTokenSource();
                Volatile.Write(ref _isLost, false);
            }
        }
        catch (Exception error)
        {
            // Whatever it is: nobody else would hear of it, and the server would stay without a device.
            LogError(logger, error.Message);
            End();
        }
    }

    private void End()
    {
        HasEnded = true;
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The device is lost: {Message} Now {Action}.")]
    private static partial void LogLost(ILogger logger, string message, string action);

    [LoggerMessage(Level = LogLevel.Error, Message = "The device has failed: {Message}")]
    private static partial void LogError(ILogger logger, string message);
}
