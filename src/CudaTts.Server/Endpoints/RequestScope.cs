using System.Globalization;
using System.Security.Cryptography;
using CudaTts.Cuda;
using CudaTts.Server.Access;
using CudaTts.Server.Settings;

namespace CudaTts.Server.Endpoints;

/// <summary>What surrounds every request: its id, its record, and an error answer for everything that goes wrong.</summary>
internal sealed partial class RequestScope(
    RequestDelegate next, RequestRecords records, DeviceWatch device, ServerSettings settings, ILogger<RequestScope> logger)
{
    private const string IdHeader = "X-Request-Id";
    private const int LongestId = 128;
    private const int LongestAddress = 8192;

    // What nginx writes in its log for a client that has gone; nobody receives it.
    private const int ClientGone = 499;

    /// <summary>Lets a request through.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var record = new RequestRecord(IdOf(context.Request));
        context.Features.Set(record);
        context.Response.Headers[IdHeader] = record.Id;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        records.Begin(record);
        try
        {
            RequireHeaders(context.Request);
            await next(context);
            await DescribeStatusAsync(context);
        }
        catch (Exception error)
        {
            await RefuseAsync(context, record, Refusal(context, error));
        }
        finally
        {
            record.Endpoint = context.GetEndpoint()?.Metadata.GetMetadata<EndpointLabel>()?.Name ?? record.Endpoint;
            record.Status = record.Outcome == RequestOutcome.Cancelled ? ClientGone : context.Response.StatusCode;
            records.End(record);
        }
    }

    private static string IdOf(HttpRequest request) =>
        request.Headers[IdHeader] is [{ Length: > 0 and <= LongestId } given]
        && given.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')
            ? given
            : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    // Kestrel itself lets a little more through, so that these answers have a body.
    private void RequireHeaders(HttpRequest request)
    {
        if (request.Path.Value!.Length + request.QueryString.Value!.Length > LongestAddress)
        {
            throw new ApiException(
                StatusCodes.Status414UriTooLong, ErrorTypes.InvalidRequest, $"The address: expected at most {LongestAddress} characters, found more.")
            {
                Code = "uri_too_long",
            };
        }

        var bytes = request.Headers.Sum(header => header.Key.Length + header.Value.Sum(value => (value?.Length ?? 0) + 4));
        if (bytes > settings.Limits.HeaderBytes)
        {
            throw new ApiException(
                StatusCodes.Status431RequestHeaderFieldsTooLarge, ErrorTypes.InvalidRequest,
                $"The headers: expected at most {settings.Limits.HeaderBytes} bytes together, found {bytes}.") { Code = "headers_too_large" };
        }
    }

    // What routing and other parts of ASP.NET Core refuse has a status and no body.
    private static async Task DescribeStatusAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.StatusCode < StatusCodes.Status400BadRequest || response.HasStarted || response.ContentLength > 0)
        {
            return;
        }

        var path = RequestFields.Quote(context.Request.Path);
        var (code, message) = response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ("not_found", $"There is nothing at {path}; /openapi/v1.json has what there is."),
            StatusCodes.Status405MethodNotAllowed =>
                ("method_not_allowed", $"{path}: expected {response.Headers.Allow}, found {RequestFields.Quote(context.Request.Method)}."),
            var status => (null, $"The request was refused with status {status}."),
        };
        var error = new ApiException(response.StatusCode, ErrorTypes.InvalidRequest, message) { Code = code };
        await RefuseAsync(context, RequestRecord.Of(context), error);
    }

    private ApiException? Refusal(HttpContext context, Exception error)
    {
        switch (error)
        {
            case ApiException refusal:
                return refusal;
            case BadHttpRequestException bad:
                return new ApiException(bad.StatusCode, ErrorTypes.InvalidRequest, $"The request is malformed: {bad.Message.ReplaceLineEndings(" ")}")
                {
                    Code = bad.StatusCode switch
                    {
                        StatusCodes.Status413PayloadTooLarge => "body_too_large",
                        StatusCodes.Status408RequestTimeout => "request_timeout",
                        _ => "malformed_request",
                    },
                };
            case IOException when !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested:
                return new ApiException(
                    StatusCodes.Status400BadRequest, ErrorTypes.InvalidRequest, "The request is malformed: its body cannot be read.")
                {
                    Code = "malformed_request",
                };
            case OutOfMemoryException:
                return ApiException.Unavailable(
                    "out_of_memory", "The server has too little memory at present: try again later, or divide the text.", TimeSpan.FromSeconds(10));
            case TextException text:
                return ApiException.Invalid(SpeechFields.Input, $"input: {text.Message}");
            case CudaException cuda:
                return device.RefusalOf(cuda);
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }

        LogFault(logger, error, RequestRecord.Of(context).Id);
        return new ApiException(
            StatusCodes.Status500InternalServerError, ErrorTypes.Server,
            $"The server has failed; its log has the request {RequestRecord.Of(context).Id}.") { Code = "internal_error" };
    }

    private static async Task RefuseAsync(HttpContext context, RequestRecord record, ApiException? error)
    {
        if (error is null || context.RequestAborted.IsCancellationRequested)
        {
            record.Outcome = RequestOutcome.Cancelled;
            return;
        }

        (record.Outcome, record.Code) = (error.Outcome, error.Code);
        if (context.Response.HasStarted)
        {
            // Whoever reads on must not take half of an answer for all of it.
            context.Abort();
            return;
        }

        var (id, allow, origin) = (record.Id, context.Response.Headers.Allow, context.Response.Headers.AccessControlAllowOrigin);
        context.Response.Clear();
        context.Response.Headers[IdHeader] = id;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        (context.Response.Headers.Allow, context.Response.Headers.AccessControlAllowOrigin) = (allow, origin);
        context.Response.StatusCode = error.Status;
        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await JsonAnswer.WriteAsync(context, ErrorEnvelope.Of(error), WireJson.Instance.ErrorEnvelope);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Id} failed.")]
    private static partial void LogFault(ILogger logger, Exception error, string id);
}
