using CudaTts.Cuda;
using CudaTts.Server.Access;
using CudaTts.Server.Encoding;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Endpoints;

/// <summary>Speech on request: <c>/v1/audio/speech</c>.</summary>
internal sealed partial class SpeechRoutes(
    ServerSettings settings, SpeechOrderReader reader, Admission admission, DeviceWatch device, RequestRecords records, ILogger<SpeechRoutes> logger)
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var speech = routes.ServiceProvider.GetRequiredService<SpeechRoutes>();
        routes.MapPost("/v1/audio/speech", (RequestDelegate)(context => speech.SpeakAsync(context, captioned: false)))
            .WithMetadata(new EndpointLabel("speech"), KeyRequired.Instance);
        routes.MapPost("/v1/audio/speech/captioned", (RequestDelegate)(context => speech.SpeakAsync(context, captioned: true)))
            .WithMetadata(new EndpointLabel("captioned"), KeyRequired.Instance);
    }

    private async Task SpeakAsync(HttpContext context, bool captioned)
    {
        var record = RequestRecord.Of(context);
        records.Ask(record);
        using var end = new RequestEnd(context, device, settings.Limits.RequestSeconds);
        try
        {
            var order = await reader.ReadAsync(context.Request, captioned, end.Token);
            (record.Voice, record.Format, record.Characters) = (order.Voice.Id, order.Format.Name, order.Characters);
            record.Text = order.Input;
            using var speaking = KeyUse.Of(context)?.BeginSpeech(order.Characters);
            using var place = await EnterAsync(order, speaking, end.Token);
            await SpeakAsync(context, order, place, end, captioned);
        }
        catch (Exception error)
        {
            throw end.ReasonOf(error);
        }
    }

    /// <summary>Waits for the request's turn. A key does not pay for what is refused.</summary>
    private async Task<Admission.Place> EnterAsync(SpeechOrder order, KeyUse.Speaking? speaking, CancellationToken cancellation)
    {
        try
        {
            return await admission.EnterAsync(order, cancellation);
        }
        catch (ApiException)
        {
            speaking?.Refuse();
            throw;
        }
    }

    private async Task SpeakAsync(HttpContext context, SpeechOrder order, Admission.Place place, RequestEnd end, bool captioned)
    {
        var record = RequestRecord.Of(context);
        record.QueueWait = record.Elapsed;
        records.Start(record);
        if (!order.IsStreamed)
        {
            var (bytes, totals) = await MakeWholeAsync(order, place, record, end);
            await SpeechAnswer.WriteAsync(context, order, bytes, totals, end.Answer);
            return;
        }

        using var output = new ResponseOutput(settings.Limits.AheadBytes, end.Token);
        await using var form = FormOf(order, output, captioned);
        var work = MakeAsync(order, form, output, place, record, end);
        try
        {
            await SpeechAnswer.WriteAsync(context, order, form.ContentType, output.Reader, end.Answer);
        }
        finally
        {
            // Whoever has made enough or has nobody to make it for ends before its buffers do.
            end.Cancel();
            await work;
        }
    }

    private static SpeechForm FormOf(SpeechOrder order, ResponseOutput output, bool captioned) =>
        captioned ? new CaptionForm(order, output) : order.IsEvents ? new EventForm(order, output) : new AudioForm(order, output);

    /// <summary>Makes the speech, and gives the place back as soon as it is made, whoever still reads.</summary>
    private async Task MakeAsync(
        SpeechOrder order, SpeechForm form, ResponseOutput output, Admission.Place place, RequestRecord record, RequestEnd end)
    {
        var totals = new SpeechTotals();
        try
        {
            await foreach (var piece in SpeechSource.SpeakAsync(order, end.Token))
            {
                Count(piece, totals, record, place);
                await form.AddAsync(piece, end.Token);
                record.FirstAudio ??= record.Elapsed;
            }

            await form.FinishAsync(totals, end.Token);
            await output.CompleteAsync();
        }
        catch (Exception error)
        {
            await output.CompleteAsync(await ToldAsync(form, output, end.ReasonOf(error), record));
        }
        finally
        {
            (record.AudioSeconds, record.EncodeTime) = (totals.Seconds, form.EncodeTime);
            record.MakeTime = record.Elapsed - record.QueueWait.GetValueOrDefault() - output.WriteTime;
            place.Dispose();
        }
    }

    /// <summary>Tells a client of a fault within an answer that has begun; what is left to tell where the answer has no words for it.</summary>
    private async Task<Exception?> ToldAsync(SpeechForm form, ResponseOutput output, Exception error, RequestRecord record)
    {
        if (error is OperationCanceledException || (!output.HasBegun && error is not CudaException))
        {
            return error;
        }

        var refusal = RefusalOf(error, record);
        if (!output.HasBegun || !await form.FailAsync(refusal))
        {
            return refusal;
        }

        (record.Outcome, record.Code) = (refusal.Outcome, refusal.Code);
        return null;
    }

    private ApiException RefusalOf(Exception error, RequestRecord record)
    {
        switch (error)
        {
            case ApiException known:
                return known;
            case CudaException cuda:
                return device.RefusalOf(cuda);
            default:
                LogFault(logger, error, record.Id);
                return new ApiException(
                    StatusCodes.Status500InternalServerError, ErrorTypes.Server, $"The server has failed; its log has the request {record.Id}.")
                {
                    Code = "internal_error",
                };
        }
    }

    /// <summary>All of the speech, encoded with its true length.</summary>
    private async Task<(MemoryStream Bytes, SpeechTotals Totals)> MakeWholeAsync(
        SpeechOrder order, Admission.Place place, RequestRecord record, RequestEnd end)
    {
        var totals = new SpeechTotals();
        var speech = new WholeSpeech(order);
        await foreach (var piece in SpeechSource.SpeakAsync(order, end.Token))
        {
            Count(piece, totals, record, place);
            speech.Add(piece);
        }

        var bytes = await speech.EncodeAsync(end.Token);
        (record.FirstAudio, record.AudioSeconds) = (record.Elapsed, totals.Seconds);
        return (bytes, totals);
    }

    private void Count(SpokenPiece piece, SpeechTotals totals, RequestRecord record, Admission.Place place)
    {
        totals.Add(piece);
        place.Speak(totals.Seconds);
        if (piece.Whole is { } sentence)
        {
            records.Speak(record, sentence);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Id} failed in the middle of its answer.")]
    private static partial void LogFault(ILogger logger, Exception error, string id);
}
