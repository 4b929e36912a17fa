using CudaTts.Server.Access;

namespace CudaTts.Server.Endpoints;

/// <summary>Whether the process lives, and whether it takes work; neither wants a key.</summary>
internal static class HealthRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health", Methods.Get, LiveAsync).WithMetadata(new EndpointLabel("health"));
        routes.MapMethods("/health/live", Methods.Get, LiveAsync).WithMetadata(new EndpointLabel("health"));
        routes.MapMethods("/health/ready", Methods.Get, ReadyAsync).WithMetadata(new EndpointLabel("health"));
    }

    private static Task LiveAsync(HttpContext context) =>
        JsonAnswer.WriteAsync(context, new HealthBody("ok", Reason: null), WireJson.Instance.HealthBody);

    private static Task ReadyAsync(HttpContext context)
    {
        var reason = context.RequestServices.GetRequiredService<Readiness>().Reason;
        context.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return JsonAnswer.WriteAsync(context, new HealthBody(reason is null ? "ready" : "unavailable", reason), WireJson.Instance.HealthBody);
    }
}
