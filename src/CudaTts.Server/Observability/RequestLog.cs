using System.Globalization;
using CudaTts.Server.Endpoints;

namespace CudaTts.Server.Observability;

/// <summary>
/// One line in the log for each request, with its id, how it ended, its times and its counts. What was spoken is in a line of its own, and only where
/// the settings ask for that; a key is never there, only its name.
/// </summary>
internal sealed partial class RequestLog(ILogger<RequestLog> logger, bool logsText)
{
    /// <summary>Writes the line of a request that has ended.</summary>
    public void Write(RequestRecord record)
    {
        var level = record.Outcome switch
        {
            RequestOutcome.Failed => LogLevel.Error,
            RequestOutcome.Unavailable or RequestOutcome.Timeout => LogLevel.Warning,
            _ => record.Voice is null && record.Outcome == RequestOutcome.Ok ? LogLevel.Debug : LogLevel.Information,
        };
        if (!logger.IsEnabled(level))
        {
            return;
        }

        var (outcome, elapsed) = (MetricLabels.Of(record.Outcome), Rounded(record.Elapsed));
        if (record.Voice is null)
        {
            Ended(logger, level, record.Id, record.Endpoint, outcome, record.Status, record.Code, elapsed);
            return;
        }

        var (waited, first, speech) = (Rounded(record.QueueWait), Rounded(record.FirstAudio), Math.Round(record.AudioSeconds, 3));
        Spoke(logger, level, record.Id, record.Endpoint, outcome, record.Status, record.Code, elapsed, waited, first, speech, record.Characters,
            record.Voice, record.Format, record.Key);
        if (logsText && record.Text is { } text)
        {
            var printable = Printable(text);
            Said(logger, record.Id, printable);
        }
    }

    // What would move a terminal's cursor, or forge a line.
    private static string Printable(string text) => string.Concat(text.Select(letter =>
        char.IsControl(letter) || char.GetUnicodeCategory(letter) == UnicodeCategory.Format ? $"\\u{(int)letter:X4}" : $"{letter}"));

    private static double Rounded(TimeSpan time) => Math.Round(time.TotalSeconds, 4);

    private static double? Rounded(TimeSpan? time) => time is { } known ? Rounded(known) : null;

    [LoggerMessage(EventId = 1, Message = "{RequestId} {Endpoint} {Outcome} {Status} {Code} in {Seconds} s")]
    private static partial void Ended(
        ILogger logger, LogLevel level, string requestId, string endpoint, string outcome, int status, string? code, double seconds);

    [LoggerMessage(EventId = 2, Message = "{RequestId} {Endpoint} {Outcome} {Status} {Code} in {Seconds} s: waited {QueueSeconds} s, first audio "
        + "after {FirstAudioSeconds} s, {AudioSeconds} s of speech for {Characters} characters, voice {Voice}, {Format}, key {Key}")]
    private static partial void Spoke(
        ILogger logger, LogLevel level, string requestId, string endpoint, string outcome, int status, string? code, double seconds,
        double? queueSeconds, double? firstAudioSeconds, double audioSeconds, int characters, string voice, string? format, string? key);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "{RequestId} said: {Text}")]
    private static partial void Said(ILogger logger, string requestId, string text);
}
