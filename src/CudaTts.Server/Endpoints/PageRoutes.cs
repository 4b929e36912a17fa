namespace CudaTts.Server.Endpoints;

/// <summary>The page at the root, from within the program. It may load nothing from elsewhere and run nothing but its own script.</summary>
internal static class PageRoutes
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly (string Path, string Name, string Type)[] s_files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
    ];

    /// <summary>Adds the routes of the files there are.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (path, name, type) in s_files)
        {
            if (EmbeddedFile.Read(name, type) is { } file)
            {
                routes.MapMethods(path, Methods.Get, context => SendAsync(context, file)).WithMetadata(new EndpointLabel("page"));
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
