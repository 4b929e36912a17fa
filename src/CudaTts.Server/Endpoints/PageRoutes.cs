using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

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
        foreach (var resource in typeof(PageRoutes).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var name = resource[Prefix.Length..];
            var bytes = BytesOf(resource);
            var type = s_types[Path.GetExtension(name)];
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"");
            routes.MapMethods(name == Index ? "/" : $"/{name}", Methods.Get, context => SendAsync(context, bytes, type, tag))
                .WithMetadata(new EndpointLabel("page"));
        }
    }

    private static byte[] BytesOf(string resource)
    {
        using var stream = typeof(PageRoutes).Assembly.GetManifestResourceStream(resource)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static async Task SendAsync(HttpContext context, byte[] bytes, string type, EntityTagHeaderValue tag)
    {
        var response = context.Response;
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = tag.ToString();
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known == EntityTagHeaderValue.Any))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = type;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
