namespace CudaTts.Server.Endpoints;

/// <summary>The page at the root, from within the program. It may load nothing from elsewhere and run nothing but its own script.</summary>
internal static class PageRoutes
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // What the page's files are embedded as: this, and their names.
    private const string Prefix = "Page/";
    private const string Index = "index.html";

    private static readonly Dictionary<string, string> s_types = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    /// <summary>Adds a route for each file of the page.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var resources = typeof(PageRoutes).Assembly.GetManifestResourceNames();
        foreach (var resource in resources.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var name = resource[Prefix.Length..];
            if (EmbeddedFile.Read(resource, s_types[Path.GetExtension(name)]) is { } file)
            {
                routes.MapMethods(name == Index ? "/" : $"/{name}", Methods.Get, context => SendAsync(context, file))
                    .WithMetadata(new EndpointLabel("page"));
            }
        }
    }

    private static Task SendAsync(HttpContext context, EmbeddedFile file)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return file.SendAsync(context);
    }
}
