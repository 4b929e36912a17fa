using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CudaTts.Server.Endpoints;

/// <summary>Writes a JSON answer with its length; to a HEAD only the headers.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes a value.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
