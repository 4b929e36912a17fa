using System.Globalization;
using System.IO.Pipelines;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Endpoints;

/// <summary>
/// Sends an answer with speech. The status line waits for the first bytes: until then everything that goes wrong has an error answer.
/// </summary>
internal static class SpeechAnswer
{
    /// <summary>Sends what comes out of a pipe, as it comes.</summary>
    public static async Task WriteAsync(HttpContext context, SpeechOrder order, string contentType, PipeReader bytes, CancellationToken cancellation)
    {
        var read = await bytes.ReadAsync(cancellation);
        Begin(context.Response, order, contentType);
        while (true)
        {
            foreach (var segment in read.Buffer)
            {
                await context.Response.Body.WriteAsync(segment, cancellation);
            }

            bytes.AdvanceTo(read.Buffer.End);
            await context.Response.Body.FlushAsync(cancellation);
            if (read.IsCompleted)
            {
                await bytes.CompleteAsync();
                return;
            }

            read = await bytes.ReadAsync(cancellation);
        }
    }

    /// <summary>Sends all of it at once, with its length, and with what is wrong with it.</summary>
    public static async Task WriteAsync(
        HttpContext context, SpeechOrder order, MemoryStream bytes, SpeechTotals totals, CancellationToken cancellation)
    {
        Begin(context.Response, order, order.Format.MediaType(order.SampleRate));
        context.Response.ContentLength = bytes.Length;
        if (SpeechTotals.NamesOf(totals.Faults) is { Count: > 0 } faults)
        {
            context.Response.Headers["X-Speech-Faults"] = string.Join(',', faults);
        }

        await context.Response.Body.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellation);
    }

    /// <summary>Sets the headers of an answer with speech.</summary>
    private static void Begin(HttpResponse response, SpeechOrder order, string contentType)
    {
        response.ContentType = contentType;
        response.Headers["X-Sample-Rate"] = order.SampleRate.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-Accel-Buffering"] = "no";
        response.Headers.CacheControl = "no-cache";
    }
}
