using System.Net;
using CudaTts.Server.Access;
using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;

namespace CudaTts.Server.Observability;

/// <summary>
/// <c>/metrics</c>: on a port of its own, which has nothing else; or behind a key; or, where the settings say neither, for this machine alone.
/// </summary>
internal static class MetricsRoute
{
    private const string Path = "/metrics";

    /// <summary>Makes the server listen on the port of the metrics too, at the address of its first other one.</summary>
    public static void AddPort(WebApplicationBuilder builder, ServerSettings settings)
    {
        if (settings.MetricsPort is not { } port)
        {
            return;
        }

        // Kestrel listens to its own section where there is one, and not to urls.
        var endpoints = builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().ToList();
        if (endpoints.Count > 0)
        {
            builder.Configuration["Kestrel:Endpoints:CudaTtsMetrics:Url"] = Beside(endpoints[0]["Url"] ?? ServerHost.DefaultUrl, port);
            return;
        }

        var urls = builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey) is { Length: > 0 } given ? given : ServerHost.DefaultUrl;
        builder.WebHost.UseUrls([.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries), Beside(urls.Split(';')[0], port)]);
    }

    /// <summary>Lets nothing but the metrics through where the connection is to their port, and nothing of them elsewhere.</summary>
    public static void KeepApart(WebApplication server, ServerSettings settings)
    {
        if (settings.MetricsPort is not { } port)
        {
            return;
        }

        server.Use((context, next) =>
        {
            if ((context.Connection.LocalPort == port) == context.Request.Path.Equals(Path, StringComparison.OrdinalIgnoreCase))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Adds the route.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods(Path, Methods.Get, AnswerAsync).WithMetadata(new EndpointLabel("metrics"));

    private static Task AnswerAsync(HttpContext context)
    {
        Require(context, context.RequestServices.GetRequiredService<ServerSettings>());
        var text = System.Text.Encoding.UTF8.GetBytes(context.RequestServices.GetRequiredService<PrometheusExposition>().Text());
        context.Response.ContentType = PrometheusExposition.ContentType;
        context.Response.ContentLength = text.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(text).AsTask();
    }

    private static void Require(HttpContext context, ServerSettings settings)
    {
        if (settings.MetricsKey is { } wanted)
        {
            if (!BearerKey.Equal(Convert.FromHexString(wanted), BearerKey.HashOf(context.Request) ?? []))
            {
                throw new ApiException(
                    StatusCodes.Status401Unauthorized, ErrorTypes.Authentication,
                    "Authorization: expected Bearer and the key of CudaTts:Metrics:Key, found another key or none.") { Code = "invalid_api_key" };
            }
        }
        else if (settings.MetricsPort is null && context.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden, ErrorTypes.Authentication,
                "The metrics are for this machine alone: CudaTts:Metrics:Port gives them a port of their own, CudaTts:Metrics:Key a key.")
            {
                Code = "metrics_closed",
            };
        }
    }

    // http://host:8880 and port 8881 make http://host:8881; the metrics' port speaks no TLS, as it stays inside.
    private static string Beside(string url, int port)
    {
        var address = BindingAddress.Parse(url);
        return $"http://{(address.Host.Contains(':') && !address.Host.StartsWith('[') ? $"[{address.Host}]" : address.Host)}:{port}";
    }
}
