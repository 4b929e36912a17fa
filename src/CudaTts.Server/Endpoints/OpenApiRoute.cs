namespace CudaTts.Server.Endpoints;

/// <summary>
/// The description of the interface, <c>/openapi/v1.json</c>. It is written by hand, as the routes read their bodies by hand; a test compares it with
/// the routes and the fields.
/// </summary>
internal static class OpenApiRoute
{
    /// <summary>Adds the route.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var file = EmbeddedFile.Read("openapi.json", "application/json")
            ?? throw new InvalidOperationException("The program was built without its openapi.json.");
        routes.MapMethods("/openapi/v1.json", Methods.Get, file.SendAsync).WithMetadata(new EndpointLabel("openapi"));
    }
}
