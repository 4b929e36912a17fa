using System.Buffers;

namespace CudaTts.Server.Endpoints;

/// <summary>Reads a body that has a limit, whether or not it says its length.</summary>
internal static class RequestBody
{
    /// <summary>Reads all of it.</summary>
    /// <exception cref="ApiException">It is longer than may be.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int most, CancellationToken cancellation)
    {
        if (request.ContentLength > most)
        {
            throw TooLong(most);
        }

        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            if (read.Buffer.Length > most)
            {
                throw TooLong(most);
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ApiException TooLong(int most) =>
        new(StatusCodes.Status413PayloadTooLarge, ErrorTypes.InvalidRequest, $"The body: expected at most {most} bytes, found more.")
        {
            Code = "body_too_large",
        };
}
