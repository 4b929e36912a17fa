using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace CudaTts.Server.Endpoints;

/// <summary>A file within the program, and its answers: who has it already is told so.</summary>
internal sealed class EmbeddedFile
{
    private readonly byte[] _bytes;
    private readonly string _mediaType;
    private readonly EntityTagHeaderValue _tag;

    private EmbeddedFile(byte[] bytes, string mediaType)
    {
        (_bytes, _mediaType) = (bytes, mediaType);
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"");
    }

    /// <summary>Reads a file; null where the program has none of this name.</summary>
    public static EmbeddedFile? Read(string name, string mediaType)
    {
        using var stream = typeof(EmbeddedFile).Assembly.GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return new EmbeddedFile(copy.ToArray(), mediaType);
    }

    private bool IsThis(EntityTagHeaderValue known) => known.Compare(_tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any);

    /// <summary>Answers with the file.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = _tag.ToString();
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(IsThis))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = _mediaType;
        response.ContentLength = _bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(_bytes, context.RequestAborted);
        }
    }
}
