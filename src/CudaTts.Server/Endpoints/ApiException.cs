namespace CudaTts.Server.Endpoints;

/// <summary>A request that is refused, with everything that the client is told.</summary>
internal sealed class ApiException(int status, string type, string message) : Exception(message)
{
    /// <summary>Status of the answer.</summary>
    public int Status { get; } = status;

    /// <summary>What kind of error it is, in OpenAI's words.</summary>
    public string Type { get; } = type;

    /// <summary>Which field is wrong; null where none is.</summary>
    public string? Parameter { get; init; }

    /// <summary>The error's name for programs; null where there is none.</summary>
    public string? Code { get; init; }

    /// <summary>When to try again; null where that helps nobody.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How the request ended by it.</summary>
    public RequestOutcome Outcome => Status switch
    {
        StatusCodes.Status401Unauthorized => RequestOutcome.Unauthorized,
        StatusCodes.Status429TooManyRequests => RequestOutcome.Limited,
        StatusCodes.Status503ServiceUnavailable => RequestOutcome.Unavailable,
        StatusCodes.Status504GatewayTimeout => RequestOutcome.Timeout,
        >= StatusCodes.Status500InternalServerError => RequestOutcome.Failed,
        _ => RequestOutcome.Invalid,
    };

    /// <summary>A field is wrong.</summary>
    public static ApiException Invalid(string? parameter, string message, string? code = null) =>
        new(StatusCodes.Status400BadRequest, ErrorTypes.InvalidRequest, message) { Parameter = parameter, Code = code };

    /// <summary>A limit of this client is reached.</summary>
    public static ApiException Limited(string message, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, ErrorTypes.RateLimit, message) { Code = "rate_limit_exceeded", RetryAfter = retryAfter };

    /// <summary>The server can't take it now.</summary>
    public static ApiException Unavailable(string code, string message, TimeSpan retryAfter) =>
        new(StatusCodes.Status503ServiceUnavailable, ErrorTypes.Server, message) { Code = code, RetryAfter = retryAfter };
}

/// <summary>The kinds of errors, as OpenAI names them.</summary>
internal static class ErrorTypes
{
    public const string InvalidRequest = "invalid_request_error";
    public const string Authentication = "authentication_error";
    public const string RateLimit = "rate_limit_error";
    public const string Server = "server_error";
}
