using CudaTts.Server.Access;

namespace CudaTts.Server.Endpoints;

/// <summary>Everything that ends a request before its time: the client goes, the time is over, the device is lost.</summary>
internal sealed class RequestEnd : IDisposable
{
    // For the words that tell a client why there is no more; who has not read them by then has stopped reading.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _answer;
    private readonly CancellationTokenSource _time;
    private readonly CancellationTokenSource _any;
    private readonly CancellationTokenRegistration _lastWords;
    private readonly CancellationToken _client;
    private readonly CancellationToken _device;
    private readonly int _seconds;

    public RequestEnd(HttpContext context, DeviceWatch device, int seconds)
    {
        (_client, _device, _seconds) = (context.RequestAborted, device.Lost, seconds);
        _time = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        _any = CancellationTokenSource.CreateLinkedTokenSource(_client, _device, _time.Token);
        _answer = CancellationTokenSource.CreateLinkedTokenSource(_client);
        _lastWords = _any.Token.Register(() => _answer.CancelAfter(s_lastWords));
    }

    /// <summary>Cancelled by any of them: for the work.</summary>
    public CancellationToken Token => _any.Token;

    /// <summary>Cancelled when nobody reads the answer any more, and a little after the work's end.</summary>
    public CancellationToken Answer => _answer.Token;

    /// <summary>Ends the work of a request whose answer has ended.</summary>
    public void Cancel() => _any.Cancel();

    /// <summary>What an end means for the client; another error stays as it is.</summary>
    public Exception ReasonOf(Exception error)
    {
        if (error is not OperationCanceledException and not ObjectDisposedException || _client.IsCancellationRequested)
        {
            return error;
        }

        if (_device.IsCancellationRequested)
        {
            return DeviceWatch.Refusal();
        }

        return _time.IsCancellationRequested
            ? new ApiException(
                StatusCodes.Status504GatewayTimeout, ErrorTypes.Server, $"The request took more than {_seconds} seconds: divide the text.")
            {
                Code = "timeout",
            }
            : error is ObjectDisposedException
                ? ApiException.Unavailable("shutting_down", "The server is ending: try again later.", TimeSpan.FromSeconds(_seconds))
                : error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // First, and so that it waits for a callback under way, which uses what is disposed of below.
        _lastWords.Dispose();
        _any.Dispose();
        _time.Dispose();
        _answer.Dispose();
    }
}
